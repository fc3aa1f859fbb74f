#include <tusk/driver/codec/time_of_day.hpp>

#include "codec_testing.hpp"
#include "types/oids.hpp"

#include <fmt/format.h>

using namespace codec_testing;
using namespace std::chrono;
namespace oids = tusk::oids;
using tusk::decode_error;
using tusk::encode_error;
using tusk::time_of_day;
using tusk::timetz;

namespace {

TEST(time_of_day, goes_from_midnight_to_midnight)
{
    constexpr time_of_day noon{12, 0};
    static_assert(noon.since_midnight() == 12h);
    EXPECT_EQ(time_of_day(23, 59, 59, 999'999).since_midnight(), 24h - 1us);
    EXPECT_EQ(time_of_day{24h}, time_of_day::end_of_day());
    EXPECT_EQ(time_of_day(24, 0), time_of_day::end_of_day());
    EXPECT_LT(time_of_day(23, 59, 59, 999'999), time_of_day::end_of_day());
    EXPECT_THROW(time_of_day{24h + 1us}, encode_error);
    EXPECT_THROW(time_of_day{-1us}, encode_error);
    EXPECT_THROW(time_of_day(24, 0, 1), encode_error);
    EXPECT_THROW(time_of_day(12, 60), encode_error);
    EXPECT_THROW(time_of_day(12, 0, 60), encode_error);
    EXPECT_THROW(time_of_day(-1, 0), encode_error);
}

TEST(time_of_day, has_a_text)
{
    for (const char* text : {"00:00:00", "04:05:06.789", "23:59:59.999999", "24:00:00"})
        EXPECT_EQ(to_string(time_of_day::parse(text)), text);
    for (const char* text : {"", "4:05:06", "04:05", "24:00:01", "25:00:00", "04:05:60", "04:05:06.",
                             "04:05:06.1234567", "04:05:06+00", "04:05:06 PM"})
        EXPECT_THROW(time_of_day::parse(text), decode_error) << text;
    EXPECT_EQ(fmt::format("{}", time_of_day(1, 2, 3)), "01:02:03");
}

TEST(timetz, has_an_offset_to_the_second)
{
    for (const char* text :
         {"00:00:00+00", "04:05:06.789-08", "04:05:06+05:30", "24:00:00+15:59:59", "00:00:00-00:19:32"})
        EXPECT_EQ(to_string(timetz::parse(text)), text);
    EXPECT_EQ(timetz::parse("04:05:06-08:30").offset(), -(8h + 30min));
    for (const char* text : {"", "04:05:06", "04:05:06+16", "04:05:06-16:00", "04:05:06+5", "04:05:06Z"})
        EXPECT_THROW(timetz::parse(text), decode_error) << text;
    EXPECT_THROW(timetz(time_of_day{}, 16h), encode_error);
    EXPECT_THROW(timetz(time_of_day{}, -16h), encode_error);
}

TEST(codec_time_of_day, travels_as_microseconds)
{
    EXPECT_EQ(encode_hex(time_of_day::end_of_day(), oids::time), "000000141dd76000");
    EXPECT_EQ(decode_hex<time_of_day>("000000141dd76000", oids::time), time_of_day::end_of_day());
    EXPECT_THROW(decode_hex<time_of_day>("000000141dd76001", oids::time), decode_error);
    EXPECT_THROW(decode_hex<time_of_day>("ffffffffffffffff", oids::time), decode_error);
    expect_exact_length<time_of_day>(oids::time, 8);
    EXPECT_FALSE(decodes<time_of_day>(oids::timetz, tusk::format::binary)) << "its offset would be lost";
}

TEST(codec_timetz, counts_its_offset_to_the_west)
{
    const timetz value{time_of_day{}, 2h};
    EXPECT_EQ(encode_hex(value, oids::timetz), "0000000000000000ffffe3e0");
    EXPECT_EQ(decode_hex<timetz>("0000000000000000ffffe3e0", oids::timetz), value);
    EXPECT_THROW(decode_hex<timetz>("000000000000000080000000", oids::timetz), decode_error);
    expect_exact_length<timetz>(oids::timetz, 12);
}

} // namespace
