// Streams outside a transaction: constant memory, back-pressure, and every way in which one can end.

#include "callers.hpp"

#include "support/observe.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace tusk::test;
using namespace std::chrono_literals;

/// Rows that are sent at once, and then one that takes a minute.
const std::string stalling = "SELECT g, repeat('x', 10000) FROM generate_series(1, 5) AS g, "
                             "LATERAL (SELECT 1 FROM pg_sleep(CASE WHEN g < 5 THEN 0 ELSE 60 END)) AS wait";

asio::awaitable<std::int64_t> count_rest(tusk::row_stream& stream)
{
    std::int64_t rows = 0;
    while (co_await stream.next_batch())
        rows += static_cast<std::int64_t>(stream.size());
    co_return rows;
}

TEST(stream, of_a_million_rows_takes_constant_memory)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await expect_usable(conn);
        memory_mark memory;
        std::int64_t rows = 0;
        std::int64_t sum = 0;
        tusk::row_stream stream =
            co_await conn.stream("SELECT g, 'row ' || g FROM generate_series(1, $1) AS g", 1'000'000);
        while (co_await stream.next_batch()) {
            rows += static_cast<std::int64_t>(stream.size());
            for (const auto& [number, text] : stream.as<std::int32_t, std::string_view>())
                sum += text == fmt::format("row {}", number) ? number : 0;
            memory.look();
        }
        EXPECT_EQ(rows, 1'000'000);
        EXPECT_EQ(sum, 500'000'500'000);
        EXPECT_EQ(stream.tag().text(), "SELECT 1000000");
        EXPECT_LT(memory.growth(), 4'000'000U);
        co_await expect_usable(conn);
    });
}

TEST(stream, holds_the_server_back_while_nobody_reads)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        memory_mark memory;
        tusk::row_stream stream = co_await conn.stream("SELECT repeat('x', 1000) FROM generate_series(1, 100000) AS g");
        const bool more = co_await stream.next_batch();
        EXPECT_TRUE(more);
        auto rows = static_cast<std::int64_t>(stream.size());
        const std::int32_t pid = conn.backend_pid();
        const bool stalled = co_await eventually([&] { return activity_of(pid) == "active|ClientWrite"; });
        EXPECT_TRUE(stalled) << activity_of(pid);
        co_await pause(100ms);
        EXPECT_EQ(activity_of(pid), "active|ClientWrite");
        memory.look();
        EXPECT_LT(memory.growth(), 8'000'000U) << "100 MB are on the way";
        rows += co_await count_rest(stream);
        EXPECT_EQ(rows, 100'000);
        co_await expect_usable(conn);
    });
}

TEST(stream, hands_out_the_columns_before_the_first_batch)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::row_stream stream = co_await conn.stream("SELECT 1 AS one, 'a'::text AS letter");
        EXPECT_EQ(stream.columns().size(), 2U);
        EXPECT_EQ(stream.columns()[1].name, "letter");
        EXPECT_EQ(stream.size(), 0U);
        const bool first = co_await stream.next_batch();
        EXPECT_TRUE(first);
        EXPECT_EQ(stream.size(), 1U);
        EXPECT_EQ(stream[0]["letter"].as<std::string>(), "a");
        const auto beyond = co_await thrown<tusk::usage_error>([&]() -> asio::awaitable<bool> {
            static_cast<void>(stream[1]);
            co_return true;
        });
        expect_mentions(beyond, "row 1", "1 row");
        for (int i = 0; i < 3; ++i) {
            const bool more = co_await stream.next_batch();
            EXPECT_FALSE(more) << "the end stays the end";
        }
    });
}

