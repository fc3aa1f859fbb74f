// Bugs that pools of years' standing had, as far as it takes a real connection to have them; the others are tested with
// the core alone.

#include "pool_testing.hpp"

#include "support/fault_proxy.hpp"

#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace {

using namespace tusk::test;

TEST(pool_hard_bug, b01_a_cancelled_begin_does_not_poison_the_connection)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs a server of our own";
    fault_proxy proxy;
    run_pooled(
        exactly(1),
        [&](tusk::pool& pool) -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            co_await expect_usable(pool);
            for (int i = 0; i < 12; ++i) {
                // The answer to BEGIN is on its way for longer than its caller lives.
                proxy.delay(fault_proxy::way::to_client, 15ms);
                asio::cancellation_signal stop;
                bool ended = false;
                const auto work = [&]() -> asio::awaitable<void> {
                    co_await pool.with_transaction([](tusk::transaction& tx) -> asio::awaitable<void> {
                        co_await tx.execute("SELECT 1");
                        co_await tx.execute("SELECT 2");
                    });
                };
                asio::co_spawn(executor, work(),
                               asio::bind_cancellation_slot(stop.slot(), [&](const auto&) { ended = true; }));
                co_await pause(std::chrono::milliseconds{i * 4});
                stop.emit(asio::cancellation_type::terminal);
                co_await eventually([&] { return ended; });
                proxy.delay(fault_proxy::way::to_client, 0ms);
                tusk::pooled_connection conn = co_await pool.acquire();
                EXPECT_EQ(conn->transaction_status(), 'I');
                co_await expect_usable(*conn);
                EXPECT_EQ(conn->transaction_status(), 'I') << "the server was in a transaction";
            }
            EXPECT_EQ(pool.status().total(), 1U);
        },
        proxy.url());
}

TEST(pool_hard_bug, b02_a_connection_that_breaks_while_it_is_opened_is_counted_once)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs a server of our own";
    fault_proxy proxy;
    tusk::pool_options options = exactly(2);
    options.backoff_first = 1ms;
    options.backoff_most = 2ms;
    run_pooled(
        options,
        [&](tusk::pool& pool) -> asio::awaitable<void> {
            for (std::size_t bytes = 1; bytes < 700; bytes += 37) {
                proxy.cut_after(fault_proxy::way::to_client, bytes);
                co_await expect_usable_in_the_end(pool);
                pool.invalidate();
                co_await eventually([&] { return pool.status().total() == 0; });
            }
            const tusk::pool_counters counted = pool.counters();
            EXPECT_EQ(counted.connects_started, counted.connects_succeeded + counted.connects_failed);
            EXPECT_GT(counted.connects_failed, 0U);
            EXPECT_EQ(counted.acquired, counted.released);
        },
        proxy.url());
}

TEST(pool_hard_bug, b06_a_lease_that_is_handed_to_a_cancelled_caller_is_not_lost)
{
    // Cancelled in the same turn in which the connection is handed over.
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        for (int i = 0; i < 50; ++i) {
            tusk::pooled_connection held = co_await pool.acquire();
            asio::cancellation_signal stop;
            bool ended = false;
            const auto wait = [&]() -> asio::awaitable<void> { co_await pool.acquire(); };
            asio::co_spawn(executor, wait(),
                           asio::bind_cancellation_slot(stop.slot(), [&](const auto&) { ended = true; }));
            co_await eventually([&] { return pool.status().waiting == 1; });
            held.release();
            stop.emit(asio::cancellation_type::terminal);
            co_await eventually([&] { return ended; });
        }
        co_await eventually([&] { return pool.status().idle == 1; });
        EXPECT_EQ(pool.status().total(), 1U);
    });
}

TEST(pool_hard_bug, b06_a_lease_that_comes_too_late_for_its_caller_is_not_lost)
{
    // The caller's context goes away while the connection is on its way to it.
    run([]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        const tusk::pool pool{executor, server().url(), exactly(1)};
        for (int i = 0; i < 5; ++i) {
            tusk::pooled_connection held = co_await pool.acquire();
            auto its_context = std::make_unique<asio::io_context>();
            bool served = false;
            const auto wait = [&]() -> asio::awaitable<void> {
                const tusk::pooled_connection conn = co_await pool.acquire();
                served = true;
            };
            asio::co_spawn(*its_context, wait(), asio::detached);
            its_context->poll();
            EXPECT_EQ(pool.status().waiting, 1U);
            held.release();
            co_await eventually([&] { return pool.status().waiting == 0; });
            EXPECT_EQ(pool.status().leased, 1U) << "it is on its way";
            its_context.reset();
            EXPECT_FALSE(served);
            co_await eventually([&] { return pool.status().idle == 1; });
        }
    });
}

