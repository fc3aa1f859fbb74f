#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/date.hpp>
#include <tusk/driver/timestamp.hpp>
#include <tusk/driver/timestamptz.hpp>

#include <chrono>

namespace tusk {

template <>
struct codec<date> {
    static constexpr std::string_view name = "tusk::date";
    static constexpr std::string_view fits = "date";
    static decode_function<date> decoder(oid type, format as) noexcept;
    static encode_plan<date> encoder(oid type) noexcept;
};

template <>
struct codec<timestamp> {
    static constexpr std::string_view name = "tusk::timestamp";
    static constexpr std::string_view fits = "timestamp without time zone";
    static decode_function<timestamp> decoder(oid type, format as) noexcept;
    static encode_plan<timestamp> encoder(oid type) noexcept;
};

template <>
struct codec<timestamptz> {
    static constexpr std::string_view name = "tusk::timestamptz";
    static constexpr std::string_view fits = "timestamp with time zone";
    static decode_function<timestamptz> decoder(oid type, format as) noexcept;
    static encode_plan<timestamptz> encoder(oid type) noexcept;
};

// The forms of <chrono>. They have no infinities and end earlier: reading such a value is a `decode_error`.

template <>
struct codec<std::chrono::year_month_day> {
    static constexpr std::string_view name = "std::chrono::year_month_day";
    static constexpr std::string_view fits = "date";
    static decode_function<std::chrono::year_month_day> decoder(oid type, format as) noexcept;
    static encode_plan<std::chrono::year_month_day> encoder(oid type) noexcept;
};

template <>
struct codec<std::chrono::sys_days> {
    static constexpr std::string_view name = "std::chrono::sys_days";
    static constexpr std::string_view fits = "date";
    static decode_function<std::chrono::sys_days> decoder(oid type, format as) noexcept;
    static encode_plan<std::chrono::sys_days> encoder(oid type) noexcept;
};

template <>
struct codec<std::chrono::local_days> {
    static constexpr std::string_view name = "std::chrono::local_days";
    static constexpr std::string_view fits = "date";
    static decode_function<std::chrono::local_days> decoder(oid type, format as) noexcept;
    static encode_plan<std::chrono::local_days> encoder(oid type) noexcept;
};

namespace detail {

timestamp decode_timestamp_binary(std::span<const std::byte> bytes);
timestamp decode_timestamp_text(std::span<const std::byte> bytes);
timestamptz decode_timestamptz_binary(std::span<const std::byte> bytes);
timestamptz decode_timestamptz_text(std::span<const std::byte> bytes);
void encode_timestamp(const timestamp& value, byte_writer& out);
void encode_timestamptz(const timestamptz& value, byte_writer& out);

} // namespace detail

/// Moments in any unit from microseconds upwards. Finer units have no codec: PostgreSQL would drop their digits.
/// A value with more digits than a coarser unit has is a `decode_error`.
template <detail::microsecond_exact Duration>
struct codec<std::chrono::sys_time<Duration>> {
    using value_type = std::chrono::sys_time<Duration>;

    static constexpr std::string_view name = "std::chrono::sys_time";
    static constexpr std::string_view fits = "timestamp with time zone";

    static decode_function<value_type> decoder(oid type, format as) noexcept
    {
        if (codec<timestamptz>::decoder(type, as) == nullptr)
            return nullptr;
        if (as == format::text)
            return [](std::span<const std::byte> bytes) { return exact(detail::decode_timestamptz_text(bytes)); };
        return [](std::span<const std::byte> bytes) { return exact(detail::decode_timestamptz_binary(bytes)); };
    }

    static encode_plan<value_type> encoder(oid type) noexcept
    {
        if (codec<timestamptz>::encoder(type).write == nullptr)
            return {};
        return {[](const value_type& value, byte_writer& out) { detail::encode_timestamptz(value, out); },
                format::binary};
    }

private:
    static value_type exact(timestamptz value)
    {
        return value_type{detail::exactly<Duration>(value.to_sys().time_since_epoch(), "timestamp with time zone")};
    }
};

/// Times on the wall in any unit from microseconds upwards; otherwise as `std::chrono::sys_time`.
template <detail::microsecond_exact Duration>
struct codec<std::chrono::local_time<Duration>> {
    using value_type = std::chrono::local_time<Duration>;

    static constexpr std::string_view name = "std::chrono::local_time";
    static constexpr std::string_view fits = "timestamp without time zone";

    static decode_function<value_type> decoder(oid type, format as) noexcept
    {
        if (codec<timestamp>::decoder(type, as) == nullptr)
            return nullptr;
        if (as == format::text)
            return [](std::span<const std::byte> bytes) { return exact(detail::decode_timestamp_text(bytes)); };
        return [](std::span<const std::byte> bytes) { return exact(detail::decode_timestamp_binary(bytes)); };
    }

    static encode_plan<value_type> encoder(oid type) noexcept
    {
        if (codec<timestamp>::encoder(type).write == nullptr)
            return {};
        return {[](const value_type& value, byte_writer& out) { detail::encode_timestamp(value, out); },
                format::binary};
    }

private:
    static value_type exact(timestamp value)
    {
        return value_type{
            detail::exactly<Duration>(value.to_local().time_since_epoch(), "timestamp without time zone")};
    }
};

} // namespace tusk
