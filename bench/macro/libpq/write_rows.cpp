// COPY of rows that are written by hand, for libpq takes bytes.

#include "copy_chunks.hpp"
#include "libpq_connection.hpp"

#include <string_view>

namespace {

namespace pq = bench::pq;

void copy(PGconn* open, const bench::samples& rows, std::size_t count)
{
    pq::checked(open, PQexec(open, bench::copy_in));
    bench::wire::copy_chunks chunks{rows, count};
    for (std::string_view chunk = chunks.next(); !chunk.empty(); chunk = chunks.next()) {
        chunk.remove_prefix(bench::wire::copy_chunks::head); // libpq makes the message
        pq::check(open, PQputCopyData(open, chunk.data(), static_cast<int>(chunk.size())) == 1);
    }
    pq::check(open, PQputCopyEnd(open, nullptr) == 1);
    while (PGresult* came = PQgetResult(open))
        pq::checked(open, came);
}

bench::measurement copy_in(const bench::options& given)
{
    const pq::connection open = pq::connect(given);
    pq::checked(open.get(), PQexec(open.get(), bench::make_copied));
    const bench::samples rows;
    copy(open.get(), rows, 1000);
    const bench::stopwatch watch;
    copy(open.get(), rows, given.operations);
    bench::checksum sum;
    sum.add(given.operations);
    return watch.stop(sum);
}

const bench::work known{"copy_in", copy_in};

} // namespace
