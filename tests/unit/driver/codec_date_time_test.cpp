#include <tusk/driver/codec/date_time.hpp>

#include "codec_testing.hpp"
#include "types/oids.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <random>

using namespace codec_testing;
using namespace std::chrono_literals;
namespace chrono = std::chrono;
namespace oids = tusk::oids;
using tusk::date;
using tusk::decode_error;
using tusk::encode_error;
using tusk::format;
using tusk::timestamp;
using tusk::timestamptz;

namespace {

using sys_micros = chrono::sys_time<chrono::microseconds>;
using local_micros = chrono::local_time<chrono::microseconds>;

/// A value as the server writes it: its text in ISO form (TimeZone UTC) and its binary form.
struct capture {
    const char* text;
    const char* hex;
};

constexpr capture dates[] = {
    {"2000-01-01", "00000000"},    {"1970-01-01", "ffffd533"},    {"2024-02-29", "00002279"},
    {"infinity", "7fffffff"},      {"-infinity", "80000000"},     {"4714-11-24 BC", "ffda97a7"},
    {"5874897-12-31", "7fda970c"}, {"0044-03-15 BC", "fff49d7b"}, {"0001-12-31 BC", "fff4dbf8"},
    {"0001-01-01", "fff4dbf9"},    {"1999-12-31", "ffffffff"},    {"10000-01-01", "002c95d4"},
    {"0001-02-29 BC", "fff4dac6"},
};

constexpr capture timestamptzs[] = {
    {"2000-01-01 00:00:00+00", "0000000000000000"},
    {"1970-01-01 00:00:00+00", "fffca2fec4c82000"},
    {"2024-02-29 12:34:56.789012+00", "0002b58341728614"},
    {"infinity", "7fffffffffffffff"},
    {"-infinity", "8000000000000000"},
    {"4714-11-24 00:00:00+00 BC", "fd0f7cc1411fa000"},
    {"294276-12-31 23:59:59.999999+00", "7fffff5bb3b29fff"},
    {"0044-03-15 12:00:00.5+00 BC", "ff1af9e8fb4e7120"},
    {"1999-12-31 23:59:59.999999+00", "ffffffffffffffff"},
    {"10000-01-01 00:00:00+00", "0380e70b913b8000"},
    {"1969-12-31 23:59:59.1+00", "fffca2fec4ba6460"},
};

constexpr capture timestamps[] = {
    {"2000-01-01 00:00:00", "0000000000000000"},
    {"2024-02-29 12:34:56.7", "0002b58341712a60"},
    {"infinity", "7fffffffffffffff"},
    {"-infinity", "8000000000000000"},
    {"4714-11-24 00:00:00 BC", "fd0f7cc1411fa000"},
    {"294276-12-31 23:59:59.999999", "7fffff5bb3b29fff"},
};

template <class T, std::size_t N>
void expect_captures(const capture (&captures)[N], tusk::oid type)
{
    for (const capture& known : captures) {
        const T value = decode_hex<T>(known.hex, type);
        EXPECT_EQ(to_string(value), known.text);
        EXPECT_EQ(decode_text<T>(known.text, type), value) << known.text;
        EXPECT_EQ(encode_hex(value, type), known.hex) << known.text;
    }
}

TEST(codec_date_time, agrees_with_the_server)
{
    expect_captures<date>(dates, oids::date);
    expect_captures<timestamptz>(timestamptzs, oids::timestamptz);
    expect_captures<timestamp>(timestamps, oids::timestamp);
}

TEST(codec_date_time, reads_text_of_any_session_zone)
{
    const auto moment = decode_hex<timestamptz>("0002b58341728614", oids::timestamptz);
    EXPECT_EQ(decode_text<timestamptz>("2024-02-29 18:04:56.789012+05:30", oids::timestamptz), moment);
    EXPECT_EQ(decode_text<timestamptz>("2024-02-29 07:34:56.789012-05", oids::timestamptz), moment);
    EXPECT_EQ(decode_text<timestamptz>("4714-11-24 05:53:28+05:53:28 BC", oids::timestamptz), timestamptz::min());
    EXPECT_EQ(decode_text<timestamptz>("4714-11-23 19:03:58-04:56:02 BC", oids::timestamptz), timestamptz::min());
    EXPECT_EQ(decode_text<timestamptz>("294277-01-01 05:29:59.999999+05:30", oids::timestamptz), timestamptz::max());
    EXPECT_EQ(decode_text<timestamptz>("1799-12-31 19:03:58-04:56:02", oids::timestamptz),
              timestamptz{chrono::sys_days{1800y / chrono::January / 1}});
}

TEST(codec_date_time, refuses_other_text)
{
    for (const char* text : {"",
                             "2024",
                             "2024-02",
                             "2024-2-29",
                             "24-02-29",
                             "2024-02-30",
                             "2023-02-29",
                             "2024-13-01",
                             "2024-00-10",
                             "2024-01-00",
                             "0000-01-01",
                             "2024-02-29 ",
                             " 2024-02-29",
                             "2024-02-29 AD",
                             "2024-02-29BC",
                             "29.02.2024",
                             "02/29/2024",
                             "Infinity",
                             "5874898-01-01",
                             "9999999-01-01",
                             "4714-11-23 BC",
                             "2024-02-29 00:00:00"})
        EXPECT_THROW(decode_text<date>(text, oids::date), decode_error) << text;
    for (const char* text : {"2024-02-29", "2024-02-29 12:34", "2024-02-29 24:00:00", "2024-02-29 12:60:00",
                             "2024-02-29 12:34:60", "2024-02-29 12:34:56.", "2024-02-29 12:34:56.1234567",
                             "2024-02-29 12:34:56+00", "2024-02-29  12:34:56", "Thu Feb 29 12:34:56 2024",
                             "294277-01-01 00:00:00", "9999999-01-01 00:00:00", "4714-11-23 23:59:59.999999 BC"})
        EXPECT_THROW(decode_text<timestamp>(text, oids::timestamp), decode_error) << text;
    for (const char* text :
         {"2024-02-29 12:34:56", "2024-02-29 12:34:56+0", "2024-02-29 12:34:56+00:6", "2024-02-29 12:34:56Z",
          "2024-02-29 12:34:56+00 UTC", "294277-01-01 00:00:00+00", "4714-11-24 00:00:00+01 BC"})
        EXPECT_THROW(decode_text<timestamptz>(text, oids::timestamptz), decode_error) << text;
}

TEST(codec_date_time, every_truncation_of_text_is_refused)
{
    const std::string_view whole = "0044-03-15 12:00:00.5+05:30:15 BC";
    EXPECT_NO_THROW(decode_text<timestamptz>(whole, oids::timestamptz));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const std::string_view cut = whole.substr(0, length);
        // Cut after a complete zone it is a moment of another era, and read as that.
        const bool is_complete = cut.ends_with("+05") || cut.ends_with(":30") || cut.ends_with(":15");
        if (is_complete)
            EXPECT_NO_THROW(decode_text<timestamptz>(cut, oids::timestamptz)) << cut;
        else
            EXPECT_THROW(decode_text<timestamptz>(cut, oids::timestamptz), decode_error) << cut;
    }
}

