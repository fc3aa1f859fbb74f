// Connections and contexts that go away while somebody still waits.

#include "callers.hpp"

#include <asio/detached.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tusk::test;
using namespace std::chrono_literals;

// ---- The connection object is destroyed, or closed: what was called before is answered first.

enum class farewell { destroyed, closed };

asio::awaitable<void> say(farewell how, std::optional<tusk::connection>& conn)
{
    if (how == farewell::closed)
        co_await conn->close();
    conn.reset();
}

/// Spawns callers, lets their requests be sent, and takes the connection away.
void take_away(const std::function<void(tusk::connection&, callers&, const asio::any_io_executor&)>& call)
{
    for (const farewell how : {farewell::destroyed, farewell::closed}) {
        for (const auto& wait : {0ms, 10ms}) {
            SCOPED_TRACE(fmt::format("{} after {} ms", how == farewell::closed ? "closed" : "destroyed", wait.count()));
            run([&]() -> asio::awaitable<void> {
                auto executor = co_await asio::this_coro::executor;
                std::optional<tusk::connection> conn = co_await tusk::connect(server().url());
                const std::int32_t pid = conn->backend_pid();
                callers many;
                call(*conn, many, executor);
                co_await pause(wait);
                co_await say(how, conn);
                co_await many.all();

                // And the session ends.
                tusk::connection other = co_await tusk::connect(server().url());
                bool gone = false;
                for (int tries = 0; !gone && tries < 1000; ++tries) {
                    gone =
                        co_await other.query_one<bool>("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $1", pid);
                    co_await pause(5ms);
                }
                EXPECT_TRUE(gone);
            });
        }
    }
}

TEST(destroyed_connection, nobody_waits)
{
    take_away([](tusk::connection&, callers&, const asio::any_io_executor&) {});
}

TEST(destroyed_connection, requests_that_were_sent_are_answered)
{
    take_away([](tusk::connection& conn, callers& many, const asio::any_io_executor& executor) {
        many.spawn(executor, conn.query("SELECT pg_sleep(0.05)"), succeeds());
        for (int i = 0; i < 10; ++i)
            many.spawn(executor, conn.query_one<int>(fmt::format("SELECT {}", i)), gives(i));
        many.spawn(executor, conn.query("SELECT 1/0"), fails_with<tusk::division_by_zero>());
        many.spawn(executor, conn.execute_script("SELECT 1; SELECT 2"), succeeds());
    });
}

TEST(destroyed_connection, requests_that_need_two_flights_are_answered)
{
    take_away([](tusk::connection& conn, callers& many, const asio::any_io_executor& executor) {
        many.spawn(executor, conn.query("SELECT pg_sleep(0.05)"), succeeds());
        for (int i = 0; i < 10; ++i)
            many.spawn(executor, conn.query_one<int>(fmt::format("SELECT $1::int + {}", i), 100), gives(100 + i));
    });
}

TEST(destroyed_connection, requests_that_wait_for_another_s_statement_are_answered)
{
    take_away([](tusk::connection& conn, callers& many, const asio::any_io_executor& executor) {
        many.spawn(executor, conn.query("SELECT pg_sleep(0.05)"), succeeds());
        for (int i = 0; i < 10; ++i)
            many.spawn(executor,
                       conn.query_one<int>("SELECT length($1)", std::string(static_cast<std::size_t>(i), 'x')),
                       gives(i));
    });
}

TEST(destroyed_connection, more_requests_than_are_sent_at_once_are_answered)
{
    take_away([](tusk::connection& conn, callers& many, const asio::any_io_executor& executor) {
        const std::string text(500'000, 'x');
        many.spawn(executor, conn.query("SELECT pg_sleep(0.05)"), succeeds());
        for (int i = 0; i < 6; ++i)
            many.spawn(executor, conn.query_one<int>(fmt::format("SELECT length($1) + {}", i), text),
                       gives(500'000 + i));
    });
}

TEST(destroyed_connection, a_caller_that_was_cancelled_takes_nobody_along)
{
    run([]() -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        gate blocked = co_await gate::shut();
        std::optional<tusk::connection> conn = co_await tusk::connect(server().url());
        callers many;
        asio::cancellation_signal signal;
        // The second waits for the statement that the first prepares.
        many.spawn(executor, conn->query_one<int>(blocked.wait_for(5)), fails_with<tusk::operation_aborted>(),
                   signal.slot());
        many.spawn(executor, conn->query_one<int>(blocked.wait_for(5)), gives(5));
        co_await pause(10ms);
        signal.emit(asio::cancellation_type::terminal);
        conn.reset();
        co_await blocked.open();
        co_await many.all();
    });
}

TEST(destroyed_connection, calls_behind_close_are_refused)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        callers many;
        many.spawn(executor, conn.query("SELECT pg_sleep(0.05)"), succeeds());
        co_await pause(10ms);
        asio::co_spawn(executor, conn.close(), asio::detached);
        many.spawn(executor, conn.query("SELECT 1"), fails_with<tusk::connection_error>());
        co_await many.all();
        EXPECT_FALSE(conn.is_open());
    });
}

