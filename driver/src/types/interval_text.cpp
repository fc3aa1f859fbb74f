#include <tusk/driver/interval.hpp>

#include "types/failures.hpp"
#include "types/text_cursor.hpp"

#include <fmt/format.h>

#include <iterator>

namespace tusk {

namespace {

using types::text_cursor;

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t most_of_a_part = 999'999'999'999;

/// The sum of the parts of a text. Each part is added with its sign, so that the least of all values is never passed
/// on its way.
class parts
{
public:
    void add_months(std::int64_t count, std::int64_t months) { add(months_, count, months); }
    void add_days(std::int64_t count) { add(days_, count, 1); }
    void add_time(std::int64_t count, std::int64_t unit) { add(microseconds_, count, unit); }

    [[nodiscard]] std::optional<interval> value() const noexcept
    {
        if (!fits_ || !std::in_range<std::int32_t>(months_) || !std::in_range<std::int32_t>(days_))
            return std::nullopt;
        return interval{static_cast<std::int32_t>(months_), static_cast<std::int32_t>(days_), microseconds_};
    }

private:
    void add(std::int64_t& sum, std::int64_t count, std::int64_t unit) noexcept
    {
        std::int64_t product = 0;
        if (__builtin_mul_overflow(count, unit, &product) || __builtin_add_overflow(sum, product, &sum))
            fits_ = false;
    }

