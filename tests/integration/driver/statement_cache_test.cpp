// Prepared statements: kept, thrown out, and never trusted further than the server does.

#include "support/run.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

using namespace tusk::test;

using texts = std::vector<std::string>;

/// What the server has prepared for this session. Asked by a script, which prepares nothing itself.
asio::awaitable<texts> prepared(tusk::connection& conn)
{
    const auto results = co_await conn.execute_script("SELECT statement FROM pg_prepared_statements ORDER BY 1");
    texts statements;
    for (const auto& [text] : results.front().as<std::string>())
        statements.push_back(text);
    co_return statements;
}

tusk::connect_options with_cache(std::size_t statements)
{
    tusk::connect_options options{server().url()};
    options.statement_cache_size = statements;
    return options;
}

TEST(statement_cache, a_statement_is_prepared_once)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (int i = 0; i < 5; ++i) {
            const auto doubled = co_await conn.query_one<int>("SELECT $1 * 2", i);
            EXPECT_EQ(doubled, 2 * i);
            co_await conn.execute("SELECT 'no parameters'");
        }
        const texts kept = co_await prepared(conn);
        EXPECT_EQ(kept, (texts{"SELECT $1 * 2", "SELECT 'no parameters'"}));
    });
}

TEST(statement_cache, transactions_and_shared_handles_use_the_same_statements)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT $1::int + 1";
        const auto outside = co_await conn.query_one<int>(sql, 1);
        EXPECT_EQ(outside, 2);
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            const auto inside = co_await tx.query_one<int>(sql, 2);
            EXPECT_EQ(inside, 3);
        });
        tusk::shared_connection shared = conn.share();
        const auto through = co_await shared.query_one<int>(sql, 3);
        EXPECT_EQ(through, 4);
        const texts kept = co_await prepared(conn);
        EXPECT_EQ(kept, texts{sql});
    });
}

TEST(statement_cache, declared_types_make_another_statement)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT pg_typeof($1)::text";
        for (int i = 0; i < 2; ++i) {
            const auto small = co_await conn.query_one<std::string>(sql, tusk::as_type("smallint", 1));
            EXPECT_EQ(small, "smallint");
            const auto day = co_await conn.query_one<std::string>(sql, tusk::as_type("date", "2024-02-29"));
            EXPECT_EQ(day, "date");
        }
        const texts kept = co_await prepared(conn);
        EXPECT_EQ(kept, (texts{sql, sql}));
    });
}

TEST(statement_cache, the_least_recently_used_goes_first)
{
    run_connected(
        [](tusk::connection& conn) -> asio::awaitable<void> {
            for (const std::string_view sql : {"SELECT 'a'", "SELECT 'b'", "SELECT 'a'", "SELECT 'c'", "SELECT 'a'"})
                co_await conn.query(sql);
            const texts kept = co_await prepared(conn);
            EXPECT_EQ(kept, (texts{"SELECT 'a'", "SELECT 'c'"}));
            const auto again = co_await conn.query_one<std::string>("SELECT 'b'");
            EXPECT_EQ(again, "b");
        },
        with_cache(2));
}

TEST(statement_cache, its_size_bounds_what_the_server_keeps)
{
    run_connected(
        [](tusk::connection& conn) -> asio::awaitable<void> {
            for (int i = 0; i < 50; ++i) {
                const auto value = co_await conn.query_one<int>(fmt::format("SELECT $1 + {}", i % 25), 1);
                EXPECT_EQ(value, 1 + i % 25);
            }
            const texts kept = co_await prepared(conn);
            EXPECT_LE(kept.size(), 5U);
        },
        with_cache(4));
}

