// A session that is opened and closed again. libpq derives the keys of SCRAM each time.

#include "libpq_connection.hpp"

namespace {

bench::measurement connect(const bench::options& given)
{
    return bench::measure(given, 5, [&](std::size_t /*i*/, bench::checksum& sum) {
        const bench::pq::connection open = bench::pq::connect(given);
        sum.add(1);
    });
}

const bench::work cold{"connect_cold", connect};
const bench::work warm{"connect_warm", connect};
const bench::work over_tls{"connect_tls", connect};

} // namespace
