#include <tusk/driver/codec/interval.hpp>

#include "codec_testing.hpp"
#include "types/oids.hpp"

#include <fmt/format.h>

#include <limits>
#include <unordered_set>

using namespace codec_testing;
using namespace std::chrono;
namespace oids = tusk::oids;
using tusk::decode_error;
using tusk::encode_error;
using tusk::interval;

namespace {

TEST(interval, keeps_months_days_and_microseconds_apart)
{
    constexpr interval span{14, -3, 1'500'000};
    static_assert(span.months() == 14 && span.days() == -3 && span.microseconds() == 1'500'000);
    EXPECT_NE(interval(1, 0, 0), interval(0, 30, 0)) << "a month is no number of days";
    EXPECT_NE(interval(0, 1, 0), interval(24h)) << "a day is no number of hours";
    EXPECT_TRUE(interval::infinity().is_infinite());
    EXPECT_TRUE(interval::minus_infinity().is_infinite());
    EXPECT_FALSE(span.is_infinite());
    const std::unordered_set<interval> different{span, interval{}, interval{14, -3, 1'500'000}};
    EXPECT_EQ(different.size(), 2U);
}

TEST(interval, is_written_as_postgresql_writes_it)
{
    EXPECT_EQ(to_string(interval{}), "00:00:00");
    EXPECT_EQ(to_string(interval(14, 3, 14'706'789'000)), "1 year 2 mons 3 days 04:05:06.789");
    EXPECT_EQ(to_string(interval(-14, 3, -1)), "-1 years -2 mons +3 days -00:00:00.000001");
    EXPECT_EQ(to_string(interval(0, -1, 1'000'000)), "-1 days +00:00:01");
    EXPECT_EQ(to_string(interval(0, 1, 0)), "1 day");
    EXPECT_EQ(to_string(interval(0, 0, std::numeric_limits<std::int64_t>::min())), "-2562047788:00:54.775808");
    EXPECT_EQ(to_string(interval::infinity()), "infinity");
    EXPECT_EQ(to_string(interval::minus_infinity()), "-infinity");
    EXPECT_EQ(fmt::format("[{:>8}]", interval{0, 2, 0}), "[  2 days]");
}

TEST(interval, is_read_in_every_style)
{
    const interval span{14, -3, 14'706'789'000};
    for (const char* text : {"1 year 2 mons -3 days +04:05:06.789", "@ 1 year 2 mons -3 days 4 hours 5 mins 6.789 secs",
                             "+1-2 -3 +4:05:06.789", "P1Y2M-3DT4H5M6.789S"})
        EXPECT_EQ(interval::parse(text), span) << text;
    const interval past{-14, 3, -14'706'789'000};
    for (const char* text :
         {"-1 years -2 mons +3 days -04:05:06.789", "@ 1 year 2 mons -3 days 4 hours 5 mins 6.789 secs ago",
          "-1-2 +3 -4:05:06.789", "P-1Y-2M3DT-4H-5M-6.789S"})
        EXPECT_EQ(interval::parse(text), past) << text;
    for (const char* text : {"00:00:00", "@ 0", "0", "PT0S", "0:00:00"})
        EXPECT_EQ(interval::parse(text), interval{}) << text;
    EXPECT_EQ(interval::parse("-1 2:03:04"), interval(0, -1, -7'384'000'000)) << "one sign for all in sql_standard";
    EXPECT_EQ(interval::parse("1-2"), interval(14, 0, 0));
    EXPECT_EQ(interval::parse("PT-0.5S"), interval(0, 0, -500'000));
    EXPECT_EQ(interval::parse("infinity"), interval::infinity());
}

TEST(interval, refuses_other_text)
{
    for (const char* text : {"",
                             " ",
                             "1",
                             "day",
                             "1 dag",
                             "1 day ",
                             "1  day",
                             "P",
                             "PT",
                             "P1",
                             "P1H",
                             "PT1D",
                             "@",
                             "@ ",
                             "@ ago",
                             "1:2:3:4",
                             "1-2-3",
                             "1-13",
                             "04:60:00",
                             "04:05:60",
                             "4:5:6",
                             "--1 day",
                             "99999999999999 years",
                             "2147483648 days",
                             "178956970 years 8 mons",
                             "2562047789:00:00",
                             "9223372036854775808 hours",
                             "1.5 days",
                             "Infinity"})
        EXPECT_THROW(interval::parse(text), decode_error) << text;
}

TEST(interval, is_made_of_durations)
{
    EXPECT_EQ(interval{1h}, interval(0, 0, 3'600'000'000));
    EXPECT_EQ(interval{-1us}, interval(0, 0, -1));
    EXPECT_EQ(interval{days{3}}, interval(0, 3, 0));
    EXPECT_EQ(interval{weeks{2}}, interval(0, 14, 0));
    EXPECT_EQ(interval{months{5}}, interval(5, 0, 0));
    EXPECT_EQ(interval{years{-2}}, interval(-24, 0, 0));
    EXPECT_THROW(interval{duration<std::int64_t>::max()}, encode_error);
    using long_days = duration<std::int64_t, days::period>;
    EXPECT_THROW(interval{long_days{1LL << 31}}, encode_error);
}

TEST(interval, gives_durations_of_its_one_part)
{
    EXPECT_EQ(interval(0, 0, 5'400'000'000).to_duration<minutes>(), 90min);
    EXPECT_EQ(interval(0, 14, 0).to_duration<weeks>(), weeks{2});
    EXPECT_EQ(interval(26, 0, 0).to_duration<months>(), months{26});
    EXPECT_EQ(interval(24, 0, 0).to_duration<years>(), years{2});
    EXPECT_EQ(interval{}.to_duration<days>(), days{0});
    EXPECT_THROW(static_cast<void>(interval(1, 0, 0).to_duration<days>()), decode_error);
    EXPECT_THROW(static_cast<void>(interval(0, 1, 0).to_duration<hours>()), decode_error);
    EXPECT_THROW(static_cast<void>(interval(0, 1, 1).to_duration<days>()), decode_error);
    EXPECT_THROW(static_cast<void>(interval(0, 0, 1).to_duration<seconds>()), decode_error) << "too coarse";
    EXPECT_THROW(static_cast<void>(interval(13, 0, 0).to_duration<years>()), decode_error);
    EXPECT_THROW(static_cast<void>(interval::infinity().to_duration<microseconds>()), decode_error);
}

TEST(codec_interval, travels_as_microseconds_days_months)
{
    EXPECT_EQ(encode_hex(interval(2, 3, 1'000'000), oids::interval), "00000000000f42400000000300000002");
    EXPECT_EQ(decode_hex<interval>("00000000000f42400000000300000002", oids::interval), interval(2, 3, 1'000'000));
    EXPECT_EQ(decode_hex<interval>("7fffffffffffffff7fffffff7fffffff", oids::interval), interval::infinity());
    EXPECT_EQ(encode_hex(hours{1}, oids::interval), encode_hex(interval{1h}, oids::interval));
    EXPECT_THROW(decode_hex<hours>("00000000000f42400000000000000000", oids::interval), decode_error);
    expect_exact_length<interval>(oids::interval, 16);
    EXPECT_FALSE(encodes<interval>(oids::time));
    EXPECT_FALSE(encodes<hours>(oids::int8));
}

} // namespace
