// A session that is opened and closed again: with the keys of SCRAM derived each time, with those of the time before,
// and over TLS.

#include "run.hpp"

namespace {

asio::awaitable<void> open_and_close(const tusk::connect_options& where, std::size_t times, bench::laps& laps)
{
    laps.start();
    for (std::size_t i = 0; i < times; ++i) {
        tusk::connection conn = co_await tusk::connect(where);
        co_await conn.close();
        laps.lap();
    }
}

template <bool Warm>
asio::awaitable<void> connect(const bench::options& given, bench::measurement& took)
{
    tusk::connect_options where = bench::where(given);
    where.scram_cache_keys = Warm;
    bench::laps none{0};
    co_await open_and_close(where, 5, none);
    const bench::stopwatch watch;
    co_await open_and_close(where, given.operations, none);
    bench::checksum sum;
    sum.add(given.operations);
    took = watch.stop(sum);
    bench::laps timed{bench::lap_count(given)};
    co_await open_and_close(where, bench::lap_count(given), timed);
    took.latencies = timed.take();
}

const bench::work cold{"connect_cold", bench::run<connect<false>>};
const bench::work warm{"connect_warm", bench::run<connect<true>>};
const bench::work over_tls{"connect_tls", bench::run<connect<true>>};

} // namespace