TEST(destroyed_connection, a_connection_is_replaced)
{
    run([]() -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        callers many;
        tusk::connection conn = co_await tusk::connect(server().url());
        const std::int32_t before = conn.backend_pid();
        many.spawn(executor, conn.query_one<int>("SELECT 3 FROM pg_sleep(0.02)"), gives(3));
        co_await pause(5ms);
        conn = co_await tusk::connect(server().url());
        EXPECT_NE(conn.backend_pid(), before);
        co_await many.all();
        co_await expect_usable(conn);
    });
}

// ---- The execution context is destroyed: every coroutine is, and nothing is left.

asio::awaitable<void> forever(tusk::shared_connection conn, std::string sql, std::shared_ptr<int> token)
{
    co_await conn.query(sql, 1);
    ADD_FAILURE() << "the context is gone before " << *token;
}

using situation = asio::awaitable<void> (*)(tusk::connection& conn, std::shared_ptr<int> token);

/// Destroys a context while its coroutines wait as the situation has them wait, and counts what is left of them.
void destroy_context_in(situation arrange)
{
    for (const auto& wait : {0ms, 20ms}) {
        const auto token = std::make_shared<int>(7);
        {
            asio::io_context io;
            bool connected = false;
            asio::co_spawn(
                io,
                [&, held = token]() -> asio::awaitable<void> {
                    tusk::connection conn = co_await tusk::connect(server().url());
                    connected = true;
                    co_await arrange(conn, held);
                },
                asio::detached);
            while (!connected && io.run_one_for(hang_limit) != 0)
                continue;
            EXPECT_TRUE(connected);
            io.run_for(wait);
            EXPECT_GT(token.use_count(), 1) << "nobody was waiting";
        }
        EXPECT_EQ(token.use_count(), 1);
    }
}

constexpr auto endless = "SELECT pg_sleep(2) WHERE $1 = 1";

TEST(destroyed_context, one_waits_for_an_answer)
{
    destroy_context_in(
        [](tusk::connection& conn, std::shared_ptr<int>) -> asio::awaitable<void> { co_await conn.query(endless, 1); });
}

TEST(destroyed_context, many_wait_for_an_answer_and_for_each_other)
{
    destroy_context_in([](tusk::connection& conn, std::shared_ptr<int> token) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        for (int i = 0; i < 10; ++i)
            asio::co_spawn(executor, forever(conn.share(), endless, token), asio::detached);
        for (int i = 0; i < 10; ++i)
            asio::co_spawn(executor, forever(conn.share(), fmt::format("SELECT $1::int + {}", i), token),
                           asio::detached);
        co_await pause(10s);
    });
}

TEST(destroyed_context, a_large_request_is_being_written)
{
    destroy_context_in([](tusk::connection& conn, std::shared_ptr<int>) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        tusk::shared_connection shared = conn.share();
        asio::co_spawn(executor, shared.query("SELECT pg_sleep(2)"), asio::detached);
        co_await conn.query("SELECT $1::text", std::string(20'000'000, 'x'));
    });
}

TEST(destroyed_context, a_transaction_is_open)
{
    destroy_context_in([](tusk::connection& conn, std::shared_ptr<int>) -> asio::awaitable<void> {
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("SELECT 1");
            co_await tx.with_transaction(
                [&](tusk::transaction& inner) -> asio::awaitable<void> { co_await inner.query(endless, 1); });
        });
    });
}

