#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tusk::config {

/// An environment variable of this process; nothing where it is not set.
[[nodiscard]] std::optional<std::string> process_environment(std::string_view name);

/// The name of the user that this process runs as.
/// @throws usage_error  The operating system has no name for it.
[[nodiscard]] std::string operating_system_user();

} // namespace tusk::config
