#pragma once

#include <optional>
#include <string_view>

namespace tusk::config {

/// Whether a word is among words that are separated by spaces.
[[nodiscard]] bool is_among(std::string_view words, std::string_view word) noexcept;

/// A decimal number with blanks around it, as libpq reads one.
[[nodiscard]] std::optional<int> whole_number(std::string_view text) noexcept;

/// Throws unless the value is one of those words.
/// @param origin  Names the key, variable or member in the message.
/// @throws usage_error
void check_choice(std::string_view origin, std::string_view value, std::string_view words);

// What the keys of these names can be.
inline constexpr std::string_view ssl_modes = "disable allow prefer require verify-ca verify-full";
inline constexpr std::string_view ssl_negotiations = "postgres direct";
inline constexpr std::string_view ssl_certificate_modes = "disable allow require";
inline constexpr std::string_view tls_versions = "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3";
inline constexpr std::string_view channel_bindings = "disable prefer require";
inline constexpr std::string_view session_attributes = "any read-write read-only primary standby prefer-standby";
inline constexpr std::string_view load_balancings = "disable random";
inline constexpr std::string_view protocol_versions = "3.0 3.2 latest";

} // namespace tusk::config
