#include <tusk/driver/codec/boolean.hpp>
#include <tusk/driver/codec/integer.hpp>
#include <tusk/driver/codec/numeric.hpp>

#include "codec_testing.hpp"
#include "types/oids.hpp"

#include <bit>
#include <cstdint>
#include <limits>
#include <random>

using namespace codec_testing;
namespace oids = tusk::oids;
using tusk::decode_error;
using tusk::encode_error;
using tusk::format;

namespace {

constexpr std::int64_t int64_min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

/// The number that an integer parameter of type numeric arrives as.
template <class Int>
std::string in_numeric(Int value)
{
    return to_string(decode<tusk::numeric>(encode(value, oids::numeric).bytes(), oids::numeric, format::binary));
}

TEST(codec_boolean, travels_as_one_byte)
{
    EXPECT_EQ(encode_hex(true, oids::boolean), "01");
    EXPECT_EQ(encode_hex(false, oids::boolean), "00");
    EXPECT_TRUE(decode_hex<bool>("01", oids::boolean));
    EXPECT_FALSE(decode_hex<bool>("00", oids::boolean));
    EXPECT_TRUE(decode_text<bool>("t", oids::boolean));
    EXPECT_FALSE(decode_text<bool>("f", oids::boolean));
}

TEST(codec_boolean, refuses_what_is_not_one)
{
    expect_exact_length<bool>(oids::boolean, 1);
    EXPECT_THROW(decode_hex<bool>("02", oids::boolean), decode_error);
    for (const char* text : {"", "true", "T", "1", "tt"})
        EXPECT_THROW(decode_text<bool>(text, oids::boolean), decode_error) << text;
    EXPECT_FALSE(decodes<bool>(oids::int4, format::binary));
    EXPECT_FALSE(encodes<bool>(oids::int4));
    EXPECT_FALSE(encodes<bool>(0));
}

TEST(codec_integer, writes_what_the_server_writes)
{
    EXPECT_EQ(encode_hex<std::int64_t>(-2, oids::int2), "fffe");
    EXPECT_EQ(encode_hex<std::int16_t>(-2, oids::int8), "fffffffffffffffe");
    EXPECT_EQ(encode_hex(std::numeric_limits<std::int32_t>::min(), oids::int4), "80000000");
    EXPECT_EQ(encode_hex(int64_min, oids::int8), "8000000000000000");
    EXPECT_EQ(encode_hex<std::int64_t>(1234567890123456789, oids::int8), "112210f47de98115");
    EXPECT_EQ(encode_hex<std::int64_t>(4294967295, oids::object_id), "ffffffff");
    EXPECT_EQ(encode_hex(std::numeric_limits<std::uint64_t>::max(), oids::xid8), "ffffffffffffffff");
    EXPECT_EQ(encode_hex(1259U, oids::regclass), "000004eb");
    EXPECT_EQ(encode_hex(7, oids::xid), "00000007");
    EXPECT_EQ(encode_hex(7, oids::cid), "00000007");
}

TEST(codec_integer, reads_what_the_server_writes)
{
    EXPECT_EQ(decode_hex<std::int16_t>("fffe", oids::int2), -2);
    EXPECT_EQ(decode_hex<std::int32_t>("fffe", oids::int2), -2);
    EXPECT_EQ(decode_hex<std::int64_t>("fffe", oids::int2), -2);
    EXPECT_EQ(decode_hex<std::int32_t>("80000000", oids::int4), std::numeric_limits<std::int32_t>::min());
    EXPECT_EQ(decode_hex<std::int64_t>("80000000", oids::int4), std::numeric_limits<std::int32_t>::min());
    EXPECT_EQ(decode_hex<std::int64_t>("8000000000000000", oids::int8), int64_min);
    EXPECT_EQ(decode_hex<std::int64_t>("ffffffff", oids::object_id), 4294967295);
    EXPECT_EQ(decode_hex<std::uint32_t>("ffffffff", oids::object_id), 4294967295U);
    EXPECT_EQ(decode_hex<std::uint32_t>("ffffffff", oids::xid), 4294967295U);
    EXPECT_EQ(decode_hex<std::uint32_t>("00000001", oids::cid), 1U);
    EXPECT_EQ(decode_hex<std::uint64_t>("ffffffff", oids::object_id), 4294967295U);
    EXPECT_EQ(decode_hex<std::uint64_t>("ffffffffffffffff", oids::xid8), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(decode_hex<std::uint32_t>("000004eb", oids::regclass), 1259U);
}

TEST(codec_integer, every_name_of_the_language_has_a_codec)
{
    EXPECT_EQ(decode_hex<short>("0005", oids::int2), 5);
    EXPECT_EQ(decode_hex<int>("00000005", oids::int4), 5);
    EXPECT_EQ(decode_hex<long>("0000000000000005", oids::int8), 5);
    EXPECT_EQ(decode_hex<long long>("0000000000000005", oids::int8), 5);
    EXPECT_EQ(decode_hex<unsigned>("00000005", oids::object_id), 5U);
    EXPECT_EQ(decode_hex<unsigned long>("0000000000000005", oids::xid8), 5U);
    EXPECT_EQ(decode_hex<unsigned long long>("0000000000000005", oids::xid8), 5U);
}

TEST(codec_integer, never_narrows_nor_changes_sign_when_reading)
{
    for (const format as : {format::binary, format::text}) {
        EXPECT_FALSE(decodes<std::int16_t>(oids::int4, as));
        EXPECT_FALSE(decodes<std::int16_t>(oids::int8, as));
        EXPECT_FALSE(decodes<std::int32_t>(oids::int8, as));
        EXPECT_FALSE(decodes<std::int32_t>(oids::object_id, as));
        EXPECT_FALSE(decodes<std::int64_t>(oids::xid8, as));
        EXPECT_FALSE(decodes<std::int64_t>(oids::float8, as));
        EXPECT_FALSE(decodes<std::int64_t>(oids::numeric, as));
        EXPECT_FALSE(decodes<std::uint32_t>(oids::int4, as));
        EXPECT_FALSE(decodes<std::uint32_t>(oids::int2, as));
        EXPECT_FALSE(decodes<std::uint32_t>(oids::xid8, as));
        EXPECT_FALSE(decodes<std::uint64_t>(oids::int8, as));
    }
    EXPECT_FALSE(decodes<std::uint32_t>(oids::regclass, format::text)) << "in text it is a name";
}

TEST(codec_integer, refuses_other_lengths)
{
    expect_exact_length<std::int16_t>(oids::int2, 2);
    expect_exact_length<std::int32_t>(oids::int2, 2);
    expect_exact_length<std::int32_t>(oids::int4, 4);
    expect_exact_length<std::int64_t>(oids::int4, 4);
    expect_exact_length<std::int64_t>(oids::int8, 8);
    expect_exact_length<std::int64_t>(oids::object_id, 4);
    expect_exact_length<std::uint32_t>(oids::regclass, 4);
    expect_exact_length<std::uint64_t>(oids::xid8, 8);
}

TEST(codec_integer, reads_text)
{
    EXPECT_EQ(decode_text<std::int16_t>("-32768", oids::int2), -32768);
    EXPECT_EQ(decode_text<std::int32_t>("2147483647", oids::int4), 2147483647);
    EXPECT_EQ(decode_text<std::int64_t>("-9223372036854775808", oids::int8), int64_min);
    EXPECT_EQ(decode_text<std::uint32_t>("4294967295", oids::object_id), 4294967295U);
    EXPECT_EQ(decode_text<std::uint64_t>("18446744073709551615", oids::xid8),
              std::numeric_limits<std::uint64_t>::max());
    for (const char* text : {"", "-", "1 ", " 1", "1.0", "0x10", "9223372036854775808", "one"})
        EXPECT_THROW(decode_text<std::int64_t>(text, oids::int8), decode_error) << text;
    EXPECT_THROW(decode_text<std::int64_t>("32768", oids::int2), decode_error);
    EXPECT_THROW(decode_text<std::uint32_t>("-1", oids::object_id), decode_error);
}

TEST(codec_integer, checks_the_range_of_the_parameter)
{
    EXPECT_EQ(encode_hex(32767, oids::int2), "7fff");
    EXPECT_EQ(encode_hex(-32768, oids::int2), "8000");
    EXPECT_THROW(encode(32768, oids::int2), encode_error);
    EXPECT_THROW(encode(-32769, oids::int2), encode_error);
    EXPECT_THROW(encode<std::int64_t>(2147483648, oids::int4), encode_error);
    EXPECT_THROW(encode<std::int64_t>(-2147483649, oids::int4), encode_error);
    EXPECT_THROW(encode(std::uint64_t{1} << 63, oids::int8), encode_error);
    EXPECT_THROW(encode(-1, oids::object_id), encode_error);
    EXPECT_THROW(encode<std::int64_t>(4294967296, oids::object_id), encode_error);
    EXPECT_THROW(encode(-1, oids::xid8), encode_error);
    EXPECT_THROW(encode(-1, oids::regclass), encode_error);
}

TEST(codec_integer, an_error_names_type_and_range_but_not_the_value)
{
    try {
        encode(123456, oids::int2);
        FAIL() << "123456 is no smallint";
    } catch (const encode_error& error) {
        const std::string message = error.what();
        EXPECT_NE(message.find("does not fit smallint"), std::string::npos) << message;
        EXPECT_NE(message.find("-32768 to 32767"), std::string::npos) << message;
        EXPECT_EQ(message.find("123456"), std::string::npos) << message;
    }
}

TEST(codec_integer, goes_to_floating_point_only_when_exact)
{
    EXPECT_EQ(encode_hex(0, oids::float8), "0000000000000000");
    EXPECT_EQ(encode_hex(-3, oids::float8), "c008000000000000");
    EXPECT_EQ(encode_hex(int64_min, oids::float8), "c3e0000000000000");
    EXPECT_EQ(encode_hex(std::int64_t{1} << 53, oids::float8), "4340000000000000");
    EXPECT_THROW(encode((std::int64_t{1} << 53) + 1, oids::float8), encode_error);
    EXPECT_THROW(encode(int64_max, oids::float8), encode_error);
    EXPECT_EQ(encode_hex(1 << 24, oids::float4), "4b800000");
    EXPECT_THROW(encode((1 << 24) + 1, oids::float4), encode_error);
    EXPECT_THROW(encode(std::numeric_limits<std::uint64_t>::max(), oids::float8), encode_error);
}

TEST(codec_integer, goes_to_numeric_as_digits)
{
    EXPECT_EQ(in_numeric(int64_min), "-9223372036854775808");
    EXPECT_EQ(in_numeric(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
    EXPECT_EQ(in_numeric(short{0}), "0");
}

TEST(codec_integer, does_not_fit_text_or_an_unknown_type)
{
    for (const tusk::oid type : {tusk::oid{0}, oids::text, oids::boolean, oids::date, tusk::oid{16385}}) {
        EXPECT_FALSE(encodes<int>(type)) << type;
        EXPECT_FALSE(decodes<int>(type, format::binary)) << type;
        EXPECT_FALSE(decodes<int>(type, format::text)) << type;
    }
}

TEST(codec_integer, random_values_come_back)
{
    std::mt19937_64 random{20240229};
    for (int i = 0; i != 10'000; ++i) {
        const std::uint64_t bits = random() >> (random() % 64);
        const auto wide = std::bit_cast<std::int64_t>(random() % 2 == 0 ? bits : ~bits);
        EXPECT_EQ(round_trip(wide, oids::int8), wide);
        EXPECT_EQ(round_trip(static_cast<std::int32_t>(wide), oids::int4), static_cast<std::int32_t>(wide));
        EXPECT_EQ(round_trip(static_cast<std::int16_t>(wide), oids::int2), static_cast<std::int16_t>(wide));
        EXPECT_EQ(round_trip(static_cast<std::uint32_t>(bits), oids::object_id), static_cast<std::uint32_t>(bits));
        EXPECT_EQ(round_trip(bits, oids::xid8), bits);
        EXPECT_EQ(in_numeric(wide), std::to_string(wide));
    }
}

TEST(codec_integer, what_goes_to_floating_point_at_random_is_the_same_number)
{
    std::mt19937_64 random{7};
    int exact = 0;
    for (int i = 0; i != 10'000; ++i) {
        const auto value = static_cast<std::int64_t>(random() >> (random() % 24)) >> 1;
        const auto nearest = static_cast<long double>(static_cast<double>(value));
        if (nearest == static_cast<long double>(value)) {
            ++exact;
            const auto bits = tusk::detail::load_big_endian<std::uint64_t>(encode(value, oids::float8).bytes().data());
            EXPECT_EQ(std::bit_cast<double>(bits), static_cast<double>(value));
        } else {
            EXPECT_THROW(encode(value, oids::float8), encode_error) << value;
        }
    }
    EXPECT_GT(exact, 100);
    EXPECT_LT(exact, 9'900);
}

} // namespace
