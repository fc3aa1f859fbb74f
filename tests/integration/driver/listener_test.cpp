// The listener: a connection of its own that comes back, and says when something may have been missed.

#include "callers.hpp"
#include "support/fault_proxy.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdint>
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
constexpr std::string_view its_name = "tusk_listener_test";

std::vector<std::string> channels(std::string_view one, std::string_view other = {})
{
    std::vector<std::string> names(1, std::string{one});
    if (!other.empty())
        names.emplace_back(other);
    return names;
}

tusk::listener_options quick()
{
    tusk::listener_options how;
    how.first_backoff = 20ms;
    how.longest_backoff = 200ms;
    return how;
}

tusk::connect_options named(std::string_view url)
{
    tusk::connect_options options{url};
    options.application_name = its_name;
    return options;
}

/// The payload of an event that must be a notification.
std::string payload(const tusk::listener_event& event)
{
    if (const auto* note = std::get_if<tusk::notification>(&event))
        return note->payload;
    return "lost: " + std::get<tusk::notifications_lost>(event).reason;
}

/// Ends the listener's session from the server's side.
/// @returns How many there were.
asio::awaitable<std::int64_t> terminate_listener(tusk::connection& by)
{
    return by.query_one<std::int64_t>(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1", its_name);
}

TEST(listener, hears_what_is_sent_after_it_was_started)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::listener ears{tusk::connect_options{server().url()}, channels("news", "Two Words")};
        EXPECT_FALSE(ears.is_listening());
        co_await ears.start();
        EXPECT_TRUE(ears.is_listening());
        co_await ears.start(); // does nothing
        co_await conn.execute(send, "news", "one");
        co_await conn.execute(send, "Two Words", "two");
        co_await conn.execute(send, "other", "three");
        co_await conn.execute(send, "news", "four");
        for (const std::string_view expected : {"one", "two", "four"}) {
            const tusk::listener_event event = co_await ears.next();
            EXPECT_EQ(payload(event), expected);
        }
        co_await ears.close();
        co_await ears.close();
    });
}

TEST(listener, connects_by_itself_when_it_is_asked)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        tusk::listener ears{tusk::connect_options{server().url()}, channels("news")};
        std::string heard;
        asio::co_spawn(executor, ears.next(), [&](const std::exception_ptr& why, const tusk::listener_event& event) {
            EXPECT_EQ(message_of(why), "");
            heard = payload(event);
        });
        while (!ears.is_listening())
            co_await pause(1ms);
        co_await conn.execute(send, "news", "hello");
        while (heard.empty())
            co_await pause(1ms);
        EXPECT_EQ(heard, "hello");
    });
}

TEST(listener, comes_back_and_says_that_something_may_be_lost)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::listener ears{named(server().url()), channels("news", "more"), quick()};
        co_await ears.start();
        for (int round = 0; round < 3; ++round) {
            co_await conn.execute(send, "news", "before");
            const tusk::listener_event before = co_await ears.next();
            EXPECT_EQ(payload(before), "before");
            const auto ended = co_await terminate_listener(conn);
            EXPECT_EQ(ended, 1);
            const tusk::listener_event lost = co_await ears.next();
            EXPECT_TRUE(std::holds_alternative<tusk::notifications_lost>(lost)) << payload(lost);
            if (const auto* gap = std::get_if<tusk::notifications_lost>(&lost)) {
                EXPECT_NE(gap->reason.find("may have been lost"), std::string::npos) << gap->reason;
                EXPECT_TRUE(is_a<tusk::connection_error>(gap->cause)) << message_of(gap->cause);
            }
            // Whoever reads its tables again now misses nothing: it listens already, to all channels.
            EXPECT_TRUE(ears.is_listening());
            co_await conn.execute(send, "more", "after");
            const tusk::listener_event after = co_await ears.next();
            EXPECT_EQ(payload(after), "after");
        }
    });
}

TEST(listener, is_told_of_a_loss_while_it_waits)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        tusk::listener ears{named(server().url()), channels("news"), quick()};
        co_await ears.start();
        bool told = false;
        asio::co_spawn(executor, ears.next(), [&](const std::exception_ptr& why, const tusk::listener_event& event) {
            EXPECT_EQ(message_of(why), "");
            EXPECT_TRUE(std::holds_alternative<tusk::notifications_lost>(event)) << payload(event);
            told = true;
        });
        co_await pause(10ms);
        EXPECT_FALSE(told);
        co_await terminate_listener(conn);
        while (!told)
            co_await pause(1ms);
        EXPECT_TRUE(ears.is_listening());
    });
}

