#pragma once

#include <tusk/orm/table_info.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What makes the objects of a mapping, one statement each, without a semicolon.
namespace tusk::orm::detail {

/// Schemas are named as in the mapping, unless other names are given for them: migrations build a mapping elsewhere.
class ddl_writer
{
public:
    ddl_writer() = default;
    /// @param schemas  The name of a schema in the mapping (empty: where the search path leads), and the one to write.
    explicit ddl_writer(std::map<std::string, std::string, std::less<>> schemas) : schemas_{std::move(schemas)} {}

    /// A name in a schema of the mapping.
    [[nodiscard]] std::string name(std::string_view schema, std::string_view object) const;
    [[nodiscard]] std::string name(const table_info& table) const { return name(table.schema(), table.name()); }

    [[nodiscard]] std::string create_schema(std::string_view name) const;
    [[nodiscard]] std::string create_enum(const enum_info& type) const;

    /// The type as it stands behind a column's name.
    [[nodiscard]] std::string column_type(const column_info& column) const;
    /// The column as it stands in CREATE TABLE and behind ADD COLUMN.
    [[nodiscard]] std::string column(const column_info& column) const;

    /// A constraint as it stands in CREATE TABLE and behind ADD: `CONSTRAINT name PRIMARY KEY (id)`.
    [[nodiscard]] std::string primary_key(const table_info& table) const;
    [[nodiscard]] std::string unique(const unique_info& constraint) const;
    [[nodiscard]] std::string check(const check_info& constraint) const;
    [[nodiscard]] std::string exclusion(const exclusion_info& constraint) const;
    [[nodiscard]] std::string foreign_key(const foreign_key_info& constraint) const;

    /// @param foreign_keys  Those that stand in it; the others come later.
    [[nodiscard]] std::string create_table(const table_info& table,
                                           const std::vector<const foreign_key_info*>& foreign_keys) const;
    /// `ALTER TABLE users ADD CONSTRAINT ...`
    [[nodiscard]] std::string add_constraint(const table_info& table, std::string_view constraint) const;
    /// @param concurrently  Without keeping writers out, and outside a transaction.
    [[nodiscard]] std::string create_index(const table_info& table, const index_info& index, bool concurrently) const;

    /// @param text  Empty: the comment is taken away.
    [[nodiscard]] std::string comment_on_table(const table_info& table, std::string_view text) const;
    [[nodiscard]] std::string comment_on_column(const column_info& column, std::string_view text) const;
    [[nodiscard]] std::string comment_on_index(const table_info& table, const index_info& index,
                                               std::string_view text) const;
    /// Those of a table, its columns and its indexes.
    [[nodiscard]] std::vector<std::string> comments(const table_info& table) const;

private:
    std::map<std::string, std::string, std::less<>> schemas_;
};

} // namespace tusk::orm::detail
