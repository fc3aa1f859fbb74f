#include <tusk/driver/codec/system.hpp>

#include "types/oids.hpp"
#include "types/text_cursor.hpp"
#include "types/wire.hpp"

#include <tusk/driver/byte_reader.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <limits>

namespace tusk {

namespace {

tid from_binary(std::span<const std::byte> bytes)
{
    byte_reader reader{bytes, "tid"};
    const auto block = reader.take<std::uint32_t>();
    const auto offset = reader.take<std::uint16_t>();
    reader.expect_end();
    return {block, offset};
}

tid from_text(std::span<const std::byte> bytes) { return tid::parse(types::as_text(bytes)); }

void to_binary(const tid& value, byte_writer& out)
{
    out.put(value.block());
    out.put(value.offset());
}

} // namespace

std::optional<tid> tid::try_parse(std::string_view text) noexcept
{
    types::text_cursor from{text};
    from.expect("(");
    const std::int64_t block = from.number(1, 10, std::numeric_limits<std::uint32_t>::max());
    from.expect(",");
    const std::int64_t offset = from.number(1, 5, std::numeric_limits<std::uint16_t>::max());
    from.expect(")");
    if (!from.at_end())
        return std::nullopt;
    return tid{static_cast<std::uint32_t>(block), static_cast<std::uint16_t>(offset)};
}

tid tid::parse(std::string_view text)
{
    const std::optional<tid> value = try_parse(text);
    if (!value)
        types::fail_decode("tid", "its text is not a block and an offset, such as (42,7)");
    return *value;
}

std::string to_string(tid value) { return fmt::format("({},{})", value.block(), value.offset()); }

decode_function<tid> codec<tid>::decoder(oid type, format as) noexcept
{
    if (type != oids::tid)
        return nullptr;
    return as == format::text ? from_text : from_binary;
}

encode_plan<tid> codec<tid>::encoder(oid type) noexcept
{
    if (type != oids::tid)
        return {};
    return {to_binary, format::binary};
}

} // namespace tusk