TEST(listener, goes_on_trying_while_the_server_refuses)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs a role of its own";
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string url = server().socket_url("u_trust");
        tusk::listener ears{named(url), channels("news"), quick()};
        co_await ears.start();
        co_await conn.execute("ALTER ROLE u_trust CONNECTION LIMIT 0");
        co_await terminate_listener(conn);
        auto executor = co_await asio::this_coro::executor;
        std::string heard;
        asio::co_spawn(executor, ears.next(), [&](const std::exception_ptr& why, const tusk::listener_event& event) {
            EXPECT_EQ(message_of(why), "");
            heard = payload(event);
        });
        co_await pause(300ms);
        EXPECT_EQ(heard, "");
        EXPECT_FALSE(ears.is_listening());
        co_await conn.execute("ALTER ROLE u_trust CONNECTION LIMIT -1");
        while (heard.empty())
            co_await pause(1ms);
        EXPECT_TRUE(heard.starts_with("lost: ")) << heard;
    });
}

TEST(listener, what_does_not_pass_by_waiting_is_thrown)
{
    run_connected([](tusk::connection&) -> asio::awaitable<void> {
        tusk::connect_options nowhere{server().url()};
        nowhere.dbname = "no_such_database";
        tusk::listener ears{nowhere, channels("news"), quick()};
        static_cast<void>(co_await thrown<tusk::invalid_catalog_name>([&] { return ears.start(); }));
        for (int i = 0; i < 2; ++i)
            static_cast<void>(co_await thrown<tusk::invalid_catalog_name>([&] { return ears.next(); }));
        tusk::connect_options closed{"postgresql://postgres@127.0.0.1:1/postgres"};
        tusk::listener deaf{closed, channels("news"), quick()};
        static_cast<void>(co_await thrown<tusk::connection_error>([&] { return deaf.start(); }));
        EXPECT_THROW(tusk::listener(closed, channels("")), tusk::usage_error);
        tusk::listener_options wrong;
        wrong.first_backoff = 0ms;
        EXPECT_THROW(tusk::listener(closed, channels("a"), wrong), tusk::usage_error);
        static_cast<void>(co_await thrown<tusk::usage_error>([&] { return deaf.listen(""); }));
    });
}

TEST(listener, an_overflow_is_a_loss)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::connect_options options{server().url()};
        options.notification_queue_size = 5;
        tusk::listener ears{options, channels("news")};
        co_await ears.start();
        co_await conn.execute("SELECT pg_notify('news', g::text) FROM generate_series(1, 50) AS g");
        const tusk::listener_event first = co_await ears.next();
        EXPECT_EQ(payload(first), "1");
        const tusk::listener_event lost = co_await ears.next();
        EXPECT_TRUE(std::holds_alternative<tusk::notifications_lost>(lost)) << payload(lost);
        const tusk::listener_event second = co_await ears.next();
        EXPECT_EQ(payload(second), "2");
    });
}

TEST(listener, its_channels_can_change)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        tusk::listener ears{named(server().url()), channels("a"), quick()};
        co_await ears.listen("b"); // not connected yet
        co_await ears.start();
        std::string heard;
        asio::co_spawn(executor, ears.next(), [&](const std::exception_ptr& why, const tusk::listener_event& event) {
            EXPECT_EQ(message_of(why), "");
            heard = payload(event);
        });
        co_await pause(5ms);
        co_await ears.listen("c"); // while somebody waits
        co_await ears.unlisten("a");
        EXPECT_TRUE(ears.is_listening());
        for (const char* const name : {"a", "c", "b"})
            co_await conn.execute(send, name, name);
        while (heard.empty())
            co_await pause(1ms);
        EXPECT_EQ(heard, "c");
        const tusk::listener_event b = co_await ears.next();
        EXPECT_EQ(payload(b), "b");
        co_await terminate_listener(conn);
        const tusk::listener_event lost = co_await ears.next();
        EXPECT_TRUE(std::holds_alternative<tusk::notifications_lost>(lost)) << payload(lost);
        for (const char* const name : {"a", "c", "b"}) // the new connection knows what the old one had learnt
            co_await conn.execute(send, name, name);
        for (const std::string_view expected : {"c", "b"}) {
            const tusk::listener_event event = co_await ears.next();
            EXPECT_EQ(payload(event), expected);
        }
    });
}

TEST(listener, a_cancelled_wait_loses_nothing)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        tusk::listener ears{named(server().url()), channels("news"), quick()};
        int heard = 0;
        int cancelled = 0;
        const auto wait_for = [&](std::chrono::microseconds limit) -> asio::awaitable<void> {
            asio::cancellation_signal signal;
            bool ended = false;
            asio::co_spawn(executor, ears.next(),
                           asio::bind_cancellation_slot(
                               signal.slot(), [&](const std::exception_ptr& why, const tusk::listener_event& event) {
                                   ended = true;
                                   if (!why)
                                       EXPECT_EQ(payload(event), std::to_string(heard++));
                                   else
                                       ++cancelled;
                               }));
            co_await pause(limit);
            signal.emit(asio::cancellation_type::terminal);
            while (!ended)
                co_await asio::post(executor, asio::use_awaitable);
        };
        for (const auto limit : {0us, 100us, 200us, 500us, 1000us, 3000us, 10'000us}) // connecting, listening, waiting
            co_await wait_for(limit);
        EXPECT_EQ(cancelled, 7);
        co_await ears.start();
        for (int sent = 0; sent < 20; ++sent) {
            co_await conn.execute(send, "news", std::to_string(sent));
            co_await wait_for(std::chrono::microseconds{sent * 10});
        }
        while (heard < 20)
            co_await wait_for(10'000us);
    });
}

