#include <tusk/driver/codec/system.hpp>

#include "types/oids.hpp"
#include "types/wire.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <system_error>

namespace tusk {

namespace {

std::optional<std::uint32_t> read_half(std::string_view digits) noexcept
{
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return value;
}

pg_lsn from_binary(std::span<const std::byte> bytes)
{
    return pg_lsn{types::load_exactly<std::uint64_t>(bytes, "pg_lsn")};
}

pg_lsn from_text(std::span<const std::byte> bytes) { return pg_lsn::parse(types::as_text(bytes)); }

void to_binary(const pg_lsn& value, byte_writer& out) { out.put(value.position()); }

} // namespace

std::optional<pg_lsn> pg_lsn::try_parse(std::string_view text) noexcept
{
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    const std::optional<std::uint32_t> high = read_half(text.substr(0, slash));
    const std::optional<std::uint32_t> low = read_half(text.substr(slash + 1));
    if (!high || !low)
        return std::nullopt;
    return pg_lsn{std::uint64_t{*high} << 32 | *low};
}

pg_lsn pg_lsn::parse(std::string_view text)
{
    const std::optional<pg_lsn> value = try_parse(text);
    if (!value)
        types::fail_decode("pg_lsn",
                           "its text is not two hexadecimal numbers with a slash between, such as 16/B374D848");
    return *value;
}

std::string to_string(pg_lsn value)
{
    return fmt::format("{:X}/{:X}", value.position() >> 32, value.position() & 0xFFFF'FFFFU);
}

decode_function<pg_lsn> codec<pg_lsn>::decoder(oid type, format as) noexcept
{
    if (type != oids::pg_lsn)
        return nullptr;
    return as == format::text ? from_text : from_binary;
}

encode_plan<pg_lsn> codec<pg_lsn>::encoder(oid type) noexcept
{
    if (type != oids::pg_lsn)
        return {};
    return {to_binary, format::binary};
}

} // namespace tusk
