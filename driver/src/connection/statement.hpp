#pragma once

#include "types/type_catalog.hpp"

#include <tusk/driver/detail/result_data.hpp>
#include <tusk/driver/detail/row_frame.hpp>
#include <tusk/driver/oid.hpp>

#include <cstddef>
#include <cstdint>
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
    /// What its executions have in common, once there was one; made anew with each description.
    mutable row_frame frame;
    /// What the catalog says of those that are not built in; empty where all are.
    std::vector<std::shared_ptr<const type_info>> parameter_infos;
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

    // ---- The types that are not built in.

    /// They were not looked up since the catalog last forgot what it knew.
    [[nodiscard]] bool lacks_types(types::type_catalog& in) const
    {
        return has_unlisted_types && types_generation != in.generation();
    }

    /// Those of them that the catalog has yet to be asked about.
    [[nodiscard]] std::vector<oid> unknown_types(types::type_catalog& in) const;

    /// Takes over what is known of them, and asks for columns in the formats that they have.
    void attach_types(types::type_catalog& in);

    bool has_unlisted_types = false;
    std::uint64_t types_generation = 0; ///< Of the catalog, when they were attached; 0 for never.

private:
    void choose_formats();
};

/// The same columns in the same formats, with what the catalog says of their types.
std::shared_ptr<const column_list> with_types(const column_list& columns, const types::type_catalog& in);

} // namespace tusk::detail
