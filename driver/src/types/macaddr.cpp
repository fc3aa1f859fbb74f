#include <tusk/driver/macaddr.hpp>
#include <tusk/driver/macaddr8.hpp>

#include "types/failures.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>
#include <system_error>

namespace tusk {

namespace {

/// Pairs of hexadecimal digits with a colon or a hyphen between.
template <class Address>
std::optional<Address> try_read(std::string_view text) noexcept
{
    std::array<std::byte, Address::size> bytes{};
    if (text.size() != Address::size * 3 - 1)
        return std::nullopt;
    for (std::size_t i = 0; i != bytes.size(); ++i) {
        const char* digits = text.data() + i * 3;
        unsigned value = 0;
        const auto [end, error] = std::from_chars(digits, digits + 2, value, 16);
        const bool has_separator = i + 1 == bytes.size() || digits[2] == ':' || digits[2] == '-';
        if (error != std::errc{} || end != digits + 2 || !has_separator)
            return std::nullopt;
        bytes[i] = static_cast<std::byte>(value);
    }
    return Address{bytes};
}

template <class Address>
Address read(std::string_view text, std::string_view type)
{
    const std::optional<Address> address = try_read<Address>(text);
    if (!address)
        types::fail_decode(type, "its text is not pairs of hexadecimal digits with colons between");
    return *address;
}

template <class Address>
std::string print(const Address& address)
{
    std::string text;
    for (const std::byte byte : address.bytes())
        fmt::format_to(std::back_inserter(text), "{}{:02x}", text.empty() ? "" : ":", std::to_integer<unsigned>(byte));
    return text;
}

template <class Address>
std::size_t hash_of(const Address& address) noexcept
{
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(address.bytes().data()), Address::size});
}

} // namespace

std::optional<macaddr> macaddr::try_parse(std::string_view text) noexcept { return try_read<macaddr>(text); }

macaddr macaddr::parse(std::string_view text) { return read<macaddr>(text, "macaddr"); }

std::string to_string(const macaddr& address) { return print(address); }

std::optional<macaddr8> macaddr8::try_parse(std::string_view text) noexcept { return try_read<macaddr8>(text); }

macaddr8 macaddr8::parse(std::string_view text) { return read<macaddr8>(text, "macaddr8"); }

std::string to_string(const macaddr8& address) { return print(address); }

} // namespace tusk

std::size_t std::hash<tusk::macaddr>::operator()(const tusk::macaddr& address) const noexcept
{
    return tusk::hash_of(address);
}

std::size_t std::hash<tusk::macaddr8>::operator()(const tusk::macaddr8& address) const noexcept
{
    return tusk::hash_of(address);
}
