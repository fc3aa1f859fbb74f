#pragma once

#include <tusk/driver/server_error.hpp>

#include <string>
#include <string_view>

namespace tusk::detail {

/// What the writer of a statement can do where the server could not decide the type of a parameter: names the `$n` at
/// the place of the error and the two ways to declare it. Empty for every other error.
std::string remedy_for(const error_fields& refused, std::string_view sql);

} // namespace tusk::detail
