#pragma once

#include <string>
#include <string_view>

namespace tusk::orm {
class table_info;
}

/// Names as they stand in SQL: quoted only where they need it, so that what we write can be read.
namespace tusk::orm::detail {

/// `users`, but `"order"` and `"Users"`.
/// @throws usage_error  The name is empty or holds a zero byte.
std::string quoted(std::string_view name);

/// `users`, or `sales.users` for a table in a schema.
std::string qualified(const table_info& table);
std::string qualified(std::string_view schema, std::string_view name);

/// A text as a literal: `'it''s'`. Works with either setting of standard_conforming_strings.
std::string quoted_literal(std::string_view text);

} // namespace tusk::orm::detail
