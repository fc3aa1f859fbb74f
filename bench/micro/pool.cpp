// What the pool itself costs: its rules alone, and the whole of it around a real connection that does nothing.
//
// The second half needs a server: TUSK_DATABASE_URL, as tusk_with_server sets it.

#include "allocation_count.hpp"
#include "core/core.hpp"

#include <tusk/pool.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <exception>

namespace {

using namespace std::chrono_literals;
using bench::allocation_count;
using clock_type = std::chrono::steady_clock;

tusk::pooling::limits bounds()
{
    tusk::pooling::limits made;
    made.max_lifetime = 1h;
    return made;
}

void core_acquire_release(benchmark::State& state)
{
    tusk::pooling::core core{bounds(), 1};
    tusk::pooling::work todo;
    tusk::pooling::slot slot;
    core.begin_open(slot, clock_type::now());
    core.opened(slot, clock_type::now(), todo);
    const allocation_count count{state};
    for (auto _ : state) {
        tusk::pooling::slot* got = core.try_acquire(std::source_location::current(), clock_type::now(), todo);
        benchmark::DoNotOptimize(got);
        core.give_back(*got, clock_type::now(), todo);
    }
}
BENCHMARK(core_acquire_release);

void core_hand_off(benchmark::State& state)
{
    tusk::pooling::core core{bounds(), 1};
    tusk::pooling::work todo;
    tusk::pooling::slot slot;
    core.begin_open(slot, clock_type::now());
    core.opened(slot, clock_type::now(), todo);
    tusk::pooling::slot* held = core.try_acquire(std::source_location::current(), clock_type::now(), todo);
    const allocation_count count{state};
    for (auto _ : state) {
        tusk::pooling::waiter waiter;
        core.acquire(waiter, clock_type::now(), todo);
        core.give_back(*held, clock_type::now(), todo);
        held = waiter.given;
        todo = {};
    }
}
BENCHMARK(core_hand_off);

/// Runs a coroutine to its end.
template <class Body>
void run(benchmark::State& state, bool thread_safe, Body body)
{
    const char* url = std::getenv("TUSK_DATABASE_URL");
    if (url == nullptr) {
        state.SkipWithError("needs TUSK_DATABASE_URL");
        return;
    }
    asio::io_context io{1};
    tusk::pool_options options;
    options.size = 1;
    options.max_overflow = 0;
    options.thread_safe = thread_safe;
    const tusk::pool pool{io.get_executor(), url, options};
    asio::co_spawn(io, body(state, pool), [](std::exception_ptr failed) {
        if (failed)
            std::rethrow_exception(failed);
    });
    io.run();
}

void pool_acquire_release(benchmark::State& of, bool thread_safe)
{
    run(of, thread_safe, [](benchmark::State& state, const tusk::pool& pool) -> asio::awaitable<void> {
        co_await pool.execute("SELECT 1");
        const allocation_count count{state};
        for (auto _ : state) {
            const tusk::pooled_connection conn = co_await pool.acquire();
            benchmark::DoNotOptimize(&conn);
        }
    });
}
BENCHMARK_CAPTURE(pool_acquire_release, one_thread, false);
BENCHMARK_CAPTURE(pool_acquire_release, thread_safe, true);

asio::awaitable<void> compete(const tusk::pool& pool, const bool& over)
{
    while (!over)
        const tusk::pooled_connection conn = co_await pool.acquire();
}

void pool_hand_off(benchmark::State& of, bool thread_safe)
{
    run(of, thread_safe, [](benchmark::State& state, const tusk::pool& pool) -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        bool over = false;
        for (int i = 0; i < 9; ++i)
            asio::co_spawn(executor, compete(pool, over), [](const std::exception_ptr&) {});
        co_await pool.execute("SELECT 1");
        const std::uint64_t before = pool.counters().acquired;
        const allocation_count count{state};
        for (auto _ : state)
            const tusk::pooled_connection conn = co_await pool.acquire(); // behind the nine others
        state.counters["hand_offs"] = benchmark::Counter(static_cast<double>(pool.counters().acquired - before),
                                                         benchmark::Counter::kAvgIterations);
        over = true;
        // They refer to what goes when this returns: until the last of them is through, stay.
        while (pool.status().waiting != 0)
            const tusk::pooled_connection conn = co_await pool.acquire();
        co_await asio::post(executor, asio::use_awaitable);
    });
}
BENCHMARK_CAPTURE(pool_hand_off, one_thread, false);
BENCHMARK_CAPTURE(pool_hand_off, thread_safe, true);

} // namespace
