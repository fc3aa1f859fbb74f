// A caller that is cancelled is released at once; the connection and everybody else on it go on.

#include "callers.hpp"

#include <asio/cancellation_type.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/system_error.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <variant>

namespace {

using namespace tusk::test;
using namespace std::chrono_literals;

/// Asio's coroutines hear of terminal cancellation only, unless they ask for more.
asio::awaitable<int> hearing_all(asio::awaitable<int> verb)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_return co_await std::move(verb);
}

TEST(cancelled_callers, each_type_of_cancellation_releases_at_once)
{
    for (const auto type :
         {asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total}) {
        run_connected([&](tusk::connection& conn) -> asio::awaitable<void> {
            auto executor = co_await asio::this_coro::executor;
            gate blocked = co_await gate::shut();
            callers many;
            asio::cancellation_signal signal;
            many.spawn(executor, hearing_all(conn.query_one<int>(blocked.wait_for(1))),
                       fails_with<tusk::operation_aborted>(), signal.slot());
            co_await pause(10ms);
            signal.emit(type);
            co_await many.all(); // although the server has not answered
            co_await blocked.open();
            co_await expect_usable(conn);
        });
    }
}

TEST(cancelled_callers, one_among_many)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        gate blocked = co_await gate::shut();
        callers many;
        std::array<asio::cancellation_signal, 30> signals;
        many.spawn(executor, conn.query_one<int>(blocked.wait_for(1)), gives(1));
        for (int i = 0; i < 30; ++i) {
            auto verb = conn.query_one<int>("SELECT $1::int * 2", i);
            if (i % 3 == 0)
                many.spawn(executor, std::move(verb), fails_with<tusk::operation_aborted>(),
                           signals[static_cast<std::size_t>(i)].slot());
            else
                many.spawn(executor, std::move(verb), gives(2 * i));
        }
        co_await pause(10ms);
        for (asio::cancellation_signal& each : signals)
            each.emit(asio::cancellation_type::terminal);
        co_await pause(10ms);
        EXPECT_EQ(many.ended(), 10) << "those that were cancelled, and nobody else";
        co_await blocked.open();
        co_await many.all();
        co_await expect_usable(conn);
    });
}

/// Lets the executor run what it has, so many times.
asio::awaitable<void> let_others_run(int turns)
{
    auto executor = co_await asio::this_coro::executor;
    for (int i = 0; i < turns; ++i)
        co_await asio::post(executor, asio::use_awaitable);
}

TEST(cancelled_callers, at_every_moment)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        for (int moment = 0; moment < 60; ++moment) {
            SCOPED_TRACE(moment);
            callers many;
            std::array<asio::cancellation_signal, 12> signals;
            for (int i = 0; i < 12; ++i) {
                // Each round prepares anew, so that Parse, Bind and waiting for another's Parse are all met.
                const std::string sql = "SELECT $1::int - " + std::to_string(moment * 4 + i % 4);
                const int answer = 1000 - moment * 4 - i % 4;
                auto verb = conn.query_one<int>(sql, 1000);
                if (i % 2 == 0)
                    many.spawn(executor, std::move(verb), gives(answer));
                else
                    many.spawn(
                        executor, std::move(verb),
                        [answer](const std::exception_ptr& why, int value) {
                            EXPECT_TRUE(why ? is_a<tusk::operation_aborted>(why) : value == answer) << message_of(why);
                        },
                        signals[static_cast<std::size_t>(i)].slot());
            }
            co_await let_others_run(moment);
            for (asio::cancellation_signal& each : signals)
                each.emit(asio::cancellation_type::terminal);
            co_await many.all();
        }
        co_await expect_usable(conn);
    });
}

TEST(cancelled_callers, the_one_that_prepares_for_others)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        for (const int cancelled : {0, 1, 2}) {
            gate blocked = co_await gate::shut();
            const std::string sql = "SELECT $1::int + 1 -- " + std::to_string(cancelled);
            callers many;
            asio::cancellation_signal signal;
            many.spawn(executor, conn.query_one<int>(blocked.wait_for(1)), gives(1));
            for (int i = 0; i < 3; ++i) {
                auto verb = conn.query_one<int>(sql, i);
                if (i == cancelled)
                    many.spawn(executor, std::move(verb), fails_with<tusk::operation_aborted>(), signal.slot());
                else
                    many.spawn(executor, std::move(verb), gives(i + 1));
            }
            co_await pause(10ms);
            signal.emit(asio::cancellation_type::terminal);
            co_await blocked.open();
            co_await many.all();
            co_await expect_usable(conn);
        }
    });
}

