#pragma once

#include "config/setting.hpp"

#include <string_view>

namespace tusk::config {

/// Takes a keyword/value string apart: `host=localhost password='it\'s'`.
/// @param text  Without zero bytes.
/// @throws usage_error  It is malformed, or a key is unknown. The message names the place and quotes nothing that could
///                      belong to a password.
/// @see PostgreSQL documentation, "Keyword/Value Connection Strings".
[[nodiscard]] settings parse_conninfo(std::string_view text);

} // namespace tusk::config
