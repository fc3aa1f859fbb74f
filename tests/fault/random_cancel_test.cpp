// Every verb, cancelled at random moments: the connection goes on, in the same session, and nothing is left in it.
#include "integration/driver/callers.hpp"
#include "support/observe.hpp"

#include <tusk/driver.hpp>

#include <asio/strand.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tusk::test;
using namespace std::chrono_literals;

constexpr std::size_t statements_kept = 16;

asio::awaitable<void> read_some(tusk::row_stream stream, std::size_t batches)
{
    for (; batches != 0; --batches) { // g++ 12 destroys what stands behind an && that is not reached
        const bool more = co_await stream.next_batch();
        if (!more)
            co_return;
    }
}

asio::awaitable<void> copy_rows_in(tusk::connection& conn, bool finish)
{
    tusk::copy_writer writer = co_await conn.copy_into("random_cancel", "n");
    for (std::int64_t i = 0; i < 20'000; ++i)
        if (writer.add(i))
            co_await writer.flush();
    if (finish)
        co_await writer.finish();
}

asio::awaitable<void> copy_rows_out(tusk::connection& conn)
{
    tusk::copy_reader reader =
        co_await conn.copy_out("COPY (SELECT g, repeat('x', 20) FROM generate_series(1, 20000) AS g) TO STDOUT");
    while (co_await reader.next_batch()) {}
}

asio::awaitable<void> run_pipeline(tusk::connection& conn, bool atomic)
{
    tusk::pipeline batch = atomic ? conn.atomic_pipeline() : conn.pipeline();
    std::vector<tusk::pending<int>> results;
    for (int i = 0; i < 5; ++i)
        results.push_back(batch.query_one<int>("SELECT $1::int FROM pg_sleep(0.0002)", i));
    co_await batch.run();
}

asio::awaitable<void> insert_and_fetch(tusk::transaction& tx)
{
    co_await tx.execute("INSERT INTO random_cancel VALUES ($1)", std::int64_t{-1});
    co_await read_some(co_await tx.stream(tusk::fetch_size{100}, "SELECT g FROM generate_series(1, 1000) AS g"), 5);
    co_await tx.with_transaction([](tusk::transaction& inner) -> asio::awaitable<void> {
        co_await inner.execute("INSERT INTO random_cancel VALUES ($1)", std::int64_t{-1});
    });
}

/// One of everything that a connection can do, chosen by number.
asio::awaitable<void> do_one(tusk::connection& conn, std::size_t which, std::size_t number)
{
    switch (which) {
    case 0: co_await conn.query("SELECT g, repeat('x', 100) FROM generate_series(1, 2000) AS g"); break;
    case 1: co_await conn.execute("SELECT pg_sleep($1)", 0.002); break;
    case 2: { // never prepared before
        const std::string text = fmt::format("SELECT $1::int + {}", number);
        co_await conn.query_one<int>(text, 1);
        break;
    }
    case 3: co_await read_some(co_await conn.stream("SELECT g FROM generate_series(1, 50000) AS g"), number % 4); break;
    case 4: co_await conn.with_transaction(insert_and_fetch); break;
    case 5: co_await copy_rows_in(conn, number % 3 != 0); break;
    case 6: co_await copy_rows_out(conn); break;
    case 7: co_await run_pipeline(conn, false); break;
    case 8: co_await run_pipeline(conn, true); break;
    case 9: {
        const std::vector<std::int64_t> values(200, -2);
        co_await conn.execute_many("INSERT INTO random_cancel VALUES ($1)", values);
        break;
    }
    case 10: co_await conn.execute_script("SELECT 1; SELECT pg_sleep(0.001); SELECT 2"); break;
    default:
        for (int i = 0; i < 10; ++i) {
            const std::string text = fmt::format("SELECT {}, {}", number, i);
            static_cast<void>(co_await conn.prepare(text));
        }
        break;
    }
}

constexpr std::size_t kinds = 12;

struct tally {
    std::size_t cancelled = 0;
    std::size_t dropped = 0;
    std::array<std::size_t, kinds> by_kind{};
};

/// Starts one, cancels it after a while, and runs the next one at once: it must not hear of it.
asio::awaitable<void> cancel_one(tusk::connection& conn, std::size_t number, std::minstd_rand& dice, tally& came)
{
    auto executor = co_await asio::this_coro::executor;
    const std::size_t which = dice() % kinds;
    asio::cancellation_signal signal;
    std::optional<std::exception_ptr> end;
    asio::co_spawn(executor, do_one(conn, which, number),
                   asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr why) { end = std::move(why); }));
    co_await pause(std::chrono::microseconds{dice() % 4'000});
    const bool had_ended = end.has_value();
    signal.emit(asio::cancellation_type::terminal);
    const bool ended = co_await eventually([&] { return end.has_value(); });
    EXPECT_TRUE(ended) << "kind " << which << " hangs";
    if (!ended)
        co_return;
    if (*end && !had_ended) {
        ++came.cancelled;
        ++came.by_kind[which];
    }
    // Asio itself refuses to await anything more in a coroutine that is cancelled.
    EXPECT_TRUE(!*end || is_a<tusk::operation_aborted>(*end) || message_of(*end) == "co_await: Operation aborted.")
        << "kind " << which << ": " << message_of(*end);
    const auto answer = co_await conn.query_one<std::int64_t>("SELECT $1::bigint", static_cast<std::int64_t>(number));
    EXPECT_EQ(answer, static_cast<std::int64_t>(number)) << "behind kind " << which;
    EXPECT_EQ(conn.transaction_status(), 'I') << "behind kind " << which;
}

/// What the session holds, as the server sees it.
asio::awaitable<void> expect_clean(tusk::connection& conn)
{
    const auto prepared = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM pg_prepared_statements");
    EXPECT_LE(prepared, static_cast<std::int64_t>(statements_kept) + 2) << "statements have leaked";
    const auto portals = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM pg_cursors WHERE name <> ''");
    EXPECT_EQ(portals, 0);
    const auto open = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                                            "current_database() AND state LIKE 'idle in transaction%'");
    EXPECT_EQ(open, 0);
}

