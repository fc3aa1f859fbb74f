#pragma once

#include <tusk/driver/detail/date_time.hpp>

#include <fmt/core.h>

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tusk {

/// A time of day without a date or zone: a value of PostgreSQL's `time without time zone`.
///
/// Microseconds since midnight, from 00:00:00 to 24:00:00. The end of the day is a value of its own, later than
/// 23:59:59.999999: PostgreSQL makes it of a leap second too.
/// @par Thread safety  A value like an integer.
class time_of_day
{
public:
    /// Midnight at the start of the day.
    constexpr time_of_day() noexcept = default;

    /// @param since_midnight  Any unit from microseconds upwards.
    /// @throws encode_error  It is negative or more than 24 hours.
    template <detail::microsecond_exact Duration>
    constexpr explicit time_of_day(Duration since_midnight)
        : microseconds_{checked(std::chrono::microseconds{since_midnight}.count())}
    {
    }

    /// What a clock shows.
    /// @throws encode_error  There is no such time.
    constexpr time_of_day(int hour, int minute, int second = 0, int microsecond = 0)
        : microseconds_{checked(hour, minute, second, microsecond)}
    {
    }

    /// 24:00:00
    static constexpr time_of_day end_of_day() noexcept
    {
        time_of_day end;
        end.microseconds_ = detail::microseconds_per_day;
        return end;
    }

    /// Reads what PostgreSQL prints: "23:59:59.999999".
    /// @throws decode_error  The text is nothing of the kind.
    static time_of_day parse(std::string_view text);

    /// The same without an exception: empty where `parse` throws.
    static std::optional<time_of_day> try_parse(std::string_view text) noexcept;

    [[nodiscard]] constexpr std::chrono::microseconds since_midnight() const noexcept
    {
        return std::chrono::microseconds{microseconds_};
    }

    friend constexpr bool operator==(time_of_day, time_of_day) noexcept = default;
    friend constexpr std::strong_ordering operator<=>(time_of_day, time_of_day) noexcept = default;

private:
    static constexpr std::int64_t checked(std::int64_t microseconds)
    {
        if (microseconds < 0 || microseconds > detail::microseconds_per_day)
            detail::fail_no_such_time();
        return microseconds;
    }

    static constexpr std::int64_t checked(int hour, int minute, int second, int microsecond)
    {
        if (hour < 0 || minute < 0 || minute > 59 || second < 0 || second > 59 || microsecond < 0 ||
            microsecond > 999'999 || hour > 24)
            detail::fail_no_such_time();
        return checked(((hour * 60LL + minute) * 60 + second) * 1'000'000 + microsecond);
    }

    std::int64_t microseconds_ = 0;
};

/// As PostgreSQL prints it: "04:05:06.789", "24:00:00".
[[nodiscard]] std::string to_string(time_of_day time);

} // namespace tusk

template <>
struct std::hash<tusk::time_of_day> {
    std::size_t operator()(tusk::time_of_day time) const noexcept
    {
        return std::hash<std::int64_t>{}(time.since_midnight().count());
    }
};

template <>
struct fmt::formatter<tusk::time_of_day> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(tusk::time_of_day time, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(time), context);
    }
};