    std::int64_t months_ = 0;
    std::int64_t days_ = 0;
    std::int64_t microseconds_ = 0;
    bool fits_ = true;
};

std::int64_t take_count(text_cursor& from) noexcept { return from.number(1, 12, most_of_a_part); }

/// The sign that stands here, or 1.
int take_sign(text_cursor& from) noexcept
{
    if (from.accept("-"))
        return -1;
    from.accept("+");
    return 1;
}

/// "04:05:06.789", behind its hours.
void take_clock(text_cursor& from, int sign, std::int64_t hours, parts& into) noexcept
{
    from.expect(":");
    const std::int64_t minutes = from.number(2, 2, 59);
    from.expect(":");
    const std::int64_t seconds = from.number(2, 2, 59);
    into.add_time(sign * hours, hour);
    into.add_time(sign * minutes, minute);
    into.add_time(sign * seconds, second);
    if (from.accept("."))
        into.add_time(sign * from.fraction(), 1);
}

/// A number and its unit, as both of PostgreSQL's own styles write them: "-3 days", "6.5 secs".
void take_worded(text_cursor& from, int sign, std::int64_t count, parts& into) noexcept
{
    if (from.accept(".")) {
        into.add_time(sign * from.fraction(), 1);
        from.expect(" sec");
        into.add_time(sign * count, second);
    } else if (from.accept(" year")) {
        into.add_months(sign * count, 12);
    } else if (from.accept(" mon")) {
        into.add_months(sign * count, 1);
    } else if (from.accept(" day")) {
        into.add_days(sign * count);
    } else if (from.accept(" hour")) {
        into.add_time(sign * count, hour);
    } else if (from.accept(" min")) {
        into.add_time(sign * count, minute);
    } else {
        from.expect(" sec");
        into.add_time(sign * count, second);
    }
    from.accept("s");
}

/// "1 year 2 mons -3 days +04:05:06", and what follows the "@ " of the verbose style.
void take_postgres(text_cursor& from, int direction, parts& into) noexcept
{
    do {
        const int sign = take_sign(from) * direction;
        const std::int64_t count = take_count(from);
        if (from.rest().starts_with(':'))
            take_clock(from, sign, count, into);
        else
            take_worded(from, sign, count, into);
    } while (from.ok() && from.accept(" "));
}

/// "P1Y2M3DT4H5M6.789S", behind its P. M is months before the T and minutes after it.
void take_iso(text_cursor& from, parts& into) noexcept
{
    bool is_time = false;
    do {
        if (!is_time && from.accept("T"))
            is_time = true;
        const int sign = take_sign(from);
        const std::int64_t count = take_count(from);
        if (is_time && from.accept(".")) {
            into.add_time(sign * from.fraction(), 1);
            from.expect("S");
            into.add_time(sign * count, second);
        } else if (is_time && from.accept("H")) {
            into.add_time(sign * count, hour);
        } else if (is_time && from.accept("M")) {
            into.add_time(sign * count, minute);
        } else if (is_time) {
            from.expect("S");
            into.add_time(sign * count, second);
        } else if (from.accept("Y")) {
            into.add_months(sign * count, 12);
        } else if (from.accept("M")) {
            into.add_months(sign * count, 1);
        } else {
            from.expect("D");
            into.add_days(sign * count);
        }
    } while (from.ok() && !from.rest().empty());
}

/// "1-2", "3 4:05:06", "4:05:06", "+1-2 -3 +4:05:06" or "0". Where the parts differ in sign each has its own, else one
/// sign in front stands for all.
void take_sql_standard(text_cursor& from, parts& into) noexcept
{
    int sign = take_sign(from);
    std::int64_t count = take_count(from);
    if (from.at_end()) {
        if (count != 0)
            from.fail();
        return;
    }
    if (from.accept("-")) {
        into.add_months(sign * count, 12);
        into.add_months(sign * from.number(1, 2, 11), 1);
        if (!from.accept(" "))
            return;
        sign = take_sign(from);
        count = take_count(from);
    }
    if (from.accept(" ")) {
        into.add_days(sign * count);
        if (from.rest().starts_with('-') || from.rest().starts_with('+'))
            sign = take_sign(from);
        count = take_count(from);
    }
    take_clock(from, sign, count, into);
}

void append_count(fmt::memory_buffer& out, std::int64_t count, std::string_view unit, bool& after_negative)
{
    if (count == 0)
        return;
    fmt::format_to(std::back_inserter(out), "{}{}{} {}{}", out.size() == 0 ? "" : " ",
                   after_negative && count > 0 ? "+" : "", count, unit, count == 1 ? "" : "s");
    after_negative = count < 0;
}

} // namespace

std::optional<interval> interval::try_parse(std::string_view text) noexcept
{
    if (text == "infinity")
        return infinity();
    if (text == "-infinity")
        return minus_infinity();
    constexpr std::string_view ago = " ago";
    text_cursor from{text};
    parts read;
    if (from.accept("@ ")) {
        const bool is_past = text.ends_with(ago);
        from = text_cursor{from.rest().substr(0, from.rest().size() - (is_past ? ago.size() : 0))};
        if (from.rest() == "0")
            return interval{};
        take_postgres(from, is_past ? -1 : 1, read);
    } else if (from.accept("P")) {
        take_iso(from, read);
    } else if (text.find_first_of("aeio") != std::string_view::npos) {
        // A unit in words. Without one a time stands alone, which the next style reads as well.
        take_postgres(from, 1, read);
    } else {
        take_sql_standard(from, read);
    }
    return from.at_end() ? read.value() : std::nullopt;
}

interval interval::parse(std::string_view text)
{
    const std::optional<interval> value = try_parse(text);
    if (!value)
        types::fail_decode("interval", "its text is none of PostgreSQL's styles, or beyond the type's range");
    return *value;
}

std::string to_string(const interval& value)
{
    if (value.is_infinite())
        return value.months() > 0 ? "infinity" : "-infinity";
    fmt::memory_buffer out;
    bool after_negative = false;
    append_count(out, value.months() / 12, "year", after_negative);
    append_count(out, value.months() % 12, "mon", after_negative);
    append_count(out, value.days(), "day", after_negative);
    const std::int64_t time = value.microseconds();
    if (time == 0 && out.size() != 0)
        return fmt::to_string(out);
    // The least of all values has no counterpart above 0, so the digits are taken from its unsigned size.
    const auto bits = static_cast<std::uint64_t>(time);
    const std::uint64_t size = time < 0 ? 0 - bits : bits;
    fmt::format_to(std::back_inserter(out), "{}{}{:02}:{:02}:{:02}", out.size() == 0 ? "" : " ",
                   time < 0         ? "-"
                   : after_negative ? "+"
                                    : "",
                   size / hour, size / minute % 60, size / second % 60);
    if (const std::uint64_t millionths = size % second; millionths != 0) {
        fmt::format_to(std::back_inserter(out), ".{:06}", millionths);
        while (out[out.size() - 1] == '0')
            out.resize(out.size() - 1);
    }
    return fmt::to_string(out);
}

} // namespace tusk
