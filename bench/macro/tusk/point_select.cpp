// tusk as people use it: the statement is found in the connection's cache by its text, the row is read with its types.

#include "workload.hpp"

#include <tusk/driver.hpp>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <cstdint>
#include <exception>
#include <string_view>

namespace {

asio::awaitable<bench::checksum> select_rows(tusk::connection& conn, std::size_t queries)
{
    bench::checksum sum;
    for (std::size_t i = 0; i < queries; ++i) {
        const tusk::result rows = co_await conn.query(bench::select_one, bench::id_of(i));
        for (auto [id, name] : rows.as<std::int64_t, std::string_view>())
            sum.add(id, name.size());
    }
    co_return sum;
}

asio::awaitable<void> point_select_with(const bench::options& given, bench::measurement& took)
{
    const std::string where = given.conninfo();
    tusk::connection conn = co_await tusk::connect(where);
    co_await conn.execute_script(bench::make_table);
    co_await select_rows(conn, bench::warm_up);
    const bench::stopwatch watch;
    const bench::checksum sum = co_await select_rows(conn, given.queries);
    took = watch.stop(sum);
    took.server_version = conn.parameter("server_version");
    co_await conn.close();
}

bench::measurement point_select(const bench::options& given)
{
    asio::io_context context{1};
    bench::measurement took;
    asio::co_spawn(context, point_select_with(given, took), [](const std::exception_ptr& failed) {
        if (failed)
            std::rethrow_exception(failed);
    });
    context.run();
    return took;
}

const bench::work known{"point_select", point_select};

} // namespace
