#include <tusk/driver/codec/network.hpp>

#include "codec_testing.hpp"
#include "types/oids.hpp"

#include <fmt/format.h>

#include <unordered_set>

using namespace codec_testing;
namespace oids = tusk::oids;
using tusk::cidr;
using tusk::decode_error;
using tusk::encode_error;
using tusk::inet;
using tusk::macaddr;
using tusk::macaddr8;

namespace {

template <std::size_t Size>
std::array<std::byte, Size> bytes(std::string_view hex)
{
    std::array<std::byte, Size> all{};
    std::ranges::copy(from_hex(hex), all.begin());
    return all;
}

TEST(inet, knows_its_family_and_prefix)
{
    const inet v4 = inet::parse("192.168.0.1/24");
    EXPECT_TRUE(v4.is_v4());
    EXPECT_EQ(v4, inet(bytes<4>("c0a80001"), 24));
    EXPECT_EQ(v4.prefix_length(), 24);
    EXPECT_FALSE(v4.is_host());
    EXPECT_TRUE(inet::parse("192.168.0.1").is_host());
    const inet v6 = inet::parse("2001:db8::1");
    EXPECT_TRUE(v6.is_v6());
    EXPECT_EQ(to_hex(v6.bytes()), "20010db8000000000000000000000001");
    EXPECT_EQ(v6.prefix_length(), 128);
    EXPECT_NE(inet::parse("::"), inet::parse("0.0.0.0"));
    EXPECT_THROW(inet(bytes<4>("c0a80001"), 33), encode_error);
    EXPECT_THROW(inet(bytes<16>("00"), -1), encode_error);
    const std::unordered_set<inet> different{v4, v6, inet::parse("192.168.0.1")};
    EXPECT_EQ(different.size(), 3U);
}

TEST(inet, is_written_in_the_short_form)
{
    const std::pair<const char*, const char*> expected[] = {{"0:0:0:0:0:0:0:0", "::"},
                                                            {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
                                                            {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
                                                            {"1:0:0:0:0:0:0:0", "1::"},
                                                            {"0:0:0:0:0:ffff:a00:1", "::ffff:10.0.0.1"},
                                                            {"::a00:1", "::10.0.0.1"},
                                                            {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
                                                            {"010.0.0.1", "10.0.0.1"}};
    for (const auto& [text, written] : expected)
        EXPECT_EQ(to_string(inet::parse(text)), written) << text;
    EXPECT_EQ(fmt::format("{}", inet::parse("10.0.0.1/8")), "10.0.0.1/8");
}

TEST(inet, refuses_other_text)
{
    for (const char* text : {"",
                             "1",
                             "1.2.3",
                             "1.2.3.4.5",
                             "256.0.0.1",
                             "1.2.3.4/33",
                             "1.2.3.4/",
                             "1.2.3.4/-1",
                             "1.2.3.4/024x",
                             "1.2..4",
                             "1.2.3.4 ",
                             ":",
                             ":::",
                             "1::2::3",
                             "1:2:3:4:5:6:7",
                             "1:2:3:4:5:6:7:8:9",
                             "1:2:3:4:5:6:7::8",
                             "12345::",
                             "g::",
                             "::1/129",
                             "1.2.3.4::",
                             "::1.2.3",
                             "::1.2.3.4:5",
                             "1:",
                             ":1",
                             "fe80::1%eth0"})
        EXPECT_THROW(inet::parse(text), decode_error) << text;
}

TEST(cidr, has_no_host_bits)
{
    EXPECT_EQ(to_string(cidr::parse("192.168.0.0/24")), "192.168.0.0/24");
    EXPECT_EQ(to_string(cidr::parse("192.168.0.128/25")), "192.168.0.128/25");
    EXPECT_EQ(to_string(cidr::parse("10.0.0.1")), "10.0.0.1/32");
    EXPECT_EQ(to_string(cidr::parse("::/0")), "::/0");
    EXPECT_THROW(cidr::parse("192.168.0.1/24"), decode_error);
    EXPECT_THROW(cidr::parse("192.168.0.64/25"), decode_error);
    EXPECT_THROW(cidr{inet::parse("2001:db8::1/64")}, encode_error);
    EXPECT_FALSE(cidr::try_from(inet::parse("10.0.0.1/8")).has_value());
}

TEST(macaddr, has_a_text)
{
    EXPECT_EQ(to_string(macaddr::parse("08-00-2B-01-02-03")), "08:00:2b:01:02:03");
    EXPECT_EQ(to_string(macaddr8::parse("08:00:2b:01:02:03:04:05")), "08:00:2b:01:02:03:04:05");
    for (const char* text :
         {"", "08:00:2b:01:02", "08:00:2b:01:02:03:04", "08:00:2b:01:02:0g", "08.00.2b.01.02.03", "08:00:2b:01:02:+3"})
        EXPECT_THROW(macaddr::parse(text), decode_error) << text;
    EXPECT_THROW(macaddr8::parse("08:00:2b:01:02:03"), decode_error);
}

TEST(codec_network, writes_and_reads_what_the_server_does)
{
    EXPECT_EQ(encode_hex(inet::parse("192.168.0.1/24"), oids::inet), "02180004c0a80001");
    EXPECT_EQ(encode_hex(cidr::parse("192.168.0.0/24"), oids::cidr), "02180104c0a80000");
    EXPECT_EQ(encode_hex(cidr::parse("192.168.0.0/24"), oids::inet), "02180004c0a80000");
    EXPECT_EQ(encode_hex(inet::parse("::1"), oids::inet), "0380001000000000000000000000000000000001");
    EXPECT_EQ(decode_hex<inet>("02180004c0a80001", oids::inet), inet::parse("192.168.0.1/24"));
    EXPECT_EQ(decode_hex<inet>("02180104c0a80000", oids::cidr), inet::parse("192.168.0.0/24"));
    EXPECT_EQ(encode_hex(macaddr::parse("08:00:2b:01:02:03"), oids::macaddr), "08002b010203");
    EXPECT_FALSE(encodes<inet>(oids::cidr)) << "it may have host bits";
}

TEST(codec_network, refuses_what_is_malformed)
{
    for (const char* hex : {"", "0218", "02180004c0a800", "02180004c0a8000100", "04180004c0a80001", "02210004c0a80001",
                            "02180005c0a8000100", "03180004c0a80001", "038100100000000000000000000000000000000001"})
        EXPECT_THROW(decode_hex<inet>(hex, oids::inet), decode_error) << hex;
    EXPECT_THROW(decode_hex<cidr>("02180104c0a80001", oids::cidr), decode_error) << "host bits";
    expect_exact_length<macaddr>(oids::macaddr, 6);
    expect_exact_length<macaddr8>(oids::macaddr8, 8);
}

} // namespace
