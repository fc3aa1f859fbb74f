// What can be bound to a parameter, and what is refused.

#include "support/run.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tusk::test;
using namespace std::string_literals;

/// What the server makes of a value that is bound to a parameter of that type, in its own text.
template <class T>
asio::awaitable<std::string> as_the_server_sees(tusk::connection& conn, std::string type, T value)
{
    const std::string sql = fmt::format("SELECT ($1::{})::text", type);
    co_return co_await conn.query_one<std::string>(sql, value);
}

template <class T>
asio::awaitable<void> expect_sent(tusk::connection& conn, std::string type, T value, std::string text)
{
    const std::string seen = co_await as_the_server_sees(conn, type, value);
    EXPECT_EQ(seen, text) << type;
}

template <class T>
asio::awaitable<void> expect_misfit(tusk::connection& conn, std::string type, T value, std::string cpp_type,
                                    std::string server_type)
{
    const auto refused = co_await thrown<tusk::encode_error>([&] { return as_the_server_sees(conn, type, value); });
    expect_mentions(refused, "$1", server_type, cpp_type, "not executed", "cast", "tusk::as_type", "std::string");
}

template <class T>
asio::awaitable<void> expect_out_of_range(tusk::connection& conn, std::string type, T value, std::string server_type)
{
    const auto refused = co_await thrown<tusk::encode_error>([&] { return as_the_server_sees(conn, type, value); });
    expect_mentions(refused, "$1", server_type, "not executed");
}

TEST(parameters, numbers_of_every_width)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await expect_sent(conn, "smallint", std::int16_t{-32768}, "-32768");
        co_await expect_sent(conn, "smallint", std::int64_t{32767}, "32767");
        co_await expect_sent(conn, "integer", std::numeric_limits<int>::min(), "-2147483648");
        co_await expect_sent(conn, "integer", std::uint64_t{2147483647}, "2147483647");
        co_await expect_sent(conn, "bigint", std::numeric_limits<std::int64_t>::min(), "-9223372036854775808");
        co_await expect_sent(conn, "bigint", std::int16_t{-1}, "-1");
        co_await expect_sent(conn, "bigint", 5LL, "5");
        co_await expect_sent(conn, "numeric", std::numeric_limits<std::uint64_t>::max(), "18446744073709551615");
        co_await expect_sent(conn, "double precision", 7, "7");
        co_await expect_sent(conn, "oid", std::uint32_t{4294967295}, "4294967295");
        co_await expect_sent(conn, "real", 1.5F, "1.5");
        co_await expect_sent(conn, "double precision", 0.1, "0.1");
        co_await expect_sent(conn, "numeric", 0.1, "0.1");
        co_await expect_sent(conn, "boolean", true, "true");
    });
}

TEST(parameters, text_bytes_and_their_views)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await expect_sent(conn, "text", "literal", "literal");
        co_await expect_sent(conn, "text", std::string_view{"view"}, "view");
        co_await expect_sent(conn, "varchar(3)", "string"s, "str");
        co_await expect_sent(conn, "\"char\"", 'x', "x");
        const std::array<std::byte, 3> bytes{std::byte{0}, std::byte{0x80}, std::byte{0xff}};
        const std::vector<std::byte> owned{bytes.begin(), bytes.end()};
        co_await expect_sent(conn, "bytea", owned, "\\x0080ff");
        co_await expect_sent(conn, "bytea", std::span<const std::byte>{bytes}, "\\x0080ff");
        co_await expect_sent(conn, "bytea", std::vector<std::byte>{}, "\\x");
    });
}

