// libpq as people use it: a named prepared statement, binary in and out, one call after the other.

#include "workload.hpp"

#include <libpq-fe.h>

#include <bit>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace {

struct finish_connection {
    void operator()(PGconn* open) const noexcept { PQfinish(open); }
};
struct clear_result {
    void operator()(PGresult* owned) const noexcept { PQclear(owned); }
};
using connection = std::unique_ptr<PGconn, finish_connection>;
using result = std::unique_ptr<PGresult, clear_result>;

result checked(PGconn* of, PGresult* came)
{
    result owned{came};
    const ExecStatusType status = PQresultStatus(came);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        throw std::runtime_error{PQerrorMessage(of)};
    return owned;
}

std::uint64_t swapped(std::uint64_t value)
{
    static_assert(std::endian::native == std::endian::little);
    return __builtin_bswap64(value);
}

bench::measurement point_select(const bench::options& given)
{
    const connection open{PQconnectdb(given.conninfo().c_str())};
    if (PQstatus(open.get()) != CONNECTION_OK)
        throw std::runtime_error{PQerrorMessage(open.get())};
    checked(open.get(), PQexec(open.get(), bench::make_table));
    checked(open.get(), PQprepare(open.get(), "s", bench::select_one, 0, nullptr));
    bench::measurement took = bench::measure(given, [&](std::int64_t id, bench::checksum& sum) {
        const std::uint64_t big_endian = swapped(static_cast<std::uint64_t>(id));
        const char* value = reinterpret_cast<const char*>(&big_endian);
        const int length = sizeof big_endian;
        const int binary = 1;
        const result rows =
            checked(open.get(), PQexecPrepared(open.get(), "s", 1, &value, &length, &binary, /*resultFormat=*/1));
        if (PQntuples(rows.get()) != 1)
            throw std::runtime_error{"one row was expected"};
        std::uint64_t read = 0;
        std::memcpy(&read, PQgetvalue(rows.get(), 0, 0), sizeof read);
        sum.add(static_cast<std::int64_t>(swapped(read)), static_cast<std::size_t>(PQgetlength(rows.get(), 0, 1)));
    });
    took.server_version = PQparameterStatus(open.get(), "server_version");
    return took;
}

const bench::work known{"point_select", point_select};

} // namespace