TEST(cancelled_callers, what_was_not_sent_is_not_run)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        gate blocked = co_await gate::shut();
        co_await conn.execute("CREATE TEMP TABLE t (id int)");
        callers many;
        asio::cancellation_signal signal;
        const std::string sql = "INSERT INTO t VALUES ($1)";
        many.spawn(executor, conn.query_one<int>(blocked.wait_for(1)), gives(1));
        many.spawn(executor, conn.execute(sql, 1), succeeds());
        // It waits for the statement that the one before it prepares.
        many.spawn(executor, conn.execute(sql, 2), fails_with<tusk::operation_aborted>(), signal.slot());
        co_await pause(10ms);
        signal.emit(asio::cancellation_type::terminal);
        co_await blocked.open();
        co_await many.all();
        const auto inserted = co_await conn.query_one<std::string>("SELECT string_agg(id::text, ',') FROM t");
        EXPECT_EQ(inserted, "1");
    });
}

TEST(cancelled_callers, a_time_limit_by_operator)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        for (int i = 0; i < 3; ++i) {
            gate blocked = co_await gate::shut();
            const auto late = co_await (conn.query_one<int>(blocked.wait_for(1)) || pause(10ms));
            EXPECT_EQ(late.index(), 1U);
            co_await blocked.open();
            const auto in_time = co_await (conn.query_one<int>("SELECT $1::int", i) || pause(hang_limit));
            EXPECT_EQ(in_time.index(), 0U);
            EXPECT_EQ(std::get<0>(in_time), i);
        }
        co_await expect_usable(conn);
    });
}

TEST(cancelled_callers, a_time_limit_inside_a_transaction)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        gate blocked = co_await gate::shut();
        co_await conn.execute("CREATE TEMP TABLE t (id int)");
        const auto with_a_limit = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO t VALUES (1)");
            const auto late = co_await (tx.query(blocked.wait_for(1)) || pause(10ms));
            EXPECT_EQ(late.index(), 1U);
        };
        // Stopped on the server, which is how a transaction fails.
        co_await thrown<tusk::transaction_rolled_back>([&]() -> asio::awaitable<bool> {
            co_await conn.with_transaction(with_a_limit);
            co_return true;
        });
        const auto count = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM t");
        EXPECT_EQ(count, 0);
        co_await blocked.open();
    });
}

TEST(cancelled_callers, on_another_executor)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        gate blocked = co_await gate::shut();
        const auto strand = asio::make_strand(executor);
        callers many;
        asio::cancellation_signal signal;
        many.spawn(strand, conn.query_one<int>(blocked.wait_for(1)), fails_with<tusk::operation_aborted>(),
                   signal.slot());
        many.spawn(strand, conn.query_one<int>("SELECT 2"), gives(2));
        co_await pause(10ms);
        asio::post(strand, [&] { signal.emit(asio::cancellation_type::terminal); });
        co_await pause(10ms);
        EXPECT_EQ(many.ended(), 1);
        co_await blocked.open();
        co_await many.all();
        co_await expect_usable(conn);
    });
}

TEST(cancelled_callers, a_signal_that_comes_too_late_does_nothing)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        callers many;
        asio::cancellation_signal signal;
        many.spawn(executor, conn.query_one<int>("SELECT $1::int", 5), gives(5), signal.slot());
        co_await many.all();
        signal.emit(asio::cancellation_type::terminal);
        co_await expect_usable(conn);
    });
}

TEST(cancelled_callers, connecting)
{
    run([]() -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        for (int turns = 0; turns < 12; ++turns) {
            const auto connect_and_ask = []() -> asio::awaitable<int> {
                tusk::connection conn = co_await tusk::connect(server().url());
                co_return co_await conn.query_one<int>("SELECT 1");
            };
            callers many;
            asio::cancellation_signal signal;
            many.spawn(
                executor, connect_and_ask(),
                [](const std::exception_ptr& why, int value) {
                    // Asio itself throws where a coroutine is cancelled before it has awaited anything.
                    const bool aborted = is_a<tusk::operation_aborted>(why) || is_a<asio::system_error>(why);
                    EXPECT_TRUE(why ? aborted : value == 1) << message_of(why);
                },
                signal.slot());
            co_await let_others_run(turns);
            signal.emit(asio::cancellation_type::terminal);
            co_await many.all();
        }
    });
}

} // namespace
