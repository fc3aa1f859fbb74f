#pragma once

#include <fmt/core.h>

#include <array>
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tusk {

/// A hardware address of 8 bytes (an EUI-64): a value of PostgreSQL's `macaddr8`.
/// @par Thread safety  A value like an integer.
class macaddr8
{
public:
    static constexpr std::size_t size = 8;

    /// All zero.
    constexpr macaddr8() noexcept = default;
    constexpr explicit macaddr8(const std::array<std::byte, size>& bytes) noexcept : bytes_{bytes} {}

    /// Reads "08:00:2b:ff:fe:01:02:03", with colons or hyphens, in either case.
    /// @throws decode_error  The text is nothing of the kind.
    static macaddr8 parse(std::string_view text);

    /// The same without an exception: empty where `parse` throws.
    static std::optional<macaddr8> try_parse(std::string_view text) noexcept;

    /// In the order in which they are printed.
    [[nodiscard]] constexpr const std::array<std::byte, size>& bytes() const noexcept { return bytes_; }

    friend constexpr bool operator==(const macaddr8&, const macaddr8&) noexcept = default;
    friend constexpr std::strong_ordering operator<=>(const macaddr8&, const macaddr8&) noexcept = default;

private:
    std::array<std::byte, size> bytes_{};
};

/// As PostgreSQL prints it: "08:00:2b:ff:fe:01:02:03".
[[nodiscard]] std::string to_string(const macaddr8& address);

} // namespace tusk

template <>
struct std::hash<tusk::macaddr8> {
    std::size_t operator()(const tusk::macaddr8& address) const noexcept;
};

template <>
struct fmt::formatter<tusk::macaddr8> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(const tusk::macaddr8& address, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(address), context);
    }
};
