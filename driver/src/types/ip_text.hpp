#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The text of IP addresses: RFC 4291 for reading, RFC 5952 for writing.
namespace tusk::types {

using ipv4_bytes = std::array<std::byte, 4>;
using ipv6_bytes = std::array<std::byte, 16>;

std::optional<ipv4_bytes> parse_ipv4(std::string_view text) noexcept;
std::optional<ipv6_bytes> parse_ipv6(std::string_view text) noexcept;

std::string print_ipv4(std::span<const std::byte, 4> bytes);
std::string print_ipv6(std::span<const std::byte, 16> bytes);

} // namespace tusk::types
