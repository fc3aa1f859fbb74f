// Numerics, arrays and jsonb in binary, taken apart by hand.

#include "libpq_connection.hpp"

namespace {

namespace pq = bench::pq;

template <class T>
T load(const char* from)
{
    return static_cast<T>(bench::wire::load<std::make_unsigned_t<T>>(from));
}

std::uint64_t numeric(const char* value, std::size_t /*length*/)
{
    const auto count = load<std::uint16_t>(value);
    const int weight = load<std::int16_t>(value + 2);
    const bool is_negative = load<std::uint16_t>(value + 4) == 0x4000;
    return static_cast<std::uint64_t>(bench::units_of(
        count, weight, is_negative, [value](std::size_t at) { return load<std::int16_t>(value + 8 + 2 * at); }));
}

std::uint64_t array(const char* value, std::size_t /*length*/)
{
    std::uint64_t sum = 0;
    const auto count = load<std::int32_t>(value + 12);
    const char* at = value + 20;
    for (std::int32_t i = 0; i < count; ++i, at += 8)
        sum += static_cast<std::uint64_t>(std::int64_t{load<std::int32_t>(at + 4)});
    return sum;
}

/// The first byte is the version of the format.
std::uint64_t document(const char* value, std::size_t length)
{
    return length - 1 + static_cast<unsigned char>(value[1]);
}

template <std::uint64_t (*Read)(const char*, std::size_t)>
bench::checksum query(PGconn* open, std::size_t count)
{
    const pq::parameter last{static_cast<std::int64_t>(count)};
    bench::checksum sum;
    const pq::result rows = pq::checked(open, PQexecPrepared(open, "s", 1, &last.value, &last.length, &last.binary, 1));
    for (int row = 0; row < PQntuples(rows.get()); ++row)
        sum.add(Read(PQgetvalue(rows.get(), row, 0), static_cast<std::size_t>(PQgetlength(rows.get(), row, 0))));
    return sum;
}

template <const char* const& Sql, std::uint64_t (*Read)(const char*, std::size_t)>
bench::measurement read_values(const bench::options& given)
{
    const pq::connection open = pq::prepared(given, bench::make_values, Sql);
    query<Read>(open.get(), 1000);
    const bench::stopwatch watch;
    return watch.stop(query<Read>(open.get(), given.operations));
}

const bench::work numerics{"numerics", read_values<bench::select_numerics, numeric>};
const bench::work int_arrays{"int_arrays", read_values<bench::select_arrays, array>};
const bench::work documents{"documents", read_values<bench::select_documents, document>};

} // namespace
