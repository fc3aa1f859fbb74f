#include <tusk/driver/codec/time_of_day.hpp>

#include "types/iso_text.hpp"
#include "types/oids.hpp"
#include "types/wire.hpp"

#include <tusk/driver/byte_reader.hpp>

#include <cstdint>

namespace tusk {

namespace {

constexpr std::int32_t zone_limit = 16 * 3600;

time_of_day checked_time(std::int64_t microseconds)
{
    if (microseconds < 0 || microseconds > detail::microseconds_per_day) [[unlikely]]
        types::fail_decode("time", "it is not within a day");
    return time_of_day{std::chrono::microseconds{microseconds}};
}

time_of_day time_from_binary(std::span<const std::byte> bytes)
{
    return checked_time(types::load_exactly<std::int64_t>(bytes, "time without time zone"));
}

time_of_day time_from_text(std::span<const std::byte> bytes) { return time_of_day::parse(types::as_text(bytes)); }

void time_to_binary(const time_of_day& value, byte_writer& out)
{
    out.put(std::int64_t{value.since_midnight().count()});
}

/// PostgreSQL counts the seconds of a zone to the west of UTC, people and ISO 8601 to the east.
timetz timetz_from_binary(std::span<const std::byte> bytes)
{
    byte_reader reader{bytes, "time with time zone"};
    const time_of_day time = checked_time(reader.take<std::int64_t>());
    const auto west = reader.take<std::int32_t>();
    reader.expect_end();
    if (west <= -zone_limit || west >= zone_limit) [[unlikely]]
        types::fail_decode("time with time zone", "its zone is 16 hours or more from UTC");
    return {time, std::chrono::seconds{-west}};
}

timetz timetz_from_text(std::span<const std::byte> bytes) { return timetz::parse(types::as_text(bytes)); }

void timetz_to_binary(const timetz& value, byte_writer& out)
{
    out.put(std::int64_t{value.time().since_midnight().count()});
    out.put(static_cast<std::int32_t>(-value.offset().count()));
}

} // namespace

std::optional<time_of_day> time_of_day::try_parse(std::string_view text) noexcept
{
    const std::optional<std::int64_t> time = types::parse_time_of_day(text);
    if (!time)
        return std::nullopt;
    return time_of_day{std::chrono::microseconds{*time}};
}

time_of_day time_of_day::parse(std::string_view text)
{
    const std::optional<time_of_day> time = try_parse(text);
    if (!time)
        types::fail_decode("time", "its text is not a time such as 23:59:59.999999");
    return *time;
}

std::string to_string(time_of_day time) { return types::print_time_of_day(time.since_midnight().count()); }

std::optional<timetz> timetz::try_parse(std::string_view text) noexcept
{
    const std::optional<types::zoned_time> read = types::parse_zoned_time(text);
    if (!read || read->seconds_ahead <= -zone_limit || read->seconds_ahead >= zone_limit)
        return std::nullopt;
    return timetz{time_of_day{std::chrono::microseconds{read->microseconds}},
                  std::chrono::seconds{read->seconds_ahead}};
}

timetz timetz::parse(std::string_view text)
{
    const std::optional<timetz> time = try_parse(text);
    if (!time)
        types::fail_decode("time with time zone", "its text is not a time with an offset such as 23:59:59.999999+02");
    return *time;
}

std::string to_string(timetz time)
{
    return to_string(time.time()) + types::print_zone(static_cast<std::int32_t>(time.offset().count()));
}

decode_function<time_of_day> codec<time_of_day>::decoder(oid type, format as) noexcept
{
    if (type != oids::time)
        return nullptr;
    return as == format::text ? time_from_text : time_from_binary;
}

encode_plan<time_of_day> codec<time_of_day>::encoder(oid type) noexcept
{
    if (type != oids::time)
        return {};
    return {time_to_binary, format::binary};
}

decode_function<timetz> codec<timetz>::decoder(oid type, format as) noexcept
{
    if (type != oids::timetz)
        return nullptr;
    return as == format::text ? timetz_from_text : timetz_from_binary;
}

encode_plan<timetz> codec<timetz>::encoder(oid type) noexcept
{
    if (type != oids::timetz)
        return {};
    return {timetz_to_binary, format::binary};
}

} // namespace tusk
