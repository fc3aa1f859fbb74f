#include <tusk/driver/codec/geometry.hpp>

#include "codec_testing.hpp"
#include "types/oids.hpp"

#include <limits>

using namespace codec_testing;
namespace oids = tusk::oids;
using tusk::decode_error;
using tusk::encode_error;

namespace {

const std::vector<tusk::point> corner = {{0, 0}, {1, 1}, {2, -0.5}};

TEST(geometry, has_a_text_that_postgresql_reads)
{
    EXPECT_EQ(to_string(tusk::point{1, -2.5}), "(1,-2.5)");
    EXPECT_EQ(
        to_string(tusk::point{std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()}),
        "(NaN,-Infinity)");
    EXPECT_EQ(to_string(tusk::line{1, -1, 0}), "{1,-1,0}");
    EXPECT_EQ(to_string(tusk::lseg{{0, 0}, {1, 2}}), "[(0,0),(1,2)]");
    EXPECT_EQ(to_string(tusk::box{{1, 1}, {0, 0}}), "(1,1),(0,0)");
    EXPECT_EQ(to_string(tusk::circle{{1, 2}, 3}), "<(1,2),3>");
    EXPECT_EQ(to_string(tusk::path{corner, false}), "[(0,0),(1,1),(2,-0.5)]");
    EXPECT_EQ(to_string(tusk::path{corner, true}), "((0,0),(1,1),(2,-0.5))");
    EXPECT_EQ(to_string(tusk::polygon{corner}), "((0,0),(1,1),(2,-0.5))");
}

TEST(codec_geometry, refuses_other_text)
{
    for (const char* text : {"", "1,2", "(1,2", "(1)", "(1,2,3)", "(1, 2)", "(a,b)", "(1,2)x", "(,)", "((1,2))"})
        EXPECT_THROW(decode_text<tusk::point>(text, oids::point), decode_error) << text;
    for (const char* text : {"", "()", "[]", "((0,0)]", "[(0,0))", "((0,0),)", "(0,0)"})
        EXPECT_THROW(decode_text<tusk::path>(text, oids::path), decode_error) << text;
    EXPECT_THROW(decode_text<tusk::polygon>("[(0,0)]", oids::polygon), decode_error);
    EXPECT_THROW(decode_text<tusk::circle>("<(0,0)>", oids::circle), decode_error);
    EXPECT_THROW(decode_text<tusk::line>("{1,2}", oids::line), decode_error);
}

TEST(codec_geometry, travels_as_doubles)
{
    EXPECT_EQ(encode_hex(tusk::point{1, -2}, oids::point), "3ff0000000000000c000000000000000");
    EXPECT_EQ(encode_hex(tusk::path{{{1, -2}}, true}, oids::path), "01000000013ff0000000000000c000000000000000");
    EXPECT_EQ(encode_hex(tusk::polygon{{{1, -2}}}, oids::polygon), "000000013ff0000000000000c000000000000000");
    EXPECT_EQ(round_trip(tusk::path{corner, false}, oids::path), tusk::path(corner, false));
    expect_exact_length<tusk::point>(oids::point, 16);
    expect_exact_length<tusk::line>(oids::line, 24);
    expect_exact_length<tusk::lseg>(oids::lseg, 32);
    expect_exact_length<tusk::box>(oids::box, 32);
    expect_exact_length<tusk::circle>(oids::circle, 24);
}

TEST(codec_geometry, counts_are_not_trusted)
{
    for (const char* hex : {"", "01", "0100000001", "01ffffffff", "017fffffff3ff0000000000000c000000000000000",
                            "01000000003ff0000000000000c000000000000000"})
        EXPECT_THROW(decode_hex<tusk::path>(hex, oids::path), decode_error) << hex;
    EXPECT_THROW(decode_hex<tusk::polygon>("ffffffff", oids::polygon), decode_error);
}

TEST(codec_geometry, what_postgresql_does_not_have_is_not_sent)
{
    EXPECT_THROW(encode(tusk::path{}, oids::path), encode_error);
    EXPECT_THROW(encode(tusk::polygon{}, oids::polygon), encode_error);
}

} // namespace
