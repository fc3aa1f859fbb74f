// Cancellation at any point leaves nothing open on the server, and a session that says what happened.
#include "session_testing.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/experimental/awaitable_operators.hpp>

namespace {

using namespace tusk::test;
using namespace asio::experimental::awaitable_operators;

/// Starts `body` and cancels it after so many turns of the context.
template <class Body>
asio::awaitable<bool> cancelled_after(int turns, asio::cancellation_type type, Body body)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::cancellation_signal signal;
    bool ended = false;
    bool failed = false;
    asio::co_spawn(executor, body(), asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr& why) {
                       ended = true;
                       failed = why != nullptr;
                   }));
    for (int i = 0; i < turns && !ended; ++i)
        co_await pause(std::chrono::microseconds{50});
    signal.emit(type);
    const bool over = co_await eventually([&] { return ended; });
    EXPECT_TRUE(over);
    co_return failed;
}

TEST(cancelled, a_statement_fails_the_transaction_and_the_session_says_so)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        co_await s.execute("SELECT 1");
        asio::steady_timer timer{co_await asio::this_coro::executor, 20ms};
        co_await (s.query("SELECT pg_sleep(60)") || timer.async_wait(asio::use_awaitable));
        const auto refused = co_await thrown<tusk::pending_rollback>([&] { return s.query("SELECT 1"); });
        expect_mentions(refused, "cancelled", "rollback()");
        EXPECT_THROW(std::rethrow_exception(refused.cause()), tusk::operation_aborted);
        const auto undone = co_await thrown<tusk::transaction_rolled_back>([&]() -> asio::awaitable<int> {
            co_await s.commit();
            co_return 0;
        });
        expect_mentions(undone, "broken off", "cancelled");
        co_await expect_usable(s);
        co_await s.commit();
        EXPECT_EQ(open_transactions(), "0");
    });
}

TEST(cancelled, in_a_savepoint_only_that_is_lost)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "cancelled_nested");
        tusk::session s{engine};
        co_await s.execute("INSERT INTO cancelled_nested VALUES (1, '')");
        {
            const tusk::savepoint inner = co_await s.begin_nested();
            co_await s.execute("INSERT INTO cancelled_nested VALUES (2, '')");
            asio::steady_timer timer{co_await asio::this_coro::executor, 20ms};
            co_await (s.query("SELECT pg_sleep(60)") || timer.async_wait(asio::use_awaitable));
            co_await thrown<tusk::pending_rollback>([&] { return s.query("SELECT 1"); });
        }
        const auto count = co_await s.query_one<std::int64_t>("SELECT count(*) FROM cancelled_nested");
        EXPECT_EQ(count, 1);
        co_await s.commit();
    });
}

TEST(cancelled, at_every_moment_of_a_unit_of_work)
{
    run_with_engine(
        [](tusk::engine& engine) -> asio::awaitable<void> {
            co_await make_table(engine, "cancelled_moments");
            int cut_off = 0;
            for (const auto type : {asio::cancellation_type::terminal, asio::cancellation_type::total}) {
                for (int turns = 0; turns < 60; ++turns) {
                    const bool failed = co_await cancelled_after(turns, type, [&]() -> asio::awaitable<void> {
                        co_await engine.begin([&](tusk::session& s) -> asio::awaitable<void> {
                            co_await s.set("app.tenant", "x");
                            co_await s.execute("INSERT INTO cancelled_moments VALUES ($1, '')", turns);
                            co_await s.begin_nested([&]() -> asio::awaitable<void> {
                                co_await s.execute("UPDATE cancelled_moments SET note = 'n' WHERE id = $1", turns);
                            });
                            co_await s.execute("DELETE FROM cancelled_moments WHERE id = $1", turns);
                        });
                    });
                    cut_off += failed ? 1 : 0;
                    const bool given_back = co_await eventually([&] { return engine.status().leased == 0; });
                    EXPECT_TRUE(given_back);
                }
            }
            EXPECT_GT(cut_off, 0);
            EXPECT_EQ(open_transactions(), "0");
            tusk::session s{engine};
            const auto count = co_await s.query_one<std::int64_t>("SELECT count(*) FROM cancelled_moments");
            EXPECT_EQ(count, 0);
            co_await s.commit();
        },
        connections(1));
}

TEST(cancelled, while_it_waits_for_a_connection_nothing_has_begun)
{
    run_with_engine(
        [](tusk::engine& engine) -> asio::awaitable<void> {
            tusk::session holder{engine};
            co_await holder.execute("SELECT 1");
            tusk::session s{engine};
            asio::steady_timer timer{co_await asio::this_coro::executor, 20ms};
            co_await (s.query("SELECT 1") || timer.async_wait(asio::use_awaitable));
            EXPECT_FALSE(s.in_transaction());
            co_await holder.commit();
            co_await expect_usable(s);
            co_await s.commit();
        },
        connections(1));
}

} // namespace
