// Statements that are prepared by hand: what they tell, and how long they last.

#include "support/run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace tusk::test;

/// How often the server has that text prepared for this session. Asked by a script, which prepares nothing itself.
asio::awaitable<std::int64_t> times_prepared(tusk::connection& conn, std::string_view beginning)
{
    const std::string sql =
        fmt::format("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '{}%'", beginning);
    const auto results = co_await conn.execute_script(sql);
    co_return results[0][0][0].as<std::int64_t>();
}

TEST(prepare, tells_parameters_and_columns)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script("CREATE TEMP TABLE goods (gone int, id int PRIMARY KEY, name varchar(20), price "
                                     "numeric(10, 2)); ALTER TABLE goods DROP gone");
        const auto table = co_await conn.query_one<tusk::oid>("SELECT 'goods'::regclass::oid");
        const tusk::statement found =
            co_await conn.prepare("SELECT id, name, price, id + 1 AS next FROM goods WHERE id = $1 AND name = $2");
        EXPECT_EQ(found.sql(), "SELECT id, name, price, id + 1 AS next FROM goods WHERE id = $1 AND name = $2");
        EXPECT_EQ(found.parameters().size(), 2U);
        EXPECT_EQ(tusk::type_name(found.parameters()[0]), "integer");
        EXPECT_EQ(tusk::type_name(found.parameters()[1]), "text");
        const auto columns = found.columns();
        EXPECT_EQ(columns.size(), 4U);
        EXPECT_EQ(columns[0].name, "id");
        EXPECT_EQ(columns[0].table, table);
        EXPECT_EQ(columns[0].attribute_number, 2); // the first one was dropped
        EXPECT_EQ(columns[0].type_modifier, -1);
        EXPECT_EQ(columns[1].name, "name");
        EXPECT_EQ(columns[1].attribute_number, 3);
        EXPECT_EQ(columns[1].type_modifier, 20 + 4);
        EXPECT_EQ(columns[2].type_modifier, ((10 << 16) | 2) + 4);
        EXPECT_EQ(columns[3].name, "next");
        EXPECT_EQ(columns[3].table, 0U);
        EXPECT_EQ(columns[3].attribute_number, 0);
    });
}

TEST(prepare, what_returns_no_rows_has_no_columns)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::statement nothing = co_await conn.prepare("SET work_mem = '4MB'");
        EXPECT_TRUE(nothing.columns().empty());
        EXPECT_TRUE(nothing.parameters().empty());
        const tusk::statement empty = co_await conn.prepare("");
        EXPECT_TRUE(empty.columns().empty());
    });
}

TEST(prepare, runs_as_often_as_one_likes)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::statement sum = co_await conn.prepare("SELECT $1::int + $2::int AS sum WHERE $1 >= 0");
        for (int i = 0; i < 3; ++i) {
            const int one = co_await sum.query_one<int>(i, 1);
            EXPECT_EQ(one, i + 1);
        }
        const std::optional<int> none = co_await sum.query_optional<int>(-1, 1);
        EXPECT_FALSE(none.has_value());
        const tusk::result rows = co_await sum.query(2, 3);
        EXPECT_EQ(rows[0]["sum"].as<int>(), 5);
        const tusk::command_tag tag = co_await sum.execute(2, 3);
        EXPECT_EQ(tag.rows_affected(), 1U);
        const auto times = co_await times_prepared(conn, "SELECT $1::int + $2::int");
        EXPECT_EQ(times, 1);
        static_cast<void>(co_await thrown<tusk::usage_error>([&] { return sum.query(1); }));
        static_cast<void>(co_await thrown<tusk::encode_error>([&] { return sum.query(1, std::int64_t{1} << 40); }));
    });
}

TEST(prepare, what_is_wrong_is_told_and_does_not_stay)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        static_cast<void>(co_await thrown<tusk::syntax_error>([&] { return conn.prepare("SELEKT 1"); }));
        static_cast<void>(co_await thrown<tusk::undefined_table>([&] { return conn.prepare("SELECT * FROM later"); }));
        static_cast<void>(
            co_await thrown<tusk::usage_error>([&] { return conn.prepare(std::string_view{"SELECT\0 1", 9}); }));
        co_await conn.execute("CREATE TEMP TABLE later (n int)");
        const tusk::statement now = co_await conn.prepare("SELECT * FROM later");
        EXPECT_EQ(now.columns().size(), 1U);
    });
}

