#pragma once

#include <tusk/driver/oid.hpp>

#include <string_view>

namespace tusk::types {

/// The C++ type that holds every value of a built-in type, for messages: "tusk::numeric". Empty where there is none.
std::string_view cpp_type(oid type) noexcept;

} // namespace tusk::types
