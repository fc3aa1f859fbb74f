#include <tusk/driver/codecs.hpp>

#include "codec_testing.hpp"
#include "types/oids.hpp"

#include <fmt/format.h>

#include <limits>
#include <unordered_set>

using namespace codec_testing;
namespace oids = tusk::oids;
using tusk::bit_string;
using tusk::decode_error;
using tusk::encode_error;
using tusk::pg_lsn;
using tusk::pg_snapshot;
using tusk::tid;

namespace {

TEST(bit_string, has_any_number_of_bits)
{
    bit_string bits = bit_string::parse("1011000001");
    EXPECT_EQ(bits.size(), 10U);
    EXPECT_TRUE(bits[0]);
    EXPECT_FALSE(bits[1]);
    EXPECT_TRUE(bits[9]);
    EXPECT_EQ(to_hex(bits.bytes()), "b040");
    bits.set(1);
    bits.set(9, false);
    EXPECT_EQ(to_string(bits), "1111000000");
    EXPECT_EQ(fmt::format("{}", bit_string{3}), "000");
    EXPECT_TRUE(bit_string::parse("").empty());
    EXPECT_THROW(bit_string::parse("102"), decode_error);
}

TEST(bit_string, is_compared_with_its_length)
{
    EXPECT_NE(bit_string::parse("10"), bit_string::parse("100"));
    const std::unordered_set<bit_string> different{bit_string::parse("10"), bit_string::parse("100"),
                                                   bit_string::parse("10")};
    EXPECT_EQ(different.size(), 2U);
    const auto ones = from_hex("ff");
    EXPECT_EQ(bit_string(3, ones), bit_string::parse("111")) << "bits beyond the size do not count";
    EXPECT_EQ(to_hex(bit_string(3, ones).bytes()), "e0");
    EXPECT_THROW(bit_string(9, ones), encode_error);
}

TEST(codec_bit_string, travels_with_its_length)
{
    EXPECT_EQ(encode_hex(bit_string::parse("10110"), oids::varbit), "00000005b0");
    EXPECT_EQ(decode_hex<bit_string>("00000005b0", oids::bit), bit_string::parse("10110"));
    EXPECT_EQ(decode_hex<bit_string>("00000000", oids::varbit), bit_string{});
    for (const char* hex : {"", "000000", "00000005", "00000005b0b0", "ffffffff", "7fffffffb0"})
        EXPECT_THROW(decode_hex<bit_string>(hex, oids::varbit), decode_error) << hex;
}

TEST(pg_lsn, is_unsigned)
{
    EXPECT_EQ(pg_lsn::parse("16/B374D848").position(), 0x16B374D848U);
    EXPECT_EQ(to_string(pg_lsn{std::numeric_limits<std::uint64_t>::max()}), "FFFFFFFF/FFFFFFFF");
    EXPECT_GT(pg_lsn::parse("80000000/0"), pg_lsn::parse("7FFFFFFF/FFFFFFFF"));
    EXPECT_EQ(decode_hex<pg_lsn>("ffffffffffffffff", oids::pg_lsn), pg_lsn::parse("FFFFFFFF/FFFFFFFF"));
    for (const char* text : {"", "/", "1", "1/", "/1", "1/2/3", "100000000/0", "0/100000000", "-1/0", "g/0"})
        EXPECT_THROW(pg_lsn::parse(text), decode_error) << text;
    expect_exact_length<pg_lsn>(oids::pg_lsn, 8);
}

TEST(tid, is_a_block_and_an_offset)
{
    const tid value = tid::parse("(4294967295,65535)");
    EXPECT_EQ(value, tid(4'294'967'295U, 65'535));
    EXPECT_EQ(to_string(value), "(4294967295,65535)");
    EXPECT_EQ(encode_hex(tid(42, 7), oids::tid), "0000002a0007");
    for (const char* text : {"", "()", "(1)", "(1,2", "(4294967296,0)", "(0,65536)", "(-1,0)", "(1, 2)", "(1,2) "})
        EXPECT_THROW(tid::parse(text), decode_error) << text;
    expect_exact_length<tid>(oids::tid, 6);
}

TEST(pg_snapshot, keeps_its_transactions_in_order)
{
    const pg_snapshot value = pg_snapshot::parse("10:20:10,14,15");
    EXPECT_EQ(value, pg_snapshot(10, 20, {10, 14, 15}));
    EXPECT_EQ(value.xmin(), 10U);
    EXPECT_EQ(value.xmax(), 20U);
    EXPECT_EQ(to_string(value), "10:20:10,14,15");
    for (const char* text : {"", "10", "10:20", "10:20:10,", "10:20:20", "10:20:9", "10:20:15,14",
                             "20:10:", "0:1:", "10:20:x", "10:20:10:", "10,20:", "1:9223372036854775808:"})
        EXPECT_THROW(pg_snapshot::parse(text), decode_error) << text;
    EXPECT_THROW(pg_snapshot(10, 20, {15, 14}), encode_error);
    EXPECT_THROW(decode_hex<pg_snapshot>("ffffffff", oids::pg_snapshot), decode_error);
    EXPECT_THROW(decode_hex<pg_snapshot>("7fffffff0000000000000001000000000000000100000000", oids::pg_snapshot),
                 decode_error);
    EXPECT_EQ(decode_hex<pg_snapshot>("0000000000000000000000010000000000000002", oids::txid_snapshot),
              pg_snapshot(1, 2, {}));
}

TEST(money, is_read_in_binary_alone)
{
    EXPECT_EQ(decode_hex<tusk::money>("fffffffffffffb2e", oids::money), tusk::money{-1234});
    EXPECT_EQ(encode_hex(tusk::money{1234}, oids::money), "00000000000004d2");
    EXPECT_FALSE(decodes<tusk::money>(oids::money, tusk::format::text)) << "$12.34 or 12,34 EUR: the server's locale";
    EXPECT_TRUE(decodes<std::string>(oids::money, tusk::format::text));
    EXPECT_FALSE(encodes<std::int64_t>(oids::money)) << "whether it counts dollars or cents is not said";
}

} // namespace
