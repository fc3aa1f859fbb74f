// A hundred statements in one round trip.

#include "run.hpp"

#include <string>
#include <tuple>
#include <vector>

namespace {

asio::awaitable<bench::checksum> select_rows(tusk::connection& conn, std::size_t queries)
{
    bench::checksum sum;
    std::vector<tusk::pending<tusk::result>> answers;
    tusk::pipeline batch = conn.pipeline();
    for (std::size_t done = 0; done < queries; done += bench::pipeline_length) {
        for (std::size_t i = 0; i < bench::pipeline_length; ++i)
            answers.push_back(batch.query(bench::select_one, bench::id_of(done + i)));
        co_await batch.run();
        for (auto& each : answers) {
            const tusk::result& rows = each.get();
            for (auto [id, name] : rows.as<std::int64_t, std::string_view>())
                sum.add(id, name.size());
        }
        answers.clear();
    }
    co_return sum;
}

asio::awaitable<void> pipeline(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    tusk::connection conn = co_await tusk::connect(where);
    co_await conn.execute_script(bench::make_table);
    co_await select_rows(conn, 10 * bench::pipeline_length);
    const bench::stopwatch watch;
    const bench::checksum sum = co_await select_rows(conn, given.operations);
    took = watch.stop(sum);
    co_await conn.close();
}

const bench::work known{"pipeline_100", bench::run<pipeline>};

} // namespace