TEST(parameters, dates_times_and_uuids)
{
    using namespace std::chrono;
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("SET TimeZone = 'UTC'");
        const sys_days leap_day{2024y / February / 29};
        co_await expect_sent(conn, "date", year_month_day{leap_day}, "2024-02-29");
        co_await expect_sent(conn, "date", leap_day, "2024-02-29");
        co_await expect_sent(conn, "date", tusk::date::minus_infinity(), "-infinity");
        co_await expect_sent(conn, "timestamptz", leap_day + 12h + 30min, "2024-02-29 12:30:00+00");
        co_await expect_sent(conn, "timestamptz", tusk::timestamptz{leap_day + 1us}, "2024-02-29 00:00:00.000001+00");
        co_await expect_sent(conn, "timestamp", local_days{2024y / February / 29} + 1s, "2024-02-29 00:00:01");
        co_await expect_sent(conn, "timestamp", tusk::timestamp::infinity(), "infinity");
        const auto id = tusk::uuid::parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
        co_await expect_sent(conn, "uuid", id, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    });
}

TEST(parameters, text_is_read_by_the_server_whatever_the_type)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await expect_sent(conn, "integer", " 42 ", "42");
        co_await expect_sent(conn, "date", "29 February 2024"s, "2024-02-29");
        co_await expect_sent(conn, "numeric", "1.500", "1.500");
        co_await expect_sent(conn, "jsonb", R"({"b": 1, "a": [null, true]})", R"({"a": [null, true], "b": 1})");
        co_await expect_sent(conn, "json", R"({"b": 1})", R"({"b": 1})");
        co_await expect_sent(conn, "uuid", std::string_view{"A0EEBC999C0B4EF8BB6D6BB9BD380A11"},
                             "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
        co_await expect_sent(conn, "int[]", "{1,2,NULL}", "{1,2,NULL}");
        co_await expect_sent(conn, "interval", "1 day 2 hours", "1 day 02:00:00");
        co_await expect_sent(conn, "boolean", "yes", "true");
        co_await expect_sent(conn, "bytea", "\\x00ff", "\\x00ff");
        co_await expect_sent(conn, "inet", "10.0.0.1/8", "10.0.0.1/8");

        const auto refused = co_await thrown<tusk::invalid_text_representation>(
            [&] { return as_the_server_sees(conn, "integer", "forty-two"); });
        EXPECT_EQ(refused.sqlstate(), tusk::sqlstate::invalid_text_representation);
        co_await expect_usable(conn);
    });
}

TEST(parameters, null_in_every_form)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::optional<int> no_number;
        const std::optional<std::string_view> no_text;
        const std::optional<tusk::uuid> no_uuid;
        const auto nulls = co_await conn.query_one<int>(
            "SELECT num_nulls($1::int, $2::text, $3::uuid, $4::bytea, $5::date, $6::int, $7::text)", no_number, no_text,
            no_uuid, std::nullopt, nullptr, std::optional<int>{0}, std::optional<std::string_view>{""});
        EXPECT_EQ(nulls, 5);
    });
}

TEST(parameters, a_declared_type_decides)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        constexpr std::string_view sql = "SELECT pg_typeof($1)::text || ' ' || $1::text";
        const auto small = co_await conn.query_one<std::string>(sql, tusk::as_type("smallint", 5));
        EXPECT_EQ(small, "smallint 5");
        const auto exact = co_await conn.query_one<std::string>(sql, tusk::as_type("numeric", "5.00"));
        EXPECT_EQ(exact, "numeric 5.00");
        const auto day = tusk::date::from_days_since_2000(0);
        const auto date = co_await conn.query_one<std::string>(sql, tusk::as_type("date", day));
        EXPECT_EQ(date, "date 2000-01-01");
        const auto list = co_await conn.query_one<std::string>(sql, tusk::as_type("text[]", "{a,b}"));
        EXPECT_EQ(list, "text[] {a,b}");
        const auto refused =
            co_await thrown<tusk::encode_error>([&] { return conn.query(sql, tusk::as_type("date", 5)); });
        expect_mentions(refused, "$1", "date", "std::int32_t");
        co_await expect_usable(conn);
    });
}

