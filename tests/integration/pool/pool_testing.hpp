#pragma once

#include "support/run.hpp"

#include <tusk/pool.hpp>

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/this_coro.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace tusk::test {

using namespace std::chrono_literals;

/// A pool of so many connections and no more, on the executor of the coroutine that calls.
inline pool_options exactly(std::size_t size, pool_options::duration timeout = 10s)
{
    pool_options options;
    options.size = size;
    options.max_overflow = 0;
    options.timeout = timeout;
    return options;
}

/// Waits until `holds()`, for what happens behind the scenes.
template <class Condition>
asio::awaitable<void> eventually(Condition holds, std::chrono::steady_clock::duration limit = 10s)
{
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!holds() && std::chrono::steady_clock::now() < end)
        co_await pause(1ms);
    EXPECT_TRUE(holds());
}

/// Waits until a session that is not our own answers `true`.
inline asio::awaitable<void> until_true(std::string sql)
{
    connection other = co_await connect(server().url());
    bool holds = false;
    for (int tries = 0; !holds && tries < 2000; ++tries) {
        holds = co_await other.query_one<bool>(sql);
        if (!holds)
            co_await pause(5ms);
    }
    EXPECT_TRUE(holds) << sql;
}

/// Waits until a session sleeps in a statement with this piece in it.
inline asio::awaitable<void> until_sleeping(std::string_view piece)
{
    return until_true(fmt::format("SELECT count(*) > 0 FROM pg_stat_activity WHERE state = 'active' AND wait_event = "
                                  "'PgSleep' AND query LIKE '%{}%'",
                                  piece));
}

/// Waits until a session has ended. What it had to say has been sent by then.
inline asio::awaitable<void> until_gone(std::int32_t backend)
{
    return until_true(fmt::format("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = {}", backend));
}

/// Runs `body(pool)` for a pool in both modes: with strands and lock, and without.
template <class Body>
void run_pooled(pool_options options, Body body, std::string url = server().url())
{
    for (const bool thread_safe : {true, false}) {
        SCOPED_TRACE(thread_safe ? "thread safe" : "on one thread");
        options.thread_safe = thread_safe;
        run([&]() -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            pool shared{executor, url, options};
            co_await body(shared);
        });
    }
}

/// Asks until it works, for times at which callers may fail.
inline asio::awaitable<int> expect_usable_in_the_end(const pool& of)
{
    int failed = 0;
    for (; failed < 500; ++failed) {
        bool worked = false;
        try {
            worked = co_await of.query_one<int>("SELECT 6 * 7") == 42;
        } catch (const error&) {
            worked = false;
        }
        if (worked)
            co_return failed;
        co_await pause(std::chrono::milliseconds{1});
    }
    ADD_FAILURE() << "the pool does not recover";
    co_return failed;
}

inline std::size_t closed_because(const pool& of, close_reason why)
{
    return of.counters().closed[static_cast<std::size_t>(why)];
}

} // namespace tusk::test
