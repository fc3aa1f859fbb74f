#include <tusk/driver/codec/floating.hpp>
#include <tusk/driver/codec/numeric.hpp>

#include "types/floating_text.hpp"
#include "types/oids.hpp"
#include "types/wire.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>

namespace tusk {

namespace {

template <class Floating>
constexpr std::string_view sql_name = sizeof(Floating) == 4 ? "real" : "double precision";

/// Reads a value of the width that travels, and widens it: the text 0.1 of a real is the double next to the real.
template <class Floating, class Wire>
Floating from_binary(std::span<const std::byte> bytes)
{
    if constexpr (sizeof(Wire) == 4)
        return std::bit_cast<float>(types::load_exactly<std::uint32_t>(bytes, sql_name<Wire>));
    else
        return std::bit_cast<double>(types::load_exactly<std::uint64_t>(bytes, sql_name<Wire>));
}

template <class Floating, class Wire>
Floating from_text(std::span<const std::byte> bytes)
{
    const std::optional<Wire> value = types::parse_floating<Wire>(types::as_text(bytes));
    if (!value)
        types::fail_decode(sql_name<Wire>, "its text is not a number in the type's range");
    return *value;
}

template <class Floating, class Wire>
decode_function<Floating> reader(format as) noexcept
{
    return as == format::text ? from_text<Floating, Wire> : from_binary<Floating, Wire>;
}

template <class Floating>
void to_float8(const Floating& value, byte_writer& out)
{
    out.put(std::bit_cast<std::uint64_t>(static_cast<double>(value)));
}

/// Rounds as PostgreSQL's own cast does, and refuses what it refuses: a finite value that would become infinite, and
/// another than zero that would become zero.
template <class Floating>
void to_float4(const Floating& value, byte_writer& out)
{
    const auto narrow = static_cast<float>(value);
    if ((std::isinf(narrow) && !std::isinf(value)) || (narrow == 0.0F && value != Floating{}))
        types::fail_encode("real", "it is beyond the type's range; use double precision");
    out.put(std::bit_cast<std::uint32_t>(narrow));
}

template <class Floating>
void to_numeric(const Floating& value, byte_writer& out)
{
    detail::encode_numeric(numeric{value}, out);
}

template <class Floating>
encode_plan<Floating> plan(oid type) noexcept
{
    switch (type) {
    case oids::float8: return {to_float8<Floating>, format::binary};
    case oids::float4: return {to_float4<Floating>, format::binary};
    case oids::numeric: return {to_numeric<Floating>, format::binary};
    default: return {};
    }
}

} // namespace

decode_function<float> codec<float>::decoder(oid type, format as) noexcept
{
    return type == oids::float4 ? reader<float, float>(as) : nullptr;
}

encode_plan<float> codec<float>::encoder(oid type) noexcept { return plan<float>(type); }

decode_function<double> codec<double>::decoder(oid type, format as) noexcept
{
    if (type == oids::float8)
        return reader<double, double>(as);
    return type == oids::float4 ? reader<double, float>(as) : nullptr;
}

encode_plan<double> codec<double>::encoder(oid type) noexcept { return plan<double>(type); }

} // namespace tusk
