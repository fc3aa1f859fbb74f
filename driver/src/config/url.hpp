#pragma once

#include "config/setting.hpp"

#include <string_view>

namespace tusk::config {

/// Whether the text begins with `postgresql://` or `postgres://`.
[[nodiscard]] bool is_url(std::string_view text) noexcept;

/// Takes a connection URL apart, and decodes its parts.
/// @param url  A text for which `is_url` holds, without zero bytes.
/// @throws usage_error  It is malformed, or a key is unknown. The message names the part and quotes nothing that could
///                      belong to a password.
/// @see PostgreSQL documentation, "Connection URIs".
[[nodiscard]] settings parse_url(std::string_view url);

} // namespace tusk::config
