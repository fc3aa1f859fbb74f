// A transaction that has failed says so, and how to go on.
#include "session_testing.hpp"

#include <fmt/format.h>

#include <exception>

namespace {

using namespace tusk::test;

TEST(failed_transaction, every_verb_names_the_first_error_until_rollback)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "failed_named");
        tusk::session s{engine};
        co_await s.execute("INSERT INTO failed_named VALUES (1, 'a')");
        co_await thrown<tusk::unique_violation>([&] { return s.execute("INSERT INTO failed_named VALUES (1, 'b')"); });
        for (int i = 0; i < 3; ++i) {
            const auto refused = co_await thrown<tusk::pending_rollback>([&] { return s.query("SELECT 1"); });
            expect_mentions(refused, "rollback()", "23505", "failed_named_pkey");
            EXPECT_THROW(std::rethrow_exception(refused.cause()), tusk::unique_violation);
        }
        const auto as_value = co_await s.try_query("SELECT 1");
        EXPECT_THROW(as_value.error().raise(), tusk::pending_rollback);
        EXPECT_TRUE(s.in_transaction());
        co_await s.rollback();
        const auto count = co_await s.query_one<std::int64_t>("SELECT count(*) FROM failed_named");
        EXPECT_EQ(count, 0);
        co_await s.rollback();
    });
}

TEST(failed_transaction, commit_throws_what_the_server_did)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        const auto refused = co_await s.try_execute("SELECT 1/0");
        EXPECT_EQ(refused.error().sqlstate(), "22012");
        const auto undone = co_await thrown<tusk::transaction_rolled_back>([&]() -> asio::awaitable<int> {
            co_await s.commit();
            co_return 0;
        });
        EXPECT_THROW(std::rethrow_exception(undone.cause()), tusk::division_by_zero);
        EXPECT_FALSE(s.in_transaction());
        EXPECT_EQ(engine.status().leased, 0U);
        co_await expect_usable(s);
        co_await s.commit();
    });
}

TEST(failed_transaction, an_error_in_a_pipeline_counts_too)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        tusk::pipeline several = co_await s.pipeline();
        const auto failed = several.query("SELECT 1/0");
        co_await several.run();
        EXPECT_TRUE(failed.failed());
        const auto refused = co_await thrown<tusk::pending_rollback>([&] { return s.query("SELECT 1"); });
        expect_mentions(refused, "22012");
        co_await s.rollback();
    });
}

TEST(failed_transaction, an_error_of_this_side_does_not_fail_it)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        co_await s.execute("SELECT 1");
        co_await thrown<tusk::encode_error>([&] { return s.query("SELECT $1::int2", 100'000); });
        co_await thrown<tusk::row_count_error>([&] { return s.query_one<int>("SELECT 1 WHERE false"); });
        co_await expect_usable(s);
        co_await s.commit();
    });
}

TEST(failed_transaction, a_deferred_constraint_fails_the_commit)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        {
            tusk::pooled_connection conn = co_await engine.connect();
            co_await conn->execute_script("DROP TABLE IF EXISTS failed_deferred; CREATE TABLE failed_deferred "
                                          "(id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        }
        tusk::session s{engine};
        co_await s.execute("INSERT INTO failed_deferred VALUES (1), (1)");
        co_await thrown<tusk::unique_violation>([&]() -> asio::awaitable<int> {
            co_await s.commit();
            co_return 0;
        });
        EXPECT_FALSE(s.in_transaction());
        const auto count = co_await s.query_one<std::int64_t>("SELECT count(*) FROM failed_deferred");
        EXPECT_EQ(count, 0);
        co_await s.commit();
    });
}

TEST(failed_transaction, a_lost_connection_is_told_and_rolled_back_without_complaint)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        const auto backend = co_await s.query_one<std::int32_t>("SELECT pg_backend_pid()");
        server().terminate_backend(backend);
        bool failed = false;
        try {
            co_await s.query("SELECT 1");
        } catch (const tusk::error&) {
            failed = true;
        }
        EXPECT_TRUE(failed);
        const auto refused = co_await thrown<tusk::pending_rollback>([&] { return s.query("SELECT 1"); });
        expect_mentions(refused, "lost", "rollback()");
        co_await s.rollback();
        co_await expect_usable(s);
        co_await s.commit();
    });
}

TEST(failed_transaction, ended_with_sql_it_says_so)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        co_await s.execute("SELECT 1");
        co_await s.execute("COMMIT");
        const auto refused = co_await thrown<tusk::usage_error>([&] { return s.query("SELECT 1"); });
        expect_mentions(refused, "ended by a statement of its own");
        co_await s.rollback();
        co_await expect_usable(s);
        co_await s.rollback();
    });
}

} // namespace
