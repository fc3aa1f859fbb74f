// The life of prepared statements: nothing is left on the server, and no value is ever decoded by the description of
// another statement.

#include "callers.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace tusk::test;

/// What the server has prepared for this session. Asked by a script, which prepares nothing itself.
asio::awaitable<std::int64_t> prepared(tusk::connection& conn)
{
    const auto results = co_await conn.execute_script("SELECT count(*) FROM pg_prepared_statements");
    co_return results[0][0][0].as<std::int64_t>();
}

const std::string deallocate_behind_our_back =
    "DO $$ DECLARE s record; BEGIN FOR s IN SELECT name FROM pg_prepared_statements "
    "LOOP EXECUTE format('DEALLOCATE %I', s.name); END LOOP; END $$";

// ---- What is forgotten is closed.

TEST(statement_life, whatever_comes_next_closes_what_was_forgotten)
{
    tusk::connect_options options{server().url()};
    options.statement_cache_size = 1;
    run_connected(
        [](tusk::connection& conn) -> asio::awaitable<void> {
            const std::vector<int> numbers{1, 2};
            for (int kind = 0; kind < 7; ++kind) {
                for (int i = 0; i < 5; ++i)
                    co_await conn.execute(fmt::format("SELECT $1::int + {}", i), i);
                switch (kind) {
                case 0: co_await conn.execute("SELECT 1"); break;
                case 1: co_await conn.execute_script("SELECT 1"); break;
                case 2: co_await conn.execute_many("SELECT $1::int", numbers); break;
                case 3: {
                    tusk::pipeline batch = conn.pipeline();
                    auto one = batch.query_one<int>("SELECT $1::int", 1);
                    co_await batch.run();
                    EXPECT_EQ(one.get(), 1);
                    break;
                }
                case 4:
                    co_await conn.with_transaction(
                        [](tusk::transaction& tx) -> asio::awaitable<void> { co_await tx.execute("SELECT 1"); });
                    break;
                case 5: static_cast<void>(co_await conn.prepare("SELECT 1")); break;
                default: {
                    tusk::row_stream rows = co_await conn.stream("SELECT $1::int", 1);
                    while (co_await rows.next_batch()) {}
                }
                }
                const auto left = co_await prepared(conn);
                EXPECT_LE(left, 1) << kind;
            }
        },
        options);
}

TEST(statement_life, what_is_prepared_behind_discard_all_is_not_forgotten)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        for (const char* const discard : {"DISCARD ALL", "DEALLOCATE ALL"}) {
            callers both;
            both.spawn(executor, conn.execute(discard), succeeds());
            both.spawn(executor, conn.query_one<int>("SELECT $1::int * 2", 21), gives(42));
            co_await both.all();
            const auto doubled = co_await conn.query_one<int>("SELECT $1::int * 2", 4);
            EXPECT_EQ(doubled, 8);
            const auto times = co_await conn.execute_script(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int * 2%'");
            EXPECT_EQ(times[0][0][0].as<std::int64_t>(), 1) << discard;
        }
    });
}

TEST(statement_life, everybody_goes_on_after_discard_all)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        for (int round = 0; round < 6; ++round) {
            callers many;
            for (int i = 0; i < 60; ++i) {
                if (i == 30)
                    many.spawn(executor, conn.execute(round % 2 == 0 ? "DISCARD ALL" : "DEALLOCATE ALL"), succeeds());
                many.spawn(executor, conn.query_one<int>(fmt::format("SELECT $1::int + {}", i % 3), i),
                           gives(i + i % 3));
            }
            co_await many.all();
        }
        const auto left = co_await prepared(conn);
        EXPECT_LE(left, 5);
    });
}

TEST(statement_life, a_batch_whose_statement_the_server_forgot_fails_once)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT $1::int * 2";
        const std::vector<int> numbers{1, 2};
        co_await conn.execute_many(sql, numbers);
        co_await conn.execute_script(deallocate_behind_our_back);
        static_cast<void>(
            co_await thrown<tusk::invalid_sql_statement_name>([&] { return conn.query_many(sql, numbers); }));
        const tusk::result rows = co_await conn.query_many(sql, numbers);
        EXPECT_EQ(rows.size(), 2U);
        EXPECT_EQ(rows[1][0].as<int>(), 4);
    });
}

