// What the ORM is asked for, by the bare driver: the measure of what entities cost.

#include "orm_sql.hpp"
#include "run.hpp"

#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

struct plain {
    std::int64_t id = 0;
    std::string name;
    std::string description;
};

plain numbered(std::size_t i)
{
    const std::string number = std::to_string(i + 1);
    return {0, "customer name " + number, "customer description " + number};
}

/// Into structs of strings, as whoever has no ORM would keep them.
asio::awaitable<bench::checksum> load(tusk::connection& conn, std::size_t count)
{
    std::vector<plain> found;
    const tusk::result rows = co_await conn.query(bench::select_customers, static_cast<std::int64_t>(count));
    found.reserve(rows.size());
    for (const auto [id, name, description] : rows.as<std::int64_t, std::string_view, std::string_view>())
        found.push_back({id, std::string{name}, std::string{description}});
    bench::checksum sum;
    for (const plain& each : found)
        sum.add(each.id, each.name.size() + each.description.size());
    co_return sum;
}

asio::awaitable<void> load_many(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    tusk::connection conn = co_await tusk::connect(where);
    co_await conn.execute_script(bench::make_customers);
    co_await load(conn, 1000);
    const bench::stopwatch watch;
    const bench::checksum sum = co_await load(conn, given.operations);
    took = watch.stop(sum);
    co_await conn.close();
}

asio::awaitable<void> load_by_key(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    tusk::connection conn = co_await tusk::connect(where);
    co_await conn.execute_script(bench::make_customers);
    tusk::transaction transaction = co_await conn.begin();
    bench::checksum sum;
    const auto once = [&](std::size_t i) -> asio::awaitable<void> {
        const tusk::result rows = co_await transaction.query(bench::select_customer, bench::customer_of(i));
        for (const auto [key, name, description] : rows.as<std::int64_t, std::string_view, std::string_view>()) {
            const plain found{key, std::string{name}, std::string{description}};
            sum.add(found.id, found.name.size() + found.description.size());
        }
    };
    co_await bench::measure_each(given, sum, once, took);
}

asio::awaitable<bench::checksum> insert(tusk::transaction& within, std::size_t count)
{
    std::vector<plain> made;
    made.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        made.push_back(numbered(i));
    auto sets = made | std::views::transform([](const plain& each) {
                    return std::tuple{std::string_view{each.name}, std::string_view{each.description}};
                });
    const tusk::result ids = co_await within.query_many(bench::insert_customer, sets);
    std::size_t at = 0;
    for (const auto [id] : ids.as<std::int64_t>())
        made[at++].id = id;
    bench::checksum sum;
    for (const plain& each : made)
        sum.add(each.id, 0);
    co_return sum;
}

asio::awaitable<void> insert_many(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    tusk::connection conn = co_await tusk::connect(where);
    co_await conn.execute_script(bench::make_new_customers);
    tusk::transaction transaction = co_await conn.begin();
    co_await insert(transaction, 1000);
    const bench::stopwatch watch;
    const bench::checksum sum = co_await insert(transaction, given.operations);
    took = watch.stop(sum);
    co_await transaction.rollback();
}

asio::awaitable<void> update_many(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    tusk::connection conn = co_await tusk::connect(where);
    co_await conn.execute_script(bench::make_new_customers);
    const auto count = static_cast<std::int64_t>(given.operations);
    co_await conn.execute(bench::fill_new_customers, count);
    std::vector<plain> found;
    {
        const tusk::result rows = co_await conn.query("SELECT id, name, description FROM tusk_bench_new_customers");
        for (const auto [id, name, description] : rows.as<std::int64_t, std::string_view, std::string_view>())
            found.push_back({id, std::string{name}, std::string{description}});
    }
    tusk::transaction transaction = co_await conn.begin();
    const bench::stopwatch watch;
    bench::checksum sum;
    for (plain& each : found) {
        each.description += "updated";
        sum.add(1);
    }
    auto sets = found | std::views::transform(
                            [](const plain& each) { return std::tuple{std::string_view{each.description}, each.id}; });
    co_await transaction.execute_many(bench::update_customer, sets);
    took = watch.stop(sum);
    co_await transaction.rollback();
}

asio::awaitable<void> commit_each(const bench::options& given, bench::measurement& took)
{
    const tusk::connect_options where = bench::where(given);
    tusk::connection conn = co_await tusk::connect(where);
    co_await conn.execute_script(bench::make_new_customers);
    bench::checksum sum;
    const auto once = [&](std::size_t i) -> asio::awaitable<void> {
        const plain made = numbered(i);
        tusk::transaction transaction = co_await conn.begin();
        co_await transaction.query(bench::insert_customer, made.name, made.description);
        co_await transaction.commit();
        sum.add(1);
    };
    co_await bench::measure_each(given, sum, once, took);
}

const bench::work loaded{"orm_load", bench::run<load_many>};
const bench::work loaded_const{"orm_load_const", bench::run<load_many>};
const bench::work by_key{"orm_get", bench::run<load_by_key>};
const bench::work flushed{"orm_flush", bench::run<insert_many>};
const bench::work updated{"orm_update", bench::run<update_many>};
const bench::work committed{"orm_commit", bench::run<commit_each>};

} // namespace
