#include "protocol/saslprep.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

std::string prepared(std::string_view password) { return std::string{tusk::protocol::saslprep(password).view()}; }

TEST(saslprep, gives_the_examples_of_rfc_4013)
{
    EXPECT_EQ(prepared("I\u00ADX"), "IX");
    EXPECT_EQ(prepared("user"), "user");
    EXPECT_EQ(prepared("USER"), "USER");
    EXPECT_EQ(prepared("\u00AA"), "a");
    EXPECT_EQ(prepared("\u2168"), "IX");
}

TEST(saslprep, keeps_a_password_that_it_prohibits)
{
    // RFC 4013's two refusals.
    EXPECT_EQ(prepared("\a"), "\a");
    EXPECT_EQ(prepared("\u0627\u0031"), "\u0627\u0031");
    // A control character beside something that would have been mapped.
    EXPECT_EQ(prepared("\u00AA\a"), "\u00AA\a");
    // A private-use character; one that Unicode 3.2 had not assigned.
    EXPECT_EQ(prepared("\u00AA\uE000"), "\u00AA\uE000");
    EXPECT_EQ(prepared("\u00AA\u0221"), "\u00AA\u0221");
    EXPECT_EQ(prepared("\u00AA\U0001F600"), "\u00AA\U0001F600");
}

TEST(saslprep, keeps_what_is_not_utf_8)
{
    EXPECT_EQ(prepared("\xff\xfe"), "\xff\xfe");
    EXPECT_EQ(prepared("caf\xe9"), "caf\xe9");
    EXPECT_EQ(prepared("\xc2"), "\xc2");
    EXPECT_EQ(prepared("\u00AA\xed\xa0\x80"), "\u00AA\xed\xa0\x80"); // a surrogate
}

TEST(saslprep, keeps_what_would_become_empty) { EXPECT_EQ(prepared("\u00AD\u200D"), "\u00AD\u200D"); }

TEST(saslprep, keeps_text_with_a_zero_byte_whole)
{
    using namespace std::string_literals;
    EXPECT_EQ(prepared("\u00AA\0\u00AA"s), "\u00AA\0\u00AA"s);
}

TEST(saslprep, maps_spaces_and_composes)
{
    EXPECT_EQ(prepared("a\u00A0b\u3000c"), "a b c");
    EXPECT_EQ(prepared("zero\u200Bwidth"), "zero width"); // in both tables: the space wins
    EXPECT_EQ(prepared("e\u0301t\u00E9"), "\u00E9t\u00E9");
    EXPECT_EQ(prepared("\uFF21\uFB01"), "Afi");
}

TEST(saslprep, passes_text_in_one_direction)
{
    EXPECT_EQ(prepared("\u05D0\u05D1"), "\u05D0\u05D1");
    EXPECT_EQ(prepared("\u05D0"
                       "1\u05D1"),
              "\u05D0"
              "1\u05D1");
    EXPECT_EQ(prepared("p\u00E4ssw\u00F6rd"), "p\u00E4ssw\u00F6rd");
}

TEST(saslprep, looks_for_prohibited_text_before_it_normalises_as_postgresql_does)
{
    // The alef symbol is left-to-right and becomes the right-to-left letter: nothing mixed before normalising.
    EXPECT_EQ(prepared("a\u2135"), "a\u05D0");
    // A deprecated tone mark is prohibited, although what it becomes is not.
    EXPECT_EQ(prepared("\u00AA\u0340"), "\u00AA\u0340");
}

TEST(saslprep, keeps_ascii_and_nothing)
{
    EXPECT_EQ(prepared(""), "");
    EXPECT_EQ(prepared("  p@ss,w=rd\x7f "), "  p@ss,w=rd\x7f ");
}

} // namespace
