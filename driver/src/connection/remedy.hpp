#pragma once

#include <tusk/driver/oid.hpp>
#include <tusk/driver/server_error.hpp>

#include <span>
#include <string>
#include <string_view>

namespace tusk::detail {

/// What the writer of a statement can do where the server could not decide the type of a parameter: names the `$n` at
/// the place of the error and the two ways to declare it. Empty for every other error.
std::string remedy_for_type(const error_fields& refused, std::string_view sql);

/// The same where the server read a parameter's text as another type than was meant. Empty for every other error.
/// @param types  The types that the server reported for the parameters.
std::string remedy_for_value(const error_fields& refused, std::span<const oid> types);

} // namespace tusk::detail
