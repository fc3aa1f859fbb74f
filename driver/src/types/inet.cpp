#include <tusk/driver/cidr.hpp>
#include <tusk/driver/inet.hpp>

#include "types/failures.hpp"
#include "types/ip_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

namespace tusk {

namespace {

constexpr std::string_view no_address = "its text is no address such as 192.168.0.1/24 or 2001:db8::1";

/// Whether the bits behind the prefix are all 0.
bool is_network(const inet& address) noexcept
{
    const auto bytes = address.bytes();
    auto bit = static_cast<std::size_t>(address.prefix_length());
    for (; bit % 8 != 0; ++bit)
        if ((bytes[bit / 8] & (std::byte{0x80} >> (bit % 8))) != std::byte{0})
            return false;
    for (std::size_t i = bit / 8; i != bytes.size(); ++i)
        if (bytes[i] != std::byte{0})
            return false;
    return true;
}

std::string address_text(const inet& address)
{
    return address.is_v6() ? types::print_ipv6(address.bytes().first<16>())
                           : types::print_ipv4(address.bytes().first<4>());
}

} // namespace

void inet::fail_prefix()
{
    types::fail_encode("inet", "a prefix has 0 to 32 bits of an IPv4 address and 0 to 128 of an IPv6 address");
}

std::optional<inet> inet::try_parse(std::string_view text) noexcept
{
    const std::size_t slash = text.find('/');
    std::optional<int> prefix;
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        int length = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
        if (error != std::errc{} || end != digits.data() + digits.size() || length < 0 || digits.size() > 3)
            return std::nullopt;
        prefix = length;
        text = text.substr(0, slash);
    }
    if (text.find(':') == std::string_view::npos) {
        const auto address = types::parse_ipv4(text);
        if (!address || prefix.value_or(32) > 32)
            return std::nullopt;
        return inet{*address, prefix.value_or(32)};
    }
    const auto address = types::parse_ipv6(text);
    if (!address || prefix.value_or(128) > 128)
        return std::nullopt;
    return inet{*address, prefix.value_or(128)};
}

inet inet::parse(std::string_view text)
{
    const std::optional<inet> address = try_parse(text);
    if (!address)
        types::fail_decode("inet", no_address);
    return *address;
}

std::string to_string(const inet& address)
{
    return address.is_host() ? address_text(address)
                             : fmt::format("{}/{}", address_text(address), address.prefix_length());
}

cidr::cidr(const inet& network) : network_{network}
{
    if (!is_network(network))
        types::fail_encode("cidr", "the address has bits set behind its prefix; use inet for a host in a network");
}

std::optional<cidr> cidr::try_from(const inet& network) noexcept
{
    if (!is_network(network))
        return std::nullopt;
    return cidr{network};
}

std::optional<cidr> cidr::try_parse(std::string_view text) noexcept
{
    const std::optional<inet> address = inet::try_parse(text);
    return address ? try_from(*address) : std::nullopt;
}

cidr cidr::parse(std::string_view text)
{
    const std::optional<cidr> network = try_parse(text);
    if (!network)
        types::fail_decode("cidr", "its text is no network such as 192.168.0.0/24 or 2001:db8::/32");
    return *network;
}

std::string to_string(const cidr& network)
{
    return fmt::format("{}/{}", address_text(network.network()), network.prefix_length());
}

} // namespace tusk

std::size_t std::hash<tusk::inet>::operator()(const tusk::inet& address) const noexcept
{
    const auto bytes = address.bytes();
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()}) * 131 +
           static_cast<std::size_t>(address.prefix_length());
}
