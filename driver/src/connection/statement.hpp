#pragma once

#include <tusk/driver/detail/result_data.hpp>
#include <tusk/driver/oid.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace tusk::detail {

/// A named statement of one connection. Its columns are never shown to another connection: search_path, role and
/// ALTER make the same text mean other types.
struct statement {
    enum class state {
        fresh,     ///< The server does not know it yet.
        preparing, ///< Parse and Describe are on their way; who needs it meanwhile is parked at the engine.
        ready,
        broken ///< Parse was refused, or the server has forgotten it.
    };

    std::string sql;
    std::vector<oid> declared;
    std::string name;
    state now = state::fresh;

    std::vector<oid> parameter_types;
    std::shared_ptr<const column_list> columns; ///< Null for a statement without rows.
    /// Columns of types without a binary form are asked for in text. Empty where every column comes in binary.
    std::vector<format> result_formats;
    /// The server said that a type has no binary form: ask for text where the type is not known to have one.
    bool distrusts_unlisted_types = false;

    /// An unnamed one lives from its Parse to the next; where a proxy hands sessions round, that is all there is.
    [[nodiscard]] bool is_named() const noexcept { return !name.empty(); }

    /// What it takes of the cache's bound, in bytes; the server's share is of the same order.
    [[nodiscard]] std::size_t weight() const noexcept { return sql.size() + 256; }

    /// Takes a description over; `now` becomes `ready`.
    void describe(std::shared_ptr<const column_list> described);
};

} // namespace tusk::detail
