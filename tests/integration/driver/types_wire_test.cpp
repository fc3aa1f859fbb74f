// Every built-in C++ type through the server and back: as a parameter, as a column in binary, as a column in text. The
// server's own text is the judge.

#include "support/run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace {

using namespace tusk::test;
using namespace std::chrono;

/// NaN is a value that has to come back, too.
template <class T>
bool is_same(const T& a, const T& b)
{
    if constexpr (std::is_floating_point_v<T>)
        return std::isnan(a) ? std::isnan(b) : a == b && std::signbit(a) == std::signbit(b);
    else
        return a == b;
}

std::string literal_of(std::string_view text)
{
    std::string literal = "'";
    for (const char c : text)
        literal += c == '\'' ? std::string{"''"} : std::string{c};
    return literal + "'";
}

/// @param type  An SQL type.
/// @param text  What the server writes for `value` in that type.
template <class T>
asio::awaitable<void> expect_round_trip(tusk::connection& conn, std::string type, T value, std::string text)
{
    SCOPED_TRACE(fmt::format("{} {}", type, text.substr(0, 60)));

    // As a parameter, the first time and from the cache; as a column in binary.
    const std::string sql = fmt::format("SELECT $1::{}", type);
    for (int i = 0; i < 2; ++i) {
        const tusk::result rows = co_await conn.query(sql, value);
        EXPECT_EQ(rows.columns()[0].format, tusk::format::binary);
        EXPECT_TRUE(is_same(rows.front()[0].as<T>(), value));
    }

    // As a column in text.
    const std::vector<tusk::result> results =
        co_await conn.execute_script(fmt::format("SELECT {}::{}", literal_of(text), type));
    const tusk::field_view field = results.front().front()[0];
    EXPECT_EQ(field.format(), tusk::format::text);
    EXPECT_EQ(field.as<std::string_view>(), text);
    EXPECT_TRUE(is_same(field.as<T>(), value));

    // What was sent in binary is what the server reads in the text.
    const std::string equal = fmt::format("SELECT $1::{0} IS NOT DISTINCT FROM $2::{0}", type);
    const auto agree = type == "json" ? true : co_await conn.query_one<bool>(equal, value, text);
    EXPECT_TRUE(agree);

    // NULL of that type.
    const std::optional<T> null;
    const auto nothing = co_await conn.query_one<std::optional<T>>(sql, null);
    EXPECT_FALSE(nothing.has_value());
    const std::vector<tusk::result> null_results = co_await conn.execute_script(fmt::format("SELECT NULL::{}", type));
    const tusk::field_view null_field = null_results.front().front()[0];
    EXPECT_FALSE(null_field.as<std::optional<T>>().has_value());
}

TEST(types_wire, booleans)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await expect_round_trip(conn, "boolean", true, "t");
        co_await expect_round_trip(conn, "boolean", false, "f");
    });
}

TEST(types_wire, integers)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (const std::int16_t value : {std::int16_t{0}, std::int16_t{-1}, std::numeric_limits<std::int16_t>::min(),
                                         std::numeric_limits<std::int16_t>::max()})
            co_await expect_round_trip(conn, "smallint", value, std::to_string(value));
        for (const int value : {0, -1, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()})
            co_await expect_round_trip(conn, "integer", value, std::to_string(value));
        for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
                                         std::numeric_limits<std::int64_t>::max()})
            co_await expect_round_trip(conn, "bigint", value, std::to_string(value));
        co_await expect_round_trip(conn, "bigint", 1LL << 40, std::to_string(1LL << 40));
        co_await expect_round_trip(conn, "oid", std::numeric_limits<std::uint32_t>::max(), "4294967295");
        co_await expect_round_trip(conn, "xid8", std::numeric_limits<std::uint64_t>::max(), "18446744073709551615");
    });
}

TEST(types_wire, wider_integers_read_narrower_columns)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto results = co_await conn.execute_script("SELECT (-5)::smallint, (-6)::int");
        const tusk::result rows = co_await conn.query("SELECT (-5)::smallint, (-6)::int");
        for (const tusk::row_view row : {results.front().front(), rows.front()}) {
            EXPECT_EQ(row[0].as<int>(), -5);
            EXPECT_EQ(row[0].as<std::int64_t>(), -5);
            EXPECT_EQ(row[1].as<std::int64_t>(), -6);
        }
    });
}

TEST(types_wire, floating_point)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await expect_round_trip(conn, "real", 0.1F, "0.1");
        co_await expect_round_trip(conn, "real", std::numeric_limits<float>::max(), "3.4028235e+38");
        co_await expect_round_trip(conn, "real", std::numeric_limits<float>::denorm_min(), "1e-45");
        co_await expect_round_trip(conn, "real", -std::numeric_limits<float>::infinity(), "-Infinity");
        co_await expect_round_trip(conn, "real", std::numeric_limits<float>::quiet_NaN(), "NaN");
        co_await expect_round_trip(conn, "double precision", 0.1, "0.1");
        co_await expect_round_trip(conn, "double precision", -0.0, "-0");
        co_await expect_round_trip(conn, "double precision", 1.0 / 3, "0.3333333333333333");
        co_await expect_round_trip(conn, "double precision", std::numeric_limits<double>::max(),
                                   "1.7976931348623157e+308");
        co_await expect_round_trip(conn, "double precision", std::numeric_limits<double>::denorm_min(), "5e-324");
        co_await expect_round_trip(conn, "double precision", std::numeric_limits<double>::infinity(), "Infinity");
        co_await expect_round_trip(conn, "double precision", std::numeric_limits<double>::quiet_NaN(), "NaN");
    });
}

