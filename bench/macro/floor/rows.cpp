// Rows of six typed columns: found in what arrives, and their values loaded.

#include "wire_session.hpp"

#include <string>

namespace {

using bench::wire::answered;

bench::measurement read_rows(const bench::options& given)
{
    bench::wire::session session{given, 256UL * 1024};
    session.exchange(bench::wire::query(bench::make_rows));
    session.prepare(bench::select_rows);
    bench::wire::flight flight;
    const auto run = [&](std::size_t rows) {
        bench::checksum sum;
        session.exchange(flight.to(static_cast<std::int64_t>(rows)), [&](const answered& each) {
            if (each.type == 'D')
                sum.add(bench::wire::digest_of(each.body + 2));
        });
        return sum;
    };
    run(1000);
    const bench::stopwatch watch;
    return watch.stop(run(given.operations));
}

bench::measurement copy_out(const bench::options& given)
{
    bench::wire::session session{given, 256UL * 1024};
    session.exchange(bench::wire::query(bench::make_rows));
    const auto run = [&](std::size_t rows) {
        bench::checksum sum;
        std::size_t skipped = bench::wire::copy_signature().size();
        session.exchange(bench::wire::query(bench::copy_out_of(rows)), [&](const answered& each) {
            if (each.type != 'd')
                return;
            const char* row = each.body + skipped;
            skipped = 0;
            if (bench::wire::load<std::uint16_t>(row) == 6)
                sum.add(bench::wire::digest_of(row + 2));
        });
        return sum;
    };
    run(1000);
    const bench::stopwatch watch;
    return watch.stop(run(given.operations));
}

const bench::work query{"rows_query", read_rows};
const bench::work stream{"rows_stream", read_rows};
const bench::work copy{"copy_out", copy_out};

} // namespace
