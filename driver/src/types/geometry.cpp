#include <tusk/driver/codec/geometry.hpp>

#include "types/geometry_text.hpp"
#include "types/oids.hpp"
#include "types/wire.hpp"

#include <tusk/driver/byte_reader.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <utility>

namespace tusk {

namespace {

double take_number(byte_reader& from) { return std::bit_cast<double>(from.take<std::uint64_t>()); }

point take_point(byte_reader& from)
{
    const double x = take_number(from);
    return {x, take_number(from)};
}

std::vector<point> take_points(byte_reader& from, std::string_view type)
{
    const auto count = from.take<std::uint32_t>();
    // Memory for what has arrived, never for what is announced.
    if (from.left() / (2 * sizeof(double)) < count) [[unlikely]]
        types::fail_decode(type, "its length does not fit its number of points");
    std::vector<point> points(count);
    for (point& each : points)
        each = take_point(from);
    return points;
}

void take(byte_reader& from, point& into) { into = take_point(from); }

void take(byte_reader& from, line& into)
{
    into.a = take_number(from);
    into.b = take_number(from);
    into.c = take_number(from);
}

void take(byte_reader& from, lseg& into)
{
    into.first = take_point(from);
    into.second = take_point(from);
}

void take(byte_reader& from, box& into)
{
    into.high = take_point(from);
    into.low = take_point(from);
}

void take(byte_reader& from, circle& into)
{
    into.center = take_point(from);
    into.radius = take_number(from);
}

void take(byte_reader& from, path& into)
{
    const bool is_closed = from.take<std::uint8_t>() != 0;
    into = path{take_points(from, "path"), is_closed};
}

void take(byte_reader& from, polygon& into) { into = polygon{take_points(from, "polygon")}; }

void put_number(double value, byte_writer& out) { out.put(std::bit_cast<std::uint64_t>(value)); }

void put(const point& value, byte_writer& out)
{
    put_number(value.x, out);
    put_number(value.y, out);
}

void put(const line& value, byte_writer& out)
{
    put_number(value.a, out);
    put_number(value.b, out);
    put_number(value.c, out);
}

void put(const lseg& value, byte_writer& out)
{
    put(value.first, out);
    put(value.second, out);
}

void put(const box& value, byte_writer& out)
{
    put(value.high, out);
    put(value.low, out);
}

void put(const circle& value, byte_writer& out)
{
    put(value.center, out);
    put_number(value.radius, out);
}

void put_points(const std::vector<point>& points, std::string_view type, byte_writer& out)
{
    if (points.empty())
        types::fail_encode(type, "PostgreSQL has none without points");
    if (points.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) [[unlikely]]
        types::fail_encode(type, "it has more than 2147483647 points");
    out.put(static_cast<std::int32_t>(points.size()));
    for (const point& each : points)
        put(each, out);
}

void put(const path& value, byte_writer& out)
{
    out.put(static_cast<std::uint8_t>(value.is_closed() ? 1 : 0));
    put_points(value.points(), "path", out);
}

void put(const polygon& value, byte_writer& out) { put_points(value.corners(), "polygon", out); }

template <class Shape>
Shape from_binary(std::span<const std::byte> bytes)
{
    byte_reader reader{bytes, codec<Shape>::fits};
    Shape shape;
    take(reader, shape);
    reader.expect_end();
    return shape;
}

template <class Shape>
Shape from_text(std::span<const std::byte> bytes)
{
    std::optional<Shape> shape = types::parse_shape<Shape>(types::as_text(bytes));
    if (!shape)
        types::fail_decode(codec<Shape>::fits, "its text is not written as PostgreSQL writes it");
    return *std::move(shape);
}

template <class Shape>
void to_binary(const Shape& value, byte_writer& out)
{
    put(value, out);
}

template <class Shape>
decode_function<Shape> decoder_of(oid shape, oid type, format as) noexcept
{
    if (type != shape)
        return nullptr;
    return as == format::text ? from_text<Shape> : from_binary<Shape>;
}

template <class Shape>
encode_plan<Shape> encoder_of(oid shape, oid type) noexcept
{
    if (type != shape)
        return {};
    return {to_binary<Shape>, format::binary};
}

} // namespace

decode_function<point> codec<point>::decoder(oid type, format as) noexcept
{
    return decoder_of<point>(oids::point, type, as);
}
encode_plan<point> codec<point>::encoder(oid type) noexcept { return encoder_of<point>(oids::point, type); }

decode_function<line> codec<line>::decoder(oid type, format as) noexcept
{
    return decoder_of<line>(oids::line, type, as);
}
encode_plan<line> codec<line>::encoder(oid type) noexcept { return encoder_of<line>(oids::line, type); }

decode_function<lseg> codec<lseg>::decoder(oid type, format as) noexcept
{
    return decoder_of<lseg>(oids::lseg, type, as);
}
encode_plan<lseg> codec<lseg>::encoder(oid type) noexcept { return encoder_of<lseg>(oids::lseg, type); }

decode_function<box> codec<box>::decoder(oid type, format as) noexcept { return decoder_of<box>(oids::box, type, as); }
encode_plan<box> codec<box>::encoder(oid type) noexcept { return encoder_of<box>(oids::box, type); }

decode_function<circle> codec<circle>::decoder(oid type, format as) noexcept
{
    return decoder_of<circle>(oids::circle, type, as);
}
encode_plan<circle> codec<circle>::encoder(oid type) noexcept { return encoder_of<circle>(oids::circle, type); }

decode_function<path> codec<path>::decoder(oid type, format as) noexcept
{
    return decoder_of<path>(oids::path, type, as);
}
encode_plan<path> codec<path>::encoder(oid type) noexcept { return encoder_of<path>(oids::path, type); }

decode_function<polygon> codec<polygon>::decoder(oid type, format as) noexcept
{
    return decoder_of<polygon>(oids::polygon, type, as);
}
encode_plan<polygon> codec<polygon>::encoder(oid type) noexcept { return encoder_of<polygon>(oids::polygon, type); }

} // namespace tusk
