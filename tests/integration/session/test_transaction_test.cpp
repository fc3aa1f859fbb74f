#include "session_testing.hpp"

#include <asio/co_spawn.hpp>

#include <fmt/format.h>

#include <vector>

namespace {

using namespace tusk::test;

asio::awaitable<std::int64_t> rows_left(const tusk::engine& engine, std::string table)
{
    const std::string sql = "SELECT count(*) FROM " + table;
    tusk::session s{engine};
    const auto count = co_await s.query_one<std::int64_t>(sql);
    co_await s.commit();
    co_return count;
}

asio::awaitable<void> add_row(const tusk::engine& on, std::string table, int id)
{
    const std::string sql = "INSERT INTO " + table + " VALUES ($1, '')";
    co_await on.begin([&](tusk::session& s) -> asio::awaitable<void> { co_await s.execute(sql, id); });
}

TEST(test_transaction, what_the_code_under_test_commits_vanishes)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "test_vanishes");
        tusk::test_transaction outer = co_await tusk::test_transaction::begin(engine);
        {
            tusk::session inner{outer};
            co_await inner.execute("INSERT INTO test_vanishes VALUES (1, '')");
            co_await inner.commit();
            co_await inner.execute("INSERT INTO test_vanishes VALUES (2, '')");
            co_await inner.rollback();
            co_await inner.execute("INSERT INTO test_vanishes VALUES (3, '')");
        }
        const tusk::engine bound = outer.engine();
        co_await add_row(bound, "test_vanishes", 4);
        const auto seen = co_await rows_left(bound, "test_vanishes");
        EXPECT_EQ(seen, 2) << "1 and 4 were committed";
        co_await outer.rollback();
        const auto left = co_await rows_left(engine, "test_vanishes");
        EXPECT_EQ(left, 0);
        EXPECT_EQ(engine.status().leased, 0U);
    });
}

TEST(test_transaction, destroyed_it_is_rolled_back)
{
    run_with_engine(
        [](tusk::engine& engine) -> asio::awaitable<void> {
            co_await make_table(engine, "test_destroyed");
            {
                const tusk::test_transaction outer = co_await tusk::test_transaction::begin(engine);
                const tusk::engine bound = outer.engine();
                co_await add_row(bound, "test_destroyed", 1);
            }
            const auto left = co_await rows_left(engine, "test_destroyed");
            EXPECT_EQ(left, 0);
        },
        connections(1));
}

TEST(test_transaction, an_error_costs_only_the_session_it_happened_in)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "test_error");
        tusk::test_transaction outer = co_await tusk::test_transaction::begin(engine);
        const tusk::engine bound = outer.engine();
        co_await add_row(bound, "test_error", 1);
        co_await thrown<tusk::unique_violation>([&]() -> asio::awaitable<int> {
            co_await add_row(bound, "test_error", 1);
            co_return 0;
        });
        {
            tusk::session s{outer};
            static_cast<void>(co_await s.try_execute("SELECT 1/0"));
            const auto undone = co_await thrown<tusk::transaction_rolled_back>([&]() -> asio::awaitable<int> {
                co_await s.commit();
                co_return 0;
            });
            expect_mentions(undone, "22012");
            co_await s.begin_nested(
                [&]() -> asio::awaitable<void> { co_await s.execute("INSERT INTO test_error VALUES (2, '')"); });
            co_await s.commit();
        }
        const auto seen = co_await rows_left(bound, "test_error");
        EXPECT_EQ(seen, 2);
        co_await outer.rollback();
    });
}

TEST(test_transaction, sessions_take_turns_from_first_statement_to_commit)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "test_turns");
        tusk::test_transaction outer = co_await tusk::test_transaction::begin(engine);
        const tusk::engine bound = outer.engine();
        const auto executor = co_await asio::this_coro::executor;
        std::vector<int> order;
        int ended = 0;
        const auto caller = [&](int number) -> asio::awaitable<void> {
            tusk::session s{bound};
            co_await s.execute("INSERT INTO test_turns VALUES ($1, '')", number);
            order.push_back(number);
            co_await pause(5ms);
            const auto last = co_await s.query_one<int>("SELECT max(id) FROM test_turns");
            EXPECT_EQ(last, number) << "another session came in between";
            order.push_back(number);
            if (number % 2 == 0)
                co_await s.commit(); // the others are rolled back by the destructor
        };
        for (int i = 1; i <= 6; ++i)
            asio::co_spawn(executor, caller(i), [&](const std::exception_ptr& failed) {
                EXPECT_FALSE(failed);
                ++ended;
            });
        const bool over = co_await eventually([&] { return ended == 6; });
        EXPECT_TRUE(over);
        EXPECT_EQ(order, (std::vector<int>{1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6}));
        const auto seen = co_await rows_left(bound, "test_turns");
        EXPECT_EQ(seen, 3);
        co_await outer.rollback();
    });
}

