#include <tusk/driver/codec/floating.hpp>
#include <tusk/driver/codec/numeric.hpp>

#include "codec_testing.hpp"
#include "types/oids.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

using namespace codec_testing;
namespace oids = tusk::oids;
using tusk::decode_error;
using tusk::encode_error;
using tusk::format;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// The number that a floating-point parameter of type numeric arrives as.
template <class Floating>
std::string in_numeric(Floating value)
{
    return to_string(decode<tusk::numeric>(encode(value, oids::numeric).bytes(), oids::numeric, format::binary));
}

TEST(codec_floating, writes_what_the_server_writes)
{
    EXPECT_EQ(encode_hex(-0.1, oids::float8), "bfb999999999999a");
    EXPECT_EQ(encode_hex(1.5F, oids::float4), "3fc00000");
    EXPECT_EQ(encode_hex(1.5F, oids::float8), "3ff8000000000000");
    EXPECT_EQ(encode_hex(1.5, oids::float4), "3fc00000");
    EXPECT_EQ(encode_hex(not_a_number, oids::float8), "7ff8000000000000");
    EXPECT_EQ(encode_hex(-infinity, oids::float8), "fff0000000000000");
    EXPECT_EQ(encode_hex(-infinity, oids::float4), "ff800000");
    EXPECT_EQ(encode_hex(-0.0, oids::float8), "8000000000000000");
}

TEST(codec_floating, reads_what_the_server_writes)
{
    EXPECT_EQ(decode_hex<double>("bfb999999999999a", oids::float8), -0.1);
    EXPECT_EQ(decode_hex<float>("3fc00000", oids::float4), 1.5F);
    EXPECT_EQ(decode_hex<double>("3dcccccd", oids::float4), static_cast<double>(0.1F));
    EXPECT_TRUE(std::isnan(decode_hex<double>("7ff8000000000000", oids::float8)));
    EXPECT_TRUE(std::isnan(decode_hex<float>("7fc00000", oids::float4)));
    EXPECT_EQ(decode_hex<float>("00000001", oids::float4), std::numeric_limits<float>::denorm_min());
    EXPECT_TRUE(std::signbit(decode_hex<double>("8000000000000000", oids::float8)));
}

TEST(codec_floating, refuses_other_lengths)
{
    expect_exact_length<float>(oids::float4, 4);
    expect_exact_length<double>(oids::float4, 4);
    expect_exact_length<double>(oids::float8, 8);
}

TEST(codec_floating, reads_text)
{
    EXPECT_EQ(decode_text<double>("-0.1", oids::float8), -0.1);
    EXPECT_EQ(decode_text<double>("1e+300", oids::float8), 1e300);
    EXPECT_EQ(decode_text<double>("1e-320", oids::float8), 1e-320);
    EXPECT_EQ(decode_text<float>("3.4028235e+38", oids::float4), std::numeric_limits<float>::max());
    EXPECT_EQ(decode_text<double>("0.1", oids::float4), static_cast<double>(0.1F)) << "text and binary must agree";
    EXPECT_TRUE(std::isnan(decode_text<float>("NaN", oids::float4)));
    EXPECT_EQ(decode_text<double>("Infinity", oids::float8), infinity);
    EXPECT_EQ(decode_text<double>("-Infinity", oids::float8), -infinity);
    for (const char* text : {"", "-", "1,5", "1.5 ", " 1", "inf", "nan", "infinity", "nan(1)", "1e999", "0x1p3"})
        EXPECT_THROW(decode_text<double>(text, oids::float8), decode_error) << text;
    EXPECT_THROW(decode_text<double>("1e39", oids::float4), decode_error);
}

TEST(codec_floating, rounds_to_real_but_refuses_to_leave_its_range)
{
    EXPECT_EQ(encode_hex(0.1, oids::float4), "3dcccccd");
    EXPECT_EQ(encode_hex(3.4028234663852886e38, oids::float4), "7f7fffff");
    EXPECT_THROW(encode(1e39, oids::float4), encode_error);
    EXPECT_THROW(encode(-1e39, oids::float4), encode_error);
    EXPECT_THROW(encode(1e-60, oids::float4), encode_error) << "PostgreSQL reports underflow too";
    EXPECT_EQ(encode_hex(0.0, oids::float4), "00000000");
}

TEST(codec_floating, goes_to_numeric_as_the_shortest_digits)
{
    EXPECT_EQ(in_numeric(0.1), "0.1");
    EXPECT_EQ(in_numeric(0.1F), "0.1");
    EXPECT_EQ(in_numeric(-1e300), "-1" + std::string(300, '0'));
    EXPECT_EQ(in_numeric(not_a_number), "NaN");
    EXPECT_EQ(in_numeric(infinity), "Infinity");
    EXPECT_EQ(in_numeric(-infinity), "-Infinity");
}

TEST(codec_floating, integers_and_floating_point_do_not_mix)
{
    for (const tusk::oid type : {tusk::oid{0}, oids::int2, oids::int4, oids::int8, oids::text}) {
        EXPECT_FALSE(encodes<double>(type)) << type;
        EXPECT_FALSE(decodes<double>(type, format::binary)) << type;
        EXPECT_FALSE(decodes<double>(type, format::text)) << type;
    }
    EXPECT_FALSE(decodes<float>(oids::float8, format::binary));
    EXPECT_FALSE(decodes<float>(oids::float8, format::text));
    EXPECT_FALSE(decodes<double>(oids::numeric, format::text));
}

TEST(codec_floating, random_bits_come_back_unchanged)
{
    std::mt19937_64 random{15};
    for (int i = 0; i != 10'000; ++i) {
        const std::uint64_t bits = random();
        const auto value = std::bit_cast<double>(bits);
        EXPECT_EQ(std::bit_cast<std::uint64_t>(round_trip(value, oids::float8)), bits) << "NaN payloads included";
        if (std::isfinite(value)) {
            EXPECT_EQ(decode_text<double>(in_numeric(value), oids::float8), value);
        }
        const auto narrow = std::bit_cast<float>(static_cast<std::uint32_t>(bits >> 32));
        if (!std::isnan(narrow)) {
            EXPECT_EQ(round_trip(narrow, oids::float4), narrow);
        }
    }
}

} // namespace
