#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What a database has, as its catalog tells it: PostgreSQL has read and written every type and expression, so that two
/// texts are the same where their meaning is.
namespace tusk::migrate::detail {

struct snapshot_column {
    std::string name;
    std::string type;
    std::string collation; ///< Where it is not the type's own.
    bool not_null = false;
    std::string default_sql;
    std::string generated;
    char identity = '\0';   ///< 'a' always, 'd' by default
    bool is_serial = false; ///< Its default is a sequence of its own, which does what an identity does.
    std::string comment;
};

struct snapshot_constraint {
    std::string name;
    char kind = '\0'; ///< As pg_constraint.contype has it: p, u, c, x, f.
    std::string definition;
    bool is_valid = true;
    // Of a foreign key, because its columns and tables may be renamed.
    std::vector<std::string> columns;
    std::string referred_schema;
    std::string referred_table;
    std::vector<std::string> referred_columns;
    std::string actions; ///< What stands behind the columns.

    /// Without its name: what two constraints are compared by.
    [[nodiscard]] std::string meaning() const;
};

struct snapshot_index {
    std::string name;
    bool is_unique = false;
    std::string definition; ///< From USING on.
    std::string comment;

    [[nodiscard]] std::string meaning() const { return (is_unique ? "UNIQUE " : "") + definition; }
};

struct snapshot_table {
    std::string schema; ///< Empty: the one where the search path leads.
    std::string name;
    std::string comment;
    std::vector<snapshot_column> columns;
    std::vector<snapshot_constraint> constraints;
    std::vector<snapshot_index> indexes;

    [[nodiscard]] std::string sql_name() const;
    [[nodiscard]] const snapshot_column* find_column(std::string_view name) const noexcept;
};

struct snapshot_enum {
    std::string schema;
    std::string name;
    std::vector<std::string> labels;

    [[nodiscard]] std::string sql_name() const;
};

struct snapshot {
    std::vector<snapshot_table> tables;
    std::vector<snapshot_enum> enums;

    [[nodiscard]] snapshot_table* find_table(std::string_view schema, std::string_view name) noexcept;
    [[nodiscard]] const snapshot_table* find_table(std::string_view schema, std::string_view name) const noexcept;
    [[nodiscard]] const snapshot_enum* find_enum(std::string_view schema, std::string_view name) const noexcept;
};

/// Replaces a name in a piece of SQL, where it stands as a name.
std::string rename_in(std::string_view sql, std::string_view from, std::string_view to);

/// Whether a piece of SQL has that name in it.
bool mentions(std::string_view sql, std::string_view name);

/// The statements that make a table as the catalog has it: for undoing that it is dropped.
std::vector<std::string> creation_of(const snapshot_table& table);
std::string creation_of(const snapshot_table& table, const snapshot_index& index);
std::string comment_on(const snapshot_table& table, const snapshot_index& index);
std::string creation_of(const snapshot_enum& type);
std::string text_of(const snapshot_column& column);

} // namespace tusk::migrate::detail