TEST(parameters, what_does_not_fit_is_an_encode_error_and_nothing_runs)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await expect_misfit(conn, "date", 5, "std::int32_t", "date");
        co_await expect_misfit(conn, "text", std::int64_t{5}, "std::int64_t", "text");
        co_await expect_misfit(conn, "integer", 0.5, "double", "integer");
        co_await expect_misfit(conn, "integer", true, "bool", "integer");
        co_await expect_misfit(conn, "timestamptz", tusk::timestamp{}, "tusk::timestamp", "timestamp with time zone");
        co_await expect_misfit(conn, "text", std::vector<std::byte>(1), "std::vector<std::byte>", "text");
        co_await expect_misfit(conn, "jsonb", tusk::uuid{}, "tusk::uuid", "jsonb");

        co_await expect_out_of_range(conn, "smallint", 32768, "smallint");
        co_await expect_out_of_range(conn, "integer", std::int64_t{1} << 31, "integer");
        co_await expect_out_of_range(conn, "oid", -1, "oid");
        co_await expect_out_of_range(conn, "real", 1e300, "real");
        co_await expect_out_of_range(conn, "double precision", (std::int64_t{1} << 53) + 1, "double precision");
        co_await expect_usable(conn);

        co_await conn.execute("CREATE TEMP TABLE t (id int, day date)");
        const auto second =
            co_await thrown<tusk::encode_error>([&] { return conn.execute("INSERT INTO t VALUES ($1, $2)", 1, 2); });
        expect_mentions(second, "$2", "date");
        const auto count = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM t");
        EXPECT_EQ(count, 0);
    });
}

TEST(parameters, an_encode_error_does_not_fail_the_transaction)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE t (id int)");
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            for (int i = 0; i < 2; ++i) {
                const auto refused =
                    co_await thrown<tusk::encode_error>([&] { return tx.execute("INSERT INTO t VALUES ($1)", 0.5); });
                expect_mentions(refused, "$1");
            }
            co_await tx.execute("INSERT INTO t VALUES ($1)", 1);
        });
        const auto count = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM t");
        EXPECT_EQ(count, 1);
    });
}

template <class... Values>
asio::awaitable<void> expect_wrong_count(tusk::connection& conn, std::string sql, std::string needed, Values... values)
{
    const auto refused = co_await thrown<tusk::usage_error>([&] { return conn.query(sql, values...); });
    expect_mentions(refused, needed + " parameter(s)", std::to_string(sizeof...(values)) + " value(s)");
    co_await expect_usable(conn);
}

TEST(parameters, a_wrong_number_for_a_statement_that_is_new)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await expect_wrong_count(conn, "SELECT $1::int + $2::int AS a", "2");
        co_await expect_wrong_count(conn, "SELECT $1::int + $2::int AS b", "2", 1);
        co_await expect_wrong_count(conn, "SELECT $1::int + $2::int AS c", "2", 1, 2, 3);
        co_await expect_wrong_count(conn, "SELECT $1::text || $2::text AS d", "2", "one");
        co_await expect_wrong_count(conn, "SELECT $1::text || $2::text AS e", "2", "one", "two", "three");
        co_await expect_wrong_count(conn, "SELECT 1 AS f", "0", 1);
        co_await expect_wrong_count(conn, "SELECT 1 AS g", "0", "one");
    });
}

TEST(parameters, a_wrong_number_for_a_statement_that_is_cached)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string numbers = "SELECT $1::int + $2::int";
        const std::string texts = "SELECT $1::text || $2::text";
        const auto three = co_await conn.query_one<int>(numbers, 1, 2);
        EXPECT_EQ(three, 3);
        const auto word = co_await conn.query_one<std::string>(texts, "a", "b");
        EXPECT_EQ(word, "ab");
        co_await expect_wrong_count(conn, numbers, "2");
        co_await expect_wrong_count(conn, numbers, "2", 1);
        co_await expect_wrong_count(conn, numbers, "2", 1, 2, 3);
        co_await expect_wrong_count(conn, texts, "2", "one");
        co_await expect_wrong_count(conn, texts, "2", "one", "two", "three");
        const auto again = co_await conn.query_one<int>(numbers, 3, 4);
        EXPECT_EQ(again, 7);
    });
}

