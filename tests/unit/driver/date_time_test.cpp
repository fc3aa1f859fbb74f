#include <tusk/driver/date.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/timestamp.hpp>
#include <tusk/driver/timestamptz.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <unordered_set>

using namespace std::chrono_literals;
namespace chrono = std::chrono;
using tusk::date;
using tusk::decode_error;
using tusk::encode_error;
using tusk::timestamp;
using tusk::timestamptz;

namespace {

template <class T>
class date_time : public testing::Test
{
};
using all_types = testing::Types<date, timestamp, timestamptz>;
TYPED_TEST_SUITE(date_time, all_types);

TYPED_TEST(date_time, is_a_small_regular_value)
{
    static_assert(std::regular<TypeParam>);
    static_assert(std::totally_ordered<TypeParam>);
    static_assert(std::is_trivially_copyable_v<TypeParam>);
    static_assert(TypeParam{} == TypeParam{});
    static_assert(!TypeParam{}.is_infinite());
}

TYPED_TEST(date_time, infinities_stand_at_the_ends)
{
    constexpr TypeParam first = TypeParam::minus_infinity();
    constexpr TypeParam last = TypeParam::infinity();
    static_assert(first < TypeParam::min() && TypeParam::min() < TypeParam{} && TypeParam{} < TypeParam::max() &&
                  TypeParam::max() < last);
    static_assert(first.is_infinite() && last.is_infinite() && !first.is_finite() && !last.is_finite());
    static_assert(TypeParam::min().is_finite() && TypeParam::max().is_finite());
    EXPECT_EQ(to_string(first), "-infinity");
    EXPECT_EQ(to_string(last), "infinity");
    EXPECT_EQ(fmt::format("{:>10}", last), "  infinity");
}

TYPED_TEST(date_time, hashes_by_value)
{
    const std::unordered_set<TypeParam> values{TypeParam{},          TypeParam{},      TypeParam::min(),
                                               TypeParam::max(),     TypeParam::max(), TypeParam::infinity(),
                                               TypeParam::infinity()};
    EXPECT_EQ(values.size(), 4U);
    EXPECT_TRUE(values.contains(TypeParam::infinity()));
    EXPECT_FALSE(values.contains(TypeParam::minus_infinity()));
}

TEST(date_time_values, begin_in_2000)
{
    EXPECT_EQ(to_string(date{}), "2000-01-01");
    EXPECT_EQ(to_string(timestamp{}), "2000-01-01 00:00:00");
    EXPECT_EQ(to_string(timestamptz{}), "2000-01-01 00:00:00+00");
    EXPECT_EQ(date{}, chrono::sys_days{2000y / chrono::January / 1});
    EXPECT_EQ(timestamptz{}, chrono::sys_days{2000y / chrono::January / 1});
}

TEST(date_time_values, end_where_postgresql_ends)
{
    EXPECT_EQ(to_string(date::min()), "4714-11-24 BC");
    EXPECT_EQ(to_string(date::max()), "5874897-12-31");
    EXPECT_EQ(to_string(timestamp::min()), "4714-11-24 00:00:00 BC");
    EXPECT_EQ(to_string(timestamp::max()), "294276-12-31 23:59:59.999999");
    EXPECT_EQ(to_string(timestamptz::min()), "4714-11-24 00:00:00+00 BC");
    EXPECT_THROW(date::from_days_since_2000(date::max().days_since_2000() + 1), encode_error);
    EXPECT_THROW(date::from_days_since_2000(date::min().days_since_2000() - 1), encode_error);
    EXPECT_THROW(timestamp::from_microseconds_since_2000(timestamp::max().microseconds_since_2000() + 1), encode_error);
    EXPECT_THROW(timestamptz::from_microseconds_since_2000(timestamptz::min().microseconds_since_2000() - 1),
                 encode_error);
    EXPECT_EQ(timestamptz::from_microseconds_since_2000(std::numeric_limits<std::int64_t>::max()),
              timestamptz::infinity());
    EXPECT_EQ(date::from_days_since_2000(std::numeric_limits<std::int32_t>::min()), date::minus_infinity());
}

TEST(date_time_values, convert_from_and_to_chrono_at_compile_time)
{
    constexpr date day = 2024y / chrono::February / 29;
    static_assert(day.days_since_2000() == 8825);
    static_assert(day.to_year_month_day() == 2024y / chrono::February / 29);
    static_assert(day.to_sys_days() == chrono::sys_days{2024y / chrono::February / 29});
    static_assert(day == date{chrono::local_days{2024y / chrono::February / 29}});

    constexpr timestamptz moment = chrono::sys_days{1970y / chrono::January / 1} + 1s;
    static_assert(moment.microseconds_since_2000() == -946'684'799'000'000);
    static_assert(moment.to_sys().time_since_epoch() == 1s);

    constexpr timestamp shown = chrono::local_days{2024y / chrono::February / 29} + 12h;
    static_assert(shown.to_local().time_since_epoch() == 19'782 * 24h + 12h);

    static_assert(!std::is_convertible_v<chrono::sys_seconds, timestamp>);
    static_assert(!std::is_convertible_v<chrono::local_seconds, timestamptz>);
}

TEST(date_time_values, compare_with_chrono)
{
    const timestamptz moment = chrono::sys_days{2024y / chrono::February / 29};
    EXPECT_LT(moment, chrono::sys_days{2024y / chrono::March / 1});
    EXPECT_GT(timestamptz::infinity(), chrono::sys_days{2024y / chrono::March / 1});
    EXPECT_EQ(date{chrono::sys_days{2024y / chrono::March / 1}}, date{2024y / chrono::March / 1});
}

TEST(date_time_values, what_chrono_cannot_hold_is_an_error)
{
    EXPECT_THROW((void)timestamptz::infinity().to_sys(), decode_error);
    EXPECT_THROW((void)timestamptz::minus_infinity().to_sys(), decode_error);
    EXPECT_THROW((void)timestamptz::max().to_sys(), decode_error);
    EXPECT_NO_THROW((void)timestamptz::min().to_sys());
    EXPECT_THROW((void)timestamp::infinity().to_local(), decode_error);
    EXPECT_THROW((void)date::infinity().to_sys_days(), decode_error);
    EXPECT_THROW((void)date::minus_infinity().to_local_days(), decode_error);
    EXPECT_THROW((void)date::max().to_year_month_day(), decode_error);
    const date last = chrono::year::max() / chrono::December / 31;
    EXPECT_EQ(last.to_year_month_day(), chrono::year::max() / chrono::December / 31);
    EXPECT_THROW((void)date::from_days_since_2000(last.days_since_2000() + 1).to_year_month_day(), decode_error);
}

TEST(date_time_values, what_postgresql_cannot_hold_is_an_error)
{
    EXPECT_THROW(date{2023y / chrono::February / 29}, encode_error);
    EXPECT_THROW(date{chrono::year_month_day{}}, encode_error);
    EXPECT_THROW(date{chrono::year::min() / chrono::January / 1}, encode_error);
    EXPECT_THROW(timestamptz{chrono::sys_time<chrono::microseconds>::min()}, encode_error);
    EXPECT_THROW(timestamptz{chrono::sys_time<chrono::hours>{chrono::hours{std::numeric_limits<std::int64_t>::max()}}},
                 encode_error);
}

TEST(date_time_values, now_is_the_system_clock)
{
    const timestamptz before = chrono::floor<chrono::microseconds>(chrono::system_clock::now());
    const timestamptz now = timestamptz::now();
    const timestamptz after = chrono::floor<chrono::microseconds>(chrono::system_clock::now());
    EXPECT_LE(before, now);
    EXPECT_LE(now, after);
}

TEST(date_time_values, print_fractions_without_trailing_zeros)
{
    const auto print = [](chrono::microseconds since_1970) {
        return to_string(timestamptz{chrono::sys_time<chrono::microseconds>{since_1970}});
    };
    EXPECT_EQ(print(0us), "1970-01-01 00:00:00+00");
    EXPECT_EQ(print(1us), "1970-01-01 00:00:00.000001+00");
    EXPECT_EQ(print(100ms), "1970-01-01 00:00:00.1+00");
    EXPECT_EQ(print(-1us), "1969-12-31 23:59:59.999999+00");
    EXPECT_EQ(fmt::format("{}", timestamp{chrono::local_seconds{90s}}), "1970-01-01 00:01:30");
}

TEST(date_time_values, agree_with_chrono_about_every_day_of_its_calendar)
{
    date day = date::min();
    auto expected = chrono::sys_days{chrono::year{-4713} / chrono::November / 24};
    ASSERT_EQ(day, expected);
    // A step of a prime number of days meets every kind of month and leap year in the 37,000 years.
    for (; chrono::year_month_day{expected}.year() < chrono::year{32'000}; expected += chrono::days{17}) {
        const chrono::year_month_day calendar{expected};
        const int year = static_cast<int>(calendar.year());
        const std::string text =
            fmt::format("{:04}-{:02}-{:02}{}", year > 0 ? year : 1 - year, static_cast<unsigned>(calendar.month()),
                        static_cast<unsigned>(calendar.day()), year > 0 ? "" : " BC");
        ASSERT_EQ(to_string(date{expected}), text);
    }
}

} // namespace
