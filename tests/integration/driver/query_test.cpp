// Queries and what can be read out of them.

#include "support/run.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

using namespace tusk::test;

struct city {
    int id{};
    std::string name;
    std::optional<std::int64_t> population;
};

constexpr std::string_view cities = "SELECT * FROM (VALUES (1, 'Tokyo', 37400068::bigint), (2, 'Delhi', 28514000), "
                                    "(3, 'Atlantis', NULL)) AS city (id, name, population)";

TEST(query, rows_are_read_by_position_and_by_name)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::result rows = co_await conn.query(cities);
        EXPECT_EQ(rows.size(), 3U);
        EXPECT_FALSE(rows.empty());
        EXPECT_EQ(rows.tag().text(), "SELECT 3");
        EXPECT_EQ(rows.columns().size(), 3U);
        EXPECT_EQ(rows.columns()[1].name, "name");
        EXPECT_EQ(rows[0]["name"].as<std::string_view>(), "Tokyo");
        EXPECT_EQ(rows[1][2].as<std::int64_t>(), 28'514'000);
        EXPECT_TRUE(rows[2]["population"].is_null());
        EXPECT_EQ(rows[2]["population"].as<std::optional<std::int64_t>>(), std::nullopt);
        int last = 0;
        for (const tusk::row_view row : rows)
            EXPECT_EQ(row[0].as<int>(), ++last);
        EXPECT_EQ(last, 3);
    });
}

TEST(query, rows_are_read_as_tuples_and_aggregates)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::result rows = co_await conn.query(cities);
        std::vector<std::string> names;
        for (const auto& [id, name, population] : rows.as<int, std::string_view, std::optional<std::int64_t>>())
            names.push_back(std::to_string(id) + std::string{name} + (population ? "" : "?"));
        EXPECT_EQ(names, (std::vector<std::string>{"1Tokyo", "2Delhi", "3Atlantis?"}));
        std::int64_t sum = 0;
        for (const city& each : rows.as<city>())
            sum += each.population.value_or(0);
        EXPECT_EQ(sum, 65'914'068);
        EXPECT_EQ(rows.front().as<city>().name, "Tokyo");
        EXPECT_EQ((rows[1].as<int, std::string, std::int64_t>()), (std::tuple{2, std::string{"Delhi"}, 28'514'000L}));
    });
}

TEST(query, a_temporary_result_lives_as_long_as_the_loop)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        std::string names;
        for (const auto& [name] :
             (co_await conn.query("SELECT repeat(x, 1000) FROM unnest('{a,b}'::text[]) x")).as<std::string_view>())
            names += name;
        EXPECT_EQ(names, std::string(1000, 'a') + std::string(1000, 'b'));
    });
}

TEST(query, one_row_as_a_value_a_tuple_or_an_aggregate)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto value = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM generate_series(1, $1)", 12);
        EXPECT_EQ(value, 12);
        const auto missing = co_await conn.query_one<std::optional<std::string>>("SELECT NULL::text");
        EXPECT_FALSE(missing.has_value());
        using pair = std::tuple<int, std::optional<std::string>>;
        const auto both = co_await conn.query_one<pair>("SELECT $1::int, $2::text", 7, "seven");
        EXPECT_EQ(both, (pair{7, "seven"}));
        const auto place = co_await conn.query_one<city>("SELECT 9 AS id, 'Oz' AS name, NULL::bigint AS population");
        EXPECT_EQ(place.id, 9);
        EXPECT_EQ(place.name, "Oz");
        EXPECT_FALSE(place.population.has_value());
    });
}

TEST(query, at_most_one_row)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto there = co_await conn.query_optional<int>("SELECT x FROM generate_series(1, 3) x WHERE x = $1", 2);
        EXPECT_EQ(there, 2);
        const auto absent = co_await conn.query_optional<int>("SELECT x FROM generate_series(1, 3) x WHERE x = $1", 9);
        EXPECT_EQ(absent, std::nullopt);
        const auto null = co_await conn.query_optional<std::optional<int>>("SELECT NULL::int");
        EXPECT_TRUE(null.has_value() && !null->has_value());
    });
}

TEST(query, another_number_of_rows_is_a_row_count_error)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto none =
            co_await thrown<tusk::row_count_error>([&] { return conn.query_one<int>("SELECT 1 WHERE false"); });
        EXPECT_EQ(none.rows(), 0U);
        expect_mentions(none, "0 row(s)", "query_optional");
        const auto two =
            co_await thrown<tusk::row_count_error>([&] { return conn.query_one<int>("SELECT generate_series(1, 2)"); });
        EXPECT_EQ(two.rows(), 2U);
        expect_mentions(two, "exactly one", "LIMIT 1");
        const auto three = co_await thrown<tusk::row_count_error>(
            [&] { return conn.query_optional<int>("SELECT generate_series(1, 3)"); });
        EXPECT_EQ(three.rows(), 3U);
        expect_mentions(three, "at most one");
        co_await expect_usable(conn);
    });
}

