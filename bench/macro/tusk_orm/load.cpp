// Rows read as entities: many at once, and one by one by their key; and what the autoflush costs behind them.

#include "customer.hpp"

#include <type_traits>
#include <vector>

namespace {

namespace orm = tusk::orm;

using bench::customer;

tusk::engine engine_of(const bench::options& given, const asio::any_io_executor& executor)
{
    return tusk::engine{executor, bench::where(given)};
}

template <class T>
void add(const std::vector<orm::ref<T>>& found, bench::checksum& sum)
{
    for (const auto& each : found)
        sum.add(each->id, each->name.size() + each->description.size());
}

template <class T, class Statement>
auto all(orm::session& s, const Statement& stmt)
{
    if constexpr (std::is_const_v<T>)
        return s.all<T>(stmt);
    else
        return s.all(stmt);
}

template <class T>
asio::awaitable<bench::checksum> load(orm::session& s, std::size_t count)
{
    const auto stmt = orm::select<customer>().where(orm::col<&customer::id> <= static_cast<std::int64_t>(count));
    bench::checksum sum;
    const auto found = co_await all<T>(s, stmt);
    add(found, sum);
    co_return sum;
}

template <class T>
asio::awaitable<void> load_many(const bench::options& given, bench::measurement& took)
{
    const auto executor = co_await asio::this_coro::executor;
    const tusk::engine engine = engine_of(given, executor);
    orm::session s{engine};
    co_await s.sql().execute_script(bench::make_customers);
    co_await s.commit();
    {
        orm::session first{engine};
        co_await load<const T>(first, 1000);
        co_await first.commit();
    }
    const bench::stopwatch watch;
    const bench::checksum sum = co_await load<T>(s, given.operations);
    took = watch.stop(sum);
    co_await s.rollback();
}

asio::awaitable<void> load_by_key(const bench::options& given, bench::measurement& took)
{
    const auto executor = co_await asio::this_coro::executor;
    const tusk::engine engine = engine_of(given, executor);
    orm::session s{engine};
    co_await s.sql().execute_script(bench::make_customers);
    bench::checksum sum;
    const auto once = [&](std::size_t i) -> asio::awaitable<void> {
        const orm::ref<const customer> found = co_await s.get_one<const customer>(bench::customer_of(i));
        sum.add(found->id, found->name.size() + found->description.size());
    };
    co_await bench::measure_each(given, sum, once, took);
    co_await s.rollback();
}

/// Queries of a class of which 10,000 entities were read, by handles that may have changed them or by such that cannot.
template <class T>
asio::awaitable<void> query_beside(const bench::options& given, bench::measurement& took)
{
    const auto executor = co_await asio::this_coro::executor;
    const tusk::engine engine = engine_of(given, executor);
    orm::session s{engine};
    co_await s.sql().execute_script(bench::make_customers);
    bench::checksum sum;
    const auto stmt = orm::select<customer>().where(orm::col<&customer::id> <= 10'000);
    const auto found = co_await all<T>(s, stmt);
    const auto once = [&](std::int64_t id) -> asio::awaitable<void> {
        const auto by_key = orm::select<customer>().where(orm::col<&customer::id> == id);
        const auto one = co_await s.one<const customer>(by_key);
        sum.add(one->id, one->name.size());
    };
    for (std::size_t i = 0; i < bench::warm_up; ++i)
        co_await once(static_cast<std::int64_t>(i) + 1);
    sum = {};
    add(found, sum); // all of them are touched
    const bench::stopwatch watch;
    for (std::size_t i = 0; i < given.operations; ++i)
        co_await once(static_cast<std::int64_t>(i % 10'000) + 1);
    took = watch.stop(sum);
    co_await s.rollback();
}

const bench::work mutable_ones{"orm_load", bench::run<load_many<customer>>};
const bench::work read_only{"orm_load_const", bench::run<load_many<const customer>>};
const bench::work by_key{"orm_get", bench::run<load_by_key>};
const bench::work beside_touched{"orm_autoflush", bench::run<query_beside<customer>>};
const bench::work beside_read_only{"orm_autoflush_none", bench::run<query_beside<const customer>>};

} // namespace
