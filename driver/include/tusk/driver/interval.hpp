#pragma once

#include <tusk/driver/detail/date_time.hpp>

#include <fmt/core.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tusk {

/// A span of time as the calendar counts it: a value of PostgreSQL's `interval`.
///
/// Months, days and microseconds are kept apart, because a month has no fixed number of days, and a day in a zone with
/// summer time no fixed number of hours. They may differ in sign. Two intervals are equal when all three parts are;
/// PostgreSQL's own comparison takes a month for 30 days, so that there `1 mon = 30 days`.
/// @par Thread safety  A value like an integer.
/// @see PostgreSQL documentation, "Date/Time Types".
class interval
{
public:
    /// No time at all.
    constexpr interval() noexcept = default;

    constexpr interval(std::int32_t months, std::int32_t days, std::int64_t microseconds) noexcept
        : microseconds_{microseconds}, days_{days}, months_{months}
    {
    }

    /// A duration of <chrono>: months and years become months, days and weeks become days, all else microseconds.
    /// Units finer than microseconds do not compile, since digits would be lost.
    /// @throws encode_error  It is beyond the type's range.
    template <detail::microsecond_exact Duration>
    constexpr interval(Duration duration);

    /// Longer than every finite value. PostgreSQL has it since version 17.
    static constexpr interval infinity() noexcept
    {
        return {std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::max(),
                std::numeric_limits<std::int64_t>::max()};
    }

    /// Shorter than every finite value. PostgreSQL has it since version 17.
    static constexpr interval minus_infinity() noexcept
    {
        return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::min(),
                std::numeric_limits<std::int64_t>::min()};
    }

    /// Reads what PostgreSQL prints in any of its styles: "1 year 2 mons 3 days 04:05:06" (postgres), "@ 1 day ago"
    /// (postgres_verbose), "1-2 3 4:05:06" (sql_standard), "P1Y2M3DT4H5M6S" (iso_8601), "infinity".
    /// @throws decode_error  The text is nothing of the kind, or beyond the type's range.
    static interval parse(std::string_view text);

    /// The same without an exception: empty where `parse` throws.
    static std::optional<interval> try_parse(std::string_view text) noexcept;

    [[nodiscard]] constexpr std::int32_t months() const noexcept { return months_; }
    [[nodiscard]] constexpr std::int32_t days() const noexcept { return days_; }
    [[nodiscard]] constexpr std::int64_t microseconds() const noexcept { return microseconds_; }

    [[nodiscard]] constexpr bool is_infinite() const noexcept
    {
        return *this == infinity() || *this == minus_infinity();
    }

    /// The same span in <chrono>, where it is in the one part that the unit counts: `std::chrono::months` and `years`
    /// hold months alone, `days` and `weeks` days alone, hours and finer units microseconds alone.
    /// @throws decode_error  Another part is not 0, or the unit is too coarse.
    template <detail::microsecond_exact Duration>
    [[nodiscard]] constexpr Duration to_duration() const;

    friend constexpr bool operator==(const interval&, const interval&) noexcept = default;

private:
    std::int64_t microseconds_ = 0;
    std::int32_t days_ = 0;
    std::int32_t months_ = 0;
};

/// As PostgreSQL prints it with IntervalStyle postgres: "1 year 2 mons -3 days +04:05:06.5", "00:00:00", "infinity".
/// PostgreSQL reads it back whatever its IntervalStyle.
[[nodiscard]] std::string to_string(const interval& value);

namespace detail {

/// @throws decode_error  Always: an interval has parts that the unit of a duration does not count.
[[noreturn]] void fail_other_parts();

template <class Duration, class Unit>
inline constexpr bool counts_in = std::ratio_divide<typename Duration::period, typename Unit::period>::den == 1;

template <class Duration>
inline constexpr bool counts_months = std::ratio_equal_v<typename Duration::period, std::chrono::months::period> ||
                                      std::ratio_equal_v<typename Duration::period, std::chrono::years::period>;

template <class Duration>
inline constexpr bool counts_days = !counts_months<Duration> && counts_in<Duration, std::chrono::days>;

/// How many of PostgreSQL's months, days or microseconds there are in one tick.
template <class Duration>
inline constexpr std::intmax_t parts_per_tick =
    counts_months<Duration> ? std::ratio_divide<typename Duration::period, std::chrono::months::period>::num
    : counts_days<Duration> ? std::ratio_divide<typename Duration::period, std::chrono::days::period>::num
                            : microseconds_per_tick<Duration>;

} // namespace detail

template <detail::microsecond_exact Duration>
constexpr interval::interval(Duration duration)
{
    std::int64_t count = 0;
    const bool too_long = __builtin_mul_overflow(duration.count(), detail::parts_per_tick<Duration>, &count);
    if constexpr (detail::counts_months<Duration> || detail::counts_days<Duration>) {
        if (too_long || !std::in_range<std::int32_t>(count))
            detail::fail_outside_range("interval");
        (detail::counts_months<Duration> ? months_ : days_) = static_cast<std::int32_t>(count);
    } else {
        if (too_long)
            detail::fail_outside_range("interval");
        microseconds_ = count;
    }
}

template <detail::microsecond_exact Duration>
constexpr Duration interval::to_duration() const
{
    std::int64_t count = microseconds_;
    interval others = *this;
    if constexpr (detail::counts_months<Duration>) {
        count = std::exchange(others.months_, 0);
    } else if constexpr (detail::counts_days<Duration>) {
        count = std::exchange(others.days_, 0);
    } else {
        others.microseconds_ = 0;
    }
    if (others != interval{})
        detail::fail_other_parts();
    const std::int64_t ticks = count / detail::parts_per_tick<Duration>;
    if (count % detail::parts_per_tick<Duration> != 0 || !std::in_range<typename Duration::rep>(ticks))
        detail::fail_too_coarse("interval");
    return Duration{static_cast<typename Duration::rep>(ticks)};
}

} // namespace tusk

template <>
struct std::hash<tusk::interval> {
    std::size_t operator()(const tusk::interval& value) const noexcept
    {
        const auto part = [](std::int64_t count) { return std::hash<std::int64_t>{}(count); };
        return (part(value.months()) * 31 + part(value.days())) * 31 + part(value.microseconds());
    }
};

template <>
struct fmt::formatter<tusk::interval> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(const tusk::interval& value, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(value), context);
    }
};
