#pragma once

#include <tusk/driver/time_of_day.hpp>

#include <fmt/core.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tusk {

/// A time of day with an offset from UTC: a value of PostgreSQL's `time with time zone`.
///
/// The SQL standard has the type; without a date it cannot know summer time, so prefer `timestamptz`. Equal are values
/// with the same time and the same offset.
/// @par Thread safety  A value like an integer.
class timetz
{
public:
    /// Midnight in UTC.
    constexpr timetz() noexcept = default;

    /// @param offset  How much the zone is ahead of UTC, as in "+02"; negative to the west.
    /// @throws encode_error  The offset is 16 hours or more.
    constexpr timetz(time_of_day time, std::chrono::seconds offset) : time_{time}, offset_{offset}
    {
        constexpr std::chrono::hours limit{16};
        if (offset <= -limit || offset >= limit)
            detail::fail_no_such_time();
    }

    /// Reads what PostgreSQL prints: "04:05:06.789-08", "04:05:06+05:30".
    /// @throws decode_error  The text is nothing of the kind.
    static timetz parse(std::string_view text);

    /// The same without an exception: empty where `parse` throws.
    static std::optional<timetz> try_parse(std::string_view text) noexcept;

    [[nodiscard]] constexpr time_of_day time() const noexcept { return time_; }
    [[nodiscard]] constexpr std::chrono::seconds offset() const noexcept { return offset_; }

    friend constexpr bool operator==(timetz, timetz) noexcept = default;

private:
    time_of_day time_;
    std::chrono::seconds offset_{0};
};

/// As PostgreSQL prints it: "04:05:06.789-08".
[[nodiscard]] std::string to_string(timetz time);

} // namespace tusk

template <>
struct std::hash<tusk::timetz> {
    std::size_t operator()(tusk::timetz time) const noexcept
    {
        return std::hash<tusk::time_of_day>{}(time.time()) * 31 +
               std::hash<std::chrono::seconds::rep>{}(time.offset().count());
    }
};

template <>
struct fmt::formatter<tusk::timetz> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(tusk::timetz time, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(time), context);
    }
};
