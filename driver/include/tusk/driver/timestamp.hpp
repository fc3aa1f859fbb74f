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

namespace tusk {

/// A date and a time of day without a zone: a value of PostgreSQL's `timestamp without time zone`.
///
/// It names what a calendar and a clock on the wall show, somewhere; for moments use `timestamptz`, and the two do
/// not convert into each other silently. Holds all of PostgreSQL's range, 4714 BC to AD 294276 in microseconds, and
/// both infinities.
/// @par Thread safety  A value like an integer.
/// @see PostgreSQL documentation, "Date/Time Types".
class timestamp
{
public:
    /// 2000-01-01 00:00:00, PostgreSQL's own epoch.
    constexpr timestamp() noexcept = default;

    /// @param time  Any unit from microseconds upwards. Finer ones do not compile, since digits would be lost:
    ///              say `std::chrono::floor<std::chrono::microseconds>(…)`.
    /// @throws encode_error  It is outside PostgreSQL's range.
    template <detail::microsecond_exact Duration>
    constexpr timestamp(std::chrono::local_time<Duration> time)
        : microseconds_{detail::to_wire(time.time_since_epoch(), "timestamp without time zone")}
    {
    }

    /// @param count  Microseconds since 2000-01-01 00:00:00; the ends of the integer are the infinities.
    /// @throws encode_error  It is outside PostgreSQL's range.
    static constexpr timestamp from_microseconds_since_2000(std::int64_t count)
    {
        if (!detail::is_finite_time(count) && !detail::is_infinite(count))
            detail::fail_outside_range("timestamp without time zone");
        return timestamp{count, as_is{}};
    }

    /// Later than every finite value.
    static constexpr timestamp infinity() noexcept { return {std::numeric_limits<std::int64_t>::max(), as_is{}}; }

    /// Earlier than every finite value.
    static constexpr timestamp minus_infinity() noexcept { return {std::numeric_limits<std::int64_t>::min(), as_is{}}; }

    /// The first finite value: 4714-11-24 00:00:00 BC.
    static constexpr timestamp min() noexcept { return {detail::first_microsecond, as_is{}}; }

    /// The last finite value: 294276-12-31 23:59:59.999999.
    static constexpr timestamp max() noexcept { return {detail::last_microsecond, as_is{}}; }

    [[nodiscard]] constexpr bool is_infinite() const noexcept { return detail::is_infinite(microseconds_); }
    [[nodiscard]] constexpr bool is_finite() const noexcept { return !is_infinite(); }

    /// Microseconds since 2000-01-01 00:00:00, as they travel; the ends of the integer are the infinities.
    [[nodiscard]] constexpr std::int64_t microseconds_since_2000() const noexcept { return microseconds_; }

    /// The same time in <chrono>.
    /// @throws decode_error  It is infinite, or after the year 294246, where `std::chrono::microseconds` end.
    [[nodiscard]] constexpr std::chrono::local_time<std::chrono::microseconds> to_local() const
    {
        return std::chrono::local_time<std::chrono::microseconds>{
            detail::from_wire(microseconds_, "timestamp without time zone", "std::chrono::local_time")};
    }

    friend constexpr bool operator==(timestamp, timestamp) noexcept = default;

    /// -infinity, then by time, then infinity.
    friend constexpr std::strong_ordering operator<=>(timestamp, timestamp) noexcept = default;

private:
    struct as_is {
    };
    constexpr timestamp(std::int64_t count, as_is) noexcept : microseconds_{count} {}

    std::int64_t microseconds_ = 0;
};

/// As PostgreSQL prints it with DateStyle ISO: "2024-02-29 12:34:56.789", "0044-03-15 12:00:00 BC", "-infinity".
/// PostgreSQL reads it back.
[[nodiscard]] std::string to_string(timestamp time);

} // namespace tusk

template <>
struct std::hash<tusk::timestamp> {
    std::size_t operator()(tusk::timestamp time) const noexcept
    {
        return std::hash<std::int64_t>{}(time.microseconds_since_2000());
    }
};

template <>
struct fmt::formatter<tusk::timestamp> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(tusk::timestamp time, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(time), context);
    }
};
