// LISTEN and NOTIFY: nothing is lost silently, whatever else the connection does meanwhile.

#include "callers.hpp"

#include <asio/experimental/awaitable_operators.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace tusk::test;

constexpr auto send = "SELECT pg_notify($1, $2)";

TEST(notification, from_oneself_and_from_others)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::connection other = co_await tusk::connect(server().url());
        co_await conn.listen("news");
        co_await conn.execute(send, "news", "mine");
        co_await other.execute(send, "news", "theirs");
        co_await other.execute("NOTIFY news");
        const tusk::notification mine = co_await conn.next_notification();
        EXPECT_EQ(mine.channel, "news");
        EXPECT_EQ(mine.payload, "mine");
        EXPECT_EQ(mine.backend_pid, conn.backend_pid());
        const tusk::notification theirs = co_await conn.next_notification();
        EXPECT_EQ(theirs.payload, "theirs");
        EXPECT_EQ(theirs.backend_pid, other.backend_pid());
        const tusk::notification bare = co_await conn.next_notification();
        EXPECT_EQ(bare.payload, "");
    });
}

TEST(notification, channels_of_any_name)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::vector<std::string> names{
            "news",  "News", "two words", "quo\"te",           "sem;i", "select", "\xc3\xa4\xe2\x82\xac",
            "a.b.c", "--x",  "'",         std::string(63, 'l')};
        for (const std::string& name : names)
            co_await conn.listen(name);
        const auto listening = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM pg_listening_channels()");
        EXPECT_EQ(listening, static_cast<std::int64_t>(names.size()));
        for (const std::string& name : names)
            co_await conn.execute(send, name, "to " + name);
        for (const std::string& name : names) {
            const tusk::notification note = co_await conn.next_notification();
            EXPECT_EQ(note.channel, name);
            EXPECT_EQ(note.payload, "to " + name);
        }
        for (const char* const wrong : {"", "zero\0byte"})
            static_cast<void>(co_await thrown<tusk::usage_error>(
                [&] { return conn.listen(std::string_view{wrong, *wrong == 0 ? 0U : 9U}); }));
    });
}

TEST(notification, unlisten_ends_one_or_all)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (const char* const name : {"a", "b", "c"})
            co_await conn.listen(name);
        co_await conn.unlisten("b");
        for (const char* const name : {"a", "b", "c"})
            co_await conn.execute(send, name, name);
        const tusk::notification a = co_await conn.next_notification();
        EXPECT_EQ(a.channel, "a");
        const tusk::notification c = co_await conn.next_notification();
        EXPECT_EQ(c.channel, "c");
        co_await conn.unlisten_all();
        co_await conn.execute(send, "a", "a");
        static_cast<void>(
            co_await thrown<tusk::timeout_error>([&] { return conn.with_timeout(50ms).next_notification(); }));
    });
}

TEST(notification, those_that_come_while_others_work_are_kept)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        tusk::connection other = co_await tusk::connect(server().url());
        co_await conn.listen("news");
        callers many;
        for (int i = 0; i < 100; ++i) {
            many.spawn(executor, conn.query_one<int>("SELECT $1::int FROM pg_sleep(0.0005)", i), gives(i));
            many.spawn(executor, other.execute(send, "news", std::to_string(i)), succeeds());
        }
        co_await many.all();
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("SELECT 1"); // the server holds them back until it ends
        });
        tusk::row_stream rows = co_await conn.stream("SELECT g FROM generate_series(1, 10000) AS g");
        co_await other.execute(send, "news", "100");
        while (co_await rows.next_batch()) {}
        for (int i = 0; i <= 100; ++i) {
            const tusk::notification note = co_await conn.next_notification();
            EXPECT_EQ(note.payload, std::to_string(i));
        }
    });
}

