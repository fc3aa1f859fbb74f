#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>

namespace tusk::types {

/// A floating-point number as PostgreSQL writes it, and nothing else; empty where the text is something else.
template <std::floating_point Floating>
std::optional<Floating> parse_floating(std::string_view text) noexcept
{
    if (text == "NaN")
        return std::numeric_limits<Floating>::quiet_NaN();
    if (text == "Infinity")
        return std::numeric_limits<Floating>::infinity();
    if (text == "-Infinity")
        return -std::numeric_limits<Floating>::infinity();
    Floating value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // from_chars has spellings of its own for what is not finite; PostgreSQL does not write them.
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

} // namespace tusk::types
