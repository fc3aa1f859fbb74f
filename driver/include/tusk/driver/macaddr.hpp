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

/// A hardware address of 6 bytes (an EUI-48): a value of PostgreSQL's `macaddr`.
/// @par Thread safety  A value like an integer.
class macaddr
{
public:
    static constexpr std::size_t size = 6;

    /// All zero.
    constexpr macaddr() noexcept = default;
    constexpr explicit macaddr(const std::array<std::byte, size>& bytes) noexcept : bytes_{bytes} {}

    /// Reads "08:00:2b:01:02:03", with colons or hyphens, in either case.
    /// @throws decode_error  The text is nothing of the kind.
    static macaddr parse(std::string_view text);

    /// The same without an exception: empty where `parse` throws.
    static std::optional<macaddr> try_parse(std::string_view text) noexcept;

    /// In the order in which they are printed.
    [[nodiscard]] constexpr const std::array<std::byte, size>& bytes() const noexcept { return bytes_; }

    friend constexpr bool operator==(const macaddr&, const macaddr&) noexcept = default;
    friend constexpr std::strong_ordering operator<=>(const macaddr&, const macaddr&) noexcept = default;

private:
    std::array<std::byte, size> bytes_{};
};

/// As PostgreSQL prints it: "08:00:2b:01:02:03".
[[nodiscard]] std::string to_string(const macaddr& address);

} // namespace tusk

template <>
struct std::hash<tusk::macaddr> {
    std::size_t operator()(const tusk::macaddr& address) const noexcept;
};

template <>
struct fmt::formatter<tusk::macaddr> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(const tusk::macaddr& address, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(address), context);
    }
};
