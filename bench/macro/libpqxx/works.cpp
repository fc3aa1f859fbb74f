// libpqxx as people use it: prepared statements by name, values in text.

#include "sql.hpp"
#include "workload.hpp"

#include <pqxx/pqxx>

#include <cstdint>

namespace {

bench::measurement point_select(const bench::options& given)
{
    pqxx::connection open{given.conninfo()};
    pqxx::nontransaction work{open};
    work.exec(bench::make_table);
    open.prepare("s", bench::select_one);
    return bench::measure(given, bench::warm_up, [&](std::size_t i, bench::checksum& sum) {
        for (const auto& row : work.exec_prepared("s", bench::id_of(i)))
            sum.add(row[0].as<std::int64_t>(), row[1].size());
    });
}

bench::measurement connect(const bench::options& given)
{
    return bench::measure(given, 5, [&](std::size_t /*i*/, bench::checksum& sum) {
        const pqxx::connection open{given.conninfo()};
        sum.add(1);
    });
}

const bench::work known{"point_select", point_select};
const bench::work cold{"connect_cold", connect};
const bench::work over_tls{"connect_tls", connect};

} // namespace