// ---- Lists whose length is known at run time.

tusk::parameters numbers_up_to(int last)
{
    tusk::parameters list;
    for (int i = 1; i <= last; ++i)
        list.add(i);
    return list;
}

std::string sum_of(std::size_t count)
{
    std::string sql = "SELECT sum(x) FROM (VALUES ";
    for (std::size_t i = 1; i <= count; ++i)
        sql += fmt::format("{}(${}::int)", i == 1 ? "" : ",", i);
    return sql + ") AS v (x)";
}

TEST(parameters, a_list_holds_values_of_any_type)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::parameters list;
        list.add(1).add("two").add(std::optional<int>{}).add(tusk::as_type("bigint", 4));
        auto later =
            conn.query_one<std::string>("SELECT concat_ws(',', $1::int, $2::text, $3::int, $4, $5::int)", list);
        list.add("added too late to be sent");
        const auto refused = co_await thrown<tusk::usage_error>([&] { return std::move(later); });
        expect_mentions(refused, "5 parameter(s)", "4 value(s)");
        const auto whole = co_await conn.query_one<std::string>(
            "SELECT concat_ws(',', $1::int, $2::text, $3::int, $4, $5::text)", list);
        EXPECT_EQ(whole, "1,two,4,added too late to be sent");
    });
}

TEST(parameters, as_many_as_the_protocol_can_count)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = sum_of(65'535);
        const tusk::parameters list = numbers_up_to(65'535);
        for (int i = 0; i < 2; ++i) {
            const auto sum = co_await conn.query_one<std::int64_t>(sql, list);
            EXPECT_EQ(sum, std::int64_t{65'535} * 65'536 / 2);
        }
        tusk::parameters texts;
        for (int i = 1; i <= 65'535; ++i)
            texts.add(std::to_string(i));
        const auto sum = co_await conn.query_one<std::int64_t>(sql + " -- sent as text", texts);
        EXPECT_EQ(sum, std::int64_t{65'535} * 65'536 / 2);
        const auto fewer = co_await thrown<tusk::usage_error>([&] { return conn.query(sql, numbers_up_to(65'534)); });
        expect_mentions(fewer, "65535 parameter(s)", "65534 value(s)");
    });
}

TEST(parameters, more_than_the_protocol_can_count)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::parameters list = numbers_up_to(65'536);
        const auto refused = co_await thrown<tusk::usage_error>([&] { return conn.query(sum_of(65'536), list); });
        expect_mentions(refused, "65536", "65535", "unnest");
        co_await expect_usable(conn);
    });
}

// ---- Zero bytes.

TEST(parameters, a_zero_byte_in_the_sql)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT 1; \0 DROP TABLE t"s;
        const auto query = co_await thrown<tusk::usage_error>([&] { return conn.query(sql); });
        expect_mentions(query, "zero byte");
        const auto execute = co_await thrown<tusk::usage_error>([&] { return conn.execute(sql, 1); });
        expect_mentions(execute, "zero byte");
        const auto script = co_await thrown<tusk::usage_error>([&] { return conn.execute_script(sql); });
        expect_mentions(script, "zero byte");
        co_await expect_usable(conn);
    });
}

TEST(parameters, a_zero_byte_in_text)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string text = "cut\0off"s;
        for (const std::string type : {"text", "varchar", "jsonb", "integer"}) {
            const auto refused =
                co_await thrown<tusk::encode_error>([&] { return as_the_server_sees(conn, type, text); });
            expect_mentions(refused, "$1", "zero byte", "bytea");
        }
        const auto later =
            co_await thrown<tusk::encode_error>([&] { return conn.query("SELECT $1::text, $2::text", "fine", text); });
        expect_mentions(later, "$2");
        co_await expect_usable(conn);
    });
}

} // namespace
