// Many queries in one write, each with a Sync of its own.

#include "wire_session.hpp"

#include <string>

namespace {

using bench::wire::answered;

bench::measurement pipelined(const bench::options& given, std::size_t length)
{
    bench::wire::session session{given, 256UL * 1024};
    session.exchange(bench::wire::query(bench::make_table));
    session.prepare(bench::select_one);
    const bench::wire::flight flight;
    std::string flights = flight.times(length);
    const auto run = [&](std::size_t queries) {
        bench::checksum sum;
        for (std::size_t done = 0; done < queries; done += length) {
            for (std::size_t i = 0; i < length; ++i)
                flight.write(flights.data() + i * flight.size(), bench::id_of(done + i));
            session.exchange_both_ways(
                flights,
                [&](const answered& each) {
                    if (each.type == 'D')
                        bench::wire::add_point(each.body, sum);
                },
                length);
        }
        return sum;
    };
    run(length * 10);
    const bench::stopwatch watch;
    return watch.stop(run(given.operations));
}

bench::measurement pipeline_100(const bench::options& given) { return pipelined(given, bench::pipeline_length); }
bench::measurement callers_1000(const bench::options& given) { return pipelined(given, bench::caller_count); }

const bench::work known{"pipeline_100", pipeline_100};
const bench::work callers{"callers_1000", callers_1000};

} // namespace
