#include <tusk/driver/codec/numeric.hpp>

#include "types/oids.hpp"
#include "types/wire.hpp"

#include <tusk/driver/byte_reader.hpp>

#include <array>
#include <cstdint>
#include <vector>

namespace tusk {

namespace {

constexpr std::uint16_t positive = 0x0000;
constexpr std::uint16_t negative = 0x4000;
constexpr std::uint16_t not_a_number = 0xC000;
constexpr std::uint16_t plus_infinity = 0xD000;
constexpr std::uint16_t minus_infinity = 0xF000;

numeric make(bool is_negative, int weight, std::span<const numeric::group> groups, int scale)
{
    auto value = numeric::from_groups(is_negative, weight, groups, scale);
    if (!value) [[unlikely]]
        types::fail_decode("numeric", "its digits are no number in the type's range");
    return *std::move(value);
}

numeric from_binary(std::span<const std::byte> bytes)
{
    byte_reader reader{bytes, "numeric"};
    const auto count = reader.take<std::uint16_t>();
    const auto weight = reader.take<std::int16_t>();
    const auto sign = reader.take<std::uint16_t>();
    const auto scale = reader.take<std::uint16_t>();
    const std::span<const std::byte> digits = reader.take_bytes(count * sizeof(numeric::group));
    reader.expect_end();
    // The scale of what is not finite means nothing: PostgreSQL 14 sends 32 with infinity.
    switch (sign) {
    case positive:
    case negative: break;
    case not_a_number: return numeric::nan();
    case plus_infinity: return numeric::infinity();
    case minus_infinity: return numeric::minus_infinity();
    default: types::fail_decode("numeric", "its sign is none that PostgreSQL has");
    }
    const auto load = [&](numeric::group* into) {
        for (std::size_t i = 0; i != count; ++i)
            into[i] = detail::load_big_endian<numeric::group>(digits.data() + i * sizeof(numeric::group));
    };
    std::array<numeric::group, 8> few;
    if (count <= few.size()) {
        load(few.data());
        return make(sign == negative, weight, {few.data(), count}, scale);
    }
    std::vector<numeric::group> many(count);
    load(many.data());
    return make(sign == negative, weight, many, scale);
}

numeric from_text(std::span<const std::byte> bytes) { return numeric::parse(types::as_text(bytes)); }

template <class Wire>
numeric from_integer(std::span<const std::byte> bytes)
{
    return types::load_exactly<Wire>(bytes, "integer");
}

std::uint16_t sign_of(const numeric& value) noexcept
{
    if (value.is_finite())
        return value.is_negative() ? negative : positive;
    if (value.is_nan())
        return not_a_number;
    return value.is_negative() ? minus_infinity : plus_infinity;
}

} // namespace

namespace detail {

void encode_numeric(const numeric& value, byte_writer& out)
{
    const std::span<const numeric::group> groups = value.groups();
    out.put(static_cast<std::uint16_t>(groups.size())); // bounded by the type's range
    out.put(static_cast<std::int16_t>(value.weight()));
    out.put(sign_of(value));
    out.put(static_cast<std::uint16_t>(value.scale()));
    for (const numeric::group each : groups)
        out.put(each);
}

} // namespace detail

decode_function<numeric> codec<numeric>::decoder(oid type, format as) noexcept
{
    const bool is_text = as == format::text;
    switch (type) {
    case oids::numeric: return is_text ? from_text : from_binary;
    case oids::int2: return is_text ? from_text : from_integer<std::int16_t>;
    case oids::int4: return is_text ? from_text : from_integer<std::int32_t>;
    case oids::int8: return is_text ? from_text : from_integer<std::int64_t>;
    default: return nullptr;
    }
}

encode_plan<numeric> codec<numeric>::encoder(oid type) noexcept
{
    if (type != oids::numeric)
        return {};
    return {detail::encode_numeric, format::binary};
}

} // namespace tusk
