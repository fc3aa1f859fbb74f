// COPY in the words of the user: data that he has written, data that he reads, and typed rows out of binary ones.

#include "callers.hpp"

#include "support/observe.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace {

using namespace tusk::test;
using namespace std::chrono_literals;

asio::awaitable<std::string> text_of(tusk::copy_reader& reader)
{
    std::string text;
    while (co_await reader.next_batch())
        text += reader.text();
    co_return text;
}

TEST(copy_in, takes_text_and_csv_cut_anywhere)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE texts (n int, t text)");
        {
            tusk::raw_copy_writer writer = co_await conn.copy_in("COPY texts FROM STDIN");
            for (const char each : std::string_view{"1\tone\n2\t\\N\n"}) {
                EXPECT_FALSE(writer.add(std::string_view{&each, 1}));
                co_await writer.flush();
            }
            const tusk::command_tag tag = co_await writer.finish();
            EXPECT_EQ(tag.text(), "COPY 2");
        }
        {
            tusk::raw_copy_writer writer = co_await conn.copy_in("COPY texts (t, n) FROM STDIN (FORMAT csv, HEADER)");
            EXPECT_FALSE(writer.add("t,n\n\"three, and more\",3\n"));
            const tusk::command_tag tag = co_await writer.finish();
            EXPECT_EQ(tag.rows_affected(), 1U);
        }
        {
            tusk::raw_copy_writer nothing = co_await conn.copy_in("COPY texts FROM STDIN");
            const tusk::command_tag tag = co_await nothing.finish();
            EXPECT_EQ(tag.rows_affected(), 0U);
        }
        const auto rows =
            co_await conn.query_one<std::string>("SELECT string_agg(r::text, ' ' ORDER BY n) FROM texts AS r");
        EXPECT_EQ(rows, "(1,one) (2,) (3,\"three, and more\")");
    });
}

TEST(copy_in, tells_what_the_server_thinks_of_the_data)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE numbers (n int)");
        tusk::raw_copy_writer writer = co_await conn.copy_in("COPY numbers FROM STDIN");
        EXPECT_FALSE(writer.add("1\nnonsense\n"));
        const auto told = co_await thrown<tusk::server_error>([&] { return writer.finish(); });
        EXPECT_EQ(told.sqlstate(), "22P02");
        co_await expect_usable(conn);
    });
}

TEST(copy_in, of_a_statement_that_is_none)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::int32_t pid = conn.backend_pid();
        co_await conn.execute("CREATE TEMP TABLE numbers (n int)");
        const auto select = co_await thrown<tusk::usage_error>([&] { return conn.copy_in("SELECT 1"); });
        expect_mentions(select, "SELECT", "not a COPY");
        const auto insert =
            co_await thrown<tusk::usage_error>([&] { return conn.copy_in("INSERT INTO numbers VALUES (1)"); });
        expect_mentions(insert, "was executed");
        const auto out = co_await thrown<tusk::usage_error>([&] { return conn.copy_in("COPY numbers TO STDOUT"); });
        expect_mentions(out, "copy_out");
        const auto empty = co_await thrown<tusk::usage_error>([&] { return conn.copy_in(""); });
        expect_mentions(empty, "empty", "not a COPY");
        co_await thrown<tusk::syntax_error>([&] { return conn.copy_in("COPY numbers FROM"); });
        co_await thrown<tusk::syntax_error>([&] { return conn.copy_in("COPY numbers FROM STDIN; SELECT 1"); });
        const auto zero = co_await thrown<tusk::usage_error>(
            [&] { return conn.copy_in(std::string_view{"COPY numbers FROM STDIN\0 x", 26}); });
        expect_mentions(zero, "zero byte");
        co_await expect_usable(conn);
        const auto rows = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM numbers");
        EXPECT_EQ(rows, 1);
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

TEST(copy_out, of_a_statement_that_is_none)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::int32_t pid = conn.backend_pid();
        co_await conn.execute("CREATE TEMP TABLE numbers (n int)");
        const auto select = co_await thrown<tusk::usage_error>([&] { return conn.copy_out("SELECT 1"); });
        expect_mentions(select, "SELECT", "not a COPY");
        const auto in = co_await thrown<tusk::usage_error>([&] { return conn.copy_out("COPY numbers FROM STDIN"); });
        expect_mentions(in, "copy_in");
        const auto empty = co_await thrown<tusk::usage_error>([&] { return conn.copy_out(""); });
        expect_mentions(empty, "empty", "not a COPY");
        co_await thrown<tusk::undefined_table>([&] { return conn.copy_out("COPY nowhere TO STDOUT"); });
        co_await thrown<tusk::undefined_table>([&] { return conn.copy_out("COPY nowhere TO STDOUT (FORMAT binary)"); });
        co_await expect_usable(conn);
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

