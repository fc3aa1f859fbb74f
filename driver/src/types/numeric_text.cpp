#include <tusk/driver/numeric.hpp>

#include "types/failures.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <system_error>
#include <vector>

namespace tusk {

namespace {

constexpr std::string_view decimal_digits = "0123456789";

/// The parts of "-12.5e3", with `exponent` 3.
struct decimal_text {
    bool negative = false;
    std::string_view whole;
    std::string_view fraction;
    int exponent = 0;

    [[nodiscard]] std::size_t size() const noexcept { return whole.size() + fraction.size(); }
    [[nodiscard]] int digit(std::size_t i) const noexcept
    {
        return (i < whole.size() ? whole[i] : fraction[i - whole.size()]) - '0';
    }
};

std::string_view take_digits(std::string_view& text) noexcept
{
    const std::size_t end = std::min(text.find_first_not_of(decimal_digits), text.size());
    const std::string_view digits = text.substr(0, end);
    text.remove_prefix(end);
    return digits;
}

bool take_sign(std::string_view& text) noexcept
{
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+'))
        text.remove_prefix(1);
    return negative;
}

std::optional<decimal_text> split(std::string_view text) noexcept
{
    decimal_text parts;
    parts.negative = take_sign(text);
    parts.whole = take_digits(text);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        parts.fraction = take_digits(text);
    }
    if (parts.size() == 0)
        return std::nullopt;
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        const bool negative = take_sign(text);
        const std::string_view digits = take_digits(text);
        // More digits than this are beyond the range of every number that is not 0.
        if (digits.empty() ||
            std::from_chars(digits.data(), digits.data() + digits.size(), parts.exponent).ec != std::errc{} ||
            parts.exponent > 1'000'000)
            return std::nullopt;
        if (negative)
            parts.exponent = -parts.exponent;
    }
    if (!text.empty() || parts.size() > 1'000'000)
        return std::nullopt;
    return parts;
}

void append_group(std::string& out, unsigned group)
{
    for (unsigned divisor = 1000; divisor != 0; divisor /= 10)
        out += decimal_digits[group / divisor % 10];
}

} // namespace

std::optional<numeric> numeric::try_parse(std::string_view text)
{
    if (text == "NaN")
        return nan();
    if (text == "Infinity")
        return infinity();
    if (text == "-Infinity")
        return minus_infinity();
    const std::optional<decimal_text> parts = split(text);
    if (!parts)
        return std::nullopt;
    const int scale = std::max(static_cast<int>(parts->fraction.size()) - parts->exponent, 0);

    // Zeros at the ends are no digits of a group: 1e131071 has one group, not 32768.
    std::size_t first = 0;
    std::size_t end = parts->size();
    while (first != end && parts->digit(first) == 0)
        ++first;
    while (first != end && parts->digit(end - 1) == 0)
        --end;
    if (first == end)
        return from_groups(false, 0, {}, scale);

    // How many digits stand before the point, counted from the first that is not 0; negative behind zeros.
    const int before_point = static_cast<int>(parts->whole.size()) + parts->exponent - static_cast<int>(first);
    const int weight = before_point > 0 ? (before_point - 1) / 4 : -((-before_point) / 4) - 1;
    std::size_t position = static_cast<std::size_t>(weight * 4 + 4 - before_point); // in the first group
    std::vector<group> groups((position + end - first + 3) / 4);
    for (std::size_t i = first; i != end; ++i, ++position) {
        group& each = groups[position / 4];
        constexpr std::array<group, 4> value_of_place{1000, 100, 10, 1};
        each = static_cast<group>(each + parts->digit(i) * value_of_place[position % 4]);
    }
    return from_groups(parts->negative, weight, groups, scale);
}

numeric numeric::parse(std::string_view text)
{
    std::optional<numeric> value = try_parse(text);
    if (!value)
        types::fail_decode("numeric", "its text is not a decimal number in the type's range");
    return *std::move(value);
}

std::string to_string(const numeric& value)
{
    if (value.is_nan())
        return "NaN";
    if (value.is_infinite())
        return value.is_negative() ? "-Infinity" : "Infinity";
    const auto groups = value.groups();
    const auto group_at = [&](int index) -> unsigned {
        return index >= 0 && index < static_cast<int>(groups.size()) ? groups[static_cast<std::size_t>(index)] : 0U;
    };
    const int weight = groups.empty() ? -1 : value.weight();
    std::string text;
    text.reserve(static_cast<std::size_t>(std::max(weight, 0)) * 4 + static_cast<std::size_t>(value.scale()) + 10);
    if (value.is_negative())
        text += '-';
    text += std::to_string(weight < 0 ? 0 : group_at(0));
    for (int index = 1; index <= weight; ++index)
        append_group(text, group_at(index));
    if (value.scale() == 0)
        return text;
    text += '.';
    const std::size_t end = text.size() + static_cast<std::size_t>(value.scale());
    for (int index = weight + 1; text.size() < end; ++index)
        append_group(text, group_at(index));
    text.resize(end);
    return text;
}

} // namespace tusk