TEST(query, execute_says_what_was_affected)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::command_tag tag = co_await conn.execute("CREATE TEMP TABLE t (id int PRIMARY KEY, note text)");
        EXPECT_EQ(tag.command(), "CREATE TABLE");
        EXPECT_EQ(tag.rows_affected(), 0U);
        tag = co_await conn.execute("INSERT INTO t SELECT x FROM generate_series(1, $1) x", 10);
        EXPECT_EQ(tag.command(), "INSERT");
        EXPECT_EQ(tag.rows_affected(), 10U);
        tag = co_await conn.execute("UPDATE t SET note = $2 WHERE id > $1", 7, "late");
        EXPECT_EQ(tag.text(), "UPDATE 3");
        tag = co_await conn.execute("DELETE FROM t WHERE note IS NULL RETURNING id");
        EXPECT_EQ(tag.text(), "DELETE 7");
    });
}

TEST(query, the_twins_give_refusals_as_values)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto good = co_await conn.try_query("SELECT 1");
        EXPECT_TRUE(good.has_value());
        EXPECT_EQ(good->size(), 1U);
        auto one = co_await conn.try_query_one<int>("SELECT $1 + 1", 1);
        EXPECT_EQ(one.value(), 2);
        auto none = co_await conn.try_query_optional<int>("SELECT 1 WHERE false");
        EXPECT_TRUE(none.has_value() && !none->has_value());
        auto tag = co_await conn.try_execute("CREATE TEMP TABLE t (id int PRIMARY KEY)");
        EXPECT_EQ(tag->command(), "CREATE TABLE");
        auto script = co_await conn.try_execute_script("SELECT 1; SELECT 2");
        EXPECT_EQ(script->size(), 2U);

        const auto bad = co_await conn.try_query("SELECT 1/$1", 0);
        EXPECT_TRUE(bad.failed());
        EXPECT_EQ(bad.error().sqlstate(), tusk::sqlstate::division_by_zero);
        EXPECT_THROW(static_cast<void>(bad.value()), tusk::division_by_zero);
        const auto two = co_await conn.try_query_one<int>("SELECT generate_series(1, 2)");
        EXPECT_THROW(two.error().raise(), tusk::row_count_error);
        const auto misread = co_await conn.try_query_optional<int>("SELECT 'text'");
        EXPECT_THROW(misread.error().raise(), tusk::decode_error);
        const auto no_table = co_await conn.try_execute("INSERT INTO no_such_table VALUES (1)");
        EXPECT_EQ(no_table.error().sqlstate(), tusk::sqlstate::undefined_table);
        const auto bad_script = co_await conn.try_execute_script("SELECT 1; SELEC 2");
        EXPECT_EQ(bad_script.error().sqlstate(), tusk::sqlstate::syntax_error);
        const auto misfit = co_await conn.try_execute("SELECT $1::date", 5);
        EXPECT_THROW(misfit.error().raise(), tusk::encode_error);
        co_await expect_usable(conn);
    });
}

TEST(query, no_rows_have_columns_all_the_same)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::result rows = co_await conn.query("SELECT 1 AS a, 'x' AS b WHERE false");
        EXPECT_TRUE(rows.empty());
        EXPECT_EQ(rows.columns().size(), 2U);
        EXPECT_EQ(rows.tag().text(), "SELECT 0");
        for ([[maybe_unused]] const auto& row : rows.as<int, std::string>())
            ADD_FAILURE() << "there is no row";
        EXPECT_THROW(static_cast<void>(rows.front()), tusk::usage_error);
    });
}

TEST(query, rows_without_columns_are_counted)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::result rows = co_await conn.query("SELECT FROM generate_series(1, 5)");
        EXPECT_EQ(rows.size(), 5U);
        EXPECT_TRUE(rows.columns().empty());
        EXPECT_EQ(rows[4].size(), 0U);
        EXPECT_THROW(static_cast<void>(rows[0][0]), tusk::usage_error);
        const tusk::result again = co_await conn.query("SELECT");
        EXPECT_EQ(again.size(), 1U);
    });
}

