// Many coroutines at once: on connections of their own, on one that they share, and on those of a pool.

#include "callers.hpp"
#include "run.hpp"

#include <tusk/pool.hpp>

#include <vector>

namespace {

/// One caller on one connection, whichever it is.
asio::awaitable<void> select_rows(tusk::connection& conn, bench::task& todo)
{
    for (std::size_t i = 0; todo.next(i);) {
        const auto begun = todo.begin();
        const tusk::result rows = co_await conn.query(bench::select_one, bench::id_of(i));
        for (auto [id, name] : rows.as<std::int64_t, std::string_view>())
            todo.sum.add(id, name.size());
        todo.end(begun);
    }
}

asio::awaitable<void> several_connections(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    std::vector<tusk::connection> connections;
    for (std::size_t i = 0; i < bench::connection_count; ++i) {
        tusk::connection conn = co_await tusk::connect(where);
        co_await conn.execute_script(bench::make_table);
        connections.push_back(std::move(conn));
    }
    const auto caller = [&](std::size_t which, bench::task& todo) { return select_rows(connections[which], todo); };
    co_await bench::time_callers(given, took, connections.size(), caller);
    for (tusk::connection& conn : connections)
        co_await conn.close();
}

asio::awaitable<void> one_connection(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    tusk::connection conn = co_await tusk::connect(where);
    co_await conn.execute_script(bench::make_table);
    const auto caller = [&](std::size_t /*which*/, bench::task& todo) { return select_rows(conn, todo); };
    co_await bench::time_callers(given, took, bench::caller_count, caller);
    took.latencies.clear(); // a matter of the queue's length
    co_await conn.close();
}

asio::awaitable<void> select_from_pool(const tusk::pool& pool, bench::task& todo)
{
    for (std::size_t i = 0; todo.next(i);) {
        const auto begun = todo.begin();
        tusk::pooled_connection conn = co_await pool.acquire();
        const tusk::result rows = co_await conn->query(bench::select_one, bench::id_of(i));
        for (auto [id, name] : rows.as<std::int64_t, std::string_view>())
            todo.sum.add(id, name.size());
        todo.end(begun);
    }
}

template <std::size_t Callers>
asio::awaitable<void> pool(const bench::options& given, bench::measurement& took)
{
    tusk::pool_options limits;
    limits.size = bench::connection_count;
    limits.max_overflow = 0;
    limits.thread_safe = false;
    limits.on_connect = [](tusk::connection& made) -> asio::awaitable<void> {
        co_await made.execute_script(bench::make_table);
    };
    const auto executor = co_await asio::this_coro::executor;
    tusk::pool connections{executor, bench::where(given), limits};
    const auto caller = [&](std::size_t /*which*/, bench::task& todo) { return select_from_pool(connections, todo); };
    co_await bench::time_callers(given, took, Callers, caller);
    co_await connections.dispose();
}

const bench::work several{"point_select_10", bench::run<several_connections>};
const bench::work one{"callers_1000", bench::run<one_connection>};
const bench::work pool_1{"pool_1", bench::run<pool<1>>};
const bench::work pool_8{"pool_8", bench::run<pool<8>>};
const bench::work pool_64{"pool_64", bench::run<pool<64>>};

} // namespace
