#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <ratio>
#include <string_view>
#include <type_traits>
#include <utility>

/// What date, timestamp and timestamptz share: PostgreSQL counts days or microseconds from 2000-01-01 and keeps the
/// ends of the integer for the infinities; <chrono> counts from 1970-01-01.
namespace tusk::detail {

/// A duration of which every value is a whole number of microseconds, so that nothing is cut off.
template <class Duration>
concept microsecond_exact =
    std::integral<typename Duration::rep> && std::convertible_to<Duration, std::chrono::microseconds>;

inline constexpr std::int64_t epoch_gap_days = 10'957;
inline constexpr std::int64_t microseconds_per_day = 86'400'000'000;
inline constexpr std::int64_t epoch_gap_microseconds = epoch_gap_days * microseconds_per_day;

/// 4714-11-24 BC, day 0 of the Julian calendar, to 5874897-12-31.
inline constexpr std::int32_t first_day = -2'451'545;
inline constexpr std::int32_t last_day = 2'145'031'948;

/// 4714-11-24 00:00:00 BC to 294276-12-31 23:59:59.999999.
inline constexpr std::int64_t first_microsecond = first_day * microseconds_per_day;
inline constexpr std::int64_t last_microsecond = 9'223'371'331'199'999'999;

template <std::signed_integral Count>
constexpr bool is_infinite(Count count) noexcept
{
    return count == std::numeric_limits<Count>::max() || count == std::numeric_limits<Count>::min();
}

constexpr bool is_finite_day(std::int64_t days) noexcept { return days >= first_day && days <= last_day; }

constexpr bool is_finite_time(std::int64_t microseconds) noexcept
{
    return microseconds >= first_microsecond && microseconds <= last_microsecond;
}

/// @throws encode_error  Always: a value is outside the range of the PostgreSQL type.
[[noreturn]] void fail_outside_range(std::string_view type);

/// @throws decode_error  Always: infinity or a far year has no counterpart in the C++ type.
[[noreturn]] void fail_no_counterpart(std::string_view type, std::string_view target);

/// @throws decode_error  Always: the C++ type is too coarse for the value.
[[noreturn]] void fail_too_coarse(std::string_view type);

/// @throws encode_error  Always: a clock does not show such a time, or no zone is so far from UTC.
[[noreturn]] void fail_no_such_time();

template <microsecond_exact Duration>
inline constexpr std::intmax_t microseconds_per_tick = std::ratio_divide<typename Duration::period, std::micro>::num;

/// PostgreSQL's count for a time since 1970.
template <microsecond_exact Duration>
constexpr std::int64_t to_wire(Duration since_1970, std::string_view type)
{
    std::int64_t count = 0;
    if (__builtin_mul_overflow(since_1970.count(), microseconds_per_tick<Duration>, &count) ||
        __builtin_sub_overflow(count, epoch_gap_microseconds, &count) || !is_finite_time(count))
        fail_outside_range(type);
    return count;
}

/// A time since 1970 for PostgreSQL's count.
constexpr std::chrono::microseconds from_wire(std::int64_t count, std::string_view type, std::string_view target)
{
    if (is_infinite(count) || __builtin_add_overflow(count, epoch_gap_microseconds, &count))
        fail_no_counterpart(type, target);
    return std::chrono::microseconds{count};
}

/// The same time in a coarser unit, and never another time.
template <microsecond_exact Duration>
constexpr Duration exactly(std::chrono::microseconds time, std::string_view type)
{
    const std::int64_t ticks = time.count() / microseconds_per_tick<Duration>;
    if (time.count() % microseconds_per_tick<Duration> != 0 || !std::in_range<typename Duration::rep>(ticks))
        fail_too_coarse(type);
    return Duration{static_cast<typename Duration::rep>(ticks)};
}

} // namespace tusk::detail
