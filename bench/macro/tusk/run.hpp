#pragma once

#include "sql.hpp"
#include "workload.hpp"

#include <tusk/driver.hpp>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <exception>

namespace bench {

/// Where a contender that speaks only libpq's strings would connect; and the one place that knows of it.
[[nodiscard]] inline tusk::connect_options where(const options& given)
{
    return tusk::connect_options{given.conninfo()};
}

/// Runs a coroutine to its end, on one thread.
template <asio::awaitable<void> (*Body)(const options&, measurement&)>
measurement run(const options& given)
{
    asio::io_context context{1};
    measurement took;
    asio::co_spawn(context, Body(given, took), [](const std::exception_ptr& failed) {
        if (failed)
            std::rethrow_exception(failed);
    });
    context.run();
    return took;
}

/// For a work whose operations are round trips: `once(i)` does the i-th, and adds what it read to `sum`. Some come
/// before the clock starts, and a second pass tells how long each takes.
template <class Once>
asio::awaitable<void> measure_each(const options& given, checksum& sum, Once& once, measurement& took)
{
    for (std::size_t i = 0; i < warm_up; ++i)
        co_await once(i);
    sum = {};
    const stopwatch watch;
    for (std::size_t i = 0; i < given.operations; ++i)
        co_await once(i);
    took = watch.stop(sum);
    laps timed{lap_count(given)};
    timed.start();
    for (std::size_t i = 0; i < lap_count(given); ++i) {
        co_await once(i);
        timed.lap();
    }
    took.latencies = timed.take();
}

} // namespace bench
