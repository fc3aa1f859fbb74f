// What is counted in round trips: the server is a millisecond away.

#include "libpq_connection.hpp"

namespace {

namespace pq = bench::pq;

std::int64_t first_value(const PGresult* rows)
{
    return static_cast<std::int64_t>(bench::wire::load<std::uint64_t>(PQgetvalue(rows, 0, 0)));
}

bench::measurement query(const bench::options& given)
{
    bench::checksum sum;
    const bench::stopwatch watch;
    for (std::size_t i = 0; i < given.operations; ++i) {
        const pq::connection open = pq::connect(given);
        const pq::parameter one{1};
        const pq::result rows = pq::checked(
            open.get(), PQexecParams(open.get(), bench::add_one, 1, nullptr, &one.value, &one.length, &one.binary, 1));
        sum.add(static_cast<std::uint64_t>(first_value(rows.get())));
    }
    return watch.stop(sum);
}

bench::measurement transactions(const bench::options& given)
{
    const pq::connection open = pq::connect(given);
    pq::checked(open.get(), PQexec(open.get(), bench::make_accounts));
    pq::checked(open.get(), PQprepare(open.get(), "take", bench::take_one, 0, nullptr));
    pq::checked(open.get(), PQprepare(open.get(), "give", bench::give_one, 0, nullptr));
    pq::checked(open.get(), PQprepare(open.get(), "count", bench::count_all, 0, nullptr));
    bench::checksum sum;
    const auto change = [&](const char* name, std::int64_t which) {
        const pq::parameter id{which};
        pq::checked(open.get(), PQexecPrepared(open.get(), name, 1, &id.value, &id.length, &id.binary, 1));
    };
    const bench::stopwatch watch;
    for (std::size_t i = 0; i < given.operations; ++i) {
        pq::checked(open.get(), PQexec(open.get(), "BEGIN"));
        change("take", 1);
        change("give", 2);
        const pq::result rows =
            pq::checked(open.get(), PQexecPrepared(open.get(), "count", 0, nullptr, nullptr, nullptr, 1));
        sum.add(static_cast<std::uint64_t>(first_value(rows.get())));
        pq::checked(open.get(), PQexec(open.get(), "COMMIT"));
    }
    return watch.stop(sum);
}

const bench::work first{"rtt_query", query};
const bench::work transaction{"rtt_transaction", transactions};

} // namespace