TEST(stream, without_rows_without_columns_and_of_other_statements)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        {
            tusk::row_stream none = co_await conn.stream("SELECT 1 AS one WHERE false");
            EXPECT_EQ(none.columns().size(), 1U);
            const std::int64_t rows = co_await count_rest(none);
            EXPECT_EQ(rows, 0);
            EXPECT_EQ(none.tag().text(), "SELECT 0");
        }
        {
            tusk::row_stream narrow = co_await conn.stream("SELECT FROM generate_series(1, 3)");
            const std::int64_t rows = co_await count_rest(narrow);
            EXPECT_EQ(rows, 3);
            EXPECT_EQ(narrow.columns().size(), 0U);
        }
        {
            tusk::row_stream made = co_await conn.stream("CREATE TEMP TABLE streamed (n int)");
            const std::int64_t rows = co_await count_rest(made);
            EXPECT_EQ(rows, 0);
            EXPECT_EQ(made.columns().size(), 0U);
            EXPECT_EQ(made.tag().text(), "CREATE TABLE");
        }
        {
            tusk::row_stream inserted = co_await conn.stream(
                "INSERT INTO streamed SELECT g FROM generate_series(1, $1) AS g RETURNING n", 1000);
            const std::int64_t rows = co_await count_rest(inserted);
            EXPECT_EQ(rows, 1000);
            EXPECT_EQ(inserted.tag().text(), "INSERT 0 1000");
        }
        {
            tusk::row_stream nothing = co_await conn.stream("");
            const std::int64_t rows = co_await count_rest(nothing);
            EXPECT_EQ(rows, 0);
        }
        const auto count = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM streamed");
        EXPECT_EQ(count, 1000);
    });
}

/// Such a column makes the statement run twice, the second time in text: the handle is that of the second.
TEST(stream, of_a_type_without_binary_form)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (int i = 0; i < 2; ++i) {
            tusk::row_stream stream = co_await conn.stream("SELECT 'postgres=r/postgres'::aclitem AS granted");
            EXPECT_EQ(stream.columns().size(), 1U);
            const bool more = co_await stream.next_batch();
            EXPECT_TRUE(more);
            if (more) {
                EXPECT_EQ(stream[0][0].as<std::string>(), "postgres=r/postgres");
            }
            const std::int64_t rest = co_await count_rest(stream);
            EXPECT_EQ(rest, 0);
        }
    });
}

TEST(stream, leases_the_connection_until_its_reader_has_seen_the_end)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (const bool failing : {false, true}) {
            // All of it is here at once, and it makes no difference.
            tusk::row_stream small =
                co_await conn.stream("SELECT 1 / (2 - g) FROM generate_series(1, $1) AS g", failing ? 2 : 1);
            const auto before = co_await thrown<tusk::usage_error>([&] { return conn.query("SELECT 1"); });
            expect_mentions(before, "open stream");
            const bool more = co_await small.next_batch();
            EXPECT_TRUE(more);
            co_await thrown<tusk::usage_error>([&] { return conn.query("SELECT 1"); });
            if (failing) {
                co_await thrown<tusk::division_by_zero>([&] { return small.next_batch(); });
            } else {
                const bool end = co_await small.next_batch();
                EXPECT_FALSE(end);
            }
            co_await expect_usable(conn);
        }
    });
}

TEST(stream, leases_the_connection_and_says_so)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        {
            tusk::row_stream stream = co_await conn.stream("SELECT g FROM generate_series(1, 100000) AS g");
            const auto query = co_await thrown<tusk::usage_error>([&] { return conn.query("SELECT 1"); });
            expect_mentions(query, "open stream");
            const auto begin = co_await thrown<tusk::usage_error>([&] { return conn.begin(); });
            expect_mentions(begin, "open stream");
            const auto second = co_await thrown<tusk::usage_error>([&] { return conn.stream("SELECT 1"); });
            expect_mentions(second, "open stream");
            const auto closed = co_await thrown<tusk::usage_error>([&] { return conn.close(); });
            expect_mentions(closed, "open stream");
            const auto shared = co_await thrown<tusk::usage_error>([&]() -> asio::awaitable<int> {
                const auto handle = conn.share();
                co_return 0;
            });
            expect_mentions(shared, "open stream");
            const std::int64_t rows = co_await count_rest(stream);
            EXPECT_EQ(rows, 100'000) << "none of them disturbed it";
            co_await expect_usable(conn); // the end of the rows ends the lease, not the handle's end
        }
        auto shared = conn.share();
        const auto refused = co_await thrown<tusk::usage_error>([&] { return conn.stream("SELECT 1"); });
        expect_mentions(refused, "shared");
        const auto sized =
            co_await thrown<tusk::usage_error>([&] { return conn.stream(tusk::fetch_size{10}, "SELECT 1"); });
        expect_mentions(sized, "transaction");
    });
}

