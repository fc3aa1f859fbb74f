#pragma once

#include <cstdint>

/// The proleptic Gregorian calendar over all of PostgreSQL's range, which is wider than that of <chrono>'s years.
namespace tusk::types {

/// A day; `year` counts astronomically: 1 BC is 0, 44 BC is -43.
struct calendar_day {
    std::int64_t year = 0;
    int month = 0;
    int day = 0;
};

constexpr bool is_leap_year(std::int64_t year) noexcept
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr int days_in_month(std::int64_t year, int month) noexcept
{
    if (month == 2)
        return is_leap_year(year) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Days from 2000-01-01 to an existing day of the calendar.
std::int64_t to_day_count(const calendar_day& day) noexcept;

calendar_day to_calendar_day(std::int64_t days_since_2000) noexcept;

} // namespace tusk::types
