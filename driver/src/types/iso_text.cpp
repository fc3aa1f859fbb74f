#include "types/iso_text.hpp"

#include "types/calendar.hpp"
#include "types/text_cursor.hpp"

#include <tusk/driver/detail/date_time.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <limits>

namespace tusk::types {

namespace {

constexpr std::int64_t microseconds_per_second = 1'000'000;

calendar_day take_day(text_cursor& from) noexcept
{
    calendar_day day;
    day.year = from.number(4, 7, 9'999'999);
    from.expect("-");
    day.month = static_cast<int>(from.number(2, 2, 12));
    from.expect("-");
    day.day = static_cast<int>(from.number(2, 2, 31));
    return day;
}

/// Microseconds since midnight. A day's last moment, 24:00:00, is a time of its own and no part of a timestamp.
std::int64_t take_time_of_day(text_cursor& from, std::int64_t most = detail::microseconds_per_day - 1) noexcept
{
    const std::int64_t hours = from.number(2, 2, 24);
    from.expect(":");
    const std::int64_t minutes = from.number(2, 2, 59);
    from.expect(":");
    const std::int64_t seconds = from.number(2, 2, 59);
    const std::int64_t millionths = from.accept(".") ? from.fraction() : 0;
    const std::int64_t time = ((hours * 60 + minutes) * 60 + seconds) * microseconds_per_second + millionths;
    if (time > most)
        from.fail();
    return time;
}

/// What the zone is ahead of UTC, in microseconds. Old local times have offsets with seconds.
std::int64_t take_zone(text_cursor& from) noexcept
{
    const bool behind = from.accept("-");
    if (!behind)
        from.expect("+");
    const std::int64_t hours = from.number(2, 2, 23);
    const std::int64_t minutes = from.accept(":") ? from.number(2, 2, 59) : 0;
    const std::int64_t seconds = from.accept(":") ? from.number(2, 2, 59) : 0;
    const std::int64_t offset = ((hours * 60 + minutes) * 60 + seconds) * microseconds_per_second;
    return behind ? -offset : offset;
}

/// Ends the text, applies the era that may stand at its end, and counts the days.
std::optional<std::int64_t> finish_day(text_cursor& from, calendar_day day) noexcept
{
    const bool before_christ = from.accept(" BC");
    if (!from.at_end() || day.year == 0 || day.month == 0 || day.day == 0)
        return std::nullopt;
    if (before_christ)
        day.year = 1 - day.year;
    if (day.day > days_in_month(day.year, day.month))
        return std::nullopt;
    return to_day_count(day);
}

template <class Count>
std::optional<Count> parse_infinity(std::string_view text) noexcept
{
    if (text == "infinity")
        return std::numeric_limits<Count>::max();
    if (text == "-infinity")
        return std::numeric_limits<Count>::min();
    return std::nullopt;
}

std::optional<std::int64_t> parse_time(std::string_view text, bool with_zone) noexcept
{
    if (const auto infinite = parse_infinity<std::int64_t>(text))
        return infinite;
    text_cursor from{text};
    const calendar_day day = take_day(from);
    from.expect(" ");
    const std::int64_t time_of_day = take_time_of_day(from);
    const std::int64_t offset = with_zone ? take_zone(from) : 0;
    const std::optional<std::int64_t> days = finish_day(from, day);
    std::int64_t count = 0;
    if (!days || __builtin_mul_overflow(*days, detail::microseconds_per_day, &count) ||
        __builtin_add_overflow(count, time_of_day - offset, &count) || !detail::is_finite_time(count))
        return std::nullopt;
    return count;
}

void print_day(fmt::memory_buffer& out, const calendar_day& day)
{
    const std::int64_t year = day.year > 0 ? day.year : 1 - day.year;
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", year, day.month, day.day);
}

void print_clock(fmt::memory_buffer& out, std::int64_t time_of_day)
{
    const std::int64_t seconds = time_of_day / microseconds_per_second;
    fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (const std::int64_t millionths = time_of_day % microseconds_per_second; millionths != 0) {
        fmt::format_to(std::back_inserter(out), ".{:06}", millionths);
        while (out[out.size() - 1] == '0')
            out.resize(out.size() - 1);
    }
}

} // namespace

std::optional<std::int32_t> parse_date(std::string_view text) noexcept
{
    if (const auto infinite = parse_infinity<std::int32_t>(text))
        return infinite;
    text_cursor from{text};
    const calendar_day day = take_day(from);
    const std::optional<std::int64_t> days = finish_day(from, day);
    if (!days || !detail::is_finite_day(*days))
        return std::nullopt;
    return static_cast<std::int32_t>(*days);
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) noexcept { return parse_time(text, false); }

std::optional<std::int64_t> parse_timestamptz(std::string_view text) noexcept { return parse_time(text, true); }

std::optional<std::int64_t> parse_time_of_day(std::string_view text) noexcept
{
    text_cursor from{text};
    const std::int64_t time = take_time_of_day(from, detail::microseconds_per_day);
    return from.at_end() ? std::optional{time} : std::nullopt;
}

std::optional<zoned_time> parse_zoned_time(std::string_view text) noexcept
{
    text_cursor from{text};
    const std::int64_t time = take_time_of_day(from, detail::microseconds_per_day);
    const std::int64_t offset = take_zone(from);
    if (!from.at_end())
        return std::nullopt;
    return zoned_time{time, static_cast<std::int32_t>(offset / microseconds_per_second)};
}

std::string print_time_of_day(std::int64_t microseconds)
{
    fmt::memory_buffer out;
    print_clock(out, microseconds);
    return fmt::to_string(out);
}

std::string print_zone(std::int32_t seconds_ahead)
{
    const std::int32_t size = seconds_ahead < 0 ? -seconds_ahead : seconds_ahead;
    std::string text = fmt::format("{}{:02}", seconds_ahead < 0 ? '-' : '+', size / 3600);
    if (size % 3600 != 0)
        text += fmt::format(":{:02}", size / 60 % 60);
    if (size % 60 != 0)
        text += fmt::format(":{:02}", size % 60);
    return text;
}

std::string print_date(std::int32_t days)
{
    if (detail::is_infinite(days))
        return days > 0 ? "infinity" : "-infinity";
    const calendar_day day = to_calendar_day(days);
    fmt::memory_buffer out;
    print_day(out, day);
    if (day.year <= 0)
        out.append(std::string_view{" BC"});
    return fmt::to_string(out);
}

std::string print_timestamp(std::int64_t microseconds, std::string_view zone)
{
    if (detail::is_infinite(microseconds))
        return microseconds > 0 ? "infinity" : "-infinity";
    std::int64_t days = microseconds / detail::microseconds_per_day;
    std::int64_t time_of_day = microseconds % detail::microseconds_per_day;
    if (time_of_day < 0) {
        time_of_day += detail::microseconds_per_day;
        --days;
    }
    const calendar_day day = to_calendar_day(days);
    fmt::memory_buffer out;
    print_day(out, day);
    out.push_back(' ');
    print_clock(out, time_of_day);
    out.append(zone);
    if (day.year <= 0)
        out.append(std::string_view{" BC"});
    return fmt::to_string(out);
}

} // namespace tusk::types
