// libpq as people use it: a named prepared statement, binary in and out, one call after the other.

#include "libpq_connection.hpp"

namespace {

namespace pq = bench::pq;

bench::measurement point_select(const bench::options& given)
{
    const pq::connection open = pq::prepared(given, bench::make_table, bench::select_one);
    bench::measurement took = bench::measure(given, bench::warm_up, [&](std::size_t i, bench::checksum& sum) {
        const pq::parameter id{bench::id_of(i)};
        const pq::result rows = pq::checked(
            open.get(), PQexecPrepared(open.get(), "s", 1, &id.value, &id.length, &id.binary, /*resultFormat=*/1));
        pq::add_point(rows.get(), sum);
    });
    took.server_version = PQparameterStatus(open.get(), "server_version");
    return took;
}

const bench::work known{"point_select", point_select};

} // namespace
