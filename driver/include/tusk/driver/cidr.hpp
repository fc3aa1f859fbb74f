#pragma once

#include <tusk/driver/inet.hpp>

#include <fmt/core.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tusk {

/// A network, IPv4 or IPv6: a value of PostgreSQL's `cidr`. No bit of a host is set.
/// @par Thread safety  A value like an integer.
class cidr
{
public:
    /// 0.0.0.0/32
    constexpr cidr() noexcept = default;

    /// @param network  The address with its prefix length.
    /// @throws encode_error  It has bits set behind its prefix.
    explicit cidr(const inet& network);

    /// The same without an exception: empty where the constructor throws.
    static std::optional<cidr> try_from(const inet& network) noexcept;

    /// Reads "192.168.0.0/24", "2001:db8::/32"; without a prefix it is one host.
    /// @throws decode_error  The text is nothing of the kind.
    static cidr parse(std::string_view text);

    /// The same without an exception: empty where `parse` throws.
    static std::optional<cidr> try_parse(std::string_view text) noexcept;

    [[nodiscard]] constexpr const inet& network() const noexcept { return network_; }
    [[nodiscard]] constexpr bool is_v4() const noexcept { return network_.is_v4(); }
    [[nodiscard]] constexpr bool is_v6() const noexcept { return network_.is_v6(); }
    [[nodiscard]] constexpr std::span<const std::byte> bytes() const noexcept { return network_.bytes(); }
    [[nodiscard]] constexpr int prefix_length() const noexcept { return network_.prefix_length(); }

    friend constexpr bool operator==(const cidr&, const cidr&) noexcept = default;

private:
    inet network_;
};

/// As PostgreSQL prints it: "192.168.0.0/24", always with the prefix length.
[[nodiscard]] std::string to_string(const cidr& network);

} // namespace tusk

template <>
struct std::hash<tusk::cidr> {
    std::size_t operator()(const tusk::cidr& network) const noexcept
    {
        return std::hash<tusk::inet>{}(network.network());
    }
};

template <>
struct fmt::formatter<tusk::cidr> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(const tusk::cidr& network, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(network), context);
    }
};
