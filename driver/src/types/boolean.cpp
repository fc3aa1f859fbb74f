#include <tusk/driver/codec/boolean.hpp>

#include "types/oids.hpp"
#include "types/wire.hpp"

namespace tusk {

namespace {

bool from_binary(std::span<const std::byte> bytes)
{
    const auto value = types::load_exactly<std::uint8_t>(bytes, "boolean");
    if (value > 1) [[unlikely]]
        types::fail_decode("boolean", "its byte is neither 0 nor 1");
    return value == 1;
}

bool from_text(std::span<const std::byte> bytes)
{
    const std::string_view text = types::as_text(bytes);
    if (text != "t" && text != "f")
        types::fail_decode("boolean", "its text is neither t nor f");
    return text == "t";
}

void to_binary(const bool& value, byte_writer& out) { out.put<std::uint8_t>(value ? 1 : 0); }

} // namespace

decode_function<bool> codec<bool>::decoder(oid type, format as) noexcept
{
    if (type != oids::boolean)
        return nullptr;
    return as == format::text ? from_text : from_binary;
}

encode_plan<bool> codec<bool>::encoder(oid type) noexcept
{
    if (type != oids::boolean)
        return {};
    return {to_binary, format::binary};
}

} // namespace tusk