TEST(statement_life, in_a_transaction_a_forgotten_statement_is_a_clear_error_and_works_afterwards)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT $1::int * 2";
        co_await conn.query_one<int>(sql, 1);
        co_await conn.execute_script(deallocate_behind_our_back);
        static_cast<void>(co_await thrown<tusk::invalid_sql_statement_name>([&] {
            return conn.with_transaction(
                [&](tusk::transaction& tx) -> asio::awaitable<void> { co_await tx.query(sql, 1); });
        }));
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            const auto doubled = co_await tx.query_one<int>(sql, 2);
            EXPECT_EQ(doubled, 4);
        });
    });
}

TEST(statement_life, batches_and_pipelines_wait_for_what_another_caller_prepares)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        const std::vector<int> numbers{1, 2};
        // The first time the Parse that they wait for is refused, and they try their own.
        for (const bool exists : {false, true}) {
            if (exists)
                co_await conn.execute("CREATE TEMP TABLE later (n int)");
            const std::string sql = "INSERT INTO later VALUES ($1)";
            callers many;
            const auto spawn = [&](auto verb) {
                if (exists)
                    many.spawn(executor, std::move(verb), succeeds());
                else
                    many.spawn(executor, std::move(verb), fails_with<tusk::undefined_table>());
            };
            spawn(conn.execute(sql, 0));
            spawn(conn.execute_many(sql, numbers));
            tusk::pipeline batch = conn.pipeline();
            auto part = batch.execute(sql, 3);
            co_await batch.run();
            co_await many.all();
            EXPECT_EQ(part.failed(), !exists);
        }
        const auto all = co_await conn.query_one<std::string>("SELECT string_agg(n::text, ',' ORDER BY n) FROM later");
        EXPECT_EQ(all, "0,1,2,3");
    });
}

// ---- The same text that means something else.

TEST(statement_life, two_connections_with_different_search_paths)
{
    run([]() -> asio::awaitable<void> {
        const std::string drop = "DROP SCHEMA IF EXISTS tusk_life_a, tusk_life_b CASCADE;";
        tusk::connection first = co_await tusk::connect(server().url());
        tusk::connection second = co_await tusk::connect(server().url());
        co_await first.execute_script(
            drop + "CREATE SCHEMA tusk_life_a; CREATE SCHEMA tusk_life_b;"
                   "CREATE TABLE tusk_life_a.goods AS SELECT 1 AS id, 42 AS value;"
                   "CREATE TABLE tusk_life_b.goods AS SELECT 'key'::text AS id, 'text'::text AS value;");
        co_await first.execute("SET search_path = tusk_life_a");
        co_await second.execute("SET search_path = tusk_life_b");
        const std::string all = "SELECT id, value FROM goods";
        const std::string one = "SELECT value FROM goods WHERE id = $1";
        for (int round = 0; round < 3; ++round) {
            const auto numbers = co_await first.query_one<std::tuple<int, int>>(all);
            EXPECT_EQ(numbers, (std::tuple{1, 42}));
            const auto texts = co_await second.query_one<std::tuple<std::string, std::string>>(all);
            EXPECT_EQ(texts, (std::tuple{std::string{"key"}, std::string{"text"}}));
            const auto number = co_await first.query_one<int>(one, 1);
            EXPECT_EQ(number, 42);
            const auto text = co_await second.query_one<std::string>(one, "key");
            EXPECT_EQ(text, "text");
            static_cast<void>(co_await thrown<tusk::decode_error>([&] { return second.query_one<int>(one, "key"); }));
        }
        co_await first.execute_script(drop);
    });
}

