#pragma once

#include "query/compiled.hpp"

#include <tusk/driver/column.hpp>

#include <span>

namespace tusk::orm::detail {

/// A statement whose columns are known only now, by their names: what `of` says of them is made to fit.
/// @throws usage_error  A column is missing; the message names the member.
compiled_statement match_by_name(const compiled_statement& of, std::span<const tusk::column> columns);

} // namespace tusk::orm::detail
