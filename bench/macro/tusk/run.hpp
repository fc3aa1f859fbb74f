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

} // namespace bench