TEST(types_wire, text)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sample = "it's \"q\" \\ \n\t na\u00efve \u65e5\u672c \U0001F418";
        for (const std::string type : {"text", "varchar", "varchar(100)", "name"})
            co_await expect_round_trip(conn, type, sample, sample);
        co_await expect_round_trip(conn, "text", std::string{}, "");
        co_await expect_round_trip(conn, "text", std::string(70'000, 'x'), std::string(70'000, 'x'));
        co_await expect_round_trip(conn, "char(5)", std::string{"ab   "}, "ab   ");
        co_await expect_round_trip(conn, "\"char\"", 'c', "c");
    });
}

TEST(types_wire, json_is_text)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string given = R"({"b": [1, null],  "a": "\u00e4"})";
        co_await expect_round_trip(conn, "json", given, given);
        const std::string normal = "{\"a\": \"\u00e4\", \"b\": [1, null]}";
        co_await expect_round_trip(conn, "jsonb", normal, normal);
        const auto back = co_await conn.query_one<std::string>("SELECT $1::jsonb", given);
        EXPECT_EQ(back, normal);
    });
}

TEST(types_wire, bytes)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        std::vector<std::byte> all(256);
        std::string hex = "\\x";
        std::string escaped;
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i] = static_cast<std::byte>(i);
            hex += fmt::format("{:02x}", i);
            if (i == '\\')
                escaped += "\\\\";
            else if (i < 0x20 || i > 0x7e)
                escaped += fmt::format("\\{:03o}", i);
            else
                escaped += static_cast<char>(i);
        }
        co_await expect_round_trip(conn, "bytea", all, hex);
        co_await expect_round_trip(conn, "bytea", std::vector<std::byte>{}, "\\x");
        co_await conn.execute("SET bytea_output = 'escape'");
        co_await expect_round_trip(conn, "bytea", all, escaped);
    });
}

TEST(types_wire, uuids)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (const std::string text : {"00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                                       "ffffffff-ffff-ffff-ffff-ffffffffffff"}) {
            const auto value = tusk::uuid::parse(text);
            EXPECT_EQ(to_string(value), text);
            co_await expect_round_trip(conn, "uuid", value, text);
        }
    });
}

/// Also that our own text is the server's.
template <class T>
asio::awaitable<void> expect_time(tusk::connection& conn, std::string type, T value, std::string text)
{
    EXPECT_EQ(to_string(value), text);
    co_await expect_round_trip(conn, type, value, text);
}

TEST(types_wire, dates)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await expect_time(conn, "date", tusk::date{}, "2000-01-01");
        co_await expect_time(conn, "date", tusk::date{2024y / February / 29}, "2024-02-29");
        co_await expect_time(conn, "date", tusk::date{1969y / December / 31}, "1969-12-31");
        co_await expect_time(conn, "date", tusk::date{year{0} / December / 31}, "0001-12-31 BC");
        co_await expect_time(conn, "date", tusk::date::min(), "4714-11-24 BC");
        co_await expect_time(conn, "date", tusk::date::max(), "5874897-12-31");
        co_await expect_time(conn, "date", tusk::date::infinity(), "infinity");
        co_await expect_time(conn, "date", tusk::date::minus_infinity(), "-infinity");
        co_await expect_round_trip(conn, "date", 1582y / October / 15, "1582-10-15");
        co_await expect_round_trip(conn, "date", sys_days{2038y / January / 19}, "2038-01-19");
        co_await expect_round_trip(conn, "date", local_days{1y / January / 1}, "0001-01-01");
    });
}

TEST(types_wire, timestamps)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string type = "timestamp";
        const local_days leap_day{2024y / February / 29};
        co_await expect_time(conn, type, tusk::timestamp{}, "2000-01-01 00:00:00");
        co_await expect_time(conn, type, tusk::timestamp{leap_day + 12h + 34min + 56s + 789ms},
                             "2024-02-29 12:34:56.789");
        co_await expect_time(conn, type, tusk::timestamp{local_days{1999y / December / 31} + 24h - 1us},
                             "1999-12-31 23:59:59.999999");
        co_await expect_time(conn, type, tusk::timestamp::min(), "4714-11-24 00:00:00 BC");
        co_await expect_time(conn, type, tusk::timestamp::max(), "294276-12-31 23:59:59.999999");
        co_await expect_time(conn, type, tusk::timestamp::infinity(), "infinity");
        co_await expect_time(conn, type, tusk::timestamp::minus_infinity(), "-infinity");
        co_await expect_round_trip(conn, type, leap_day + 1s, "2024-02-29 00:00:01");
    });
}

