// What is counted in round trips: the server is a millisecond away.

#include "run.hpp"

#include <cstdint>

namespace {

asio::awaitable<void> first_query(const tusk::connect_options& where, std::size_t times, bench::checksum& sum)
{
    for (std::size_t i = 0; i < times; ++i) {
        tusk::connection conn = co_await tusk::connect(where);
        const auto one = co_await conn.query_one<std::int64_t>(bench::add_one, std::int64_t{1});
        sum.add(static_cast<std::uint64_t>(one));
        co_await conn.close();
    }
}

asio::awaitable<void> transfer(tusk::connection& conn, bench::checksum& sum)
{
    tusk::transaction tx = co_await conn.begin();
    co_await tx.execute(bench::take_one, std::int64_t{1});
    co_await tx.execute(bench::give_one, std::int64_t{2});
    const auto left = co_await tx.query_one<std::int64_t>(bench::count_all);
    co_await tx.commit();
    sum.add(static_cast<std::uint64_t>(left));
}

asio::awaitable<void> query(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    bench::checksum sum;
    const bench::stopwatch watch;
    co_await first_query(where, given.operations, sum);
    took = watch.stop(sum);
}

asio::awaitable<void> transactions(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    tusk::connection conn = co_await tusk::connect(where);
    co_await conn.execute_script(bench::make_accounts);
    bench::checksum sum;
    co_await transfer(conn, sum);
    sum = {};
    const bench::stopwatch watch;
    for (std::size_t i = 0; i < given.operations; ++i)
        co_await transfer(conn, sum);
    took = watch.stop(sum);
    co_await conn.close();
}

const bench::work first{"rtt_query", bench::run<query>};
const bench::work transaction{"rtt_transaction", bench::run<transactions>};

} // namespace