TEST(codec_date_time, refuses_other_lengths)
{
    expect_exact_length<date>(oids::date, 4);
    expect_exact_length<chrono::sys_days>(oids::date, 4);
    expect_exact_length<chrono::year_month_day>(oids::date, 4);
    expect_exact_length<timestamp>(oids::timestamp, 8);
    expect_exact_length<timestamptz>(oids::timestamptz, 8);
    expect_exact_length<sys_micros>(oids::timestamptz, 8);
    expect_exact_length<local_micros>(oids::timestamp, 8);
}

TEST(codec_date_time, refuses_binary_values_that_the_server_cannot_have)
{
    EXPECT_THROW(decode_hex<date>("ffda97a6", oids::date), decode_error);
    EXPECT_THROW(decode_hex<date>("7fda970d", oids::date), decode_error);
    EXPECT_THROW(decode_hex<timestamp>("fd0f7cc1411f9fff", oids::timestamp), decode_error);
    EXPECT_THROW(decode_hex<timestamptz>("7fffff5bb3b2a000", oids::timestamptz), decode_error);
}

TEST(codec_date_time, types_with_and_without_zone_do_not_mix)
{
    for (const format as : {format::binary, format::text}) {
        EXPECT_FALSE(decodes<timestamp>(oids::timestamptz, as));
        EXPECT_FALSE(decodes<timestamptz>(oids::timestamp, as));
        EXPECT_FALSE(decodes<sys_micros>(oids::timestamp, as));
        EXPECT_FALSE(decodes<local_micros>(oids::timestamptz, as));
        EXPECT_FALSE(decodes<date>(oids::timestamp, as));
        EXPECT_FALSE(decodes<timestamp>(oids::date, as));
        EXPECT_FALSE(decodes<chrono::sys_days>(oids::timestamptz, as));
    }
    for (const tusk::oid type : {tusk::oid{0}, oids::text, oids::timestamp, oids::date, oids::int8})
        EXPECT_FALSE(encodes<timestamptz>(type)) << type;
    EXPECT_FALSE(encodes<sys_micros>(oids::timestamp));
    EXPECT_FALSE(encodes<local_micros>(oids::timestamptz));
    EXPECT_FALSE(encodes<chrono::sys_days>(oids::timestamptz));
    EXPECT_FALSE(encodes<chrono::local_days>(oids::timestamp));
    EXPECT_FALSE(encodes<chrono::year_month_day>(0));
}

