#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace tusk::config {

/// An environment variable of this process; nothing where it is not set. For HOME, the system's word then.
[[nodiscard]] std::optional<std::string> process_environment(std::string_view name);

/// The name of a user of the system; nothing where it has none for the number.
[[nodiscard]] std::optional<std::string> user_name(uid_t id);

/// The name of the user that this process runs as.
/// @throws usage_error  The operating system has no name for it.
[[nodiscard]] std::string operating_system_user();

} // namespace tusk::config