TEST(destroyed_context, nobody_waits_for_the_server)
{
    destroy_context_in([](tusk::connection& conn, std::shared_ptr<int>) -> asio::awaitable<void> {
        const tusk::result rows = co_await conn.query("SELECT 1");
        tusk::transaction tx = co_await conn.begin();
        co_await tx.execute("SELECT 1");
        co_await pause(10s);
    });
}

TEST(destroyed_context, a_caller_was_cancelled)
{
    destroy_context_in([](tusk::connection& conn, std::shared_ptr<int> token) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        asio::cancellation_signal signal;
        asio::co_spawn(executor, forever(conn.share(), endless, token),
                       asio::bind_cancellation_slot(signal.slot(), asio::detached));
        co_await pause(1ms);
        signal.emit(asio::cancellation_type::terminal);
        co_await conn.query(endless, 1);
    });
}

asio::awaitable<void> run_for_ever(tusk::pipeline batch, std::shared_ptr<int> token)
{
    co_await batch.run();
    ADD_FAILURE() << "the context is gone before " << *token;
}

TEST(destroyed_context, pipelines_are_under_way)
{
    destroy_context_in([](tusk::connection& conn, std::shared_ptr<int> token) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        asio::co_spawn(executor, forever(conn.share(), endless, token), asio::detached);
        asio::cancellation_signal signals[2]; // whoever can be cancelled is held by one thing more
        for (const bool atomic : {false, true})
            for (const bool can_be_cancelled : {false, true}) {
                tusk::pipeline batch = atomic ? conn.atomic_pipeline() : conn.pipeline();
                static_cast<void>(batch.query(endless, 1));
                static_cast<void>(batch.query("SELECT $1::int", 1));
                static_cast<void>(batch.execute(fmt::format("SELECT $1::int + {}", can_be_cancelled ? 1 : 0), 1));
                if (can_be_cancelled)
                    asio::co_spawn(executor, run_for_ever(std::move(batch), token),
                                   asio::bind_cancellation_slot(signals[atomic ? 1 : 0].slot(), asio::detached));
                else
                    asio::co_spawn(executor, run_for_ever(std::move(batch), token), asio::detached);
            }
        co_await pause(10s);
    });
}

TEST(destroyed_context, a_pipeline_has_still_to_be_prepared)
{
    destroy_context_in([](tusk::connection& conn, std::shared_ptr<int> token) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        asio::co_spawn(executor, forever(conn.share(), endless, token), asio::detached);
        co_await pause(1ms);
        tusk::pipeline batch = conn.pipeline(); // its Parse is answered behind the statement that takes its time
        const auto number = batch.query("SELECT $1::int", 1);
        co_await batch.run();
        EXPECT_FALSE(number.is_ready());
    });
}

TEST(destroyed_context, a_batch_is_being_written)
{
    destroy_context_in([](tusk::connection& conn, std::shared_ptr<int>) -> asio::awaitable<void> {
        co_await conn.execute_many("SELECT $1::int", std::views::iota(0));
    });
}

TEST(destroyed_context, one_waits_for_a_notification)
{
    destroy_context_in([](tusk::connection& conn, std::shared_ptr<int>) -> asio::awaitable<void> {
        co_await conn.listen("news");
        co_await conn.next_notification();
    });
}

asio::awaitable<void> listen_for_ever(std::string url, std::shared_ptr<int> token)
{
    tusk::listener ears{tusk::connect_options{url}, std::vector<std::string>(1, "news")};
    co_await ears.next();
    ADD_FAILURE() << "the context is gone before " << *token;
}

TEST(destroyed_context, listeners_wait)
{
    destroy_context_in([](tusk::connection&, std::shared_ptr<int> token) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        asio::co_spawn(executor, listen_for_ever(server().url(), token), asio::detached);
        asio::co_spawn(executor, listen_for_ever("postgresql://postgres@127.0.0.1:1/postgres", token), asio::detached);
        co_await pause(10s);
    });
}

TEST(destroyed_context, before_anything_ran)
{
    const auto token = std::make_shared<int>(7);
    {
        asio::io_context io;
        asio::co_spawn(
            io,
            [held = token]() -> asio::awaitable<void> {
                tusk::connection conn = co_await tusk::connect(server().url());
                co_await expect_usable(conn);
            },
            asio::detached);
    }
    EXPECT_EQ(token.use_count(), 1);
}

} // namespace