TEST(statement_life, an_enum_that_is_dropped_and_created_again)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string drop = "DROP TYPE IF EXISTS tusk_life_mood CASCADE;";
        const std::string read = "SELECT 'happy'::tusk_life_mood AS mood";
        const std::string compare = "SELECT $1 = 'sad'::tusk_life_mood";
        for (const char* const words : {"'sad', 'happy'", "'happy', 'sad', 'new'", "'sad', 'other', 'happy'"}) {
            co_await conn.execute_script(drop + fmt::format("CREATE TYPE tusk_life_mood AS ENUM ({})", words));
            for (int round = 0; round < 2; ++round) {
                const auto mood = co_await conn.query_one<std::string>(read);
                EXPECT_EQ(mood, "happy");
                const auto is_sad = co_await conn.query_one<bool>(compare, "sad");
                EXPECT_TRUE(is_sad);
                tusk::pipeline batch = conn.pipeline();
                auto other = batch.query_one<bool>(compare, "happy");
                co_await batch.run();
                EXPECT_FALSE(other.get());
            }
        }
        co_await conn.execute_script(drop);
    });
}

/// Every verb that reads rows, before and after the column has become another type.
TEST(statement_life, a_column_that_becomes_another_type_is_never_read_as_the_old_one)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE t (id int, value int)");
        co_await conn.execute("INSERT INTO t SELECT g, 42 FROM generate_series(1, 3) AS g");
        const std::string by_id = "SELECT value FROM t WHERE id = $1";
        const std::string everything = "SELECT value FROM t ORDER BY id";
        const std::vector<int> ids{1, 2, 3};
        tusk::statement kept = co_await conn.prepare(by_id + " -- kept");
        // The text of all values, by whatever way; a change may cost a refusal, but never a wrong value.
        const auto read_all = [&](std::string_view expected) -> asio::awaitable<void> {
            const auto check = [&](const auto& rows) {
                const bool is_number = tusk::type_name(rows.columns()[0].type) == "integer";
                EXPECT_NE(rows.size(), 0U);
                for (const tusk::row_view row : rows) {
                    const std::string value =
                        is_number ? std::to_string(row[0].template as<int>()) : row[0].template as<std::string>();
                    EXPECT_EQ(value, expected);
                }
            };
            const tusk::result rows = co_await conn.query(everything);
            EXPECT_EQ(rows.size(), 3U);
            check(rows);
            const tusk::result one = co_await kept.query(1);
            check(one);
            tusk::row_stream stream = co_await conn.stream(everything + " -- stream");
            while (co_await stream.next_batch())
                check(stream);
            tusk::pipeline batch = conn.pipeline();
            auto first = batch.query(by_id + " -- pipeline", 1);
            auto second = batch.query(everything + " -- pipeline");
            co_await batch.run();
            for (auto* each : {&first, &second})
                if (each->failed()) {
                    EXPECT_EQ(each->error().sqlstate(), "0A000");
                } else {
                    check(each->get());
                }
            try {
                const tusk::result many = co_await conn.query_many(by_id + " -- many", ids);
                check(many);
            } catch (const tusk::feature_not_supported&) {
                // Said once, and only right after the change.
            }
        };
        co_await read_all("42");
        co_await conn.execute("ALTER TABLE t ALTER value TYPE text USING value || '!'");
        co_await read_all("42!");
        const tusk::result many = co_await conn.query_many(by_id + " -- many", ids);
        EXPECT_EQ(many[2][0].as<std::string>(), "42!");
        co_await conn.execute("ALTER TABLE t ALTER value TYPE bigint USING rtrim(value, '!')::bigint * 10");
        const auto number = co_await conn.query_one<std::int64_t>(by_id, 1);
        EXPECT_EQ(number, 420);
    });
}

TEST(statement_life, many_callers_of_a_statement_that_has_changed)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        const std::string sql = "SELECT value FROM t WHERE id = $1";
        co_await conn.execute_script("CREATE TEMP TABLE t (id int, value int); INSERT INTO t VALUES (1, 42)");
        co_await conn.query_one<int>(sql, 1);
        callers before;
        for (int i = 0; i < 50; ++i)
            before.spawn(executor, conn.query_one<int>(sql, 1), gives(42));
        before.spawn(executor, conn.execute("ALTER TABLE t ALTER value TYPE text"), succeeds());
        for (int i = 0; i < 50; ++i)
            before.spawn(executor, conn.query_one<std::string>(sql, 1), gives(std::string{"42"}));
        co_await before.all();
    });
}

} // namespace
