#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace tusk::orm {

struct column_info;
struct relation_info;

namespace detail {

class source;

enum class load_strategy : std::uint8_t {
    selectin, ///< By a statement of its own, for all near entities at once.
    joined,   ///< In the same row, by a join that the rest of the statement does not see.
    contains, ///< In the same row, by a join that the statement has anyway.
    self,     ///< No relation: what is said about the entity's own columns.
};

/// Which deferred columns a load leaves out.
struct column_choice {
    std::vector<const column_info*> only; ///< With `is_only`: no deferred ones but these.
    std::vector<const column_info*> left_out;
    bool is_only = false;
};

/// One relation that is to be loaded, and what is to be done with the entities on its far side.
struct load_option {
    const relation_info* relation = nullptr; ///< Null for `self`.
    load_strategy strategy{};
    bool is_inner = false; ///< `joined`: JOIN, where the far side is known to be there.
    std::shared_ptr<const source>
        contained; ///< `contains`: where the entities are in the FROM; null: the table itself.
    column_choice columns;
    std::vector<load_option> nested;
};

} // namespace detail

} // namespace tusk::orm
