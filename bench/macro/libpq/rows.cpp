// Rows of six typed columns: all at once, one by one, and by COPY.

#include "libpq_connection.hpp"

namespace {

namespace pq = bench::pq;

bench::checksum query(PGconn* open, std::size_t count)
{
    const pq::parameter last{static_cast<std::int64_t>(count)};
    bench::checksum sum;
    const pq::result rows = pq::checked(open, PQexecPrepared(open, "s", 1, &last.value, &last.length, &last.binary, 1));
    pq::add_rows(rows.get(), sum);
    return sum;
}

bench::checksum stream(PGconn* open, std::size_t count)
{
    const pq::parameter last{static_cast<std::int64_t>(count)};
    bench::checksum sum;
    pq::check(open, PQsendQueryPrepared(open, "s", 1, &last.value, &last.length, &last.binary, 1) == 1);
    pq::check(open, PQsetSingleRowMode(open) == 1);
    while (PGresult* came = PQgetResult(open))
        pq::add_rows(pq::checked(open, came).get(), sum);
    return sum;
}

bench::checksum copy(PGconn* open, std::size_t count)
{
    bench::checksum sum;
    pq::checked(open, PQexec(open, bench::copy_out_of(count).c_str()));
    std::size_t skipped = bench::wire::copy_signature().size();
    char* row = nullptr;
    while (PQgetCopyData(open, &row, 0) > 0) {
        const char* fields = row + skipped;
        skipped = 0;
        if (bench::wire::load<std::uint16_t>(fields) == 6)
            sum.add(bench::wire::digest_of(fields + 2));
        PQfreemem(row);
    }
    while (PGresult* came = PQgetResult(open))
        pq::checked(open, came);
    return sum;
}

template <bench::checksum (*Read)(PGconn*, std::size_t)>
bench::measurement read_rows(const bench::options& given)
{
    const pq::connection open = pq::prepared(given, bench::make_rows, bench::select_rows);
    Read(open.get(), 1000);
    const bench::stopwatch watch;
    return watch.stop(Read(open.get(), given.operations));
}

const bench::work at_once{"rows_query", read_rows<query>};
const bench::work streamed{"rows_stream", read_rows<stream>};
const bench::work copied{"copy_out", read_rows<copy>};

} // namespace