TEST(codec_chrono, dates_in_three_forms)
{
    const chrono::year_month_day day = 2024y / chrono::February / 29;
    EXPECT_EQ(encode_hex(day, oids::date), "00002279");
    EXPECT_EQ(encode_hex(chrono::sys_days{day}, oids::date), "00002279");
    EXPECT_EQ(encode_hex(chrono::local_days{day}, oids::date), "00002279");
    EXPECT_EQ(decode_hex<chrono::year_month_day>("00002279", oids::date), day);
    EXPECT_EQ(decode_hex<chrono::sys_days>("00002279", oids::date), chrono::sys_days{day});
    EXPECT_EQ(decode_hex<chrono::local_days>("00002279", oids::date), chrono::local_days{day});
    EXPECT_EQ(decode_text<chrono::year_month_day>("0044-03-15 BC", oids::date), chrono::year{-43} / chrono::March / 15);
}

TEST(codec_chrono, days_that_are_none_or_out_of_range)
{
    EXPECT_THROW(encode<chrono::year_month_day>(2023y / chrono::February / 29, oids::date), encode_error);
    EXPECT_THROW(encode<chrono::year_month_day>(chrono::year{-5000} / chrono::May / 1, oids::date), encode_error);
    EXPECT_THROW(encode(chrono::sys_days{chrono::days{2'145'042'906}}, oids::date), encode_error);
    for (const char* infinite : {"7fffffff", "80000000"}) {
        EXPECT_THROW(decode_hex<chrono::year_month_day>(infinite, oids::date), decode_error);
        EXPECT_THROW(decode_hex<chrono::sys_days>(infinite, oids::date), decode_error);
        EXPECT_THROW(decode_hex<chrono::local_days>(infinite, oids::date), decode_error);
    }
    EXPECT_EQ(decode_hex<chrono::sys_days>("7fda970c", oids::date).time_since_epoch().count(), 2'145'042'905);
    EXPECT_THROW(decode_hex<chrono::year_month_day>("7fda970c", oids::date), decode_error) << "the year is 5874897";
}

TEST(codec_chrono, times_in_any_unit_from_microseconds_upwards)
{
    const chrono::sys_days day = 2024y / chrono::February / 29;
    const chrono::sys_seconds seconds = day + 12h + 34min + 56s;
    EXPECT_EQ(encode_hex(sys_micros{seconds + 789012us}, oids::timestamptz), "0002b58341728614");
    EXPECT_EQ(decode_hex<sys_micros>("0002b58341728614", oids::timestamptz), seconds + 789012us);
    EXPECT_EQ(round_trip(seconds, oids::timestamptz), seconds);
    EXPECT_EQ(round_trip(chrono::time_point_cast<chrono::hours>(seconds), oids::timestamptz), day + 12h);
    const auto shown = chrono::local_days{2024y / chrono::February / 29} + 12h + 34min + 56s + 700ms;
    EXPECT_EQ(encode_hex(shown, oids::timestamp), "0002b58341712a60");
    EXPECT_EQ(decode_text<local_micros>("2024-02-29 12:34:56.7", oids::timestamp), shown);
    EXPECT_EQ(round_trip(shown, oids::timestamp), shown);
}

TEST(codec_chrono, never_cuts_digits_off)
{
    static_assert(!tusk::has_codec<chrono::sys_time<chrono::nanoseconds>>);
    static_assert(!tusk::has_codec<chrono::local_time<chrono::nanoseconds>>);
    static_assert(!tusk::has_codec<chrono::sys_time<chrono::duration<double>>>);
    static_assert(!std::is_constructible_v<timestamptz, chrono::sys_time<chrono::nanoseconds>>);
    static_assert(tusk::has_codec<chrono::sys_time<chrono::milliseconds>>);
    EXPECT_THROW(decode_hex<chrono::sys_seconds>("0002b58341728614", oids::timestamptz), decode_error);
    EXPECT_THROW(decode_text<chrono::local_seconds>("1969-12-31 23:59:59.1", oids::timestamp), decode_error);
    EXPECT_EQ(decode_text<chrono::local_seconds>("1969-12-31 23:59:59", oids::timestamp).time_since_epoch(), -1s);
}

TEST(codec_chrono, times_out_of_range)
{
    using coarse = chrono::sys_time<chrono::weeks>;
    EXPECT_THROW(encode(coarse{chrono::weeks{std::numeric_limits<chrono::weeks::rep>::max()}}, oids::timestamptz),
                 encode_error);
    EXPECT_THROW(encode(sys_micros::min(), oids::timestamptz), encode_error);
    EXPECT_NO_THROW(encode(sys_micros::max(), oids::timestamptz));
    for (const char* infinite : {"7fffffffffffffff", "8000000000000000"}) {
        EXPECT_THROW(decode_hex<sys_micros>(infinite, oids::timestamptz), decode_error);
        EXPECT_THROW(decode_hex<local_micros>(infinite, oids::timestamp), decode_error);
    }
    EXPECT_THROW(decode_hex<sys_micros>("7fffff5bb3b29fff", oids::timestamptz), decode_error)
        << "AD 294276 is beyond microseconds since 1970";
}

TEST(codec_date_time, random_values_come_back_in_binary_and_in_text)
{
    std::mt19937_64 random{1979};
    std::uniform_int_distribution<std::int32_t> day{date::min().days_since_2000(), date::max().days_since_2000()};
    std::uniform_int_distribution<std::int64_t> time{timestamp::min().microseconds_since_2000(),
                                                     timestamp::max().microseconds_since_2000()};
    for (int i = 0; i != 10'000; ++i) {
        const date some_day = date::from_days_since_2000(day(random));
        EXPECT_EQ(round_trip(some_day, oids::date), some_day);
        EXPECT_EQ(decode_text<date>(to_string(some_day), oids::date), some_day);
        const auto some_time = timestamp::from_microseconds_since_2000(time(random));
        EXPECT_EQ(round_trip(some_time, oids::timestamp), some_time);
        EXPECT_EQ(decode_text<timestamp>(to_string(some_time), oids::timestamp), some_time);
        const auto moment = timestamptz::from_microseconds_since_2000(time(random));
        EXPECT_EQ(round_trip(moment, oids::timestamptz), moment);
        EXPECT_EQ(decode_text<timestamptz>(to_string(moment), oids::timestamptz), moment);
    }
}

} // namespace
