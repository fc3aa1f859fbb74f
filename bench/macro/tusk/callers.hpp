#pragma once

#include "sql.hpp"
#include "workload.hpp"

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <exception>

namespace bench {

/// Work that several callers share: each takes the next operation when it is done with one.
struct task {
    std::size_t operations;
    laps& times;
    std::size_t taken = 0;
    checksum sum{};

    bool next(std::size_t& which) noexcept
    {
        which = taken;
        return taken++ < operations;
    }
    [[nodiscard]] std::chrono::steady_clock::time_point begin() const
    {
        return times.noted() ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point{};
    }
    void end(std::chrono::steady_clock::time_point begun)
    {
        if (times.noted())
            times.note(begun);
    }
};

/// Runs so many callers until all operations are done.
template <class Caller>
asio::awaitable<checksum> run_callers(std::size_t operations, laps& times, std::size_t callers, const Caller& caller)
{
    const auto executor = co_await asio::this_coro::executor;
    task todo{operations, times};
    asio::steady_timer all_done{executor, std::chrono::steady_clock::time_point::max()};
    std::size_t left = callers;
    for (std::size_t i = 0; i < callers; ++i) {
        asio::co_spawn(executor, caller(i, todo), [&](const std::exception_ptr& failed) {
            if (failed)
                std::rethrow_exception(failed);
            if (--left == 0)
                all_done.cancel();
        });
    }
    asio::error_code cancelled;
    auto token = asio::redirect_error(asio::use_awaitable, cancelled);
    co_await all_done.async_wait(token);
    co_return todo.sum;
}

/// Warms up, times, and makes the pass for latencies.
template <class Caller>
asio::awaitable<void> time_callers(const options& given, measurement& took, std::size_t callers, const Caller& caller)
{
    laps none{0};
    co_await run_callers(warm_up * connection_count + callers, none, callers, caller);
    const stopwatch watch;
    const checksum sum = co_await run_callers(given.operations, none, callers, caller);
    took = watch.stop(sum);
    laps timed{lap_count(given)};
    co_await run_callers(lap_count(given), timed, callers, caller);
    took.latencies = timed.take();
}

} // namespace bench
