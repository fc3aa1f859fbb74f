#include <tusk/driver/codec/numeric.hpp>

#include "codec_testing.hpp"
#include "types/oids.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_set>

using namespace codec_testing;
namespace oids = tusk::oids;
using tusk::decode_error;
using tusk::format;
using tusk::numeric;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(numeric, keeps_the_digits_and_the_scale)
{
    for (const char* text : {"0", "0.00", "1", "-1", "1.50", "-0.0001", "10000", "123456789.987654321", "100000000000",
                             "0.00000000000000000001", "NaN", "Infinity", "-Infinity"})
        EXPECT_EQ(to_string(numeric::parse(text)), text);
    EXPECT_EQ(numeric::parse("1.50").scale(), 2);
    EXPECT_EQ(numeric::parse("150").scale(), 0);
}

TEST(numeric, reads_other_spellings_as_postgresql_does)
{
    const std::pair<const char*, const char*> expected[] = {
        {"+1", "1"},       {".5", "0.5"},        {"5.", "5"},      {"007", "7"}, {"-0", "0"},     {"1e3", "1000"},
        {"1.5e3", "1500"}, {"1.5e-3", "0.0015"}, {"12E+1", "120"}, {"0e5", "0"}, {"1e-2", "0.01"}};
    for (const auto& [text, read] : expected)
        EXPECT_EQ(to_string(numeric::parse(text)), read) << text;
}

TEST(numeric, refuses_what_is_no_number)
{
    for (const char* text : {"", "-", ".", "e5", "1e", "1e+", "1,5", "1 ", " 1", "0x10", "1.2.3", "--1", "nan", "inf",
                             "1e131072", "1e999999999999999999", "1e-16384", "1e-99999999999", "NaN1"})
        EXPECT_THROW(numeric::parse(text), decode_error) << text;
    EXPECT_FALSE(numeric::try_parse("one").has_value());
}

