#pragma once

#include <tusk/orm/detail/statement_base.hpp>

#include <string>

namespace tusk::orm {

/// The SQL of a statement as it would be sent, with `$1` and so on for its values. Statements of the same structure
/// have the same text, whatever their values.
/// @throws usage_error  The statement contradicts itself, or names a table that is not in its FROM.
[[nodiscard]] std::string to_sql(const detail::statement_base& of);

} // namespace tusk::orm
