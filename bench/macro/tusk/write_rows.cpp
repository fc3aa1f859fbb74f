// Rows of six typed columns, written from C++ values: by COPY, and as one INSERT each.

#include "run.hpp"

#include <ranges>
#include <tuple>

namespace {

/// As tuples, made while they are gone through.
auto first(const bench::samples& rows, std::size_t count)
{
    return std::views::iota(std::size_t{0}, count) | std::views::transform([&rows](std::size_t i) {
               const bench::sample row = rows[i];
               return std::tuple{
                   row.id, row.n, row.x, row.name, tusk::timestamptz::from_microseconds_since_2000(row.at), row.flag};
           });
}

asio::awaitable<std::uint64_t> copy(tusk::connection& conn, const bench::samples& rows, std::size_t count)
{
    tusk::copy_writer writer = co_await conn.copy_into("copied", "id", "n", "x", "name", "at", "flag");
    auto all = first(rows, count);
    co_await writer.add_all(all);
    const tusk::command_tag done = co_await writer.finish();
    co_return done.rows_affected();
}

asio::awaitable<std::uint64_t> insert(tusk::connection& conn, const bench::samples& rows, std::size_t count)
{
    auto sets = first(rows, count);
    const tusk::command_tag done = co_await conn.execute_many(bench::insert_row, sets);
    co_return done.rows_affected();
}

template <asio::awaitable<std::uint64_t> (*Write)(tusk::connection&, const bench::samples&, std::size_t)>
asio::awaitable<void> write_rows(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    tusk::connection conn = co_await tusk::connect(where);
    co_await conn.execute_script(bench::make_copied);
    const bench::samples rows;
    co_await Write(conn, rows, 1000);
    const bench::stopwatch watch;
    bench::checksum sum;
    const std::uint64_t written = co_await Write(conn, rows, given.operations);
    sum.add(written);
    took = watch.stop(sum);
    co_await conn.close();
}

const bench::work copied{"copy_in", bench::run<write_rows<copy>>};
const bench::work inserted{"bulk_insert", bench::run<write_rows<insert>>};

} // namespace