TEST(statement_cache, its_weight_is_bounded_too)
{
    tusk::connect_options options{server().url()};
    options.statement_cache_bytes = 40'000;
    run_connected(
        [](tusk::connection& conn) -> asio::awaitable<void> {
            for (int i = 0; i < 20; ++i)
                co_await conn.execute(fmt::format("SELECT {} -- {}", i, std::string(10'000, '-')));
            const texts kept = co_await prepared(conn);
            EXPECT_LE(kept.size(), 5U);
            EXPECT_FALSE(kept.empty());
        },
        options);
}

TEST(statement_cache, size_zero_keeps_nothing)
{
    run_connected(
        [](tusk::connection& conn) -> asio::awaitable<void> {
            for (int i = 0; i < 3; ++i) {
                const auto sum = co_await conn.query_one<int>("SELECT $1 + 1", i);
                EXPECT_EQ(sum, i + 1);
                co_await expect_usable(conn);
            }
            const texts kept = co_await prepared(conn);
            EXPECT_EQ(kept, texts{});
        },
        with_cache(0));
}

// ---- Statements that the server has forgotten.

TEST(statement_cache, what_was_discarded_is_prepared_again)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT $1::int * 3";
        for (const std::string_view discard :
             {"DISCARD ALL", "DEALLOCATE ALL", "deallocate prepare all", "DISCARD ALL;", "/* hidden */ DISCARD ALL",
              "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$"}) {
            SCOPED_TRACE(discard);
            co_await conn.query_one<int>(sql, 1);
            co_await conn.execute(discard);
            const auto after = co_await conn.query_one<int>(sql, 2);
            EXPECT_EQ(after, 6);
            co_await conn.execute_script(discard);
            const auto again = co_await conn.query_one<int>(sql, 3);
            EXPECT_EQ(again, 9);
            const auto fresh = co_await conn.query_one<int>("SELECT 4");
            EXPECT_EQ(fresh, 4);
        }
    });
}

TEST(statement_cache, what_was_deallocated_by_name_is_prepared_again)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT $1::int * 3";
        co_await conn.query_one<int>(sql, 1);
        co_await conn.execute_script("DO $$ DECLARE s record; BEGIN FOR s IN SELECT name FROM pg_prepared_statements "
                                     "LOOP EXECUTE format('DEALLOCATE %I', s.name); END LOOP; END $$");
        const auto after = co_await conn.query_one<int>(sql, 2);
        EXPECT_EQ(after, 6);
    });
}

TEST(statement_cache, a_statement_that_was_refused_is_tried_anew)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT id FROM later WHERE id = $1";
        for (int i = 0; i < 2; ++i)
            static_cast<void>(co_await thrown<tusk::undefined_table>([&] { return conn.query(sql, 1); }));
        co_await conn.execute_script("CREATE TEMP TABLE later (id int); INSERT INTO later VALUES (1)");
        const auto found = co_await conn.query_one<int>(sql, 1);
        EXPECT_EQ(found, 1);
        const texts kept = co_await prepared(conn);
        EXPECT_EQ(kept, texts{sql});
    });
}

TEST(statement_cache, what_failed_after_it_had_committed_is_not_run_again)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE t (id int)");
        const auto refused = co_await thrown<tusk::invalid_sql_statement_name>([&] {
            return conn.execute("DO $$ BEGIN INSERT INTO t VALUES (1); COMMIT; EXECUTE 'DEALLOCATE unknown'; END $$");
        });
        expect_mentions(refused, "unknown");
        const auto rows = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM t");
        EXPECT_EQ(rows, 1);
    });
}

// ---- The same text that means something else by now.

TEST(statement_cache, a_column_that_changes_its_type)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string all = "SELECT value FROM t";
        const std::string one = "SELECT value FROM t WHERE id = $1";
        co_await conn.execute_script("CREATE TEMP TABLE t (id int, value int); INSERT INTO t VALUES (1, 42)");
        const auto number = co_await conn.query_one<int>(all);
        EXPECT_EQ(number, 42);
        const auto same = co_await conn.query_one<int>(one, 1);
        EXPECT_EQ(same, 42);
        co_await conn.execute("ALTER TABLE t ALTER value TYPE text USING value::text || '!'");
        const auto text = co_await conn.query_one<std::string>(all);
        EXPECT_EQ(text, "42!");
        const auto same_text = co_await conn.query_one<std::string>(one, 1);
        EXPECT_EQ(same_text, "42!");
        const auto refused = co_await thrown<tusk::decode_error>([&] { return conn.query_one<int>(all); });
        expect_mentions(refused, "\"value\"", "text");
    });
}