TEST(stream, refused_by_the_server_leaves_nothing_behind)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await thrown<tusk::syntax_error>([&] { return conn.stream("SELEKT 1"); });
        co_await thrown<tusk::undefined_table>([&] { return conn.stream("SELECT * FROM nowhere"); });
        co_await thrown<tusk::usage_error>([&] { return conn.stream("SELECT $1::int", 1, 2); });
        co_await thrown<tusk::division_by_zero>([&] { return conn.stream("SELECT 1 / $1::int", 0); });
        co_await thrown<tusk::usage_error>([&] { return conn.stream("COPY (SELECT 1) TO STDOUT"); });
        co_await expect_usable(conn);
    });
}

TEST(stream, that_fails_hands_out_the_rows_before_the_error)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (const std::int64_t good : {1, 10, 50'000}) {
            tusk::row_stream stream =
                co_await conn.stream("SELECT 1 / ($1 - g) FROM generate_series(0, $1) AS g", good);
            std::int64_t rows = 0;
            const auto read = [&]() -> asio::awaitable<bool> {
                while (co_await stream.next_batch())
                    rows += static_cast<std::int64_t>(stream.size());
                co_return true;
            };
            co_await thrown<tusk::division_by_zero>(read);
            EXPECT_EQ(rows, good);
            co_await expect_usable(conn);
            co_await thrown<tusk::division_by_zero>([&] { return stream.next_batch(); }); // it stays told
        }
    });
}

TEST(stream, dropped_leaves_the_connection_usable)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::int32_t pid = conn.backend_pid();
        const std::string long_one = "SELECT g, repeat('x', 1000) FROM generate_series(1, 10000000) AS g";
        {
            tusk::row_stream at_once = co_await conn.stream(long_one);
        }
        co_await expect_usable(conn); // it waits behind what is left of the stream
        {
            tusk::row_stream half_read = co_await conn.stream(long_one);
            const bool more = co_await half_read.next_batch();
            EXPECT_TRUE(more);
        }
        {
            tusk::row_stream next = co_await conn.stream("SELECT g FROM generate_series(1, 10) AS g");
            const std::int64_t rows = co_await count_rest(next);
            EXPECT_EQ(rows, 10);
        }
        {
            tusk::row_stream almost = co_await conn.stream("SELECT g FROM generate_series(1, 10) AS g");
            const bool more = co_await almost.next_batch();
            EXPECT_TRUE(more);
        }
        co_await conn.with_transaction(
            [](tusk::transaction& tx) -> asio::awaitable<void> { co_await tx.execute("SELECT 1"); });
        {
            tusk::row_stream first = co_await conn.stream(long_one);
            const bool more = co_await first.next_batch();
            EXPECT_TRUE(more);
            tusk::row_stream second{std::move(first)};
            const bool again = co_await second.next_batch();
            EXPECT_TRUE(again);
            const auto moved = co_await thrown<tusk::usage_error>([&] { return first.next_batch(); });
            expect_mentions(moved, "moved from");
        }
        co_await expect_usable(conn);
        EXPECT_EQ(conn.backend_pid(), pid);
        EXPECT_TRUE(conn.is_open());
    });
}

