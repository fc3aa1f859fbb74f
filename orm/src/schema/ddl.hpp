#pragma once

#include <tusk/orm/table_info.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What makes the objects of a mapping, one statement each, without a semicolon.
namespace tusk::orm::detail::ddl {

std::string create_schema(std::string_view name);
std::string create_enum(const enum_info& type);

/// The type as it stands behind a column's name.
std::string column_type(const column_info& column);
/// The column as it stands in CREATE TABLE and behind ADD COLUMN.
std::string column(const column_info& column);

/// A constraint as it stands in CREATE TABLE and behind ADD: `CONSTRAINT name PRIMARY KEY (id)`.
std::string primary_key(const table_info& table);
std::string unique(const unique_info& constraint);
std::string check(const check_info& constraint);
std::string exclusion(const exclusion_info& constraint);
std::string foreign_key(const foreign_key_info& constraint);

/// @param foreign_keys  Those that stand in it; the others come later.
std::string create_table(const table_info& table, const std::vector<const foreign_key_info*>& foreign_keys);
/// `ALTER TABLE users ADD CONSTRAINT ...`
std::string add_constraint(const table_info& table, std::string_view constraint);
/// @param concurrently  Without keeping writers out, and outside a transaction.
std::string create_index(const table_info& table, const index_info& index, bool concurrently);

/// @param text  Empty: the comment is taken away.
std::string comment_on_table(const table_info& table, std::string_view text);
std::string comment_on_column(const column_info& column, std::string_view text);
std::string comment_on_index(const table_info& table, const index_info& index, std::string_view text);
/// Those of a table, its columns and its indexes.
std::vector<std::string> comments(const table_info& table);

} // namespace tusk::orm::detail::ddl
