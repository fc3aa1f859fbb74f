#include "protocol/error_response.hpp"

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <string_view>

using namespace std::string_view_literals;

namespace {

tusk::error_fields parse(std::string_view body)
{
    return tusk::protocol::parse_error_response(std::as_bytes(std::span{body}));
}

} // namespace

TEST(error_response, reads_all_eighteen_fields)
{
    const auto fields =
        parse("SFEHLER\0VERROR\0C23505\0Mmessage\0Ddetail\0Hhint\0P8\0p3\0qSELECT 1\0Wcontext\0sschema\0"
              "ttable\0ccolumn\0dtype\0nconstraint\0Fnbtinsert.c\0L666\0R_bt_check_unique\0\0"sv);
    EXPECT_EQ(fields.severity, "FEHLER");
    EXPECT_EQ(fields.severity_nonlocalized, "ERROR");
    EXPECT_EQ(fields.sqlstate, "23505");
    EXPECT_EQ(fields.message, "message");
    EXPECT_EQ(fields.detail, "detail");
    EXPECT_EQ(fields.hint, "hint");
    EXPECT_EQ(fields.position, 8);
    EXPECT_EQ(fields.internal_position, 3);
    EXPECT_EQ(fields.internal_query, "SELECT 1");
    EXPECT_EQ(fields.context, "context");
    EXPECT_EQ(fields.schema_name, "schema");
    EXPECT_EQ(fields.table_name, "table");
    EXPECT_EQ(fields.column_name, "column");
    EXPECT_EQ(fields.data_type_name, "type");
    EXPECT_EQ(fields.constraint_name, "constraint");
    EXPECT_EQ(fields.file, "nbtinsert.c");
    EXPECT_EQ(fields.line, 666);
    EXPECT_EQ(fields.routine, "_bt_check_unique");
}

TEST(error_response, a_body_without_fields_is_empty)
{
    const auto fields = parse("\0"sv);
    EXPECT_EQ(fields.sqlstate, "");
    EXPECT_EQ(fields.message, "");
    EXPECT_FALSE(fields.position.has_value());
}

TEST(error_response, unknown_fields_are_passed_over)
{
    const auto fields = parse("Zfuture\0C22012\0\x01other\0Mzero\0\0"sv);
    EXPECT_EQ(fields.sqlstate, "22012");
    EXPECT_EQ(fields.message, "zero");
}

TEST(error_response, the_last_of_doubled_fields_counts)
{
    const auto fields = parse("Mfirst\0P1\0Msecond\0P2\0\0"sv);
    EXPECT_EQ(fields.message, "second");
    EXPECT_EQ(fields.position, 2);
}

TEST(error_response, numbers_that_cannot_be_read_are_as_if_not_sent)
{
    for (const auto body : {"P\0\0"sv, "Pabc\0\0"sv, "P12x\0\0"sv, "P 12\0\0"sv, "P99999999999\0\0"sv})
        EXPECT_FALSE(parse(body).position.has_value()) << testing::PrintToString(body);
}

TEST(error_response, text_that_is_not_utf8_is_kept_as_it_came)
{
    EXPECT_EQ(parse("M\xff\xfe\0\0"sv).message, "\xff\xfe");
}

TEST(error_response, every_truncation_is_a_decode_error)
{
    const auto whole = "SERROR\0C23505\0Mtext\0\0"sv;
    ASSERT_NO_THROW(parse(whole));
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_THROW(parse(whole.substr(0, length)), tusk::decode_error) << length;
}

TEST(error_response, bytes_after_the_end_are_a_decode_error)
{
    EXPECT_THROW(parse("Mtext\0\0Mmore\0\0"sv), tusk::decode_error);
}

TEST(error_response, random_bytes_are_read_or_refused_and_nothing_else)
{
    std::mt19937 random{7};
    std::uniform_int_distribution<int> byte{0, 255};
    std::uniform_int_distribution<std::size_t> length{0, 64};
    int read = 0;
    int refused = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string body(length(random), '\0');
        // Many zero bytes and field codes, or hardly anything would be well-formed.
        for (char& c : body)
            c = byte(random) < 100 ? '\0' : static_cast<char>(byte(random));
        try {
            parse(body);
            ++read;
        } catch (const tusk::decode_error&) {
            ++refused;
        }
    }
    EXPECT_GT(read, 0);
    EXPECT_GT(refused, 0);
}
