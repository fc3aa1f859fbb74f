#pragma once

#include <fmt/core.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tusk {

/// The address of a host, IPv4 or IPv6, and how many of its leading bits name the network: a value of PostgreSQL's
/// `inet`.
/// @par Thread safety  A value like an integer.
class inet
{
public:
    /// 0.0.0.0
    constexpr inet() noexcept = default;

    /// An IPv4 address.
    /// @throws encode_error  `prefix_length` is not 0 to 32.
    constexpr explicit inet(const std::array<std::byte, 4>& address, int prefix_length = 32)
        : prefix_length_{checked(prefix_length, 32)}
    {
        for (std::size_t i = 0; i != address.size(); ++i)
            bytes_[i] = address[i];
    }

    /// An IPv6 address.
    /// @throws encode_error  `prefix_length` is not 0 to 128.
    constexpr explicit inet(const std::array<std::byte, 16>& address, int prefix_length = 128)
        : bytes_{address}, prefix_length_{checked(prefix_length, 128)}, is_v6_{true}
    {
    }

    /// Reads "192.168.0.1", "192.168.0.1/24", "2001:db8::1/64", "::ffff:10.0.0.1".
    /// @throws decode_error  The text is nothing of the kind.
    static inet parse(std::string_view text);

    /// The same without an exception: empty where `parse` throws.
    static std::optional<inet> try_parse(std::string_view text) noexcept;

    [[nodiscard]] constexpr bool is_v4() const noexcept { return !is_v6_; }
    [[nodiscard]] constexpr bool is_v6() const noexcept { return is_v6_; }

    /// The address in network order: 4 or 16 bytes.
    [[nodiscard]] constexpr std::span<const std::byte> bytes() const noexcept
    {
        return {bytes_.data(), is_v6_ ? std::size_t{16} : std::size_t{4}};
    }

    /// How many leading bits name the network: all of them, 32 or 128, for a host alone.
    [[nodiscard]] constexpr int prefix_length() const noexcept { return prefix_length_; }
    [[nodiscard]] constexpr bool is_host() const noexcept { return prefix_length_ == (is_v6_ ? 128 : 32); }

    friend constexpr bool operator==(const inet&, const inet&) noexcept = default;

private:
    static constexpr std::uint8_t checked(int prefix_length, int bits)
    {
        if (prefix_length < 0 || prefix_length > bits)
            fail_prefix();
        return static_cast<std::uint8_t>(prefix_length);
    }
    [[noreturn]] static void fail_prefix();

    std::array<std::byte, 16> bytes_{};
    std::uint8_t prefix_length_ = 32;
    bool is_v6_ = false;
};

/// As PostgreSQL prints it: "192.168.0.1/24", and "192.168.0.1" for a host alone.
[[nodiscard]] std::string to_string(const inet& address);

} // namespace tusk

template <>
struct std::hash<tusk::inet> {
    std::size_t operator()(const tusk::inet& address) const noexcept;
};

template <>
struct fmt::formatter<tusk::inet> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(const tusk::inet& address, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(address), context);
    }
};
