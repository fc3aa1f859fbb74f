#pragma once

#include "support/observe.hpp"
#include "support/run.hpp"

#include <tusk/session.hpp>

#include <asio/awaitable.hpp>
#include <asio/this_coro.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

namespace tusk::test {

using namespace std::chrono_literals;

/// Runs `body(engine)` with an engine of so many connections.
template <class Body>
void run_with_engine(Body body, engine_options options = engine_options{}, std::string url = server().url())
{
    run([&]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        engine made{executor, url, options};
        co_await body(made);
    });
}

inline engine_options connections(std::size_t count)
{
    engine_options options;
    options.pool_size = count;
    options.max_overflow = 0;
    options.pool_timeout = 10s;
    return options;
}

/// How many sessions of the server are inside a transaction, besides the one that asks.
inline std::string open_transactions()
{
    std::string said =
        server().run_sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND "
                         "state LIKE 'idle in transaction%'");
    while (said.ends_with('\n'))
        said.pop_back();
    return said;
}

/// An empty table of that name with the columns `id int PRIMARY KEY, note text`.
inline asio::awaitable<void> make_table(const engine& on, std::string name)
{
    const std::string sql =
        "DROP TABLE IF EXISTS " + name + "; CREATE TABLE " + name + " (id int PRIMARY KEY, note text)";
    pooled_connection conn = co_await on.connect();
    co_await conn->execute_script(sql);
}

} // namespace tusk::test
