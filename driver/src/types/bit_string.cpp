#include <tusk/driver/codec/bit_string.hpp>

#include "types/oids.hpp"
#include "types/wire.hpp"

#include <tusk/driver/byte_reader.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace tusk {

namespace {

bit_string from_binary(std::span<const std::byte> bytes)
{
    byte_reader reader{bytes, "bit varying"};
    const auto size = reader.take<std::int32_t>();
    if (size < 0) [[unlikely]]
        types::fail_decode("bit varying", "its number of bits is negative");
    const auto bits = static_cast<std::size_t>(size);
    const std::span<const std::byte> packed = reader.take_bytes((bits + 7) / 8);
    reader.expect_end();
    return {bits, packed};
}

bit_string from_text(std::span<const std::byte> bytes) { return bit_string::parse(types::as_text(bytes)); }

void to_binary(const bit_string& value, byte_writer& out)
{
    if (value.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) [[unlikely]]
        types::fail_encode("bit varying", "it has more than 2147483647 bits");
    out.put(static_cast<std::int32_t>(value.size()));
    out.put_bytes(value.bytes());
}

} // namespace

bit_string::bit_string(std::size_t size, std::span<const std::byte> bytes) : bit_string{size}
{
    if (bytes.size() < bytes_.size())
        types::fail_encode("bit varying", "fewer bytes were given than its bits take");
    std::ranges::copy(bytes.first(bytes_.size()), bytes_.begin());
    for (std::size_t beyond = size; beyond != bytes_.size() * 8; ++beyond)
        set(beyond, false);
}

std::optional<bit_string> bit_string::try_parse(std::string_view text)
{
    bit_string bits{text.size()};
    for (std::size_t i = 0; i != text.size(); ++i) {
        if (text[i] != '0' && text[i] != '1')
            return std::nullopt;
        bits.set(i, text[i] == '1');
    }
    return bits;
}

bit_string bit_string::parse(std::string_view text)
{
    std::optional<bit_string> bits = try_parse(text);
    if (!bits)
        types::fail_decode("bit varying", "its text holds something else than 0 and 1");
    return *std::move(bits);
}

std::string to_string(const bit_string& bits)
{
    std::string text(bits.size(), '0');
    for (std::size_t i = 0; i != bits.size(); ++i)
        if (bits[i])
            text[i] = '1';
    return text;
}

decode_function<bit_string> codec<bit_string>::decoder(oid type, format as) noexcept
{
    if (type != oids::bit && type != oids::varbit)
        return nullptr;
    return as == format::text ? from_text : from_binary;
}

encode_plan<bit_string> codec<bit_string>::encoder(oid type) noexcept
{
    if (type != oids::bit && type != oids::varbit)
        return {};
    return {to_binary, format::binary};
}

} // namespace tusk

std::size_t std::hash<tusk::bit_string>::operator()(const tusk::bit_string& bits) const noexcept
{
    const auto bytes = bits.bytes();
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()}) * 31 +
           bits.size();
}