TEST(prepare, works_after_discard_all)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::statement twice = co_await conn.prepare("SELECT $1::int * 2");
        for (const char* const discard : {"DISCARD ALL", "DEALLOCATE ALL",
                                          "DO $$ DECLARE s record; BEGIN FOR s IN SELECT name FROM "
                                          "pg_prepared_statements LOOP EXECUTE format('DEALLOCATE %I', s.name); END "
                                          "LOOP; END $$"}) {
            co_await conn.execute_script(discard);
            const int answer = co_await twice.query_one<int>(21);
            EXPECT_EQ(answer, 42);
        }
        EXPECT_EQ(twice.parameters().size(), 1U);
        EXPECT_EQ(twice.columns().size(), 1U);
    });
}

TEST(prepare, stays_prepared_however_few_are_kept)
{
    for (const std::size_t size : {0U, 1U, 3U}) {
        tusk::connect_options options{server().url()};
        options.statement_cache_size = size;
        run_connected(
            [](tusk::connection& conn) -> asio::awaitable<void> {
                {
                    tusk::statement kept = co_await conn.prepare("SELECT 'kept' || $1");
                    tusk::statement also = co_await conn.prepare("SELECT 'also' || $1");
                    for (int i = 0; i < 20; ++i)
                        co_await conn.execute(fmt::format("SELECT $1::int + {}", i), i);
                    auto times = co_await times_prepared(conn, "SELECT ''kept''");
                    EXPECT_EQ(times, 1);
                    times = co_await times_prepared(conn, "SELECT ''also''");
                    EXPECT_EQ(times, 1);
                    const auto word = co_await kept.query_one<std::string>("!");
                    EXPECT_EQ(word, "kept!");
                }
                for (int i = 0; i < 5; ++i) // with the object gone it may go
                    co_await conn.execute(fmt::format("SELECT $1::int + {}", i), i);
                const auto times = co_await times_prepared(conn, "SELECT ''kept''");
                EXPECT_EQ(times, 0);
            },
            options);
    }
}

TEST(prepare, in_a_transaction_belongs_to_it)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::transaction tx = co_await conn.begin();
        tusk::statement twice = co_await tx.prepare("SELECT $1::int * 2");
        const int answer = co_await twice.query_one<int>(21);
        EXPECT_EQ(answer, 42);
        co_await tx.commit();
        static_cast<void>(co_await thrown<tusk::usage_error>([&] { return twice.query_one<int>(21); }));
        tusk::statement again = co_await conn.prepare("SELECT $1::int * 2");
        const int same = co_await again.query_one<int>(4);
        EXPECT_EQ(same, 8);
        const auto times = co_await times_prepared(conn, "SELECT $1::int");
        EXPECT_EQ(times, 1);
    });
}

TEST(prepare, outlives_its_connection_object_and_says_so)
{
    run([]() -> asio::awaitable<void> {
        std::optional<tusk::connection> conn{co_await tusk::connect(server().url())};
        tusk::statement twice = co_await conn->prepare("SELECT $1::int * 2");
        conn.reset();
        static_cast<void>(co_await thrown<tusk::connection_error>([&] { return twice.query_one<int>(21); }));
        EXPECT_EQ(twice.columns().size(), 1U);
    });
}

TEST(prepare, with_a_deadline)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto patient = conn.with_timeout(30s);
        const tusk::statement described = co_await patient.prepare("SELECT $1::int");
        EXPECT_EQ(described.parameters().size(), 1U);
        auto hasty = conn.with_timeout(100ms);
        tusk::statement slow = co_await hasty.prepare("SELECT pg_sleep($1)");
        static_cast<void>(co_await thrown<tusk::timeout_error>([&] { return slow.execute(30); }));
        co_await expect_usable(conn);
    });
}

} // namespace