TEST(query, columns_of_the_same_name_are_reached_by_position)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::result rows = co_await conn.query("SELECT 1 AS x, 2 AS x, 3 AS x");
        EXPECT_EQ(rows.front()["x"].as<int>(), 1);
        EXPECT_EQ(rows.front()[2].as<int>(), 3);
        try {
            static_cast<void>(rows.front()["y"]);
            ADD_FAILURE() << "there is no such column";
        } catch (const tusk::usage_error& refused) {
            expect_mentions(refused, "\"y\"", "\"x\"");
        }
    });
}

TEST(query, an_empty_statement_returns_nothing)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (const std::string_view nothing : {"", " ", ";", "-- only a comment"}) {
            const tusk::result rows = co_await conn.query(nothing);
            EXPECT_TRUE(rows.empty());
            EXPECT_TRUE(rows.columns().empty());
            const tusk::command_tag tag = co_await conn.execute(nothing);
            EXPECT_EQ(tag.text(), "");
            const auto results = co_await conn.execute_script(nothing);
            EXPECT_EQ(results.size(), 1U);
        }
        co_await expect_usable(conn);
    });
}

TEST(query, a_large_result_is_complete)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::result rows =
            co_await conn.query("SELECT x, repeat('r', x % 50) || x FROM generate_series(1, $1) x", 200'000);
        EXPECT_EQ(rows.size(), 200'000U);
        int expected = 0;
        int wrong = 0;
        for (const auto& [number, text] : rows.as<int, std::string_view>()) {
            ++expected;
            const std::string whole =
                std::string(static_cast<std::size_t>(expected % 50), 'r') + std::to_string(expected);
            wrong += number != expected || text != whole ? 1 : 0;
        }
        EXPECT_EQ(expected, 200'000);
        EXPECT_EQ(wrong, 0);
        EXPECT_EQ(rows[123'455][0].as<int>(), 123'456);
    });
}

TEST(query, a_large_value_goes_both_ways)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        std::string text(20 * 1024 * 1024, ' ');
        for (std::size_t i = 0; i < text.size(); ++i)
            text[i] = static_cast<char>('a' + i % 26 + (i >> 16) % 3);
        const tusk::result rows = co_await conn.query("SELECT $1::text, length($1::text)", text);
        EXPECT_TRUE(rows.front()[0].as<std::string_view>() == text);
        EXPECT_EQ(rows.front()[1].as<int>(), 20 * 1024 * 1024);

        std::vector<std::byte> bytes(20 * 1024 * 1024);
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<std::byte>(i * 31 + (i >> 12));
        const auto back = co_await conn.query_one<std::vector<std::byte>>("SELECT $1::bytea", bytes);
        EXPECT_TRUE(back == bytes);
        co_await expect_usable(conn);
    });
}

TEST(query, text_in_many_scripts_and_lengths)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT $1::text AS \"spalte_\u00e4\"";
        for (const std::string text :
             {"", "'", "\\", "$1", "a\nb\r\n\tc", "na\u00efve \u65e5\u672c\u8a9e \U0001F418"}) {
            const tusk::result rows = co_await conn.query(sql, text);
            EXPECT_EQ(rows.front()["spalte_\u00e4"].as<std::string>(), text);
        }
    });
}

TEST(query, a_script_gives_one_result_a_statement)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto results = co_await conn.execute_script("CREATE TEMP TABLE t (id int, name text);"
                                                          "INSERT INTO t VALUES (1, 'one'), (2, NULL);"
                                                          "SELECT id, name FROM t ORDER BY id;"
                                                          "SELECT 'semi;colon' AS text");
        EXPECT_EQ(results.size(), 4U);
        EXPECT_EQ(results.at(0).tag().text(), "CREATE TABLE");
        EXPECT_EQ(results.at(1).tag().text(), "INSERT 0 2");
        const tusk::result& rows = results.at(2);
        EXPECT_EQ(rows.size(), 2U);
        EXPECT_EQ((rows[0].as<int, std::optional<std::string>>()), (std::tuple{1, std::optional<std::string>{"one"}}));
        EXPECT_EQ((rows[1].as<int, std::optional<std::string>>()), (std::tuple{2, std::optional<std::string>{}}));
        EXPECT_EQ(results.at(3).front()["text"].as<std::string_view>(), "semi;colon");
    });
}

TEST(query, a_script_is_all_or_nothing)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script("CREATE TEMP TABLE t (id int)");
        const auto refused = co_await thrown<tusk::division_by_zero>(
            [&] { return conn.execute_script("INSERT INTO t VALUES (1); SELECT 1/0; INSERT INTO t VALUES (2)"); });
        EXPECT_EQ(refused.sqlstate(), tusk::sqlstate::division_by_zero);
        const auto count = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM t");
        EXPECT_EQ(count, 0);
    });
}

} // namespace
