// COPY of rows that are written by hand, for libpq takes bytes.

#include "libpq_connection.hpp"

#include <vector>

namespace {

namespace pq = bench::pq;

void copy(PGconn* open, const bench::samples& rows, std::size_t count)
{
    constexpr std::ptrdiff_t piece = 64L * 1024;
    pq::checked(open, PQexec(open, bench::copy_in));
    std::vector<char> bytes(piece + bench::wire::longest_row);
    const std::string signature = bench::wire::copy_signature();
    char* place = bytes.data();
    std::memcpy(place, signature.data(), signature.size());
    place += signature.size();
    const auto flush = [&] {
        pq::check(open, PQputCopyData(open, bytes.data(), static_cast<int>(place - bytes.data())) == 1);
        place = bytes.data();
    };
    for (std::size_t i = 0; i < count; ++i) {
        bench::wire::store(place, std::uint16_t{6});
        place = bench::wire::store_fields(place, rows[i]);
        if (place - bytes.data() > piece)
            flush();
    }
    bench::wire::store(place, std::uint16_t{0xffff});
    flush();
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
