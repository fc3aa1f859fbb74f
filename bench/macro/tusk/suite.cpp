// MagicStack's suite.

#include "suite.hpp"
#include "callers.hpp"
#include "run.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

namespace suite = bench::suite;

/// Keeps the values that were decoded from being dropped by the compiler.
template <class T>
void use(const T& value)
{
    asm volatile("" : : "m"(value) : "memory");
}

asio::awaitable<std::size_t> pg_type(tusk::connection& conn)
{
    const tusk::result rows = co_await conn.query(suite::pg_type, -1, true);
    for (const auto& row : rows.as<std::string, std::uint32_t, std::uint32_t, std::int16_t, bool, char, bool, bool,
                                   char, std::uint32_t, std::uint32_t, std::uint32_t>())
        use(row);
    co_return rows.size();
}

asio::awaitable<std::size_t> generate_series(tusk::connection& conn)
{
    const tusk::result rows = co_await conn.query(suite::generate_series, suite::series_length);
    for (const auto& row : rows.as<std::int32_t>())
        use(row);
    co_return rows.size();
}

asio::awaitable<std::size_t> large_object(tusk::connection& conn)
{
    const tusk::result rows = co_await conn.query(suite::large_object);
    for (const auto& row : rows.as<std::vector<std::byte>>())
        use(row);
    co_return rows.size();
}

asio::awaitable<std::size_t> arrays(tusk::connection& conn)
{
    const tusk::result rows = co_await conn.query(suite::arrays);
    for (const auto& row : rows.as<std::vector<std::int32_t>>())
        use(row);
    co_return rows.size();
}

asio::awaitable<std::size_t> copyfrom(tusk::connection& conn)
{
    const suite::row row;
    tusk::copy_writer writer = co_await conn.copy_into("_test", "a", "b", "c", "d", "e", "f", "g");
    for (std::size_t i = 0; i < suite::copied_rows; ++i)
        if (writer.add(row.a, row.b, row.c, row.d, row.e, row.f, row.g))
            co_await writer.flush();
    const tusk::command_tag done = co_await writer.finish();
    co_return done.rows_affected();
}

asio::awaitable<std::size_t> batch(tusk::connection& conn)
{
    const std::vector<suite::row> rows(suite::inserted_rows);
    const tusk::command_tag done = co_await conn.execute_many(suite::insert, rows);
    co_return done.rows_affected();
}

asio::awaitable<std::size_t> one_plus_one(tusk::connection& conn)
{
    const tusk::result rows = co_await conn.query(suite::one_plus_one);
    for (const auto& row : rows.as<std::int32_t>())
        use(row);
    co_return rows.size();
}

using operation = asio::awaitable<std::size_t> (*)(tusk::connection&);

template <operation Once>
asio::awaitable<void> repeat(tusk::connection& conn, bench::task& todo)
{
    for (std::size_t i = 0; todo.next(i);) {
        const auto begun = todo.begin();
        const std::size_t rows = co_await Once(conn);
        todo.sum.add(rows);
        todo.end(begun);
    }
}

template <operation Once, const char* const& Tables>
asio::awaitable<void> measure(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    std::vector<tusk::connection> connections;
    for (std::size_t i = 0; i < bench::connection_count; ++i) {
        tusk::connection conn = co_await tusk::connect(where);
        co_await conn.execute_script(Tables);
        co_await Once(conn);
        connections.push_back(std::move(conn));
    }
    const auto caller = [&](std::size_t which, bench::task& todo) { return repeat<Once>(connections[which], todo); };
    bench::laps none{0};
    const bench::stopwatch watch;
    const bench::checksum sum = co_await bench::run_callers(given.operations, none, connections.size(), caller);
    took = watch.stop(sum);
    bench::laps timed{bench::lap_count(given)};
    co_await bench::run_callers(bench::lap_count(given), timed, connections.size(), caller);
    took.latencies = timed.take();
    for (tusk::connection& conn : connections)
        co_await conn.close();
}

const bench::work first{"ms_pg_type", bench::run<measure<pg_type, suite::no_table>>};
const bench::work second{"ms_generate_series", bench::run<measure<generate_series, suite::no_table>>};
const bench::work third{"ms_large_object", bench::run<measure<large_object, suite::bytes_table>>};
const bench::work fourth{"ms_arrays", bench::run<measure<arrays, suite::arrays_table>>};
const bench::work fifth{"ms_copyfrom", bench::run<measure<copyfrom, suite::row_table>>};
const bench::work sixth{"ms_batch", bench::run<measure<batch, suite::row_table>>};
const bench::work seventh{"ms_oneplusone", bench::run<measure<one_plus_one, suite::no_table>>};

} // namespace
