// Connections that end, servers that do not answer, servers that refuse.

#include "load.hpp"

#include "support/fault_proxy.hpp"

#include <asio/detached.hpp>

#include <fmt/format.h>

#include <cstdint>

namespace {

using namespace tusk::test;

TEST(pool_faults, terminated_idle_connections_are_replaced_before_anybody_gets_one)
{
    run_pooled(exactly(5), [](tusk::pool& pool) -> asio::awaitable<void> {
        for (int round = 0; round < 3; ++round) {
            const auto pids = co_await fill(pool, 5);
            server().run_sql(
                fmt::format("SELECT pg_terminate_backend(pid) FROM unnest(ARRAY[{}]) pid", fmt::join(pids, ", ")));
            for (const std::int32_t pid : pids)
                co_await until_gone(pid);
            for (int i = 0; i < 10; ++i)
                co_await expect_usable(pool);
        }
        EXPECT_EQ(pool.counters().pings, 0U) << "their end had arrived: nothing was to be asked";
        EXPECT_GE(pool.counters().found_dead, 5U);
    });
}

TEST(pool_faults, one_death_makes_the_pool_ask_before_it_trusts)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs a server of our own";
    fault_proxy proxy;
    run_pooled(
        exactly(4),
        [&](tusk::pool& pool) -> asio::awaitable<void> {
            co_await fill(pool, 4);
            co_await pause(5ms);
            tusk::pooled_connection conn = co_await pool.acquire();
            server().terminate_backend(conn->backend_pid());
            co_await until_gone(conn->backend_pid());
            co_await thrown<tusk::error>([&] { return conn->execute("SELECT 1"); });
            conn.release();
            co_await expect_usable(pool);
            EXPECT_EQ(pool.counters().pings, 1U);
            co_await expect_usable(pool);
            EXPECT_EQ(pool.counters().pings, 1U) << "what has answered is trusted";
        },
        proxy.url());
}

TEST(pool_faults, in_a_black_hole_a_ping_finds_out_and_nobody_fails)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs a server of our own";
    tusk::pool_options options = exactly(2, 20s);
    options.pre_ping = true;
    options.ping_threshold = 1ms;
    options.ping_timeout = 100ms;
    options.close_timeout = 100ms;
    options.connect_timeout = 2s;
    for (const bool thread_safe : {true, false}) {
        fault_proxy proxy;
        options.thread_safe = thread_safe;
        run([&]() -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            tusk::pool pool{executor, proxy.url(), options};
            co_await fill(pool, 2);
            proxy.delay(fault_proxy::way::to_server, 1h); // the connections stay open, and nothing passes
            co_await pause(10ms);
            bool answered = false;
            const auto work = [&]() -> asio::awaitable<void> {
                co_await expect_usable(pool);
                answered = true;
            };
            asio::co_spawn(executor, work(), [](const std::exception_ptr& failed) { EXPECT_FALSE(failed); });
            co_await eventually([&] { return pool.counters().connects_failed > 0; });
            proxy.delay(fault_proxy::way::to_server, 0ms);
            co_await eventually([&] { return answered; });
            EXPECT_GE(pool.counters().pings_failed, 1U);
        });
    }
}

TEST(pool_faults, too_many_connections_are_waited_out)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs a server of our own";
    server().run_sql("ALTER ROLE u_trust CONNECTION LIMIT 2");
    tusk::pool_options options = exactly(4, 20s);
    options.backoff_first = 10ms;
    options.backoff_most = 50ms;
    run_pooled(
        options,
        [](tusk::pool& pool) -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            int done = 0;
            const auto work = [&]() -> asio::awaitable<void> {
                for (int i = 0; i < 5; ++i)
                    co_await pool.execute("SELECT pg_sleep(0.01)");
                ++done;
            };
            for (int i = 0; i < 4; ++i)
                asio::co_spawn(executor, work(), [](const std::exception_ptr& failed) { EXPECT_FALSE(failed); });
            co_await eventually([&] { return done == 4; }, 30s);
            EXPECT_LE(pool.status().total(), 4U);
            co_await expect_usable(pool);
        },
        server().socket_url("u_trust"));
    server().run_sql("ALTER ROLE u_trust CONNECTION LIMIT -1");
}

TEST(pool_faults, while_the_server_refuses_the_timeout_error_says_what_it_says)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs a server of our own";
    server().run_sql("ALTER ROLE u_trust CONNECTION LIMIT 0");
    run_pooled(
        exactly(2),
        [](tusk::pool& pool) -> asio::awaitable<void> {
            while (pool.counters().connects_failed == 0)
                co_await thrown<tusk::pool_timeout>([&] { return pool.acquire(20ms); });
            const auto late = co_await thrown<tusk::pool_timeout>([&] { return pool.acquire(20ms); });
            expect_mentions(late, "connecting failed", "too many connections");
        },
        server().socket_url("u_trust"));
    server().run_sql("ALTER ROLE u_trust CONNECTION LIMIT -1");
}

TEST(pool_faults, a_user_who_closes_the_connection_harms_nobody)
{
    run_pooled(exactly(2), [](tusk::pool& pool) -> asio::awaitable<void> {
        co_await fill(pool, 2);
        tusk::pooled_connection conn = co_await pool.acquire();
        co_await conn->close();
        conn.release();
        co_await expect_usable(pool);
        EXPECT_EQ(pool.counters().pings, 0U) << "its end tells nothing about the others";
        EXPECT_EQ(closed_because(pool, tusk::close_reason::discarded), 1U);
    });
}

} // namespace
