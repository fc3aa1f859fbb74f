#pragma once

#include "types/type_info.hpp"
#include "types/type_store.hpp"

#include <tusk/driver/column.hpp>
#include <tusk/driver/detail/row_store.hpp>
#include <tusk/driver/oid.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace tusk::types {

/// What one connection has learnt of the types that are not built in. It knows what to ask and what to make of the
/// answer; asking is for others.
class type_catalog
{
public:
    /// The question: one statement, whose only parameter is an array of OIDs, and which answers with these types and
    /// all that they are made of. It names everything by schema, so that no search_path changes its meaning, and its
    /// planned cost stays far below the one from which servers compile queries.
    static std::string_view query() noexcept;
    /// The columns of its answer, in binary.
    static std::span<const column> columns();

    /// From here on, what is learnt is shared with other connections to the same database.
    void share(std::shared_ptr<type_store> with);

    /// Whether there is nothing to ask of the type: it is built in, or it was asked for, if by another connection.
    [[nodiscard]] bool knows(oid type);

    /// What the catalog says; null for a built-in type and for one that it does not have.
    [[nodiscard]] std::shared_ptr<const type_info> find(oid type) const;

    /// Takes the answer over. What was asked for and is not in it is not asked for again.
    /// @throws decode_error  The answer is not one to that question.
    void absorb(std::span<const oid> asked, const detail::row_store& answer);

    /// The server does not let us ask: nothing more is asked for these.
    void give_up(std::span<const oid> asked);

    /// Forgets all: types may have changed. What was handed out stays as it is.
    void forget();

    /// Looks whether a command that ended changes types.
    void note_command(std::string_view tag);
    /// Looks whether a transaction ended: what was learnt in it may have been taken back.
    void note_status(char status);

    /// Somebody is asking: whoever else has a question waits for the answer, which may answer it too.
    bool is_being_asked = false;

    /// Counts how often it forgot. Forgets first where a value did not look as its type was described.
    std::uint64_t generation();

private:
    type_store::node_map known_;
    type_store::mark outdated_ = std::make_shared<std::atomic<bool>>(false);
    std::shared_ptr<type_store> store_; ///< Null where nothing is shared.
    std::uint64_t generation_ = 1;
    bool changed_in_transaction_ = false;
};

} // namespace tusk::types
