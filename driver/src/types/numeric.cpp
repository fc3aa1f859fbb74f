#include <tusk/driver/numeric.hpp>

#include "types/failures.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

namespace tusk {

namespace {

constexpr std::uint16_t group_limit = 10'000;

template <class Floating>
numeric from_floating(Floating value)
{
    if (std::isnan(value))
        return numeric::nan();
    if (std::isinf(value))
        return value > 0 ? numeric::infinity() : numeric::minus_infinity();
    std::array<char, 32> digits; // the shortest form of a double has at most 24 characters
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    return numeric::parse({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

} // namespace

numeric::numeric(double value) : numeric{from_floating(value)} {}

numeric::numeric(float value) : numeric{from_floating(value)} {}

numeric::numeric(bool negative, std::uint64_t magnitude) noexcept : storage_{}
{
    if (magnitude == 0)
        return;
    kind_ = negative ? kind::negative : kind::positive;
    std::array<group, 5> reversed{};
    std::size_t used = 0;
    for (; magnitude != 0; magnitude /= group_limit)
        reversed[used++] = static_cast<group>(magnitude % group_limit);
    weight_ = static_cast<std::int16_t>(used - 1);
    const std::size_t low_zeros = static_cast<std::size_t>(
        std::ranges::find_if(reversed, [](group each) { return each != 0; }) - reversed.begin());
    count_ = static_cast<std::uint32_t>(used - low_zeros);
    for (std::size_t i = 0; i != count_; ++i)
        storage_.near[i] = reversed[used - 1 - i];
}

numeric::numeric(const numeric& other) : weight_{other.weight_}, scale_{other.scale_}, kind_{other.kind_}, storage_{}
{
    std::ranges::copy(other.groups(), make_room(other.count_));
}

numeric::group* numeric::make_room(std::size_t count)
{
    if (count <= inline_groups) {
        count_ = static_cast<std::uint32_t>(count);
        return storage_.near.data();
    }
    storage_.far = new group[count];
    count_ = static_cast<std::uint32_t>(count);
    return storage_.far;
}

std::optional<numeric> numeric::from_groups(bool negative, int weight, std::span<const group> groups, int scale)
{
    constexpr int max_weight = 32'767; // 131072 digits before the point
    if (scale < 0 || scale > max_scale || std::ranges::any_of(groups, [](group each) { return each >= group_limit; }))
        return std::nullopt;
    std::ptrdiff_t leading = 0;
    while (!groups.empty() && groups.front() == 0) {
        groups = groups.subspan(1);
        ++leading;
    }
    while (!groups.empty() && groups.back() == 0)
        groups = groups.first(groups.size() - 1);
    numeric result;
    result.scale_ = static_cast<std::uint16_t>(scale);
    if (groups.empty())
        return result;

    const std::ptrdiff_t first = weight - leading;
    const std::ptrdiff_t last = first - static_cast<std::ptrdiff_t>(groups.size()) + 1;
    if (first > max_weight || last < -(max_scale / 4 + 1))
        return std::nullopt;
    // The last group may end in zeros, which are not digits that the scale would have to show.
    std::ptrdiff_t shown = last < 0 ? -4 * last : 0;
    for (int rest = groups.back(); shown > 0 && rest % 10 == 0; rest /= 10)
        --shown;
    if (shown > scale)
        return std::nullopt;
    result.kind_ = negative ? kind::negative : kind::positive;
    result.weight_ = static_cast<std::int16_t>(first);
    std::ranges::copy(groups, result.make_room(groups.size()));
    return result;
}

std::optional<std::uint64_t> numeric::whole_magnitude() const noexcept
{
    // More than five groups before the point do not fit 64 bits, and a group behind it is not 0.
    if (!is_finite() || weight_ > 4 || (count_ != 0 && static_cast<int>(count_) > weight_ + 1))
        return std::nullopt;
    std::uint64_t magnitude = 0;
    for (int i = 0; count_ != 0 && i <= weight_; ++i) {
        const std::uint64_t next = i < static_cast<int>(count_) ? data()[i] : 0;
        if (__builtin_mul_overflow(magnitude, std::uint64_t{group_limit}, &magnitude) ||
            __builtin_add_overflow(magnitude, next, &magnitude))
            return std::nullopt;
    }
    return magnitude;
}

std::weak_ordering operator<=>(const numeric& a, const numeric& b) noexcept
{
    if (a.kind_ != b.kind_)
        return a.kind_ <=> b.kind_;
    if (!a.is_finite())
        return std::weak_ordering::equivalent;
    std::weak_ordering magnitude = std::weak_ordering::equivalent;
    if (a.count_ == 0 || b.count_ == 0)
        magnitude = a.count_ <=> b.count_;
    else if (a.weight_ != b.weight_)
        magnitude = a.weight_ <=> b.weight_;
    else
        magnitude = std::lexicographical_compare_three_way(a.groups().begin(), a.groups().end(), b.groups().begin(),
                                                           b.groups().end());
    return a.kind_ == numeric::kind::negative ? 0 <=> magnitude : magnitude;
}

double numeric::to_double() const
{
    if (is_nan())
        return std::numeric_limits<double>::quiet_NaN();
    if (is_infinite())
        return is_negative() ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    const std::string text = to_string(*this);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{})
        types::fail_decode("numeric", "it is too great or too small for a double");
    return value;
}

namespace detail {

void fail_numeric_integer()
{
    types::fail_decode("numeric", "it is not a whole number in the range of the integer type that was asked for");
}

} // namespace detail

} // namespace tusk

std::size_t std::hash<tusk::numeric>::operator()(const tusk::numeric& value) const noexcept
{
    // Without the scale, since 1.0 equals 1.00; a fixed seed for what has no groups.
    const auto groups = value.groups();
    const std::string_view bytes{reinterpret_cast<const char*>(groups.data()), groups.size_bytes()};
    const std::size_t sign =
        (value.is_negative() ? 1U : 0U) + (value.is_nan() ? 2U : 0U) + (value.is_infinite() ? 4U : 0U);
    return std::hash<std::string_view>{}(bytes) * 31 + static_cast<std::size_t>(value.weight()) * 8 + sign;
}
