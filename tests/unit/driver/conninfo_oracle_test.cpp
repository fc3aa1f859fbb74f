#include "config/conninfo.hpp"
#include "config/url.hpp"

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace {

using values = std::map<std::string, std::string>;

/// What libpq makes of a string; nothing where it refuses.
std::optional<values> libpq(const std::string& text)
{
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{PQconninfoParse(text.c_str(), &message),
                                                                               &PQconninfoFree};
    const std::unique_ptr<char, decltype(&PQfreemem)> freed{message, &PQfreemem};
    if (!options)
        return std::nullopt;
    values found;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr)
            found[option->keyword] = option->val;
    }
    return found;
}

std::optional<values> ours(const std::string& text)
{
    try {
        values found;
        const auto settings =
            tusk::config::is_url(text) ? tusk::config::parse_url(text) : tusk::config::parse_conninfo(text);
        for (const auto& setting : settings)
            found[setting.key] = setting.value;
        return found;
    } catch (const tusk::usage_error&) {
        return std::nullopt;
    }
}

void expect_same(const std::string& text) { EXPECT_EQ(ours(text), libpq(text)) << testing::PrintToString(text); }

/// Strings made of pieces that mean something, so that most of them reach the corners.
template <std::size_t Count>
void expect_same_of_random(const std::string& start, const std::string_view (&pieces)[Count], unsigned seed)
{
    std::mt19937 random{seed};
    std::uniform_int_distribution<std::size_t> piece{0, Count - 1};
    std::uniform_int_distribution<int> length{0, 10};
    int accepted = 0;
    int refused = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text = start;
        for (int i = length(random); i > 0; --i)
            text += pieces[piece(random)];
        // Refused by us alone, on purpose: an '@' behind the credentials.
        if (!start.empty()) {
            const std::string rest = text.substr(start.size());
            const std::size_t end = rest.find_first_of("@/");
            const std::string tail = end != rest.npos && rest[end] == '@' ? rest.substr(end + 1) : rest;
            if (tail.substr(0, tail.find('?')).find('@') != tail.npos)
                continue;
        }
        const auto expected = libpq(text);
        ++(expected ? accepted : refused);
        ASSERT_EQ(ours(text), expected) << testing::PrintToString(text);
    }
    EXPECT_GT(accepted, 500);
    EXPECT_GT(refused, 500);
}

} // namespace

TEST(conninfo_oracle, urls_that_libpq_takes)
{
    for (const char* text : {
             "postgresql://",
             "postgres://",
             "postgresql://localhost",
             "postgresql://localhost:5433",
             "postgresql://localhost/mydb",
             "postgresql://user@localhost",
             "postgresql://user:secret@localhost",
             "postgresql://user:se:cr:et@localhost",
             "postgresql://:secret@localhost",
             "postgresql://user:@localhost",
             "postgresql://@localhost",
             "postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp",
             "postgresql://host1:123,host2:456/somedb?target_session_attrs=any",
             "postgresql://host1,host2:5,/",
             "postgresql:///mydb?host=localhost&port=5433",
             "postgresql://[2001:db8::1234]/database",
             "postgresql://[::1]:5433",
             "postgresql://[::1],[::2]:7/x",
             "postgresql://[::1]?user=x",
             "postgresql:///dbname?host=/var/lib/postgresql",
             "postgresql://%2Fvar%2Flib%2Fpostgresql/dbname",
             "postgresql://user%40example:p%3Aw%25@h/d%20b",
             "postgresql://h/?options=-c%20geqo%3Doff",
             "postgresql://h/a/b/c",
             "postgresql://h?user=a",
             "postgresql://h?",
             "postgresql://h/?",
             "postgresql://h/?user=a&",
             "postgresql://h/?user=&port=",
             "postgresql://h/?user=a&user=b",
             "postgresql://h/?p%6Frt=1",
             "postgresql://h/?ssl=true",
             "postgresql://h/?user=me@example",
             "postgresql://u?x@h",
             "postgresql://h:/d",
             "postgresql://:5433",
             "postgresql:////d",
             "postgres://h/%2e%2E",
             "postgres://h+x/d+e?application_name=a+b",
         }) {
        EXPECT_TRUE(libpq(text)) << text;
        expect_same(text);
    }
}

TEST(conninfo_oracle, urls_that_libpq_refuses)
{
    for (const char* text : {
             "postgresql://[",        "postgresql://[::1",         "postgresql://[]",
             "postgresql://[::1]x",   "postgresql://h/?user",      "postgresql://h/?user=a=b",
             "postgresql://h/?=a",    "postgresql://h/?&user=a",   "postgresql://h/?user=a&&port=1",
             "postgresql://h/?zzz=1", "postgresql://h/?ssl=false", "postgresql://h/?Host=x",
             "postgresql://h%",       "postgresql://h%2",          "postgresql://h%zz",
             "postgresql://h%00",     "postgresql://u%0g@h",       "postgresql://u:%@h",
             "postgresql://h/d%",     "postgresql://h/?user=%",    "postgresql://h/?us%er=a",
             "postgres//h",
         }) {
        EXPECT_FALSE(libpq(text)) << text;
        expect_same(text);
    }
}

TEST(conninfo_oracle, keyword_value_strings_that_libpq_takes)
{
    for (const char* text : {
             "",
             "  \t\n ",
             "host=localhost",
             "host=localhost port=5432 dbname=mydb connect_timeout=10",
             "host = localhost",
             "host =localhost  port= 5432",
             "host\n=\tlocalhost",
             "user='with space' password=''",
             "password='it\\'s'",
             "password='back\\\\slash'",
             "password=it\\'s",
             "user=a\\ b",
             "user=a\\",
             "user=a\\b\\c",
             "user=a'b'c",
             "user='a'port=1",
             "user='a\nb'",
             "host=",
             "host= user=x",
             "host=''",
             "host=a host=b",
             "options='-c geqo=off'",
             "options=-c\\ geqo=off",
             "application_name=a=b=c",
             "host=a,b port=1,2",
             "host=a\vport=1\fuser=b\r",
         }) {
        EXPECT_TRUE(libpq(text)) << text;
        expect_same(text);
    }
}

TEST(conninfo_oracle, keyword_value_strings_that_libpq_refuses)
{
    for (const char* text : {
             "host",
             "host ",
             "host user=x",
             "user='abc",
             "user='abc\\'",
             "user='abc\\",
             "user='",
             "zzz=1",
             "HOST=a",
             "=a",
             " = a",
             "host=a b",
             "host=a =b",
             "'host'=a",
         }) {
        EXPECT_FALSE(libpq(text)) << text;
        expect_same(text);
    }
}

TEST(conninfo_oracle, random_urls)
{
    constexpr std::string_view pieces[] = {"u",         ":",    "@",      "h",        "/",  "?", "&",   "=",
                                           "user",      "port", "%41",    "%",        "[",  "]", "::1", ",",
                                           "password=", "d",    "host=x", "ssl=true", "12", " "};
    expect_same_of_random("postgresql://", pieces, 1);
}

TEST(conninfo_oracle, random_keyword_value_strings)
{
    constexpr std::string_view pieces[] = {"host", "user=", "port", "=",          " ", "'",
                                           "\\",   "a",     "\n",   "password='", "x", "5"};
    expect_same_of_random("", pieces, 2);
}
