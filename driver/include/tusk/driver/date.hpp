#pragma once

#include <tusk/driver/detail/date_time.hpp>

#include <fmt/core.h>

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace tusk {

/// A day of the calendar: a value of PostgreSQL's `date`.
///
/// Holds all of PostgreSQL's range, 4714-11-24 BC to 5874897-12-31, and both infinities. `std::chrono` ends at the
/// year 32767, so conversions to it are checked. The calendar is the Gregorian one at all times.
/// @par Thread safety  A value like an integer.
/// @see PostgreSQL documentation, "Date/Time Types".
class date
{
public:
    /// 2000-01-01, PostgreSQL's own epoch.
    constexpr date() noexcept = default;

    /// @throws encode_error  There is no such day (February 30), or it is outside PostgreSQL's range.
    constexpr date(std::chrono::year_month_day day) : days_{checked(day)} {}

    /// @throws encode_error  It is outside PostgreSQL's range.
    constexpr date(std::chrono::sys_days day) : days_{checked(day.time_since_epoch())} {}

    /// @throws encode_error  It is outside PostgreSQL's range.
    constexpr date(std::chrono::local_days day) : days_{checked(day.time_since_epoch())} {}

    /// @param count  Days since 2000-01-01; the ends of the integer are the infinities.
    /// @throws encode_error  It is outside PostgreSQL's range.
    static constexpr date from_days_since_2000(std::int32_t count)
    {
        if (!detail::is_finite_day(count) && !detail::is_infinite(count))
            detail::fail_outside_range("date");
        return date{count, as_is{}};
    }

    /// Later than every finite value.
    static constexpr date infinity() noexcept { return {std::numeric_limits<std::int32_t>::max(), as_is{}}; }

    /// Earlier than every finite value.
    static constexpr date minus_infinity() noexcept { return {std::numeric_limits<std::int32_t>::min(), as_is{}}; }

    /// The first finite value: 4714-11-24 BC.
    static constexpr date min() noexcept { return {detail::first_day, as_is{}}; }

    /// The last finite value: 5874897-12-31.
    static constexpr date max() noexcept { return {detail::last_day, as_is{}}; }

    [[nodiscard]] constexpr bool is_infinite() const noexcept { return detail::is_infinite(days_); }
    [[nodiscard]] constexpr bool is_finite() const noexcept { return !is_infinite(); }

    /// Days since 2000-01-01, as they travel; the ends of the integer are the infinities.
    [[nodiscard]] constexpr std::int32_t days_since_2000() const noexcept { return days_; }

    /// The start of the day in UTC.
    /// @throws decode_error  It is infinite, or does not fit `std::chrono::days`.
    [[nodiscard]] constexpr std::chrono::sys_days to_sys_days() const
    {
        return std::chrono::sys_days{since_1970("std::chrono::sys_days")};
    }

    /// The start of the day somewhere.
    /// @throws decode_error  It is infinite, or does not fit `std::chrono::days`.
    [[nodiscard]] constexpr std::chrono::local_days to_local_days() const
    {
        return std::chrono::local_days{since_1970("std::chrono::local_days")};
    }

    /// Year, month and day; the year 44 BC is -43, as everywhere in <chrono>.
    /// @throws decode_error  It is infinite, or after the year 32767, where `std::chrono::year` ends.
    [[nodiscard]] constexpr std::chrono::year_month_day to_year_month_day() const
    {
        constexpr std::chrono::sys_days last = std::chrono::year::max() / std::chrono::December / 31;
        const std::chrono::days day = since_1970("std::chrono::year_month_day");
        if (day > last.time_since_epoch())
            detail::fail_no_counterpart("date", "std::chrono::year_month_day");
        return std::chrono::year_month_day{std::chrono::sys_days{day}};
    }

    friend constexpr bool operator==(date, date) noexcept = default;

    /// -infinity, then by day, then infinity.
    friend constexpr std::strong_ordering operator<=>(date, date) noexcept = default;

private:
    struct as_is {
    };
    constexpr date(std::int32_t count, as_is) noexcept : days_{count} {}

    static constexpr std::int32_t checked(std::chrono::days since_1970)
    {
        std::int64_t count = since_1970.count();
        if (__builtin_sub_overflow(count, detail::epoch_gap_days, &count) || !detail::is_finite_day(count))
            detail::fail_outside_range("date");
        return static_cast<std::int32_t>(count);
    }

    static constexpr std::int32_t checked(std::chrono::year_month_day day)
    {
        if (!day.ok())
            detail::fail_outside_range("date");
        return checked(std::chrono::sys_days{day}.time_since_epoch());
    }

    [[nodiscard]] constexpr std::chrono::days since_1970(std::string_view target) const
    {
        const std::int64_t count = days_ + detail::epoch_gap_days;
        if (is_infinite() || !std::in_range<std::chrono::days::rep>(count))
            detail::fail_no_counterpart("date", target);
        return std::chrono::days{static_cast<std::chrono::days::rep>(count)};
    }

    std::int32_t days_ = 0;
};

/// As PostgreSQL prints it with DateStyle ISO: "2024-02-29", "0044-03-15 BC", "-infinity". PostgreSQL reads it back.
[[nodiscard]] std::string to_string(date day);

} // namespace tusk

template <>
struct std::hash<tusk::date> {
    std::size_t operator()(tusk::date day) const noexcept { return std::hash<std::int32_t>{}(day.days_since_2000()); }
};

template <>
struct fmt::formatter<tusk::date> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(tusk::date day, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(day), context);
    }
};
