#pragma once

#include <tusk/driver/connect_options.hpp>

#include <span>
#include <string_view>

namespace tusk::config {

/// One key of a connection string, with the environment variable that stands in for it.
struct key {
    std::string_view name;
    std::string_view variable; ///< Empty: none.
    bool secret = false;       ///< Its value, and what follows it in a malformed string, is never shown.

    /// Puts a value into the options; null where the key is known and cannot be honoured.
    /// `origin` names the key or variable in messages.
    void (*apply)(connect_options& options, std::string_view value, std::string_view origin) = nullptr;

    /// Where `apply` is null: the values, separated by spaces, that ask for nothing beyond what is done anyway.
    std::string_view harmless{};
};

/// Every key that libpq knows.
[[nodiscard]] std::span<const key> known_keys() noexcept;

/// Puts a value into the options.
/// @throws usage_error  It is out of range, or asks for what this library cannot do.
void apply(const key& key, connect_options& options, std::string_view value, std::string_view origin);

/// The key of this name.
/// @param may_quote  Whether the name can be shown if it is not known: false where it might be a piece of a password.
/// @throws usage_error  It is not known. The message suggests the nearest known one.
const key& require_key(std::string_view name, bool may_quote);

} // namespace tusk::config
