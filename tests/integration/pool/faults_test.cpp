// A real server that goes away in every way, under a pool with live connections.
//
// Asserted: no call fails that had no statement on its way, and no storm of connections hits the server. Measured and
// written to the test's properties: how many calls failed, how long recovery took, how many connects it cost.

#include "pool_testing.hpp"

#include "support/fault_proxy.hpp"

#include <asio/detached.hpp>

#include <fmt/format.h>

#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace tusk::test;
using std::chrono::steady_clock;

/// Opens so many connections and gives them back.
asio::awaitable<std::vector<std::int32_t>> fill(const tusk::pool& pool, std::size_t count)
{
    std::vector<tusk::pooled_connection> all;
    std::vector<std::int32_t> pids;
    while (all.size() < count) {
        all.push_back(co_await pool.acquire());
        pids.push_back(all.back()->backend_pid());
    }
    co_return pids;
}

/// Many callers, each with one statement after the other, until they are told to stop.
class load
{
public:
    explicit load(const tusk::pool& pool) noexcept : pool_{&pool} {}

    void start(const asio::any_io_executor& executor, int callers)
    {
        for (int i = 0; i < callers; ++i) {
            ++running_;
            asio::co_spawn(executor, work(), [this](const std::exception_ptr& failed) {
                EXPECT_FALSE(failed);
                --running_;
            });
        }
    }
    asio::awaitable<void> stop()
    {
        stopped_ = true;
        co_await eventually([&] { return running_ == 0; }, 30s);
    }

    int succeeded = 0;
    int lost_in_flight = 0; ///< The statement had been sent: nobody can help that.
    int failed_otherwise = 0;
    std::string failure;
    std::vector<steady_clock::time_point> successes;

private:
    asio::awaitable<void> work()
    {
        while (!stopped_) {
            bool acquired = false;
            bool safe = false;
            std::string said;
            try {
                tusk::pooled_connection conn = co_await pool_->acquire();
                acquired = true;
                co_await conn->execute("SELECT 1");
                ++succeeded;
                successes.push_back(steady_clock::now());
                continue;
            } catch (const tusk::connection_error& lost) {
                said = lost.what();
                safe = lost.safe_to_retry();
            } catch (const std::exception& other) {
                said = other.what();
            }
            if (acquired && !safe) {
                ++lost_in_flight;
            } else {
                ++failed_otherwise;
                failure = said;
            }
            co_await pause(1ms);
        }
    }

    const tusk::pool* pool_;
    bool stopped_ = false;
    int running_ = 0;
};

TEST(pool_faults, terminated_idle_connections_are_replaced_before_anybody_gets_one)
{
    run_pooled(exactly(5), [](tusk::pool& pool) -> asio::awaitable<void> {
        for (int round = 0; round < 5; ++round) {
            const auto pids = co_await fill(pool, 5);
            for (const std::int32_t pid : pids)
                server().terminate_backend(pid);
            for (const std::int32_t pid : pids)
                co_await until_gone(pid);
            for (int i = 0; i < 10; ++i)
                co_await expect_usable(pool);
        }
        EXPECT_EQ(pool.counters().pings, 0U) << "their end had arrived: nothing was to be asked";
        EXPECT_GE(pool.counters().found_dead, 5U);
    });
}

TEST(pool_faults, a_killed_backend_takes_all_with_it_and_the_pool_recovers_without_a_storm)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs a server of our own";
    for (const bool thread_safe : {true, false})
        run([&]() -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            tusk::pool_options options = exactly(10, 30s);
            options.thread_safe = thread_safe;
            tusk::pool pool{executor, server().url(), options};
            const auto pids = co_await fill(pool, 10);
            load many{pool};
            many.start(executor, 40);
            co_await eventually([&] { return many.succeeded > 200; });
            const auto connects_before = pool.counters().connects_started;
            server().signal_backend(pids.front(), SIGKILL); // the server starts over
            const auto killed = steady_clock::now();
            const auto lately = [&] {
                return std::ranges::count_if(many.successes, [&](auto when) { return when > killed + 200ms; });
            };
            co_await eventually([&] { return lately() > 200; }, 30s);
            co_await many.stop();
            server().wait_until_ready();
            EXPECT_EQ(many.failed_otherwise, 0) << many.failure;
            // One statement a connection was on its way; and the postmaster still lets some in before it has noticed.
            EXPECT_LE(many.lost_in_flight, 20);
            const auto connects = pool.counters().connects_started - connects_before;
            EXPECT_LE(connects, 40U) << "a storm";
            const auto first = *std::ranges::find_if(many.successes, [&](auto when) { return when > killed + 200ms; });
            RecordProperty("lost_in_flight", many.lost_in_flight);
            RecordProperty("connects", static_cast<int>(connects));
            RecordProperty("recovery_ms", static_cast<int>((first - killed) / 1ms));
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
