// Rows of six typed columns: all at once, in batches, and by COPY.

#include "run.hpp"

#include <cstdint>
#include <string_view>

namespace {

template <class Rows>
void add(const Rows& rows, bench::checksum& sum)
{
    for (const auto [id, n, x, name, at, flag] :
         rows.template as<std::int64_t, std::int32_t, double, std::string_view, tusk::timestamptz, bool>())
        sum.add(bench::digest(id, n, x, name.size(), at.microseconds_since_2000(), flag));
}

asio::awaitable<bench::checksum> query(tusk::connection& conn, std::size_t count)
{
    bench::checksum sum;
    const tusk::result rows = co_await conn.query(bench::select_rows, static_cast<std::int64_t>(count));
    add(rows, sum);
    co_return sum;
}

asio::awaitable<bench::checksum> stream(tusk::connection& conn, std::size_t count)
{
    bench::checksum sum;
    tusk::row_stream rows = co_await conn.stream(bench::select_rows, static_cast<std::int64_t>(count));
    while (co_await rows.next_batch())
        add(rows, sum);
    co_return sum;
}

asio::awaitable<bench::checksum> copy(tusk::connection& conn, std::size_t count)
{
    bench::checksum sum;
    const std::string sql = bench::copy_out_of(count);
    tusk::copy_reader rows = co_await conn.copy_out(sql);
    while (co_await rows.next_batch())
        add(rows, sum);
    co_return sum;
}

template <asio::awaitable<bench::checksum> (*Read)(tusk::connection&, std::size_t)>
asio::awaitable<void> read_rows(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    tusk::connection conn = co_await tusk::connect(where);
    co_await conn.execute_script(bench::make_rows);
    co_await Read(conn, 1000);
    const bench::stopwatch watch;
    const bench::checksum sum = co_await Read(conn, given.operations);
    took = watch.stop(sum);
    co_await conn.close();
}

const bench::work at_once{"rows_query", bench::run<read_rows<query>>};
const bench::work streamed{"rows_stream", bench::run<read_rows<stream>>};
const bench::work copied{"copy_out", bench::run<read_rows<copy>>};

} // namespace