TEST(test_transaction, a_commit_checks_deferred_constraints_and_leaves_them_deferred)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        {
            tusk::pooled_connection conn = co_await engine.connect();
            co_await conn->execute_script(
                "DROP TABLE IF EXISTS test_deferred; CREATE TABLE test_deferred (late int UNIQUE DEFERRABLE INITIALLY "
                "DEFERRED, soon int UNIQUE DEFERRABLE INITIALLY IMMEDIATE)");
        }
        tusk::test_transaction outer = co_await tusk::test_transaction::begin(engine);
        tusk::session s{outer};
        for (int i = 0; i < 2; ++i) {
            co_await s.execute("INSERT INTO test_deferred VALUES (1, 1)");
            co_await s.execute("INSERT INTO test_deferred VALUES (1, 2)"); // deferred, each time
            const auto refused = co_await thrown<tusk::unique_violation>([&]() -> asio::awaitable<int> {
                co_await s.commit();
                co_return 0;
            });
            EXPECT_EQ(refused.constraint_name(), "test_deferred_late_key");
            EXPECT_FALSE(s.in_transaction());
        }
        co_await s.execute("INSERT INTO test_deferred VALUES (1, 1), (2, 2)");
        co_await s.commit();
        // What is immediate stays immediate, what is deferred stays deferred.
        co_await s.execute("INSERT INTO test_deferred VALUES (1, 3)");
        co_await thrown<tusk::unique_violation>([&] { return s.execute("INSERT INTO test_deferred VALUES (9, 1)"); });
        co_await s.rollback();
        co_await outer.rollback();
    });
}

TEST(test_transaction, retry_and_settings_work_on_it)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "test_retry");
        tusk::test_transaction outer = co_await tusk::test_transaction::begin(engine);
        const tusk::engine bound = outer.engine();
        int attempts = 0;
        const auto options = tusk::retry_options{5}.backoff(std::chrono::microseconds{1}, 1ms);
        co_await bound.retry(options, [&](tusk::session& s) -> asio::awaitable<void> {
            co_await s.set_isolation(tusk::isolation::serializable);
            co_await s.set("app.tenant", "blue");
            co_await s.execute("INSERT INTO test_retry VALUES ($1, current_setting('app.tenant'))", ++attempts);
            if (attempts == 1)
                co_await s.execute("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$");
        });
        tusk::session s{bound};
        const auto note = co_await s.query_one<std::string>("SELECT note FROM test_retry WHERE id = 2");
        EXPECT_EQ(note, "blue");
        const auto tenant =
            co_await s.query_one<std::string>("SELECT coalesce(current_setting('app.tenant', true), '')");
        EXPECT_EQ(tenant, "") << "it was for one transaction";
        co_await s.commit();
        co_await s.set_read_only();
        co_await thrown<tusk::read_only_sql_transaction>([&] { return s.execute("DELETE FROM test_retry"); });
        co_await s.rollback();
        co_await s.set_read_only();
        co_await expect_usable(s);
        co_await s.commit();
        co_await s.execute("DELETE FROM test_retry");
        co_await s.commit();
        co_await outer.rollback();
    });
}

TEST(test_transaction, after_its_end_what_is_bound_to_it_says_so)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::test_transaction outer = co_await tusk::test_transaction::begin(engine);
        const tusk::engine bound = outer.engine();
        tusk::session open{outer};
        co_await open.execute("SELECT 1");
        tusk::session waiting{outer};
        bool told = false;
        const auto executor = co_await asio::this_coro::executor;
        asio::co_spawn(executor, waiting.query("SELECT 1"), [&](const std::exception_ptr& failed, const tusk::result&) {
            EXPECT_THROW(std::rethrow_exception(failed), tusk::usage_error);
            told = true;
        });
        co_await pause(5ms);
        co_await outer.rollback();
        const bool was_told = co_await eventually([&] { return told; });
        EXPECT_TRUE(was_told);
        co_await thrown<tusk::usage_error>([&] { return open.query("SELECT 1"); });
        co_await open.rollback();
        const auto refused = co_await thrown<tusk::usage_error>([&] { return open.query("SELECT 1"); });
        expect_mentions(refused, "has ended");
        const auto no_connection = co_await thrown<tusk::usage_error>([&] { return bound.connect(); });
        expect_mentions(no_connection, "use a session");
        co_await bound.dispose();
        tusk::session real{engine};
        co_await expect_usable(real);
        co_await real.commit();
    });
}

} // namespace
