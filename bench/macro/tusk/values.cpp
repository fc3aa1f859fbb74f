// Numerics, arrays and jsonb as the types that a program would ask for.

#include "run.hpp"

#include <tusk/driver/array.hpp>
#include <tusk/driver/numeric.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace {

std::uint64_t digest(const tusk::numeric& value)
{
    const auto groups = value.groups();
    return static_cast<std::uint64_t>(bench::units_of(groups.size(), value.weight(), value.is_negative(),
                                                      [groups](std::size_t at) { return groups[at]; }));
}

std::uint64_t digest(const std::vector<std::int32_t>& value)
{
    std::uint64_t sum = 0;
    for (const std::int32_t each : value)
        sum += static_cast<std::uint64_t>(std::int64_t{each});
    return sum;
}

std::uint64_t digest(std::string_view document) { return document.size() + static_cast<unsigned char>(document[0]); }

template <class Value>
asio::awaitable<bench::checksum> query(tusk::connection& conn, std::string_view sql, std::size_t count)
{
    bench::checksum sum;
    const tusk::result rows = co_await conn.query(sql, static_cast<std::int64_t>(count));
    for (const auto& [value] : rows.as<Value>())
        sum.add(digest(value));
    co_return sum;
}

template <const char* const& Sql, class Value>
asio::awaitable<void> read_values(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    tusk::connection conn = co_await tusk::connect(where);
    co_await conn.execute_script(bench::make_values);
    co_await query<Value>(conn, Sql, 1000);
    const bench::stopwatch watch;
    const bench::checksum sum = co_await query<Value>(conn, Sql, given.operations);
    took = watch.stop(sum);
    co_await conn.close();
}

const bench::work numerics{"numerics", bench::run<read_values<bench::select_numerics, tusk::numeric>>};
const bench::work int_arrays{"int_arrays", bench::run<read_values<bench::select_arrays, std::vector<std::int32_t>>>};
const bench::work documents{"documents", bench::run<read_values<bench::select_documents, std::string_view>>};

} // namespace