TEST(copy_out, gives_text_and_csv)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        {
            tusk::copy_reader reader =
                co_await conn.copy_out("COPY (SELECT 1, NULL UNION ALL SELECT 2, 'x') TO STDOUT");
            const auto held = co_await thrown<tusk::usage_error>([&] { return conn.query("SELECT 1"); });
            expect_mentions(held, "open COPY");
            const std::string text = co_await text_of(reader);
            EXPECT_EQ(text, "1\t\\N\n2\tx\n");
            EXPECT_EQ(reader.tag().text(), "COPY 2");
            const auto typed = co_await thrown<tusk::usage_error>([&]() -> asio::awaitable<bool> {
                static_cast<void>(reader.as<int>());
                co_return true;
            });
            expect_mentions(typed, "binary");
            co_await expect_usable(conn);
        }
        tusk::copy_reader reader =
            co_await conn.copy_out("COPY (SELECT 'a,b' AS \"x y\") TO STDOUT (FORMAT csv, HEADER)");
        const std::string text = co_await text_of(reader);
        EXPECT_EQ(text, "x y\n\"a,b\"\n");
        tusk::copy_reader none = co_await conn.copy_out("COPY (SELECT 1 WHERE false) TO STDOUT");
        const std::string nothing = co_await text_of(none);
        EXPECT_EQ(nothing, "");
        EXPECT_EQ(none.tag().text(), "COPY 0");
    });
}

TEST(copy_out, gives_typed_rows_of_tables_columns_and_queries)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script("DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop;"
                                     "CREATE TABLE shop.\"to (do)\" (id int, name text, price bigint);"
                                     "INSERT INTO shop.\"to (do)\" VALUES (1, 'nut', 5), (2, NULL, 7)");
        using row = std::tuple<std::int32_t, std::optional<std::string>, std::int64_t>;
        const std::vector<row> expected{{1, "nut", 5}, {2, std::nullopt, 7}};
        for (const char* const sql : {
                 "COPY shop.\"to (do)\" TO STDOUT (FORMAT binary)",
                 "copy shop.\"to (do)\" to stdout with binary",
                 "COPY shop.\"to (do)\"(id, name, price) TO STDOUT WITH (FORMAT 'binary')",
                 "COPY (SELECT id, name, price FROM shop.\"to (do)\" WHERE name IS NULL OR name <> ')' ORDER BY id) "
                 "TO STDOUT (FORMAT binary)",
                 "/* a */ COPY (TABLE shop.\"to (do)\") TO STDOUT (FORMAT binary) -- b",
             }) {
            std::vector<row> rows;
            tusk::copy_reader reader = co_await conn.copy_out(sql);
            while (co_await reader.next_batch())
                for (const auto& each : reader.as<row>())
                    rows.push_back(each);
            EXPECT_EQ(rows, expected) << sql;
            EXPECT_EQ(reader.tag().rows_affected(), 2U);
        }
        co_await conn.execute("DROP SCHEMA shop CASCADE");
    });
}

TEST(copy_out, gives_a_million_typed_rows_in_constant_memory)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        memory_mark memory;
        std::int64_t rows = 0;
        std::int64_t sum = 0;
        tusk::copy_reader reader = co_await conn.copy_out(
            "COPY (SELECT g, 'row ' || g FROM generate_series(1, 1000000) AS g) TO STDOUT (FORMAT binary)");
        while (co_await reader.next_batch()) {
            for (const auto& [number, text] : reader.as<std::int32_t, std::string_view>()) {
                ++rows;
                sum += number;
            }
            memory.look();
        }
        EXPECT_EQ(rows, 1'000'000);
        EXPECT_EQ(sum, 500'000'500'000);
        EXPECT_LT(memory.growth(), 8'000'000U);
        co_await expect_usable(conn);
    });
}

TEST(copy_out, holds_the_server_back_while_nobody_reads)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::copy_reader reader =
            co_await conn.copy_out("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 100000)) TO STDOUT");
        const std::int32_t pid = conn.backend_pid();
        memory_mark memory;
        const bool stalled = co_await eventually([&] { return activity_of(pid) == "active|ClientWrite"; });
        EXPECT_TRUE(stalled) << activity_of(pid);
        memory.look();
        EXPECT_LT(memory.growth(), 8'000'000U);
        std::size_t bytes = 0;
        while (co_await reader.next_batch())
            bytes += reader.data().size();
        EXPECT_EQ(bytes, 100'100'000U);
    });
}

