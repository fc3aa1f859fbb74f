#include <tusk/driver/codec/uuid.hpp>

#include "types/oids.hpp"
#include "types/wire.hpp"

#include <algorithm>

namespace tusk {

namespace {

uuid from_binary(std::span<const std::byte> bytes)
{
    if (bytes.size() != uuid::size) [[unlikely]]
        types::fail_length("uuid", uuid::size, bytes.size());
    std::array<std::byte, uuid::size> value;
    std::ranges::copy(bytes, value.begin());
    return uuid{value};
}

uuid from_text(std::span<const std::byte> bytes) { return uuid::parse(types::as_text(bytes)); }

void to_binary(const uuid& value, byte_writer& out) { out.put_bytes(value.bytes()); }

} // namespace

void uuid::fail_parse()
{
    types::fail_decode("uuid", "its text is not 32 hexadecimal digits, with or without hyphens and braces");
}

std::string to_string(const uuid& value)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i != uuid::size; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        const auto byte = std::to_integer<unsigned>(value.bytes()[i]);
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

decode_function<uuid> codec<uuid>::decoder(oid type, format as) noexcept
{
    if (type != oids::uuid)
        return nullptr;
    return as == format::text ? from_text : from_binary;
}

encode_plan<uuid> codec<uuid>::encoder(oid type) noexcept
{
    if (type != oids::uuid)
        return {};
    return {to_binary, format::binary};
}

} // namespace tusk

std::size_t std::hash<tusk::uuid>::operator()(const tusk::uuid& value) const noexcept
{
    const auto* bytes = reinterpret_cast<const char*>(value.bytes().data());
    return std::hash<std::string_view>{}({bytes, tusk::uuid::size});
}
