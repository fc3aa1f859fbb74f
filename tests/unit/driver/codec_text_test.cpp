#include <tusk/driver/codec/text.hpp>

#include "codec_testing.hpp"
#include "types/oids.hpp"

#include <random>

using namespace codec_testing;
namespace oids = tusk::oids;
using tusk::decode_error;
using tusk::encode_error;
using tusk::format;

namespace {

constexpr tusk::oid numeric_array = 1231;
constexpr tusk::oid somebodys_enum = 16385;

constexpr auto text_types = {oids::text, oids::varchar, oids::bpchar,  oids::name,     oids::json,
                             oids::xml,  oids::unknown, oids::cstring, oids::refcursor};

TEST(codec_text, text_types_travel_as_their_characters)
{
    for (const tusk::oid type : text_types) {
        EXPECT_EQ(encode_hex<std::string>("a\xc3\xa9", type), "61c3a9") << type;
        EXPECT_EQ(encode_hex<std::string_view>("a\xc3\xa9", type), "61c3a9") << type;
        EXPECT_EQ(decode_hex<std::string>("61c3a9", type), "a\xc3\xa9") << type;
        EXPECT_EQ(decode_hex<std::string>("", type), "") << type;
    }
}

TEST(codec_text, a_view_points_into_the_bytes)
{
    const auto bytes = from_hex("616263");
    const auto view = decode<std::string_view>(bytes, oids::text, format::binary);
    EXPECT_EQ(view, "abc");
    EXPECT_EQ(static_cast<const void*>(view.data()), static_cast<const void*>(bytes.data()));
}

TEST(codec_text, whatever_is_not_a_text_type_goes_out_as_a_literal)
{
    for (const tusk::oid type : {tusk::oid{0}, oids::int4, oids::money, oids::numeric, oids::uuid, somebodys_enum}) {
        EXPECT_EQ(encode_text<std::string>("{\"a\": 1}", type), "{\"a\": 1}") << type;
        EXPECT_EQ(encode_text<std::string_view>("", type), "") << type;
    }
}

TEST(codec_text, jsonb_and_jsonpath_have_a_version)
{
    for (const tusk::oid type : {oids::jsonb, oids::jsonpath}) {
        EXPECT_EQ(encode_hex<std::string>("{}", type), "017b7d");
        EXPECT_EQ(decode_hex<std::string>("017b7d", type), "{}");
        EXPECT_THROW(decode_hex<std::string>("027b7d", type), tusk::decode_error);
        EXPECT_THROW(decode_hex<std::string>("", type), tusk::decode_error);
    }
}

TEST(codec_text, search_vectors_are_written_as_the_server_writes_them)
{
    EXPECT_EQ(decode_hex<std::string>("00000000", oids::tsvector), "");
    // 'a':1A,2B,3C,4 'it''s'
    EXPECT_EQ(decode_hex<std::string>("00000002"
                                      "6100"
                                      "0004"
                                      "c001"
                                      "8002"
                                      "4003"
                                      "0004"
                                      "6974277300"
                                      "0000",
                                      oids::tsvector),
              "'a':1A,2B,3C,4 'it''s'");
    for (const char* hex :
         {"", "00000001", "0000000161", "000000016100", "0000000161000001", "0000000100", "ffffffff", "0000000000"})
        EXPECT_THROW(decode_hex<std::string>(hex, oids::tsvector), tusk::decode_error) << hex;
    EXPECT_FALSE(decodes<std::string_view>(oids::tsvector, tusk::format::binary)) << "there is no text to point to";
}

TEST(codec_text, search_queries_are_written_as_the_server_writes_them)
{
    const std::string a = "0100006100";
    const std::string b = "0109016200"; // of weight A or D, a prefix
    EXPECT_EQ(decode_hex<std::string>("00000000", oids::tsquery), "");
    EXPECT_EQ(decode_hex<std::string>("00000001" + b, oids::tsquery), "'b':*AD");
    EXPECT_EQ(decode_hex<std::string>("00000002"
                                      "0201" +
                                          a,
                                      oids::tsquery),
              "!'a'");
    EXPECT_EQ(decode_hex<std::string>("00000003"
                                      "0202" +
                                          b + a,
                                      oids::tsquery),
              "'a' & 'b':*AD")
        << "right one first";
    EXPECT_EQ(decode_hex<std::string>("00000004"
                                      "0201"
                                      "0203" +
                                          b + a,
                                      oids::tsquery),
              "!( 'a' | 'b':*AD )");
    EXPECT_EQ(decode_hex<std::string>("00000003"
                                      "02040003" +
                                          b + a,
                                      oids::tsquery),
              "'a' <3> 'b':*AD");
    const std::vector<std::string> broken = {
        "",           "00000002" + a, "000000010201",     "000000020202" + a, "000000010209",
        "0000000103", "00000000" + a, "00000002" + a + a, "ffffffff"};
    for (const std::string& hex : broken)
        EXPECT_THROW(decode_hex<std::string>(hex, oids::tsquery), tusk::decode_error) << hex;
}

TEST(codec_text, anything_in_text_format_is_text)
{
    for (const tusk::oid type : {oids::int4, oids::jsonb, oids::one_byte_char, numeric_array, somebodys_enum}) {
        EXPECT_EQ(decode_text<std::string>("{1.5,NULL}", type), "{1.5,NULL}") << type;
        EXPECT_EQ(decode_text<std::string_view>("{1.5,NULL}", type), "{1.5,NULL}") << type;
    }
}

TEST(codec_text, binary_forms_that_are_not_text_do_not_fit)
{
    for (const tusk::oid type :
         {tusk::oid{0}, oids::int4, oids::bytea, oids::numeric, oids::uuid, oids::timestamptz, numeric_array}) {
        EXPECT_FALSE(decodes<std::string>(type, format::binary)) << type;
        EXPECT_FALSE(decodes<std::string_view>(type, format::binary)) << type;
    }
}

TEST(codec_text, a_type_of_the_databases_own_is_text_where_its_binary_form_is)
{
    EXPECT_EQ(decode_hex<std::string>("6861707079", somebodys_enum), "happy");
    EXPECT_EQ(decode_hex<std::string>("c3a4", somebodys_enum), "\u00e4");
    EXPECT_EQ(decode_hex<std::string>("", somebodys_enum), "");
    // A composite begins with the number of its fields, a range with its flags, ltree with its version.
    EXPECT_THROW(decode_hex<std::string>("00000001000000170000000400000001", somebodys_enum), decode_error);
    EXPECT_THROW(decode_hex<std::string>("01", somebodys_enum), decode_error);
    EXPECT_THROW(decode_hex<std::string>("01612e62", somebodys_enum), decode_error);
    EXPECT_THROW(decode_hex<std::string>("610062", somebodys_enum), decode_error);
}

TEST(codec_text, jsonb_loses_its_version_byte)
{
    EXPECT_EQ(decode_hex<std::string>("017b2261223a20317d", oids::jsonb), "{\"a\": 1}");
    EXPECT_EQ(decode_hex<std::string>("01242e226122", oids::jsonpath), "$.\"a\"");
    EXPECT_EQ(decode_hex<std::string>("01", oids::jsonb), "");
    EXPECT_THROW(decode_hex<std::string>("", oids::jsonb), decode_error);
    EXPECT_THROW(decode_hex<std::string>("027b7d", oids::jsonb), decode_error);
    EXPECT_THROW(decode_hex<std::string>("7b7d", oids::jsonb), decode_error);
}

TEST(codec_text, a_zero_byte_is_refused_everywhere)
{
    const std::string text{"a\0b", 3};
    for (const tusk::oid type : {tusk::oid{0}, oids::text, oids::jsonb, somebodys_enum}) {
        try {
            encode(text, type);
            FAIL() << type;
        } catch (const encode_error& error) {
            EXPECT_NE(std::string{error.what()}.find("zero byte, which PostgreSQL text cannot hold"),
                      std::string::npos);
        }
    }
    EXPECT_THROW(encode<std::string_view>(std::string_view{"\0", 1}, oids::text), encode_error);
}

TEST(codec_text, the_one_byte_char_holds_one_byte)
{
    EXPECT_EQ(encode_hex<std::string>("a", oids::one_byte_char), "61");
    EXPECT_EQ(encode_hex<std::string>("", oids::one_byte_char), "00");
    EXPECT_THROW(encode<std::string>("ab", oids::one_byte_char), encode_error);
    EXPECT_EQ(decode_hex<std::string>("61", oids::one_byte_char), "a");
    EXPECT_EQ(decode_hex<std::string>("00", oids::one_byte_char), "");
    expect_exact_length<std::string>(oids::one_byte_char, 1);
}

TEST(codec_char, is_the_one_byte_char_alone)
{
    EXPECT_EQ(encode_hex('r', oids::one_byte_char), "72");
    EXPECT_EQ(decode_hex<char>("72", oids::one_byte_char), 'r');
    EXPECT_EQ(decode_hex<char>("00", oids::one_byte_char), '\0');
    expect_exact_length<char>(oids::one_byte_char, 1);
    for (const tusk::oid type : {tusk::oid{0}, oids::text, oids::bpchar, oids::int2}) {
        EXPECT_FALSE(encodes<char>(type)) << type;
        EXPECT_FALSE(decodes<char>(type, format::binary)) << type;
        EXPECT_FALSE(decodes<char>(type, format::text)) << type;
    }
}

TEST(codec_char, reads_its_text_with_and_without_escape)
{
    EXPECT_EQ(decode_text<char>("r", oids::one_byte_char), 'r');
    EXPECT_EQ(decode_text<char>("", oids::one_byte_char), '\0');
    EXPECT_EQ(decode_text<char>("\\", oids::one_byte_char), '\\');
    EXPECT_EQ(decode_text<char>("\\377", oids::one_byte_char), '\xff');
    EXPECT_EQ(decode_text<char>("\\200", oids::one_byte_char), '\x80');
    for (const char* text : {"ab", "\\40", "\\400", "\\378", "\\3777", "x377"})
        EXPECT_THROW(decode_text<char>(text, oids::one_byte_char), decode_error) << text;
}

TEST(codec_text, random_text_comes_back)
{
    std::mt19937 random{3};
    for (int i = 0; i != 2'000; ++i) {
        std::string text(random() % 300, '\0');
        for (char& c : text)
            c = static_cast<char>(1 + random() % 255);
        EXPECT_EQ(round_trip(text, oids::text), text);
        EXPECT_EQ(round_trip(text, oids::jsonb), text);
    }
}

} // namespace
