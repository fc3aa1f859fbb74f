// Streams inside a transaction are portals: other statements run in between, and leaving one early costs nothing.

#include "callers.hpp"

#include "support/observe.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace {

using namespace tusk::test;
using namespace std::chrono_literals;

asio::awaitable<std::int64_t> count_rest(tusk::row_stream& stream)
{
    std::int64_t rows = 0;
    while (co_await stream.next_batch())
        rows += static_cast<std::int64_t>(stream.size());
    co_return rows;
}

asio::awaitable<std::int64_t> open_portals(tusk::transaction& tx)
{
    return tx.query_one<std::int64_t>("SELECT count(*) FROM pg_cursors WHERE name <> ''");
}

TEST(stream_in_transaction, comes_in_batches_of_the_size_that_was_asked_for)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::transaction tx = co_await conn.begin();
        tusk::row_stream stream =
            co_await tx.stream(tusk::fetch_size{10}, "SELECT g FROM generate_series(1, $1) AS g", 25);
        EXPECT_EQ(stream.columns().size(), 1U);
        std::string sizes;
        std::int32_t next = 1;
        while (co_await stream.next_batch()) {
            sizes += fmt::format("{} ", stream.size());
            for (const auto& [number] : stream.as<std::int32_t>())
                EXPECT_EQ(number, next++);
        }
        EXPECT_EQ(sizes, "10 10 5 ");
        EXPECT_EQ(next, 26);
        const bool more = co_await stream.next_batch();
        EXPECT_FALSE(more);
        co_await thrown<tusk::usage_error>([&] { return tx.stream(tusk::fetch_size{0}, "SELECT 1"); });
        co_await thrown<tusk::usage_error>([&] { return tx.stream(tusk::fetch_size{-1}, "SELECT 1"); });
        co_await tx.commit();
    });
}

TEST(stream_in_transaction, lets_other_statements_and_streams_run_in_between)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::transaction tx = co_await conn.begin();
        co_await tx.execute("CREATE TEMP TABLE seen (n int) ON COMMIT DROP");
        const std::string numbers = "SELECT g FROM generate_series(1, $1) AS g";
        tusk::row_stream one = co_await tx.stream(tusk::fetch_size{7}, numbers, 100);
        tusk::row_stream two = co_await tx.stream(tusk::fetch_size{3}, numbers, 50);
        std::int64_t first = 0;
        std::int64_t second = 0;
        for (bool more = true; more;) {
            more = co_await one.next_batch();
            if (more) {
                first += static_cast<std::int64_t>(one.size());
                co_await tx.execute("INSERT INTO seen VALUES ($1)", one[0][0].as<std::int32_t>());
            }
            const bool also = co_await two.next_batch();
            if (also)
                second += static_cast<std::int64_t>(two.size());
            more = more || also;
        }
        EXPECT_EQ(first, 100);
        EXPECT_EQ(second, 50);
        const auto seen = co_await tx.query_one<std::int64_t>("SELECT count(*) FROM seen");
        EXPECT_EQ(seen, 15);
        co_await tx.commit();
    });
}

TEST(stream_in_transaction, dropped_closes_its_portal_and_the_transaction_goes_on)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::transaction tx = co_await conn.begin();
        co_await tx.execute("CREATE TEMP TABLE kept (n int)");
        const std::string numbers = "SELECT g, repeat('x', 500) FROM generate_series(1, 1000000) AS g";
        for (const int batches : {0, 1, 2}) {
            tusk::row_stream stream = co_await tx.stream(numbers);
            for (int i = 0; i < batches; ++i) {
                const bool more = co_await stream.next_batch();
                EXPECT_TRUE(more);
            }
            co_await tx.execute("INSERT INTO kept VALUES ($1)", batches);
            const std::int64_t open = co_await open_portals(tx);
            EXPECT_EQ(open, 1);
        }
        const std::int64_t open = co_await open_portals(tx);
        EXPECT_EQ(open, 0);
        EXPECT_EQ(conn.transaction_status(), 'T');
        co_await tx.commit();
        const auto kept = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM kept");
        EXPECT_EQ(kept, 3);
    });
}

TEST(stream_in_transaction, outlives_a_savepoint_that_is_rolled_back)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::transaction tx = co_await conn.begin();
        tusk::row_stream stream =
            co_await tx.stream(tusk::fetch_size{10}, "SELECT g FROM generate_series(1, 100) AS g");
        const bool begun = co_await stream.next_batch();
        EXPECT_TRUE(begun);
        {
            tusk::transaction inner = co_await tx.begin();
            tusk::row_stream gone =
                co_await inner.stream(tusk::fetch_size{1}, "SELECT g FROM generate_series(1, 100) AS g");
            const bool there = co_await gone.next_batch();
            EXPECT_TRUE(there);
            co_await thrown<tusk::undefined_table>([&] { return inner.query("SELECT * FROM nowhere"); });
            co_await inner.rollback();
            const auto ended = co_await thrown<tusk::usage_error>([&] { return gone.next_batch(); });
            expect_mentions(ended, "transaction", "ended");
        }
        const std::int64_t rest = co_await count_rest(stream);
        EXPECT_EQ(rest, 90);
        co_await tx.commit();
    });
}