/// @param apart  The connection lives on a strand of its own, and its callers do not.
void cancel_many(std::size_t count, unsigned seed, bool apart)
{
    constexpr std::size_t slice = 250; // so many at a time must not take longer than the limit for hanging

    server().run_sql("DROP TABLE IF EXISTS random_cancel; CREATE TABLE random_cancel (n bigint)");
    tusk::connect_options options{server().url()};
    options.statement_cache_size = statements_kept;
    std::minstd_rand dice{seed};
    tally came;
    asio::io_context io;
    const asio::any_io_executor home = apart ? asio::any_io_executor{asio::make_strand(io)} : io.get_executor();
    std::optional<tusk::connection> conn;
    const auto connect_here = [&]() -> asio::awaitable<void> { conn = co_await tusk::connect(options); };
    const auto connect = [&]() -> asio::awaitable<void> {
        co_await asio::co_spawn(home, connect_here(), asio::use_awaitable);
    };
    const auto some = [&](std::size_t first) -> asio::awaitable<void> {
        for (std::size_t number = first; number < first + slice; ++number) {
            try {
                co_await cancel_one(*conn, number, dice, came);
            } catch (const tusk::connection_error& lost) {
                fmt::print("number {}: {}\n", number, lost.what());
            }
            if (!conn->is_open()) {
                ++came.dropped;
                co_await connect();
            }
            if (testing::Test::HasFailure())
                co_return;
        }
        co_await expect_clean(*conn);
        co_await conn->execute("TRUNCATE random_cancel");
    };
    run(io, connect());
    std::size_t done = 0;
    for (; (done < count || came.cancelled < count) && done < 10 * count && !testing::Test::HasFailure(); done += slice)
        run(io, some(done));
    fmt::print("{} calls, {} of them cancelled, {} connections dropped; by kind:", done, came.cancelled, came.dropped);
    for (const std::size_t each : came.by_kind)
        fmt::print(" {}", each);
    fmt::print("\n");
    EXPECT_GE(came.cancelled, count);
    for (const std::size_t each : came.by_kind)
        EXPECT_TRUE(each != 0 || count < 1'000) << "a verb was never cancelled"; // fewer need not meet every one
    EXPECT_LE(came.dropped * 100, came.cancelled) << "more than 1 % of the cancelled connections were dropped";
    const auto close = [&]() -> asio::awaitable<void> { co_await conn->close(); };
    run(io, close());
    server().run_sql("DROP TABLE random_cancel");
}

/// The full number is for the evidence, the small one for every day.
bool is_full()
{
    return std::getenv("TUSK_FULL_STORM") != nullptr; // NOLINT(concurrency-mt-unsafe): one thread
}

TEST(random_cancel, leaves_nothing_behind_in_the_session) { cancel_many(is_full() ? 10'000 : 1'000, 11, false); }

TEST(random_cancel, leaves_nothing_behind_when_callers_are_on_another_executor)
{
    cancel_many(is_full() ? 2'000 : 400, 5, true);
}

} // namespace
