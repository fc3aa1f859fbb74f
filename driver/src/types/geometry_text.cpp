#include "types/geometry_text.hpp"

#include "types/floating_text.hpp"
#include "types/text_cursor.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace tusk {

namespace {

using types::text_cursor;

double take_number(text_cursor& from) noexcept
{
    const std::optional<double> number = types::parse_floating<double>(from.take_until(",()[]{}<>"));
    if (!number)
        from.fail();
    return number.value_or(0);
}

point take_point(text_cursor& from) noexcept
{
    point taken;
    from.expect("(");
    taken.x = take_number(from);
    from.expect(",");
    taken.y = take_number(from);
    from.expect(")");
    return taken;
}

/// At least one, with commas between.
std::vector<point> take_points(text_cursor& from)
{
    std::vector<point> points;
    do
        points.push_back(take_point(from));
    while (from.ok() && from.accept(","));
    return points;
}

void append(std::string& text, double number)
{
    if (!std::isfinite(number)) {
        text += std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
        return;
    }
    std::array<char, 32> digits; // the shortest form of a double has at most 24 characters
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    text.append(digits.data(), end);
}

void append(std::string& text, const point& value)
{
    text += '(';
    append(text, value.x);
    text += ',';
    append(text, value.y);
    text += ')';
}

std::string enclosed(char opening, const std::vector<point>& points, char closing)
{
    std::string text{opening};
    for (const point& each : points) {
        if (text.size() != 1)
            text += ',';
        append(text, each);
    }
    return text + closing;
}

} // namespace

namespace types {

template <>
std::optional<point> parse_shape(std::string_view text)
{
    text_cursor from{text};
    const point taken = take_point(from);
    return from.at_end() ? std::optional{taken} : std::nullopt;
}

template <>
std::optional<line> parse_shape(std::string_view text)
{
    text_cursor from{text};
    line taken;
    from.expect("{");
    taken.a = take_number(from);
    from.expect(",");
    taken.b = take_number(from);
    from.expect(",");
    taken.c = take_number(from);
    from.expect("}");
    return from.at_end() ? std::optional{taken} : std::nullopt;
}

template <>
std::optional<lseg> parse_shape(std::string_view text)
{
    text_cursor from{text};
    lseg taken;
    from.expect("[");
    taken.first = take_point(from);
    from.expect(",");
    taken.second = take_point(from);
    from.expect("]");
    return from.at_end() ? std::optional{taken} : std::nullopt;
}

template <>
std::optional<box> parse_shape(std::string_view text)
{
    text_cursor from{text};
    box taken;
    taken.high = take_point(from);
    from.expect(",");
    taken.low = take_point(from);
    return from.at_end() ? std::optional{taken} : std::nullopt;
}

template <>
std::optional<circle> parse_shape(std::string_view text)
{
    text_cursor from{text};
    circle taken;
    from.expect("<");
    taken.center = take_point(from);
    from.expect(",");
    taken.radius = take_number(from);
    from.expect(">");
    return from.at_end() ? std::optional{taken} : std::nullopt;
}

template <>
std::optional<path> parse_shape(std::string_view text)
{
    text_cursor from{text};
    const bool is_closed = !from.accept("[");
    if (is_closed)
        from.expect("(");
    std::vector<point> points = take_points(from);
    from.expect(is_closed ? ")" : "]");
    if (!from.at_end())
        return std::nullopt;
    return path{std::move(points), is_closed};
}

template <>
std::optional<polygon> parse_shape(std::string_view text)
{
    text_cursor from{text};
    from.expect("(");
    std::vector<point> corners = take_points(from);
    from.expect(")");
    if (!from.at_end())
        return std::nullopt;
    return polygon{std::move(corners)};
}

} // namespace types

std::string to_string(const point& value)
{
    std::string text;
    append(text, value);
    return text;
}

std::string to_string(const line& value)
{
    std::string text{'{'};
    append(text, value.a);
    text += ',';
    append(text, value.b);
    text += ',';
    append(text, value.c);
    return text + '}';
}

std::string to_string(const lseg& value)
{
    std::string text{'['};
    append(text, value.first);
    text += ',';
    append(text, value.second);
    return text + ']';
}

std::string to_string(const box& value)
{
    std::string text;
    append(text, value.high);
    text += ',';
    append(text, value.low);
    return text;
}

std::string to_string(const circle& value)
{
    std::string text{'<'};
    append(text, value.center);
    text += ',';
    append(text, value.radius);
    return text + '>';
}

std::string to_string(const path& value)
{
    return value.is_closed() ? enclosed('(', value.points(), ')') : enclosed('[', value.points(), ']');
}

std::string to_string(const polygon& value) { return enclosed('(', value.corners(), ')'); }

} // namespace tusk
