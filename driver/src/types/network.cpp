#include <tusk/driver/codec/network.hpp>

#include "types/oids.hpp"
#include "types/wire.hpp"

#include <tusk/driver/byte_reader.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace tusk {

namespace {

// The families are PostgreSQL's own numbers, whatever the machine's AF_INET6 is.
constexpr std::uint8_t family_v4 = 2;
constexpr std::uint8_t family_v6 = 3;

template <std::size_t Size>
inet take_address(std::span<const std::byte> bytes, int prefix_length)
{
    if (bytes.size() != Size || prefix_length > static_cast<int>(Size) * 8) [[unlikely]]
        types::fail_decode("inet", "its length or prefix does not fit its family");
    std::array<std::byte, Size> address;
    std::ranges::copy(bytes, address.begin());
    return inet{address, prefix_length};
}

inet inet_from_binary(std::span<const std::byte> bytes)
{
    byte_reader reader{bytes, "inet"};
    const auto family = reader.take<std::uint8_t>();
    const int prefix_length = reader.take<std::uint8_t>();
    reader.take<std::uint8_t>(); // whether it is a cidr, which the column's type says too
    const std::span<const std::byte> address = reader.take_bytes(reader.take<std::uint8_t>());
    reader.expect_end();
    if (family == family_v4)
        return take_address<4>(address, prefix_length);
    if (family != family_v6) [[unlikely]]
        types::fail_decode("inet", "its family is neither IPv4 nor IPv6");
    return take_address<16>(address, prefix_length);
}

inet inet_from_text(std::span<const std::byte> bytes) { return inet::parse(types::as_text(bytes)); }

cidr cidr_from_binary(std::span<const std::byte> bytes)
{
    const inet address = inet_from_binary(bytes);
    const std::optional<cidr> network = cidr::try_from(address);
    if (!network) [[unlikely]]
        types::fail_decode("cidr", "it has bits set behind its prefix");
    return *network;
}

cidr cidr_from_text(std::span<const std::byte> bytes) { return cidr::parse(types::as_text(bytes)); }

void write_address(const inet& address, bool is_cidr, byte_writer& out)
{
    out.put(address.is_v6() ? family_v6 : family_v4);
    out.put(static_cast<std::uint8_t>(address.prefix_length()));
    out.put(static_cast<std::uint8_t>(is_cidr ? 1 : 0));
    out.put(static_cast<std::uint8_t>(address.bytes().size()));
    out.put_bytes(address.bytes());
}

void inet_to_binary(const inet& value, byte_writer& out) { write_address(value, false, out); }
void cidr_to_binary(const cidr& value, byte_writer& out) { write_address(value.network(), true, out); }
void cidr_to_inet(const cidr& value, byte_writer& out) { write_address(value.network(), false, out); }

template <class Address>
Address mac_from_binary(std::span<const std::byte> bytes)
{
    std::array<std::byte, Address::size> address;
    if (bytes.size() != address.size()) [[unlikely]]
        types::fail_length(codec<Address>::fits, address.size(), bytes.size());
    std::ranges::copy(bytes, address.begin());
    return Address{address};
}

template <class Address>
Address mac_from_text(std::span<const std::byte> bytes)
{
    return Address::parse(types::as_text(bytes));
}

template <class Address>
void mac_to_binary(const Address& value, byte_writer& out)
{
    out.put_bytes(value.bytes());
}

} // namespace

decode_function<inet> codec<inet>::decoder(oid type, format as) noexcept
{
    if (type != oids::inet && type != oids::cidr)
        return nullptr;
    return as == format::text ? inet_from_text : inet_from_binary;
}

encode_plan<inet> codec<inet>::encoder(oid type) noexcept
{
    if (type != oids::inet)
        return {};
    return {inet_to_binary, format::binary};
}

decode_function<cidr> codec<cidr>::decoder(oid type, format as) noexcept
{
    if (type != oids::cidr)
        return nullptr;
    return as == format::text ? cidr_from_text : cidr_from_binary;
}

encode_plan<cidr> codec<cidr>::encoder(oid type) noexcept
{
    if (type == oids::cidr)
        return {cidr_to_binary, format::binary};
    if (type == oids::inet)
        return {cidr_to_inet, format::binary};
    return {};
}

decode_function<macaddr> codec<macaddr>::decoder(oid type, format as) noexcept
{
    if (type != oids::macaddr)
        return nullptr;
    return as == format::text ? mac_from_text<macaddr> : mac_from_binary<macaddr>;
}

encode_plan<macaddr> codec<macaddr>::encoder(oid type) noexcept
{
    if (type != oids::macaddr)
        return {};
    return {mac_to_binary<macaddr>, format::binary};
}

decode_function<macaddr8> codec<macaddr8>::decoder(oid type, format as) noexcept
{
    if (type != oids::macaddr8)
        return nullptr;
    return as == format::text ? mac_from_text<macaddr8> : mac_from_binary<macaddr8>;
}

encode_plan<macaddr8> codec<macaddr8>::encoder(oid type) noexcept
{
    if (type != oids::macaddr8)
        return {};
    return {mac_to_binary<macaddr8>, format::binary};
}

} // namespace tusk
