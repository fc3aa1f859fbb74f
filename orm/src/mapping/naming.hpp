#pragma once

#include <tusk/orm/table_info.hpp>

#include <string>
#include <string_view>
#include <vector>

/// The names of constraints and indexes where a mapping gives none. Every one has a name that follows from what it is
/// on, so that a migration can always say which one it means.
namespace tusk::orm::detail {

/// PostgreSQL cuts longer names; ours end in a hash of the whole instead, so that two of them never become one.
inline constexpr std::string_view::size_type longest_name = 63;

std::string primary_key_name(std::string_view table);
std::string unique_name(std::string_view table, const std::vector<std::string_view>& columns);
std::string index_name(std::string_view table, const std::vector<std::string_view>& columns);
std::string foreign_key_name(std::string_view table, const std::vector<std::string_view>& columns,
                             std::string_view referred_table);
/// @param what  What the mapping calls it, or the column.
std::string check_name(std::string_view table, std::string_view what);
std::string exclusion_name(std::string_view table, std::string_view what);

std::vector<std::string_view> names_of(const std::vector<const column_info*>& columns);

/// Cuts a name that is too long.
std::string fitting_name(std::string name);

} // namespace tusk::orm::detail
