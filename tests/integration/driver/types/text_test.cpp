// Text of every kind, documents and bytes through the server and back.

#include "support/round_trip.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace {

using namespace tusk::test;

const std::vector<std::string> texts = {"",
                                        " ",
                                        "plain",
                                        "it's \"quoted\" \\ \n\t\r",
                                        "na\u00efve caf\u00e9",
                                        "\u65e5\u672c\u8a9e",
                                        "\U0001F418 \U0010FFFF",
                                        "\u0301 combining first",
                                        "\u202eright to left",
                                        "$1 %s {} \\x00",
                                        "NULL",
                                        "\u0001\u001f\u007f"};

TEST(types_text, text_types)
{
    for (const char* type : {"text", "varchar", "varchar(40)", "name"})
        expect_journeys<std::string>(type, texts);
    expect_journeys<std::string>("text", {std::string(100'000, 'x'), std::string(20'000, '\\')});
    expect_journeys<std::string>("char(5)", {"", "ab", "abcde", "\u00e9\u00e9\u00e9\u00e9\u00e9"});
    expect_journeys<std::string>("refcursor", {"cursor", "<unnamed portal 1>"});
}

TEST(types_text, one_byte)
{
    expect_journeys<char>("\"char\"", {"a", "", " ", "'", "\\", "\x7f"});
    expect_journeys<std::string>("\"char\"", {"a", "", "\\"});
}

TEST(types_text, documents)
{
    const std::vector<std::string> documents = {"null",
                                                "true",
                                                "1.50",
                                                "\"\"",
                                                "{}",
                                                "[]",
                                                "\"na\u00efve \\n \U0001F418\"",
                                                "{\"b\": [1, 2.0, {\"a\": null}], \"a\": -1e5}",
                                                "{\"\": \"\\\\ \\\" \\u0001\"}",
                                                "12345678901234567890123456789012345678901234567890.5"};
    expect_journeys<std::string>("json", documents);
    expect_journeys<std::string>("json", {" {\"a\" : 1, \"a\": 2} "}); // json keeps white space and duplicates
    expect_journeys<std::string>("jsonb", documents);
    expect_journeys<std::string>("jsonpath", {"$", "$.a[*] ? (@.b > 1)", "strict $.\"a b\"", "lax $.*", "$.a.size()"});
    expect_journeys<std::string>(
        "pg_catalog.tsvector", {"", "a fat cat", "'a':1A,2B,3C,4 'fat':16383", "'it''s' 'back\\\\slash'", "caf\u00e9"});
    expect_journeys<std::string>("pg_catalog.tsquery",
                                 {"", "a & b", "!a | (b <-> c)", "a:*AB <3> b", "'it''s'", "a <-> (b <-> c)",
                                  "(a | b) & !(c & d)", "(a <-> b) <2> c", "!!a"});
}

TEST(types_text, xml) { expect_journeys<std::string>("xml", {"<a>na\u00efve</a>", "<a b='c'/>", "text"}); }

TEST(types_text, bytes)
{
    using bytes = std::vector<std::byte>;
    const std::vector<std::string> samples = {
        "",    "\\x",        "\\x00",           "\\xdeadbeef", "\\xff00ff",
        "abc", "\\000\\377", "\\\\backslashes", "na\u00efve",  "\\x" + std::string(100'000, 'f')};
    expect_journeys<bytes>("bytea", samples);
    expect_journeys<bytes>("bytea", samples, own_text::other, "SET bytea_output = 'escape'");
}

TEST(types_text, identifiers)
{
    expect_journeys<tusk::uuid>("uuid", {"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
                                         "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "{a0eebc999c0b4ef8bb6d6bb9bd380a11}"});
}

} // namespace
