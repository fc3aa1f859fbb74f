#include <tusk/driver/codec/integer.hpp>
#include <tusk/driver/codec/numeric.hpp>

#include "types/oids.hpp"
#include "types/wire.hpp"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>

namespace tusk {

namespace {

/// PostgreSQL's integers, by what travels.
template <class Wire>
constexpr std::string_view wire_name{};
template <>
constexpr std::string_view wire_name<std::int16_t> = "smallint";
template <>
constexpr std::string_view wire_name<std::int32_t> = "integer";
template <>
constexpr std::string_view wire_name<std::int64_t> = "bigint";
template <>
constexpr std::string_view wire_name<std::uint32_t> = "oid";
template <>
constexpr std::string_view wire_name<std::uint64_t> = "xid8";

template <class Int, class Wire>
Int from_binary(std::span<const std::byte> bytes)
{
    static_assert(sizeof(Int) >= sizeof(Wire), "an integer decodes only from types that it can hold");
    return static_cast<Int>(types::load_exactly<Wire>(bytes, wire_name<Wire>));
}

template <class Int, class Wire>
Int from_text(std::span<const std::byte> bytes)
{
    const std::string_view text = types::as_text(bytes);
    Wire value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        types::fail_decode(wire_name<Wire>, "its text is not a number in the type's range");
    return static_cast<Int>(value);
}

template <class Int, class Wire>
decode_function<Int> reader(format as) noexcept
{
    return as == format::text ? from_text<Int, Wire> : from_binary<Int, Wire>;
}

template <class Int, class Wire>
void to_binary(const Int& value, byte_writer& out)
{
    if (!std::in_range<Wire>(value)) [[unlikely]]
        types::fail_encode(wire_name<Wire>, fmt::format("it holds {} to {}", std::numeric_limits<Wire>::min(),
                                                        std::numeric_limits<Wire>::max()));
    out.put(static_cast<Wire>(value));
}

/// Whether a floating-point type with `digits` binary digits holds the value without rounding.
template <class Int>
bool is_exact(Int value, int digits) noexcept
{
    const auto wide = static_cast<std::uint64_t>(value);
    const std::uint64_t magnitude = std::cmp_less(value, 0) ? 0 - wide : wide;
    return magnitude == 0 || magnitude >> std::countr_zero(magnitude) >> digits == 0;
}

template <class Int, class Floating, class Bits>
void to_floating(const Int& value, byte_writer& out)
{
    if (!is_exact(value, std::numeric_limits<Floating>::digits))
        types::fail_encode(sizeof(Floating) == 4 ? "real" : "double precision",
                           "an integer with so many digits would be rounded; convert it before if that is meant");
    out.put(std::bit_cast<Bits>(static_cast<Floating>(value)));
}

template <class Int>
void to_numeric(const Int& value, byte_writer& out)
{
    detail::encode_numeric(numeric{value}, out);
}

} // namespace

namespace detail {

template <std::integral Int>
decode_function<Int> integer_codec<Int>::decoder(oid type, format as) noexcept
{
    if constexpr (std::signed_integral<Int>) {
        if (type == oids::int2)
            return reader<Int, std::int16_t>(as);
        if constexpr (sizeof(Int) >= 4) {
            if (type == oids::int4)
                return reader<Int, std::int32_t>(as);
        }
        if constexpr (sizeof(Int) == 8) {
            if (type == oids::int8)
                return reader<Int, std::int64_t>(as);
            if (type == oids::object_id)
                return reader<Int, std::uint32_t>(as);
        }
    } else {
        if (type == oids::object_id)
            return reader<Int, std::uint32_t>(as);
        if constexpr (sizeof(Int) == 8) {
            if (type == oids::xid8)
                return reader<Int, std::uint64_t>(as);
        } else {
            if (type == oids::xid || type == oids::cid)
                return reader<Int, std::uint32_t>(as);
            // In text these are names.
            if (oids::is_registry(type) && as == format::binary)
                return from_binary<Int, std::uint32_t>;
        }
    }
    return nullptr;
}

template <std::integral Int>
encode_plan<Int> integer_codec<Int>::encoder(oid type) noexcept
{
    switch (type) {
    case oids::int2: return {to_binary<Int, std::int16_t>, format::binary};
    case oids::int4: return {to_binary<Int, std::int32_t>, format::binary};
    case oids::int8: return {to_binary<Int, std::int64_t>, format::binary};
    case oids::float4: return {to_floating<Int, float, std::uint32_t>, format::binary};
    case oids::float8: return {to_floating<Int, double, std::uint64_t>, format::binary};
    case oids::numeric: return {to_numeric<Int>, format::binary};
    case oids::object_id:
    case oids::xid:
    case oids::cid: return {to_binary<Int, std::uint32_t>, format::binary};
    case oids::xid8: return {to_binary<Int, std::uint64_t>, format::binary};
    default: break;
    }
    if (oids::is_registry(type))
        return {to_binary<Int, std::uint32_t>, format::binary};
    return {};
}

template struct integer_codec<short>;
template struct integer_codec<int>;
template struct integer_codec<long>;
template struct integer_codec<long long>;
template struct integer_codec<unsigned>;
template struct integer_codec<unsigned long>;
template struct integer_codec<unsigned long long>;

} // namespace detail

} // namespace tusk
