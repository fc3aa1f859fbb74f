#pragma once

#include <string_view>

namespace tusk::config {

/// The known key that a misspelled one most likely means; empty where none is near.
[[nodiscard]] std::string_view nearest_key(std::string_view name);

} // namespace tusk::config
