#pragma once

#include "protocol/reply.hpp"
#include "types/type_catalog.hpp"

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/row_store.hpp>
#include <tusk/driver/failure.hpp>
#include <tusk/driver/oid.hpp>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace tusk::detail {

/// One flight that asks the server's catalog about types. It rides with whichever operation needs them.
class type_lookup
{
public:
    explicit type_lookup(std::vector<oid> asked) noexcept : asked_{std::move(asked)} {}

    /// Writes the flight, its Sync included, and declares the answer.
    void stage(byte_writer& out, protocol::reply& answer) const;

    void receive_rows(const arrived_rows& run);
    void receive_error(failure because) { why_ = std::move(because); }

    /// The flight is answered. A refusal is remembered where asking again would be refused again.
    /// @returns The refusal; none where all went well.
    failure finish(types::type_catalog& into);

private:
    std::vector<oid> asked_;
    row_store rows_;
    failure why_;
};

} // namespace tusk::detail
