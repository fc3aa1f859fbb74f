#include "types/calendar.hpp"

namespace tusk::types {

namespace {

// The calendar repeats every 400 years. Within such a cycle years are counted from March, so that the leap day is
// the last of its year and the lengths of the months before it are regular: 153 days for every five months.
constexpr std::int64_t days_per_cycle = 146'097;
constexpr std::int64_t days_per_century = 36'524;
constexpr std::int64_t days_per_four_years = 1'461;
constexpr std::int64_t days_per_year = 365;

// From 1 March of the year 0 (astronomical) to 2000-01-01: five cycles less the days from 1 January to 1 March 2000.
constexpr std::int64_t march_epoch = 5 * days_per_cycle - 60;

constexpr std::int64_t floor_divide(std::int64_t value, std::int64_t by) noexcept
{
    return value / by - (value % by < 0 ? 1 : 0);
}

} // namespace

std::int64_t to_day_count(const calendar_day& day) noexcept
{
    const std::int64_t year = day.month <= 2 ? day.year - 1 : day.year;
    const std::int64_t month = (day.month + 9) % 12; // March is 0
    const std::int64_t cycle = floor_divide(year, 400);
    const std::int64_t year_of_cycle = year - cycle * 400;
    const std::int64_t day_of_year = (153 * month + 2) / 5 + day.day - 1;
    return cycle * days_per_cycle + year_of_cycle * days_per_year + year_of_cycle / 4 - year_of_cycle / 100 +
           day_of_year - march_epoch;
}

calendar_day to_calendar_day(std::int64_t days_since_2000) noexcept
{
    const std::int64_t days = days_since_2000 + march_epoch;
    const std::int64_t cycle = floor_divide(days, days_per_cycle);
    std::int64_t rest = days - cycle * days_per_cycle;
    // The last day of a cycle, and of four years, is a leap day: it belongs to the last part, not to one more.
    const std::int64_t century = rest / days_per_century - rest / (4 * days_per_century);
    rest -= century * days_per_century;
    const std::int64_t four_years = rest / days_per_four_years;
    rest -= four_years * days_per_four_years;
    const std::int64_t year = rest / days_per_year - rest / (4 * days_per_year);
    rest -= year * days_per_year;

    const auto month = static_cast<int>((5 * rest + 2) / 153);
    calendar_day result;
    result.day = static_cast<int>(rest) - (153 * month + 2) / 5 + 1;
    result.month = month < 10 ? month + 3 : month - 9;
    result.year = cycle * 400 + century * 100 + four_years * 4 + year + (result.month <= 2 ? 1 : 0);
    return result;
}

} // namespace tusk::types