TEST(notification, requests_run_while_somebody_waits_for_one)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        co_await conn.listen("news");
        std::string heard;
        asio::co_spawn(executor, conn.next_notification(),
                       [&](const std::exception_ptr& why, const tusk::notification& note) {
                           EXPECT_EQ(message_of(why), "");
                           heard = note.payload;
                       });
        co_await expect_usable(conn);
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("SELECT 1");
            co_await expect_usable(tx);
        });
        co_await conn.listen("more");
        EXPECT_EQ(heard, "");
        co_await conn.execute(send, "more", "now");
        while (heard.empty())
            co_await pause(1ms);
        EXPECT_EQ(heard, "now");
    });
}

TEST(notification, waiters_are_served_in_their_order)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        co_await conn.listen("news");
        std::map<int, std::string> heard;
        for (int i = 0; i < 3; ++i)
            asio::co_spawn(executor, conn.next_notification(),
                           [&, i](const std::exception_ptr& why, const tusk::notification& note) {
                               EXPECT_EQ(message_of(why), "");
                               heard[i] = note.payload;
                           });
        for (const char* const word : {"a", "b", "c", "d"})
            co_await conn.execute(send, "news", word);
        while (heard.size() < 3)
            co_await pause(1ms);
        EXPECT_EQ(heard, (std::map<int, std::string>{{0, "a"}, {1, "b"}, {2, "c"}}));
        const tusk::notification last = co_await conn.next_notification();
        EXPECT_EQ(last.payload, "d");
    });
}

TEST(notification, a_cancelled_waiter_loses_none)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        tusk::connection other = co_await tusk::connect(server().url());
        co_await conn.listen("news");
        int next = 0;
        int cancelled = 0;
        int sent = 0;
        for (int round = 0; round < 60 || next < sent; ++round) {
            asio::cancellation_signal signal;
            bool ended = false;
            asio::co_spawn(executor, conn.next_notification(),
                           asio::bind_cancellation_slot(
                               signal.slot(), [&](const std::exception_ptr& why, const tusk::notification& note) {
                                   ended = true;
                                   if (why) {
                                       EXPECT_TRUE(is_a<tusk::operation_aborted>(why)) << message_of(why);
                                       ++cancelled;
                                   } else {
                                       EXPECT_EQ(note.payload, std::to_string(next++));
                                   }
                               }));
            if (round % 3 != 0 && sent < 40)
                co_await other.execute(send, "news", std::to_string(sent++));
            if (round % 2 == 0)
                co_await asio::post(executor, asio::use_awaitable);
            if (round % 5 == 0)
                co_await expect_usable(conn);
            signal.emit(asio::cancellation_type::terminal);
            while (!ended)
                co_await asio::post(executor, asio::use_awaitable);
        }
        EXPECT_EQ(next, sent);
        EXPECT_GT(cancelled, 0);
    });
}

TEST(notification, with_a_deadline)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.listen("news");
        const std::int32_t pid = conn.backend_pid();
        for (int round = 0; round < 3; ++round) {
            const auto late =
                co_await thrown<tusk::timeout_error>([&] { return conn.with_timeout(20ms).next_notification(); });
            expect_mentions(late, "notification", "stays usable");
            co_await conn.execute(send, "news", std::to_string(round));
            const tusk::notification note = co_await conn.with_timeout(30s).next_notification();
            EXPECT_EQ(note.payload, std::to_string(round));
        }
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

TEST(notification, a_time_limit_by_operator)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        co_await conn.listen("news");
        auto executor = co_await asio::this_coro::executor;
        asio::steady_timer limit{executor, 20ms};
        const auto first = co_await (conn.next_notification() || limit.async_wait(asio::use_awaitable));
        EXPECT_EQ(first.index(), 1U);
        co_await conn.execute(send, "news", "kept");
        const tusk::notification note = co_await conn.next_notification();
        EXPECT_EQ(note.payload, "kept");
    });
}

// ---- More than are kept.