TEST(stream, has_one_reader)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        tusk::row_stream stream = co_await conn.stream(stalling);
        while (stream.size() == 0 || stream[stream.size() - 1][0].as<int>() < 3) {
            const bool more = co_await stream.next_batch();
            EXPECT_TRUE(more);
        }
        asio::cancellation_signal signal;
        callers one;
        one.spawn(executor, stream.next_batch(), fails_with<tusk::operation_aborted>(), signal.slot());
        co_await pause(1ms);
        const auto second = co_await thrown<tusk::usage_error>([&] { return stream.next_batch(); });
        expect_mentions(second, "one coroutine");
        EXPECT_EQ(one.ended(), 0);
        signal.emit(asio::cancellation_type::terminal);
        co_await one.all();
        co_await expect_usable(conn);
    });
}

TEST(stream, cancelled_while_it_opens_or_is_read)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        const std::int32_t pid = conn.backend_pid();
        {
            callers one;
            asio::cancellation_signal signal;
            const auto open = [&]() -> asio::awaitable<int> {
                tusk::row_stream stream = co_await conn.stream("SELECT 1 FROM pg_sleep(60)");
                co_return 1;
            };
            one.spawn(executor, open(), fails_with<tusk::operation_aborted>(), signal.slot());
            const bool runs = co_await eventually([&] { return activity_of(pid) == "active|PgSleep"; });
            EXPECT_TRUE(runs);
            signal.emit(asio::cancellation_type::terminal);
            co_await one.all();
            co_await expect_usable(conn);
        }
        {
            callers one;
            asio::cancellation_signal signal;
            tusk::row_stream stream = co_await conn.stream(stalling);
            while (stream.size() == 0 || stream[stream.size() - 1][0].as<int>() < 3) {
                const bool more = co_await stream.next_batch();
                EXPECT_TRUE(more);
            }
            one.spawn(executor, stream.next_batch(), fails_with<tusk::operation_aborted>(), signal.slot());
            const bool runs = co_await eventually([&] { return activity_of(pid) == "active|PgSleep"; });
            EXPECT_TRUE(runs);
            signal.emit(asio::cancellation_type::terminal);
            co_await one.all();
            co_await expect_usable(conn);
            co_await thrown<tusk::operation_aborted>([&] { return stream.next_batch(); });
        }
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

TEST(stream, under_a_deadline)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto hurried = conn.with_timeout(100ms);
        co_await thrown<tusk::timeout_error>([&] { return hurried.stream("SELECT 1 FROM pg_sleep(60)"); });
        co_await expect_usable(conn);
        tusk::row_stream stream = co_await hurried.stream(stalling);
        std::int64_t rows = 0;
        const auto read = [&]() -> asio::awaitable<bool> {
            while (co_await stream.next_batch())
                rows += static_cast<std::int64_t>(stream.size());
            co_return true;
        };
        co_await thrown<tusk::timeout_error>(read);
        EXPECT_GE(rows, 3);
        co_await expect_usable(conn);
    });
}

TEST(stream, of_a_session_that_is_ended_hands_out_its_rows_and_then_the_servers_words)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::row_stream stream = co_await conn.stream(stalling);
        std::int64_t rows = 0;
        while (rows < 3) {
            const bool more = co_await stream.next_batch();
            EXPECT_TRUE(more);
            rows += static_cast<std::int64_t>(stream.size());
        }
        server().terminate_backend(conn.backend_pid());
        const auto read = [&]() -> asio::awaitable<bool> {
            while (co_await stream.next_batch()) {}
            co_return true;
        };
        const auto told = co_await thrown<tusk::server_error>(read);
        EXPECT_EQ(told.sqlstate(), "57P01");
        EXPECT_FALSE(conn.is_open());
        const auto again = co_await thrown<tusk::server_error>([&] { return stream.next_batch(); });
        EXPECT_EQ(again.sqlstate(), "57P01");
        const auto later = co_await thrown<tusk::connection_error>([&] { return conn.query("SELECT 1"); });
        EXPECT_TRUE(later.safe_to_retry());
    });
}

} // namespace
