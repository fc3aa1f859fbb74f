#include <tusk/driver/codec/date_time.hpp>

#include "types/iso_text.hpp"
#include "types/oids.hpp"
#include "types/wire.hpp"

namespace tusk {

namespace {

constexpr std::string_view out_of_range = "it is outside the years that PostgreSQL has";
constexpr std::string_view not_iso = "its text is not in ISO format; leave DateStyle at ISO";

template <class Day>
Day from_date(date value);
template <>
date from_date(date value)
{
    return value;
}
template <>
std::chrono::year_month_day from_date(date value)
{
    return value.to_year_month_day();
}
template <>
std::chrono::sys_days from_date(date value)
{
    return value.to_sys_days();
}
template <>
std::chrono::local_days from_date(date value)
{
    return value.to_local_days();
}

template <class Day>
Day date_from_binary(std::span<const std::byte> bytes)
{
    const auto count = types::load_exactly<std::int32_t>(bytes, "date");
    if (!detail::is_finite_day(count) && !detail::is_infinite(count)) [[unlikely]]
        types::fail_decode("date", out_of_range);
    return from_date<Day>(date::from_days_since_2000(count));
}

template <class Day>
Day date_from_text(std::span<const std::byte> bytes)
{
    const std::optional<std::int32_t> count = types::parse_date(types::as_text(bytes));
    if (!count)
        types::fail_decode("date", not_iso);
    return from_date<Day>(date::from_days_since_2000(*count));
}

template <class Day>
void date_to_binary(const Day& value, byte_writer& out)
{
    out.put(date{value}.days_since_2000());
}

template <class Day>
decode_function<Day> date_decoder(oid type, format as) noexcept
{
    if (type != oids::date)
        return nullptr;
    return as == format::text ? date_from_text<Day> : date_from_binary<Day>;
}

template <class Day>
encode_plan<Day> date_encoder(oid type) noexcept
{
    if (type != oids::date)
        return {};
    return {date_to_binary<Day>, format::binary};
}

template <class Time>
Time time_from_binary(std::span<const std::byte> bytes, std::string_view type)
{
    const auto count = types::load_exactly<std::int64_t>(bytes, type);
    if (!detail::is_finite_time(count) && !detail::is_infinite(count)) [[unlikely]]
        types::fail_decode(type, out_of_range);
    return Time::from_microseconds_since_2000(count);
}

template <class Time>
Time time_from_text(std::optional<std::int64_t> count, std::string_view type)
{
    if (!count)
        types::fail_decode(type, not_iso);
    return Time::from_microseconds_since_2000(*count);
}

} // namespace

namespace detail {

timestamp decode_timestamp_binary(std::span<const std::byte> bytes)
{
    return time_from_binary<timestamp>(bytes, "timestamp without time zone");
}

timestamp decode_timestamp_text(std::span<const std::byte> bytes)
{
    return time_from_text<timestamp>(types::parse_timestamp(types::as_text(bytes)), "timestamp without time zone");
}

timestamptz decode_timestamptz_binary(std::span<const std::byte> bytes)
{
    return time_from_binary<timestamptz>(bytes, "timestamp with time zone");
}

timestamptz decode_timestamptz_text(std::span<const std::byte> bytes)
{
    return time_from_text<timestamptz>(types::parse_timestamptz(types::as_text(bytes)), "timestamp with time zone");
}

void encode_timestamp(const timestamp& value, byte_writer& out) { out.put(value.microseconds_since_2000()); }

void encode_timestamptz(const timestamptz& value, byte_writer& out) { out.put(value.microseconds_since_2000()); }

} // namespace detail

decode_function<date> codec<date>::decoder(oid type, format as) noexcept { return date_decoder<date>(type, as); }

encode_plan<date> codec<date>::encoder(oid type) noexcept { return date_encoder<date>(type); }

decode_function<std::chrono::year_month_day> codec<std::chrono::year_month_day>::decoder(oid type, format as) noexcept
{
    return date_decoder<std::chrono::year_month_day>(type, as);
}

encode_plan<std::chrono::year_month_day> codec<std::chrono::year_month_day>::encoder(oid type) noexcept
{
    return date_encoder<std::chrono::year_month_day>(type);
}

decode_function<std::chrono::sys_days> codec<std::chrono::sys_days>::decoder(oid type, format as) noexcept
{
    return date_decoder<std::chrono::sys_days>(type, as);
}

encode_plan<std::chrono::sys_days> codec<std::chrono::sys_days>::encoder(oid type) noexcept
{
    return date_encoder<std::chrono::sys_days>(type);
}

decode_function<std::chrono::local_days> codec<std::chrono::local_days>::decoder(oid type, format as) noexcept
{
    return date_decoder<std::chrono::local_days>(type, as);
}

encode_plan<std::chrono::local_days> codec<std::chrono::local_days>::encoder(oid type) noexcept
{
    return date_encoder<std::chrono::local_days>(type);
}

decode_function<timestamp> codec<timestamp>::decoder(oid type, format as) noexcept
{
    if (type != oids::timestamp)
        return nullptr;
    return as == format::text ? detail::decode_timestamp_text : detail::decode_timestamp_binary;
}

encode_plan<timestamp> codec<timestamp>::encoder(oid type) noexcept
{
    if (type != oids::timestamp)
        return {};
    return {detail::encode_timestamp, format::binary};
}

decode_function<timestamptz> codec<timestamptz>::decoder(oid type, format as) noexcept
{
    if (type != oids::timestamptz)
        return nullptr;
    return as == format::text ? detail::decode_timestamptz_text : detail::decode_timestamptz_binary;
}

encode_plan<timestamptz> codec<timestamptz>::encoder(oid type) noexcept
{
    if (type != oids::timestamptz)
        return {};
    return {detail::encode_timestamptz, format::binary};
}

} // namespace tusk
