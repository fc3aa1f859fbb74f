#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Dates and times as PostgreSQL prints them with DateStyle ISO. Counts are PostgreSQL's: days or microseconds since
/// 2000-01-01, with the ends of the integer for the infinities.
namespace tusk::types {

/// Readers take exactly what the server writes and nothing else; empty means that the text is something else.
std::optional<std::int32_t> parse_date(std::string_view text) noexcept;
std::optional<std::int64_t> parse_timestamp(std::string_view text) noexcept;
std::optional<std::int64_t> parse_timestamptz(std::string_view text) noexcept;

/// Microseconds since midnight, 24:00:00 included.
std::optional<std::int64_t> parse_time_of_day(std::string_view text) noexcept;

/// A time of day, and how many seconds its zone is ahead of UTC.
struct zoned_time {
    std::int64_t microseconds = 0;
    std::int32_t seconds_ahead = 0;
};
std::optional<zoned_time> parse_zoned_time(std::string_view text) noexcept;

std::string print_time_of_day(std::int64_t microseconds);

/// "+00", "-03:30", "+00:19:32"
std::string print_zone(std::int32_t seconds_ahead);

std::string print_date(std::int32_t days);

/// @param zone  What follows the time of day: "+00" or nothing.
std::string print_timestamp(std::int64_t microseconds, std::string_view zone);

} // namespace tusk::types