TEST(stream_in_transaction, ends_with_its_transaction)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::transaction tx = co_await conn.begin();
        tusk::row_stream stream =
            co_await tx.stream(tusk::fetch_size{10}, "SELECT g FROM generate_series(1, 100) AS g");
        const bool begun = co_await stream.next_batch();
        EXPECT_TRUE(begun);
        co_await tx.commit();
        const auto ended = co_await thrown<tusk::usage_error>([&] { return stream.next_batch(); });
        expect_mentions(ended, "transaction", "ended");
        co_await expect_usable(conn);
    });
}

TEST(stream_in_transaction, tells_an_error_of_a_later_fetch_behind_the_rows)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::transaction tx = co_await conn.begin();
        tusk::row_stream stream =
            co_await tx.stream(tusk::fetch_size{10}, "SELECT 1 / (35 - g) FROM generate_series(1, 100) AS g");
        std::int64_t rows = 0;
        const auto read = [&]() -> asio::awaitable<bool> {
            while (co_await stream.next_batch())
                rows += static_cast<std::int64_t>(stream.size());
            co_return true;
        };
        co_await thrown<tusk::division_by_zero>(read);
        EXPECT_GE(rows, 30);
        EXPECT_LE(rows, 34);
        EXPECT_EQ(conn.transaction_status(), 'E');
        co_await thrown<tusk::division_by_zero>([&] { return stream.next_batch(); });
        const auto told = co_await thrown<tusk::transaction_rolled_back>([&] { return tx.commit(); });
        expect_mentions(told, "division by zero");
        co_await expect_usable(conn);
    });
}

TEST(stream_in_transaction, of_large_rows_takes_bounded_memory)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::transaction tx = co_await conn.begin();
        memory_mark memory;
        tusk::row_stream stream = co_await tx.stream("SELECT repeat('x', 100000) FROM generate_series(1, 2000) AS g");
        std::int64_t rows = 0;
        std::size_t longest = 0;
        bool first = true;
        while (co_await stream.next_batch()) {
            rows += static_cast<std::int64_t>(stream.size());
            if (!std::exchange(first, false))
                longest = std::max(longest, stream.size());
            memory.look();
        }
        EXPECT_EQ(rows, 2000);
        EXPECT_LE(longest, 3U) << "a batch aims at 256 KiB";
        EXPECT_LT(memory.growth(), 32'000'000U) << "200 MB were read";
        co_await tx.commit();
    });
}

TEST(stream_in_transaction, cancelled_in_a_fetch_fails_it_and_nothing_else)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        const std::int32_t pid = conn.backend_pid();
        {
            tusk::transaction tx = co_await conn.begin();
            tusk::row_stream stream = co_await tx.stream(
                tusk::fetch_size{1}, "SELECT g FROM generate_series(1, 5) AS g, "
                                     "LATERAL (SELECT 1 FROM pg_sleep(CASE WHEN g < 2 THEN 0 ELSE 60 END)) AS wait");
            callers one;
            asio::cancellation_signal signal;
            const auto read = [&]() -> asio::awaitable<int> {
                while (co_await stream.next_batch()) {}
                co_return 1;
            };
            one.spawn(executor, read(), fails_with<tusk::operation_aborted>(), signal.slot());
            const bool runs = co_await eventually([&] { return activity_of(pid) == "active|PgSleep"; });
            EXPECT_TRUE(runs);
            signal.emit(asio::cancellation_type::terminal);
            co_await one.all();
            co_await tx.rollback();
        }
        co_await expect_usable(conn);
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

/// A fetch waits for the end of whatever is written; a COPY's end is the caller's own doing.
TEST(stream_in_transaction, cannot_be_read_while_a_copy_is_open)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::transaction tx = co_await conn.begin();
        co_await tx.execute("CREATE TEMP TABLE copied (n int) ON COMMIT DROP");
        tusk::row_stream stream = co_await tx.stream(tusk::fetch_size{10}, "SELECT g FROM generate_series(1, 25) AS g");
        const bool first = co_await stream.next_batch();
        EXPECT_TRUE(first);
        {
            tusk::copy_writer writer = co_await tx.copy_into("copied");
            const auto held = co_await thrown<tusk::usage_error>([&] { return stream.next_batch(); });
            expect_mentions(held, "open COPY");
            EXPECT_FALSE(writer.add(1));
            co_await writer.finish();
        }
        const std::int64_t rest = co_await count_rest(stream);
        EXPECT_EQ(rest, 15);
        co_await tx.commit();
    });
}

} // namespace
