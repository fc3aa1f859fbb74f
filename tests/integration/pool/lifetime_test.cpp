// Pools, leases, callers and contexts that end in every order.

#include "pool_testing.hpp"

#include <asio/detached.hpp>

#include <memory>
#include <optional>

namespace {

using namespace tusk::test;

TEST(pool_lifetime, destroyed_with_idle_connections_it_closes_them_at_once)
{
    for (const bool thread_safe : {true, false}) {
        asio::io_context io;
        std::optional<tusk::pool> pool;
        tusk::pool_options options = exactly(2);
        options.thread_safe = thread_safe;
        pool.emplace(io.get_executor(), server().url(), options);
        std::int32_t pid = 0;
        run(io, [&]() -> asio::awaitable<void> { pid = co_await pool->query_one<int>("SELECT pg_backend_pid()"); }());
        EXPECT_EQ(pool->status().idle, 1U) << "and it keeps no context busy";
        pool.reset();
        // The context does not run any more.
        run([&] { return until_gone(pid); });
    }
}

TEST(pool_lifetime, a_lease_may_outlive_its_pool)
{
    for (const bool thread_safe : {true, false})
        run([&]() -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            tusk::pool_options options = exactly(2);
            options.thread_safe = thread_safe;
            std::optional<tusk::pool> pool;
            pool.emplace(executor, server().url(), options);
            tusk::pooled_connection conn = co_await pool->acquire();
            const std::int32_t pid = conn->backend_pid();
            pool.reset();
            co_await expect_usable(*conn);
            conn.release();
            co_await until_gone(pid);
        });
}

TEST(pool_lifetime, who_waits_is_told_when_the_pool_is_destroyed)
{
    for (const bool thread_safe : {true, false})
        run([&]() -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            tusk::pool_options options = exactly(1);
            options.thread_safe = thread_safe;
            std::optional<tusk::pool> pool;
            pool.emplace(executor, server().url(), options);
            const tusk::pooled_connection held = co_await pool->acquire();
            bool told = false;
            const auto wait = [&]() -> asio::awaitable<void> {
                co_await thrown<tusk::pool_closed>([&] { return pool->acquire(); });
                told = true;
            };
            asio::co_spawn(executor, wait(), [](const std::exception_ptr& failed) { EXPECT_FALSE(failed); });
            co_await eventually([&] { return pool->status().waiting == 1; });
            pool.reset();
            co_await eventually([&] { return told; });
        });
}

TEST(pool_lifetime, destroyed_while_it_connects_it_stops)
{
    for (const bool thread_safe : {true, false})
        run([&]() -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            tusk::pool_options options = exactly(3);
            options.thread_safe = thread_safe;
            options.min_idle = 3;
            for (const auto& delay : {0ms, 1ms, 3ms}) {
                const tusk::pool pool{executor, server().url(), options};
                co_await pause(delay);
            }
        });
}

TEST(pool_lifetime, everything_may_go_with_the_context)
{
    for (const bool thread_safe : {true, false}) {
        SCOPED_TRACE(thread_safe);
        auto io = std::make_unique<asio::io_context>();
        tusk::pool_options options = exactly(2);
        options.thread_safe = thread_safe;
        auto pool = std::make_shared<tusk::pool>(io->get_executor(), server().url(), options);
        const auto hold = [](std::shared_ptr<tusk::pool> from, const char* sql) -> asio::awaitable<void> {
            tusk::pooled_connection conn = co_await from->acquire();
            co_await conn->execute(sql);
        };
        asio::co_spawn(*io, hold(pool, "SELECT pg_sleep(600)"), asio::detached);
        asio::co_spawn(*io, hold(pool, "SELECT pg_sleep(600)"), asio::detached);
        asio::co_spawn(*io, hold(pool, "SELECT 1"), asio::detached); // waits in the queue
        const auto limit = std::chrono::steady_clock::now() + hang_limit;
        while ((pool->status().leased != 2 || pool->status().waiting != 1) && std::chrono::steady_clock::now() < limit)
            io->run_for(20ms);
        io->run_for(50ms); // the statements are sent
        EXPECT_EQ(pool->status().leased, 2U);
        EXPECT_EQ(pool->status().waiting, 1U);
        std::weak_ptr<tusk::pool> watched = pool;
        pool.reset();
        EXPECT_FALSE(watched.expired()) << "the coroutines hold it";
        io.reset();
        EXPECT_TRUE(watched.expired()) << "something leaks";
    }
}

TEST(pool_lifetime, dispose_closes_idle_ones_now_and_leased_ones_when_they_return)
{
    run_pooled(exactly(2), [](tusk::pool& pool) -> asio::awaitable<void> {
        tusk::pooled_connection held = co_await pool.acquire();
        co_await expect_usable(pool);
        co_await pool.dispose();
        co_await thrown<tusk::pool_closed>([&] { return pool.acquire(); });
        EXPECT_FALSE(pool.try_acquire().has_value());
        co_await eventually([&] { return pool.status().total() == 1; });
        co_await expect_usable(*held);
        held.release();
        co_await eventually([&] { return pool.status().total() == 0; });
        EXPECT_EQ(closed_because(pool, tusk::close_reason::disposed), 2U);
        co_await pool.dispose(); // once more does nothing
    });
}

TEST(pool_lifetime, dispose_with_grace_waits_for_leases)
{
    run_pooled(exactly(2), [](tusk::pool& pool) -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        const auto work = [&]() -> asio::awaitable<void> {
            tusk::pooled_connection conn = co_await pool.acquire();
            co_await conn->execute("SELECT pg_sleep(0.1)");
        };
        asio::co_spawn(executor, work(), [](const std::exception_ptr& failed) { EXPECT_FALSE(failed); });
        co_await eventually([&] { return pool.status().leased == 1; });
        const tusk::pool_disposal done = co_await pool.dispose(30s);
        EXPECT_EQ(done.forced, 0U);
        EXPECT_EQ(pool.status().total(), 0U);
    });
}

TEST(pool_lifetime, dispose_with_grace_cuts_off_who_stays_too_long_and_says_who)
{
    run_pooled(exactly(2), [](tusk::pool& pool) -> asio::awaitable<void> {
        tusk::pooled_connection held = co_await pool.acquire();
        const tusk::pool_disposal done = co_await pool.dispose(20ms);
        EXPECT_EQ(done.forced, 1U);
        EXPECT_NE(to_string(done.leases.at(0)).find("lifetime_test.cpp"), std::string::npos);
        const auto cut = co_await thrown<tusk::connection_error>([&] { return held->execute("SELECT 1"); });
        expect_mentions(cut, "disposed");
        held.release();
        co_await eventually([&] { return pool.status().total() == 0; });
    });
}

} // namespace
