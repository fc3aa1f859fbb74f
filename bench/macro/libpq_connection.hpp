#pragma once

#include "sql.hpp"
#include "wire.hpp"
#include "workload.hpp"

#include <libpq-fe.h>

#include <cstring>
#include <memory>
#include <stdexcept>

namespace bench::pq {

struct finish_connection {
    void operator()(PGconn* open) const noexcept { PQfinish(open); }
};
struct clear_result {
    void operator()(PGresult* owned) const noexcept { PQclear(owned); }
};
using connection = std::unique_ptr<PGconn, finish_connection>;
using result = std::unique_ptr<PGresult, clear_result>;

inline void check(PGconn* of, bool good)
{
    if (!good)
        throw std::runtime_error{PQerrorMessage(of)};
}

inline result checked(PGconn* of, PGresult* came)
{
    result owned{came};
    const ExecStatusType status = PQresultStatus(came);
    check(of, status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE ||
                  status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_PIPELINE_SYNC);
    return owned;
}

inline connection connect(const options& given)
{
    connection open{PQconnectdb(given.conninfo().c_str())};
    check(open.get(), PQstatus(open.get()) == CONNECTION_OK);
    return open;
}

/// With a table made and a statement prepared as "s".
inline connection prepared(const options& given, const char* table, const char* sql)
{
    connection open = connect(given);
    checked(open.get(), PQexec(open.get(), table));
    checked(open.get(), PQprepare(open.get(), "s", sql, 0, nullptr));
    return open;
}

/// One int8 in binary, as libpq wants its parameters.
class parameter
{
public:
    explicit parameter(std::int64_t of) noexcept : bytes_{wire::swapped(static_cast<std::uint64_t>(of))} {}
    parameter(const parameter&) = delete;
    parameter& operator=(const parameter&) = delete;

private:
    std::uint64_t bytes_;

public:
    const char* value = reinterpret_cast<const char*>(&bytes_);
    int length = sizeof(std::uint64_t);
    int binary = 1;
};

inline void add_point(const PGresult* rows, checksum& sum)
{
    for (int row = 0; row < PQntuples(rows); ++row)
        sum.add(static_cast<std::int64_t>(wire::load<std::uint64_t>(PQgetvalue(rows, row, 0))),
                static_cast<std::size_t>(PQgetlength(rows, row, 1)));
}

inline void add_rows(const PGresult* rows, checksum& sum)
{
    for (int row = 0; row < PQntuples(rows); ++row)
        sum.add(digest(static_cast<std::int64_t>(wire::load<std::uint64_t>(PQgetvalue(rows, row, 0))),
                       static_cast<std::int32_t>(wire::load<std::uint32_t>(PQgetvalue(rows, row, 1))),
                       std::bit_cast<double>(wire::load<std::uint64_t>(PQgetvalue(rows, row, 2))),
                       static_cast<std::size_t>(PQgetlength(rows, row, 3)),
                       static_cast<std::int64_t>(wire::load<std::uint64_t>(PQgetvalue(rows, row, 4))),
                       *PQgetvalue(rows, row, 5) != 0));
}

} // namespace bench::pq
