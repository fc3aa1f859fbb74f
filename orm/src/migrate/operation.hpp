#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tusk::migrate::detail {

/// When a change has its turn. What others need comes first; what needs others, last. Undoing goes the other way round.
enum class phase {
    extend_type, ///< What follows begins a transaction of its own: a value can be used once it is committed.
    create_schema,
    create_type,
    rename,
    drop_foreign_key,
    drop_constraint,
    drop_generated_column,
    alter_type,
    create_table,
    add_column,
    alter_column,
    add_generated_column,
    drop_column,
    add_constraint,
    create_index,
    use_index,
    add_foreign_key,
    comment,
    validate,    ///< Begins a transaction of its own: a validation reads the whole table.
    set_not_null ///< ... and so does what needs it.
};
/// Dropping whole objects comes behind everything that still refers to them.
inline constexpr phase drop_table = phase::comment;

struct operation {
    phase when{};
    std::string summary;              ///< "add column users.age"
    std::vector<std::string> upgrade; ///< Without semicolons; marks stand before a statement, a line each.
    std::vector<std::string> downgrade;
};

/// A statement with a mark before it.
std::string marked(std::string_view word, std::string_view text, std::string_view statement);

/// Both sections of a revision.
std::string upgrade_text(const std::vector<operation>& in_order);
std::string downgrade_text(const std::vector<operation>& in_order);

} // namespace tusk::migrate::detail