TEST(copy_out, that_fails_hands_out_what_came_before_the_error)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (const int good : {1, 20'000}) {
            const std::string sql =
                fmt::format("COPY (SELECT 1 / ({0} - g) FROM generate_series(0, {0}) AS g) TO STDOUT", good);
            tusk::copy_reader reader = co_await conn.copy_out(sql);
            std::size_t bytes = 0;
            const auto read = [&]() -> asio::awaitable<bool> {
                while (co_await reader.next_batch())
                    bytes += reader.data().size();
                co_return true;
            };
            co_await thrown<tusk::division_by_zero>(read);
            EXPECT_EQ(bytes, static_cast<std::size_t>(good) * 2);
            co_await expect_usable(conn);
        }
    });
}

TEST(copy_out, dropped_or_cancelled_leaves_the_connection_usable)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        const std::int32_t pid = conn.backend_pid();
        const std::string long_one = "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 10000000)) TO STDOUT";
        {
            tusk::copy_reader at_once = co_await conn.copy_out(long_one);
        }
        co_await expect_usable(conn);
        {
            tusk::copy_reader half_read = co_await conn.copy_out(long_one);
            const bool more = co_await half_read.next_batch();
            EXPECT_TRUE(more);
        }
        co_await expect_usable(conn);
        {
            callers one;
            asio::cancellation_signal signal;
            const auto open = [&]() -> asio::awaitable<int> {
                const tusk::copy_reader reader = co_await conn.copy_out("COPY (SELECT 1 FROM pg_sleep(60)) TO STDOUT");
                co_return 1;
            };
            one.spawn(executor, open(), fails_with<tusk::operation_aborted>(), signal.slot());
            const bool runs = co_await eventually([&] { return activity_of(pid) == "active|PgSleep"; });
            EXPECT_TRUE(runs);
            signal.emit(asio::cancellation_type::terminal);
            co_await one.all();
        }
        co_await expect_usable(conn);
        const std::string stalling =
            "COPY (SELECT repeat('x', 10000) FROM generate_series(1, 5) AS g, LATERAL (SELECT 1 FROM "
            "pg_sleep(CASE WHEN g < 5 THEN 0 ELSE 60 END)) AS wait) TO STDOUT";
        {
            tusk::copy_reader reader = co_await conn.copy_out(stalling);
            for (std::size_t bytes = 0; bytes < 30'000; bytes += reader.data().size()) {
                const bool more = co_await reader.next_batch();
                EXPECT_TRUE(more);
            }
            callers one;
            asio::cancellation_signal signal;
            one.spawn(executor, reader.next_batch(), fails_with<tusk::operation_aborted>(), signal.slot());
            const bool runs = co_await eventually([&] { return activity_of(pid) == "active|PgSleep"; });
            EXPECT_TRUE(runs);
            const auto second = co_await thrown<tusk::usage_error>([&] { return reader.next_batch(); });
            expect_mentions(second, "one coroutine");
            signal.emit(asio::cancellation_type::terminal);
            co_await one.all();
        }
        co_await expect_usable(conn);
        {
            auto hurried = conn.with_timeout(50ms);
            co_await thrown<tusk::timeout_error>(
                [&] { return hurried.copy_out("COPY (SELECT 1 FROM pg_sleep(60)) TO STDOUT"); });
            tusk::copy_reader reader = co_await hurried.copy_out(stalling);
            co_await thrown<tusk::timeout_error>([&] { return text_of(reader); });
            co_await expect_usable(conn);
        }
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

TEST(copy_out, inside_a_transaction)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.with_transaction([](tusk::transaction& tx) -> asio::awaitable<void> {
            tusk::copy_reader first = co_await tx.copy_out("COPY (SELECT 1) TO STDOUT"); // BEGIN travels with it
            const std::string one = co_await text_of(first);
            EXPECT_EQ(one, "1\n");
            co_await tx.execute("CREATE TEMP TABLE inside ON COMMIT DROP AS SELECT 5 AS n");
            tusk::copy_reader second = co_await tx.copy_out("COPY inside TO STDOUT (FORMAT binary)");
            const bool more = co_await second.next_batch();
            EXPECT_TRUE(more);
            for (const auto& [n] : second.as<std::int32_t>())
                EXPECT_EQ(n, 5);
            const bool end = co_await second.next_batch();
            EXPECT_FALSE(end);
        });
        tusk::transaction tx = co_await conn.begin();
        {
            tusk::copy_reader failing =
                co_await tx.copy_out("COPY (SELECT 1 / (2 - g) FROM generate_series(1, 2) g) TO STDOUT");
            co_await thrown<tusk::division_by_zero>([&] { return text_of(failing); });
        }
        const auto told = co_await thrown<tusk::transaction_rolled_back>([&] { return tx.commit(); });
        expect_mentions(told, "division by zero");
        co_await expect_usable(conn);
    });
}

} // namespace
