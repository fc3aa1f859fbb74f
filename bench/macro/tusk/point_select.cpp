// tusk as people use it: the statement is found in the connection's cache by its text, the row is read with its types.

#include "run.hpp"

#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace {

asio::awaitable<bench::checksum> select_rows(tusk::connection& conn, std::size_t queries, bench::laps& laps)
{
    bench::checksum sum;
    laps.start();
    for (std::size_t i = 0; i < queries; ++i) {
        const tusk::result rows = co_await conn.query(bench::select_one, bench::id_of(i));
        for (auto [id, name] : rows.as<std::int64_t, std::string_view>())
            sum.add(id, name.size());
        laps.lap();
    }
    co_return sum;
}

asio::awaitable<void> point_select(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    tusk::connection conn = co_await tusk::connect(where);
    co_await conn.execute_script(bench::make_table);
    bench::laps none{0};
    co_await select_rows(conn, bench::warm_up, none);
    const bench::stopwatch watch;
    const bench::checksum sum = co_await select_rows(conn, given.operations, none);
    took = watch.stop(sum);
    took.server_version = conn.parameter("server_version");
    bench::laps timed{bench::lap_count(given)};
    co_await select_rows(conn, bench::lap_count(given), timed);
    took.latencies = timed.take();
    co_await conn.close();
}

const bench::work known{"point_select", bench::run<point_select>};

} // namespace