TEST(listener, one_waits_at_a_time)
{
    run_connected([](tusk::connection&) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        tusk::listener ears{tusk::connect_options{server().url()}, channels("news")};
        bool ended = false;
        asio::co_spawn(executor, ears.next(), [&](const std::exception_ptr& why, const tusk::listener_event&) {
            EXPECT_TRUE(is_a<tusk::usage_error>(why)) << message_of(why);
            expect_mentions(std::runtime_error{message_of(why)}, "closed");
            ended = true;
        });
        co_await pause(5ms);
        const auto refused = co_await thrown<tusk::usage_error>([&] { return ears.next(); });
        expect_mentions(refused, "one at a time");
        EXPECT_FALSE(ended);
        co_await ears.close();
        while (!ended)
            co_await pause(1ms);
        static_cast<void>(co_await thrown<tusk::usage_error>([&] { return ears.next(); }));
        static_cast<void>(co_await thrown<tusk::usage_error>([&] { return ears.listen("more"); }));
    });
}

TEST(listener, moves_and_is_replaced)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::listener ears{named(server().url()), channels("a"), quick()};
        co_await ears.start();
        tusk::listener moved = std::move(ears);
        EXPECT_THROW(static_cast<void>(ears.next()), tusk::usage_error); // NOLINT(bugprone-use-after-move)
        EXPECT_FALSE(ears.is_listening());                               // NOLINT(bugprone-use-after-move)
        co_await conn.execute(send, "a", "moved");
        const tusk::listener_event event = co_await moved.next();
        EXPECT_EQ(payload(event), "moved");
        moved = tusk::listener{named(server().url()), channels("b"), quick()};
        co_await moved.start();
        co_await conn.execute(send, "b", "another");
        const tusk::listener_event other = co_await moved.next();
        EXPECT_EQ(payload(other), "another");
    });
}

TEST(listener, is_destroyed_while_somebody_waits)
{
    for (const auto after : {0ms, 1ms, 20ms}) // before it is connected, and after
        for (const bool reachable : {true, false})
            run([&]() -> asio::awaitable<void> {
                auto executor = co_await asio::this_coro::executor;
                const std::string url = reachable ? server().url() : "postgresql://postgres@127.0.0.1:1/postgres";
                std::optional<tusk::listener> ears;
                ears.emplace(tusk::connect_options{url}, channels("news"), quick());
                bool ended = false;
                asio::co_spawn(executor, ears->next(), [&](const std::exception_ptr& why, const tusk::listener_event&) {
                    EXPECT_TRUE(is_a<tusk::usage_error>(why)) << message_of(why);
                    ended = true;
                });
                co_await pause(after);
                ears.reset();
                while (!ended)
                    co_await pause(1ms);
            });
}

TEST(listener, a_connection_that_was_cut_is_noticed)
{
    if (!server().is_own())
        GTEST_SKIP() << "the proxy needs a server of our own";
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        fault_proxy proxy;
        tusk::listener ears{tusk::connect_options{proxy.url()}, channels("news"), quick()};
        co_await ears.start();
        proxy.cut();
        const tusk::listener_event lost = co_await ears.next();
        EXPECT_TRUE(std::holds_alternative<tusk::notifications_lost>(lost)) << payload(lost);
        co_await conn.execute(send, "news", "through the proxy");
        const tusk::listener_event event = co_await ears.next();
        EXPECT_EQ(payload(event), "through the proxy");
    });
}

TEST(listener, a_server_that_has_gone_silent_is_noticed)
{
    if (!server().is_own())
        GTEST_SKIP() << "a process of the server is stopped";
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::listener_options how = quick();
        how.check_every = 50ms;
        how.check_timeout = 200ms;
        tusk::listener ears{named(server().url()), channels("news"), how};
        co_await ears.start();
        const auto pid = co_await conn.query_one<std::int32_t>(
            "SELECT pid FROM pg_stat_activity WHERE application_name = $1", its_name);
        auto executor = co_await asio::this_coro::executor;
        std::string heard;
        asio::co_spawn(executor, ears.next(), [&](const std::exception_ptr& why, const tusk::listener_event& event) {
            EXPECT_EQ(message_of(why), "");
            heard = payload(event);
        });
        co_await pause(300ms); // several checks, which are answered
        EXPECT_EQ(heard, "");
        server().signal_backend(pid, SIGSTOP);
        while (heard.empty())
            co_await pause(1ms);
        server().signal_backend(pid, SIGCONT);
        EXPECT_TRUE(heard.starts_with("lost: ")) << heard;
        co_await conn.execute(send, "news", "again");
        const tusk::listener_event event = co_await ears.next();
        EXPECT_EQ(payload(event), "again");
    });
}

} // namespace