TEST(pool_hard_bug, b07_what_a_cancelled_task_leaves_is_cleaned_up_by_the_pool)
{
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        co_await pool.execute_script("DROP TABLE IF EXISTS pool_b07; CREATE TABLE pool_b07 (id int)");
        asio::cancellation_signal stop;
        bool ended = false;
        // A transaction that only the server knows of, and a caller who can await nothing more.
        const auto work = [&]() -> asio::awaitable<void> {
            tusk::pooled_connection conn = co_await pool.acquire();
            co_await conn->execute("BEGIN");
            co_await conn->execute("INSERT INTO pool_b07 VALUES (1)");
            co_await conn->execute("SELECT pg_sleep(61)");
        };
        asio::co_spawn(executor, work(), asio::bind_cancellation_slot(stop.slot(), [&](const auto&) { ended = true; }));
        co_await until_sleeping("pg_sleep(61)");
        stop.emit(asio::cancellation_type::terminal);
        co_await eventually([&] { return ended; });
        const auto rows = co_await pool.query_one<std::int64_t>("SELECT count(*) FROM pool_b07");
        EXPECT_EQ(rows, 0);
        EXPECT_EQ(pool.status().total(), 1U);
        EXPECT_EQ(pool.counters().connects_started, 1U);
        co_await pool.execute("DROP TABLE pool_b07");
    });
}

TEST(pool_hard_bug, b07_a_statement_that_does_not_end_costs_its_connection_and_not_the_place)
{
    tusk::pool_options options = exactly(1);
    options.reset_timeout = 100ms;
    options.close_timeout = 200ms;
    run_pooled(options, [](tusk::pool& pool) -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        asio::cancellation_signal stop;
        // It does not let itself be cancelled, however often, and sleeps on after its connection is gone: each run has
        // a name of its own, so that none waits for the one before.
        static int runs = 0;
        const std::string name = fmt::format("run {}", ++runs);
        const std::string sql = fmt::format("DO $$BEGIN /* {} */ FOR i IN 1..9 LOOP BEGIN PERFORM pg_sleep(0.5);"
                                            " EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END$$",
                                            name);
        const auto work = [&]() -> asio::awaitable<void> { co_await pool.execute(sql); };
        asio::co_spawn(executor, work(), asio::bind_cancellation_slot(stop.slot(), asio::detached));
        co_await until_sleeping(name);
        stop.emit(asio::cancellation_type::terminal);
        co_await expect_usable(pool);
        EXPECT_EQ(closed_because(pool, tusk::close_reason::reset_failed), 1U);
        EXPECT_EQ(pool.status().total(), 1U);
    });
}

TEST(pool_hard_bug, b07_a_statement_that_nobody_waits_for_is_cancelled_and_costs_nothing)
{
    tusk::pool_options options = exactly(1);
    options.reset_timeout = 10s;
    run_pooled(options, [](tusk::pool& pool) -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        asio::cancellation_signal stop;
        const auto work = [&]() -> asio::awaitable<void> { co_await pool.execute("SELECT pg_sleep(60)"); };
        asio::co_spawn(executor, work(), asio::bind_cancellation_slot(stop.slot(), asio::detached));
        co_await until_sleeping("pg_sleep(60)");
        stop.emit(asio::cancellation_type::terminal);
        co_await expect_usable(pool);
        EXPECT_EQ(pool.counters().connects_started, 1U) << "the statement was not stopped: its connection was";
    });
}

TEST(pool_hard_bug, b12_a_wrong_password_is_told_at_once)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs a server of our own";
    run_pooled(
        exactly(3, 1h),
        [](tusk::pool& pool) -> asio::awaitable<void> {
            for (int i = 0; i < 100; ++i)
                co_await thrown<tusk::invalid_password>([&] { return pool.acquire(); });
            EXPECT_LT(pool.counters().connects_started, 50U) << "a storm";
        },
        server().tcp_url("u_scram", "wrong"));
}

} // namespace
