#pragma once

#include "mapping/quoted.hpp"

#include <string>
#include <string_view>

namespace tusk::migrate::detail {

/// Names and texts as they stand in SQL.
inline std::string in_sql(std::string_view name) { return orm::detail::quoted(name); }
inline std::string in_sql(std::string_view schema, std::string_view name)
{
    return orm::detail::qualified(schema, name);
}
inline std::string literal(std::string_view text) { return orm::detail::quoted_literal(text); }

} // namespace tusk::migrate::detail