TEST(statement_cache, a_table_that_gets_more_columns)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT * FROM t";
        co_await conn.execute_script("CREATE TEMP TABLE t (id int); INSERT INTO t VALUES (1)");
        const auto before = co_await conn.query_one<std::tuple<int>>(sql);
        EXPECT_EQ(before, std::tuple{1});
        co_await conn.execute("ALTER TABLE t ADD name text DEFAULT 'new'");
        const auto after = co_await conn.query_one<std::tuple<int, std::string>>(sql);
        EXPECT_EQ(after, (std::tuple{1, std::string{"new"}}));
        co_await conn.execute_script("DROP TABLE t; CREATE TEMP TABLE t (flag bool); INSERT INTO t VALUES (true)");
        const auto other = co_await conn.query_one<bool>(sql);
        EXPECT_TRUE(other);
    });
}

TEST(statement_cache, in_a_transaction_a_changed_type_is_an_error_and_works_afterwards)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT value FROM t";
        co_await conn.execute_script("CREATE TEMP TABLE t (value int); INSERT INTO t VALUES (42)");
        co_await conn.query_one<int>(sql);
        co_await conn.execute("ALTER TABLE t ALTER value TYPE text");
        const auto refused = co_await thrown<tusk::feature_not_supported>([&] {
            return conn.with_transaction(
                [&](tusk::transaction& tx) -> asio::awaitable<void> { co_await tx.query(sql); });
        });
        expect_mentions(refused, "cached plan must not change result type");
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            const auto text = co_await tx.query_one<std::string>(sql);
            EXPECT_EQ(text, "42");
        });
    });
}

TEST(statement_cache, another_search_path)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT value FROM tusk_path_test";
        const std::string with = "SELECT value FROM tusk_path_test WHERE id = $1";
        const std::string schemas = "DROP SCHEMA IF EXISTS tusk_a, tusk_b, tusk_c CASCADE;";
        co_await conn.execute_script(schemas + "CREATE SCHEMA tusk_a; CREATE SCHEMA tusk_b; CREATE SCHEMA tusk_c;"
                                               "CREATE TABLE tusk_a.tusk_path_test AS SELECT 1 AS id, 7 AS value;"
                                               "CREATE TABLE tusk_b.tusk_path_test AS SELECT 1 AS id, 8 AS value;"
                                               "CREATE TABLE tusk_c.tusk_path_test AS SELECT 1 AS id, 'nine' AS value");
        for (int i = 0; i < 2; ++i) {
            co_await conn.execute("SET search_path = tusk_a");
            const auto a = co_await conn.query_one<int>(sql);
            EXPECT_EQ(a, 7);
            const auto with_a = co_await conn.query_one<int>(with, 1);
            EXPECT_EQ(with_a, 7);
            co_await conn.execute("SET search_path = tusk_b");
            const auto b = co_await conn.query_one<int>(sql);
            EXPECT_EQ(b, 8);
            co_await conn.execute("SET search_path = tusk_c");
            const auto c = co_await conn.query_one<std::string>(sql);
            EXPECT_EQ(c, "nine");
            const auto with_c = co_await conn.query_one<std::string>(with, 1);
            EXPECT_EQ(with_c, "nine");
        }
        co_await conn.execute_script(schemas);
    });
}

TEST(statement_cache, a_parameter_whose_column_changes_its_type)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string insert = "INSERT INTO t VALUES ($1)";
        co_await conn.execute("CREATE TEMP TABLE t (value int)");
        co_await conn.execute(insert, 1);
        co_await conn.execute("ALTER TABLE t ALTER value TYPE bigint");
        co_await conn.execute(insert, 2);
        co_await conn.execute("ALTER TABLE t ALTER value TYPE text");
        co_await conn.execute(insert, 3);
        const auto all = co_await conn.query_one<std::string>("SELECT string_agg(value, ',' ORDER BY value) FROM t");
        EXPECT_EQ(all, "1,2,3");
    });
}

} // namespace