TEST(notification, an_overflow_is_told_before_what_was_kept)
{
    tusk::connect_options options{server().url()};
    options.notification_queue_size = 10;
    run_connected(
        [](tusk::connection& conn) -> asio::awaitable<void> {
            co_await conn.listen("news");
            for (int round = 0; round < 2; ++round) {
                co_await conn.execute("SELECT pg_notify('news', g::text) FROM generate_series(1, 15) AS g");
                const auto overflow =
                    co_await thrown<tusk::notification_overflow>([&] { return conn.next_notification(); });
                EXPECT_EQ(overflow.lost(), 5U);
                expect_mentions(overflow, "5 notification", "notification_queue_size");
                for (int i = 1; i <= 10; ++i) {
                    const tusk::notification note = co_await conn.next_notification();
                    EXPECT_EQ(note.payload, std::to_string(i));
                }
                co_await conn.execute(send, "news", "after");
                const tusk::notification after = co_await conn.next_notification();
                EXPECT_EQ(after.payload, "after");
            }
        },
        options);
}

TEST(notification, an_overflow_is_told_to_a_reader_that_never_catches_up)
{
    tusk::connect_options options{server().url()};
    options.notification_queue_size = 10;
    run_connected(
        [](tusk::connection& conn) -> asio::awaitable<void> {
            co_await conn.listen("news");
            std::size_t heard = 0;
            std::size_t lost = 0;
            for (int round = 0; round < 20; ++round) {
                co_await conn.execute("SELECT pg_notify('news', g::text) FROM generate_series(1, 8) AS g");
                for (int i = 0; i < 4; ++i) {
                    try {
                        co_await conn.next_notification();
                        ++heard;
                    } catch (const tusk::notification_overflow& overflow) {
                        lost += overflow.lost();
                    }
                }
            }
            EXPECT_GT(lost, 0U);
            EXPECT_LE(160U - heard - lost, 10U + 8U) << "the others were lost silently";
        },
        options);
}

// ---- Transactions.

TEST(notification, is_sent_by_commit_and_not_by_rollback)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.listen("news");
        tusk::transaction undone = co_await conn.begin();
        co_await undone.execute(send, "news", "undone");
        co_await undone.rollback();
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute(send, "news", "done");
            static_cast<void>(
                co_await thrown<tusk::timeout_error>([&] { return conn.with_timeout(30ms).next_notification(); }));
        });
        const tusk::notification note = co_await conn.next_notification();
        EXPECT_EQ(note.payload, "done");
    });
}

TEST(notification, listening_in_a_transaction_that_is_rolled_back_does_not_begin)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::transaction undone = co_await conn.begin();
        co_await undone.execute("LISTEN news");
        co_await undone.rollback();
        const auto listening = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM pg_listening_channels()");
        EXPECT_EQ(listening, 0);
        co_await conn.with_transaction(
            [&](tusk::transaction& tx) -> asio::awaitable<void> { co_await tx.execute("LISTEN news"); });
        co_await conn.execute(send, "news", "heard");
        const tusk::notification note = co_await conn.next_notification();
        EXPECT_EQ(note.payload, "heard");
    });
}

// ---- The end of the connection.

TEST(notification, the_connection_is_lost_while_somebody_waits)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        tusk::connection other = co_await tusk::connect(server().url());
        co_await conn.listen("news");
        int told = 0;
        for (int i = 0; i < 2; ++i)
            asio::co_spawn(executor, conn.next_notification(),
                           [&](const std::exception_ptr& why, const tusk::notification&) {
                               EXPECT_TRUE(is_a<tusk::connection_error>(why)) << message_of(why);
                               ++told;
                           });
        co_await other.execute("SELECT pg_terminate_backend($1)", conn.backend_pid());
        while (told < 2)
            co_await pause(1ms);
        EXPECT_FALSE(conn.is_open());
        static_cast<void>(co_await thrown<tusk::connection_error>([&] { return conn.next_notification(); }));
    });
}

TEST(notification, closing_tells_whoever_waits)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        co_await conn.listen("news");
        bool told = false;
        asio::co_spawn(executor, conn.next_notification(),
                       [&](const std::exception_ptr& why, const tusk::notification&) {
                           EXPECT_TRUE(is_a<tusk::connection_error>(why)) << message_of(why);
                           told = true;
                       });
        co_await asio::post(executor, asio::use_awaitable);
        co_await conn.close();
        co_await asio::post(executor, asio::use_awaitable);
        EXPECT_TRUE(told);
    });
}

} // namespace
