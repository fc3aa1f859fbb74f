#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/orm/table_info.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Keys as the identity map has them, and as owners and their related entities are matched: the values of one or more
/// columns, encoded as parameters of those columns.
///
/// A single column is its encoding alone. Of several, each stands behind its length.
namespace tusk::orm::detail {

/// What is known of the column's type where it is one of the database's own; else null.
std::shared_ptr<const type_info> own_type_of(const column_info& column);

/// Writes a value as a parameter of its column. It must not be NULL, nor a deferred member that is not loaded.
/// @throws encode_error  The value does not fit the column.
format encode_value(const column_info& column, const void* member, byte_writer& out);

void append_key_part(std::string& key, std::span<const std::byte> encoded, bool is_only_part);

/// @param scratch  Memory for the encoding; what is in it is lost.
/// @returns False where one of the columns is NULL or not loaded; then the key is not complete.
bool append_key(std::string& key, std::span<const column_info* const> columns, const void* entity,
                byte_writer& scratch);

/// The primary key of an entity as its members are now.
/// @param scratch       Memory for the encoding; what is in it is lost.
/// @throws usage_error  A part of it is NULL.
std::string key_of(const table_info& table, const void* entity, byte_writer& scratch);

/// The parts of a key, in their order.
/// @par Lifetime  That of the key.
std::vector<std::string_view> parts_of(std::string_view key, std::size_t count);

} // namespace tusk::orm::detail