TEST(types_wire, moments)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("SET TimeZone = 'UTC'");
        const std::string type = "timestamptz";
        const sys_days leap_day{2024y / February / 29};
        co_await expect_time(conn, type, tusk::timestamptz{leap_day + 12h + 1us}, "2024-02-29 12:00:00.000001+00");
        co_await expect_time(conn, type, tusk::timestamptz::min(), "4714-11-24 00:00:00+00 BC");
        co_await expect_time(conn, type, tusk::timestamptz::max(), "294276-12-31 23:59:59.999999+00");
        co_await expect_time(conn, type, tusk::timestamptz::infinity(), "infinity");
        co_await expect_time(conn, type, tusk::timestamptz::minus_infinity(), "-infinity");
        co_await expect_round_trip(conn, type, leap_day + 90s, "2024-02-29 00:01:30+00");
    });
}

TEST(types_wire, a_moment_is_the_same_in_every_time_zone)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::timestamptz noon{sys_days{2024y / February / 29} + 12h};
        const tusk::timestamptz long_ago{sys_days{1900y / January / 1}};
        for (const std::string zone : {"Asia/Kolkata", "America/St_Johns", "Europe/Amsterdam"}) {
            SCOPED_TRACE(zone);
            co_await conn.execute("SELECT set_config('TimeZone', $1, false)", zone);
            for (const tusk::timestamptz moment : {noon, long_ago}) {
                const auto back = co_await conn.query_one<tusk::timestamptz>("SELECT $1::timestamptz", moment);
                EXPECT_EQ(back, moment);
                const auto text = co_await conn.query_one<std::string>("SELECT $1::timestamptz::text", moment);
                const auto read = co_await conn.execute_script(fmt::format("SELECT '{}'::timestamptz", text));
                EXPECT_EQ(read.front().front()[0].as<tusk::timestamptz>(), moment) << text;
            }
        }
    });
}

// ---- Types that no C++ type stands for are read as text.

TEST(types_wire, a_built_in_type_without_a_binary_form)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto rights = co_await conn.query_one<std::string>("SELECT makeaclitem(10, 10, 'SELECT', false)");
        EXPECT_EQ(rights.substr(rights.find('=')), "=r/" + rights.substr(0, rights.find('=')));
    });
}

TEST(types_wire, a_type_of_the_database_without_a_binary_form)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        // Temporary types need their shell; the functions are the server's own for text.
        co_await conn.execute_script(
            "CREATE TYPE pg_temp.bare;"
            "CREATE FUNCTION pg_temp.bare_in(cstring) RETURNS pg_temp.bare LANGUAGE internal IMMUTABLE STRICT AS "
            "'textin';"
            "CREATE FUNCTION pg_temp.bare_out(pg_temp.bare) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS "
            "'textout';"
            "CREATE TYPE pg_temp.bare (INPUT = pg_temp.bare_in, OUTPUT = pg_temp.bare_out, LIKE = text);"
            "CREATE TEMP TABLE t (id int, value pg_temp.bare);"
            "INSERT INTO t VALUES (1, 'one')");
        using row = std::tuple<int, std::string>;
        for (int i = 0; i < 2; ++i) {
            const auto plain = co_await conn.query_one<row>("SELECT id, value FROM t");
            EXPECT_EQ(plain, (row{1, "one"}));
            const auto with = co_await conn.query_one<row>("SELECT id, value FROM t WHERE id = $1", 1);
            EXPECT_EQ(with, (row{1, "one"}));
        }
        const auto back = co_await conn.query_one<std::string>("SELECT $1::pg_temp.bare", "two");
        EXPECT_EQ(back, "two");
    });
}

TEST(types_wire, enums_and_domains)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script("CREATE TYPE pg_temp.mood AS ENUM ('sad', 'happy');"
                                     "CREATE DOMAIN pg_temp.positive AS int CHECK (VALUE > 0)");
        const auto mood = co_await conn.query_one<std::string>("SELECT $1::pg_temp.mood", "happy");
        EXPECT_EQ(mood, "happy");
        const auto number = co_await conn.query_one<int>("SELECT $1::pg_temp.positive", "5");
        EXPECT_EQ(number, 5);
        const auto refused = co_await thrown<tusk::check_violation>(
            [&] { return conn.query_one<int>("SELECT $1::int::pg_temp.positive", -5); });
        EXPECT_EQ(refused.constraint_name(), "positive_check");
    });
}

TEST(types_wire, a_column_that_no_cpp_type_holds_can_be_cast)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::result rows = co_await conn.query("SELECT 1.50::numeric AS price");
        try {
            static_cast<void>(rows.front()["price"].as<double>());
            ADD_FAILURE() << "digits would be lost";
        } catch (const tusk::decode_error& refused) {
            expect_mentions(refused, "\"price\"", "numeric", "double", "::text");
        }
        EXPECT_FALSE(rows.front()["price"].bytes().empty());
        const auto text = co_await conn.query_one<std::string>("SELECT 1.50::numeric::text");
        EXPECT_EQ(text, "1.50");
    });
}

} // namespace