TEST(numeric, has_room_for_the_longest)
{
    const std::string longest = "-" + std::string(131'072, '9') + "." + std::string(16'383, '9');
    const numeric value = numeric::parse(longest);
    EXPECT_EQ(value.groups().size(), 36'864U);
    EXPECT_EQ(to_string(value), longest);
    EXPECT_EQ(to_string(round_trip(value, oids::numeric)), longest);
    EXPECT_THROW(numeric::parse("1" + std::string(131'072, '0')), decode_error);
    EXPECT_THROW(numeric::parse("0." + std::string(16'384, '0')), decode_error);
}

TEST(numeric, holds_every_integer)
{
    EXPECT_EQ(to_string(numeric{0}), "0");
    EXPECT_EQ(to_string(numeric{-10'000}), "-10000");
    EXPECT_EQ(to_string(numeric{std::numeric_limits<std::int64_t>::min()}), "-9223372036854775808");
    EXPECT_EQ(to_string(numeric{std::numeric_limits<std::uint64_t>::max()}), "18446744073709551615");
    const numeric price = 5;
    EXPECT_EQ(price, numeric::parse("5.00"));
}

TEST(numeric, gives_integers_back_when_they_are_whole_and_fit)
{
    EXPECT_EQ(numeric::parse("-9223372036854775808").to_integer<std::int64_t>(),
              std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(numeric::parse("18446744073709551615").to_integer<std::uint64_t>(),
              std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(numeric::parse("120000.00").to_integer<int>(), 120'000);
    EXPECT_EQ(numeric::parse("-32768").to_integer<std::int16_t>(), -32'768);
    EXPECT_EQ(numeric::parse("0.000").to_integer<std::uint32_t>(), 0U);
    EXPECT_THROW(static_cast<void>(numeric::parse("1.5").to_integer<int>()), decode_error);
    EXPECT_THROW(static_cast<void>(numeric::parse("0.0001").to_integer<int>()), decode_error);
    EXPECT_THROW(static_cast<void>(numeric::parse("32768").to_integer<std::int16_t>()), decode_error);
    EXPECT_THROW(static_cast<void>(numeric::parse("-1").to_integer<std::uint64_t>()), decode_error);
    EXPECT_THROW(static_cast<void>(numeric::parse("9223372036854775808").to_integer<std::int64_t>()), decode_error);
    EXPECT_THROW(static_cast<void>(numeric::parse("-9223372036854775809").to_integer<std::int64_t>()), decode_error);
    EXPECT_THROW(static_cast<void>(numeric::parse("18446744073709551616").to_integer<std::uint64_t>()), decode_error);
    EXPECT_THROW(static_cast<void>(numeric::parse("1e100").to_integer<std::int64_t>()), decode_error);
    EXPECT_THROW(static_cast<void>(numeric::nan().to_integer<int>()), decode_error);
    EXPECT_THROW(static_cast<void>(numeric::infinity().to_integer<int>()), decode_error);
}

TEST(numeric, takes_the_shortest_digits_of_a_double)
{
    EXPECT_EQ(to_string(numeric{0.1}), "0.1");
    EXPECT_EQ(to_string(numeric{0.1F}), "0.1");
    EXPECT_EQ(to_string(numeric{-1e22}), "-10000000000000000000000");
    EXPECT_EQ(to_string(numeric{5e-324}), "0." + std::string(323, '0') + "5");
    EXPECT_TRUE(numeric{std::nan("")}.is_nan());
    EXPECT_EQ(numeric{-infinity}, numeric::minus_infinity());
    for (const double value : {0.1, 1.0 / 3, 1e308, -5e-324, 2.2250738585072014e-308, 123456789.125})
        EXPECT_EQ(numeric{value}.to_double(), value);
    EXPECT_EQ(numeric::infinity().to_double(), infinity);
    EXPECT_TRUE(std::isnan(numeric::nan().to_double()));
    EXPECT_THROW(static_cast<void>(numeric::parse("1e309").to_double()), decode_error);
    EXPECT_THROW(static_cast<void>(numeric::parse("1e-400").to_double()), decode_error);
}

TEST(numeric, is_ordered_as_in_postgresql)
{
    const char* ascending[] = {"-Infinity", "-1e100",     "-10000", "-9999.5",  "-1", "-0.0001", "0",
                               "0.00001",   "0.0001",     "0.5",    "0.50001",  "1",  "1.0001",  "9999",
                               "10000",     "10000.0001", "1e100",  "Infinity", "NaN"};
    for (std::size_t i = 0; i != std::size(ascending); ++i)
        for (std::size_t j = 0; j != std::size(ascending); ++j)
            EXPECT_EQ(numeric::parse(ascending[i]) <=> numeric::parse(ascending[j]), i <=> j)
                << ascending[i] << " and " << ascending[j];
}

TEST(numeric, is_equal_whatever_its_scale)
{
    EXPECT_EQ(numeric::parse("1.5"), numeric::parse("1.5000"));
    EXPECT_EQ(numeric::parse("0"), numeric::parse("0.000"));
    EXPECT_EQ(numeric::nan(), numeric::nan());
    EXPECT_NE(numeric::parse("1.5"), numeric::parse("-1.5"));
    std::unordered_set<numeric> different{numeric::parse("1.5"),   numeric::parse("1.50"), numeric::parse("-1.5"),
                                          numeric::parse("15000"), numeric::nan(),         numeric::infinity()};
    EXPECT_EQ(different.size(), 5U);
}

TEST(numeric, is_a_value)
{
    const std::string text = std::string(50, '7') + "." + std::string(50, '3');
    numeric longest = numeric::parse(text);
    numeric copy = longest;
    EXPECT_EQ(to_string(copy), text);
    numeric moved = std::move(copy);
    EXPECT_EQ(to_string(moved), text);
    copy = 1;
    EXPECT_EQ(to_string(copy), "1");
    copy.swap(moved);
    EXPECT_EQ(to_string(copy), text);
    EXPECT_EQ(to_string(moved), "1");
    const numeric& same = copy;
    copy = same;
    EXPECT_EQ(to_string(copy), text);
    EXPECT_EQ(fmt::format("{:>5}", numeric::parse("1.5")), "  1.5");
}

TEST(numeric, is_made_of_groups)
{
    const std::array<numeric::group, 4> groups{0, 12, 3400, 0};
    const auto value = numeric::from_groups(true, 1, groups, 6);
    ASSERT_TRUE(value.has_value());
    EXPECT_EQ(to_string(*value), "-12.340000");
    EXPECT_EQ(value->weight(), 0);
    EXPECT_EQ(value->groups().size(), 2U);
    EXPECT_FALSE(numeric::from_groups(false, 1, groups, 1).has_value()) << "the scale would hide a digit";
    EXPECT_TRUE(numeric::from_groups(false, 1, groups, 2).has_value());
    const std::array<numeric::group, 1> too_great{10'000};
    EXPECT_FALSE(numeric::from_groups(false, 0, too_great, 0).has_value());
    EXPECT_FALSE(numeric::from_groups(false, 0, {}, -1).has_value());
    EXPECT_FALSE(numeric::from_groups(false, 0, {}, 16'384).has_value());
}

TEST(codec_numeric, writes_what_the_server_writes)
{
    EXPECT_EQ(encode_hex(numeric::parse("12.34"), oids::numeric), "0002000000000002000c0d48");
    EXPECT_EQ(encode_hex(numeric::parse("-0.0001"), oids::numeric), "0001ffff400000040001");
    EXPECT_EQ(encode_hex(numeric{}, oids::numeric), "0000000000000000");
    EXPECT_EQ(encode_hex(numeric::nan(), oids::numeric), "00000000c0000000");
    EXPECT_EQ(encode_hex(numeric::infinity(), oids::numeric), "00000000d0000000");
    EXPECT_EQ(encode_hex(numeric::minus_infinity(), oids::numeric), "00000000f0000000");
}

TEST(codec_numeric, reads_what_the_server_writes)
{
    EXPECT_EQ(to_string(decode_hex<numeric>("0002000000000002000c0d48", oids::numeric)), "12.34");
    EXPECT_TRUE(decode_hex<numeric>("00000000c0000000", oids::numeric).is_nan());
    EXPECT_EQ(decode_hex<numeric>("00000000d0000020", oids::numeric), numeric::infinity()) << "with a scale";
    EXPECT_EQ(decode_hex<numeric>("0001000040000000"
                                  "0000",
                                  oids::numeric),
              numeric{})
        << "there is no -0";
    EXPECT_EQ(decode_hex<numeric>("ffff", oids::int2), numeric{-1});
    EXPECT_EQ(decode_hex<numeric>("8000000000000000", oids::int8), numeric{std::numeric_limits<std::int64_t>::min()});
    EXPECT_EQ(decode_text<numeric>("-5", oids::int4), numeric{-5});
}

TEST(codec_numeric, refuses_what_is_malformed)
{
    for (const char* hex : {"", "0000", "00000000000000", "000100000000000", "0001000000000000", "000000000000000000",
                            "00010000000000002710", "00000000100000000", "0000000020000000", "0000000000004000",
                            "ffff000000000000", "00017fff00007fff0001", "00018000000000000001"})
        EXPECT_THROW(decode_hex<numeric>(hex, oids::numeric), decode_error) << hex;
}

TEST(codec_numeric, fits_numeric_alone)
{
    EXPECT_TRUE(encodes<numeric>(oids::numeric));
    for (const tusk::oid type : {tusk::oid{0}, oids::text, oids::float8, oids::int8, oids::money})
        EXPECT_FALSE(encodes<numeric>(type)) << type;
    EXPECT_FALSE(decodes<numeric>(oids::float8, format::binary)) << "a double is not exact";
}

} // namespace
