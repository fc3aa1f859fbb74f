// Entities that become rows: many in a flush, one a commit, and many that change.

#include "customer.hpp"

#include <vector>

namespace {

namespace orm = tusk::orm;

using bench::new_customer;

new_customer numbered(std::size_t i)
{
    const std::string number = std::to_string(i + 1);
    return {.id = 0, .name = "customer name " + number, .description = "customer description " + number};
}

/// The ids that came back are part of what was asked for.
asio::awaitable<bench::checksum> insert(orm::session& s, std::size_t count)
{
    bench::checksum sum;
    std::vector<orm::ref<new_customer>> made;
    made.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        made.push_back(s.add(numbered(i)));
    co_await s.flush();
    for (const orm::ref<const new_customer> each : made) // read-only: they are not looked at again
        sum.add(each->id, 0);
    co_return sum;
}

asio::awaitable<void> flush_many(const bench::options& given, bench::measurement& took)
{
    const auto executor = co_await asio::this_coro::executor;
    const tusk::engine engine{executor, bench::where(given)};
    orm::session s{engine};
    co_await s.sql().execute_script(bench::make_new_customers);
    co_await s.commit();
    {
        orm::session first{engine};
        co_await insert(first, 1000);
        co_await first.rollback();
    }
    const bench::stopwatch watch;
    const bench::checksum sum = co_await insert(s, given.operations);
    took = watch.stop(sum);
    co_await s.rollback();
}

asio::awaitable<void> update_many(const bench::options& given, bench::measurement& took)
{
    const auto executor = co_await asio::this_coro::executor;
    const tusk::engine engine{executor, bench::where(given)};
    orm::session s{engine};
    co_await s.sql().execute_script(bench::make_new_customers);
    const auto count = static_cast<std::int64_t>(given.operations);
    co_await s.sql().execute(bench::fill_new_customers, count);
    co_await s.commit();
    const auto stmt = orm::select<new_customer>();
    const auto found = co_await s.all(stmt);
    const bench::stopwatch watch;
    bench::checksum sum;
    for (const orm::ref<new_customer>& each : found) {
        each->description += "updated";
        sum.add(1);
    }
    co_await s.flush();
    took = watch.stop(sum);
    co_await s.rollback();
}

asio::awaitable<void> commit_each(const bench::options& given, bench::measurement& took)
{
    const auto executor = co_await asio::this_coro::executor;
    const tusk::engine engine{executor, bench::where(given)};
    {
        orm::session s{engine};
        co_await s.sql().execute_script(bench::make_new_customers);
        co_await s.commit();
    }
    bench::checksum sum;
    const auto once = [&](std::size_t i) -> asio::awaitable<void> {
        orm::session s{engine};
        s.add(numbered(i));
        co_await s.commit();
        sum.add(1);
    };
    co_await bench::measure_each(given, sum, once, took);
}

const bench::work flushed{"orm_flush", bench::run<flush_many>};
const bench::work updated{"orm_update", bench::run<update_many>};
const bench::work committed{"orm_commit", bench::run<commit_each>};

} // namespace
