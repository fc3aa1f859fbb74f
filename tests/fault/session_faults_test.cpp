// Sessions that end under their users: killed, terminated, reset, in the middle of everything that a connection does.
#include "integration/driver/callers.hpp"
#include "support/fault_proxy.hpp"
#include "support/observe.hpp"

#include <tusk/driver.hpp>

#include <asio/experimental/awaitable_operators.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace asio::experimental::awaitable_operators;
using namespace tusk::test;
using namespace std::chrono_literals;
using way = fault_proxy::way;

constexpr std::string_view minute = "SELECT 1 FROM pg_sleep(60)";
constexpr auto bound = 10s; // generous: none of it waits for anything

asio::awaitable<void> expect_closed(tusk::connection& conn)
{
    EXPECT_FALSE(conn.is_open());
    const auto later = co_await thrown<tusk::connection_error>([&] { return conn.execute("SELECT 1"); });
    EXPECT_TRUE(later.safe_to_retry());
    co_await conn.close();
}

/// Ends the session once its statement sleeps in the server.
asio::awaitable<void> terminate_when(std::int32_t pid, std::string_view activity)
{
    const bool there = co_await eventually([&] { return activity_of(pid) == activity; });
    EXPECT_TRUE(there) << activity_of(pid);
    server().terminate_backend(pid);
}

class session_fault : public testing::Test
{
protected:
    void SetUp() override
    {
        if (!server().is_own())
            GTEST_SKIP() << "signals and the proxy need a server of our own";
    }
};

/// A server that is held back by a reader who lags behind hangs up without a word: then it is the loss that is told.
template <class Call>
asio::awaitable<void> expect_end(Call call, std::string_view sqlstate)
{
    bool told = false;
    try {
        co_await call();
    } catch (const tusk::server_error& words) {
        told = words.sqlstate() == sqlstate;
    } catch (const tusk::connection_error& lost) {
        told = !lost.safe_to_retry();
    }
    EXPECT_TRUE(told);
}

// ---- The server's own words come through, whatever was going on.

template <class Call>
asio::awaitable<void> expect_words(tusk::connection& conn, std::string_view activity, Call call)
{
    const auto begun = std::chrono::steady_clock::now();
    const auto told = [&]() -> asio::awaitable<void> {
        const auto words = co_await thrown<tusk::server_error>(call);
        EXPECT_EQ(words.sqlstate(), "57P01");
    };
    co_await (told() && terminate_when(conn.backend_pid(), activity));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, bound);
    co_await expect_closed(conn);
}

TEST_F(session_fault, backend_terminated_in_a_query)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await expect_words(conn, "active|PgSleep", [&] { return conn.execute(minute); });
    });
}

TEST_F(session_fault, backend_terminated_in_a_transaction)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto block = [](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("SELECT 1");
            co_await tx.execute(minute);
        };
        co_await expect_words(conn, "active|PgSleep", [&] { return conn.with_transaction(block); });
    });
}

TEST_F(session_fault, backend_terminated_in_a_batch)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::vector<double> lengths{0, 60};
        co_await expect_words(conn, "active|PgSleep",
                              [&] { return conn.execute_many("SELECT pg_sleep($1)", lengths); });
    });
}

TEST_F(session_fault, backend_terminated_with_other_callers_behind)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        callers many;
        const auto first = conn.backend_pid();
        many.spawn(executor, conn.query_one<int>(minute), fails_with<tusk::server_error>());
        for (int i = 0; i < 5; ++i)
            many.spawn(executor, conn.query_one<int>("SELECT $1::int", i), fails_with<tusk::connection_error>());
        co_await terminate_when(first, "active|PgSleep");
        co_await many.all();
        co_await expect_closed(conn);
    });
}

TEST_F(session_fault, backend_terminated_in_copy_in)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE target (t text)");
        tusk::copy_writer writer = co_await conn.copy_into("target");
        const std::string text(1000, 'x');
        std::int64_t sent = 0;
        const auto fill = [&]() -> asio::awaitable<bool> {
            for (;; ++sent) {
                if (writer.add(text))
                    co_await writer.flush();
                if (sent == 1000)
                    server().terminate_backend(conn.backend_pid());
            }
        };
        const auto begun = std::chrono::steady_clock::now();
        const auto words = co_await thrown<tusk::server_error>(fill);
        EXPECT_EQ(words.sqlstate(), "57P01");
        EXPECT_LT(std::chrono::steady_clock::now() - begun, bound);
        EXPECT_LT(sent, 200'000) << "the producer was not stopped";
        co_await thrown<tusk::server_error>([&] { return writer.finish(); });
        co_await expect_closed(conn);
    });
}

/// Its writer does nothing when the session ends: he is told when he comes back.
TEST_F(session_fault, backend_terminated_in_an_idle_copy_in)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE target (t text)");
        tusk::copy_writer writer = co_await conn.copy_into("target");
        co_await terminate_when(conn.backend_pid(), "active|ClientRead");
        const bool closed = co_await eventually([&] { return !conn.is_open(); });
        EXPECT_TRUE(closed);
        EXPECT_FALSE(writer.add("x"));
        const auto words = co_await thrown<tusk::server_error>([&] { return writer.finish(); });
        EXPECT_EQ(words.sqlstate(), "57P01");
        co_await expect_closed(conn);
    });
}

TEST_F(session_fault, backend_terminated_in_copy_out)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::copy_reader reader =
            co_await conn.copy_out("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 10000000)) TO STDOUT");
        bool more = co_await reader.next_batch();
        EXPECT_TRUE(more);
        server().terminate_backend(conn.backend_pid());
        const auto begun = std::chrono::steady_clock::now();
        const auto read = [&]() -> asio::awaitable<void> {
            while (co_await reader.next_batch()) {}
        };
        co_await expect_end(read, "57P01");
        EXPECT_LT(std::chrono::steady_clock::now() - begun, bound);
        co_await expect_closed(conn);
    });
}

TEST_F(session_fault, backend_terminated_while_idle)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::int32_t pid = conn.backend_pid();
        server().terminate_backend(pid);
        const bool gone = co_await eventually([&] { return activity_of(pid).empty(); });
        EXPECT_TRUE(gone);
        const auto told = co_await thrown<tusk::connection_error>([&] { return conn.execute("SELECT 1"); });
        EXPECT_TRUE(told.safe_to_retry());
        expect_mentions(told, "57P01");
        co_await expect_closed(conn);
    });
}

/// The server refuses a row while its writer still sends: one ReadyForQuery, and the connection is used again.
TEST_F(session_fault, server_error_in_copy_in_while_data_is_sent)
{
    fault_proxy proxy;
    const auto body = [&](tusk::connection& conn) -> asio::awaitable<void> {
        const std::int32_t pid = conn.backend_pid();
        co_await conn.execute("CREATE TEMP TABLE target (n int CHECK (n <> 1000), t text)");
        const std::string text(1000, 'x');
        for (int round = 0; round < 5; ++round) {
            proxy.delay(way::to_client, std::chrono::milliseconds{round});
            int sent = 0;
            const auto fill = [&]() -> asio::awaitable<bool> {
                tusk::copy_writer writer = co_await conn.copy_into("target");
                for (; sent < 1'000'000; ++sent)
                    if (writer.add(sent, text))
                        co_await writer.flush();
                co_return true;
            };
            co_await thrown<tusk::check_violation>(fill);
            EXPECT_LT(sent, 900'000) << "the producer was not stopped";
            co_await expect_usable(conn);
        }
        EXPECT_EQ(conn.backend_pid(), pid);
    };
    run_connected(body, tusk::connect_options{proxy.url()});
}

// ---- The server crashes.

TEST_F(session_fault, sibling_killed)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::connection victim = co_await tusk::connect(server().url());
        tusk::row_stream stream =
            co_await conn.stream("SELECT g, repeat('x', 1000) FROM generate_series(1, 1000000) AS g");
        const bool more = co_await stream.next_batch();
        EXPECT_TRUE(more);
        server().signal_backend(victim.backend_pid(), SIGKILL);
        const auto begun = std::chrono::steady_clock::now();
        const auto read = [&]() -> asio::awaitable<void> {
            while (co_await stream.next_batch()) {}
        };
        co_await expect_end(read, "57P02");
        EXPECT_LT(std::chrono::steady_clock::now() - begun, bound);
        co_await expect_closed(conn);
        co_await thrown<tusk::connection_error>([&] { return victim.execute("SELECT 1"); });
    });
    server().wait_until_ready();
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> { co_await expect_usable(conn); });
}

// ---- The network breaks.

TEST_F(session_fault, connection_reset_in_copy_in_with_data_queued)
{
    fault_proxy proxy;
    const auto body = [&](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE target (t text)");
        tusk::copy_writer writer = co_await conn.copy_into("target");
        proxy.hold(way::to_server, true);
        memory_mark memory;
        const std::string text(1'000'000, 'x');
        const auto fill = [&]() -> asio::awaitable<void> {
            const auto all = [&]() -> asio::awaitable<bool> {
                for (int i = 0; i < 100; ++i) {
                    if (writer.add(text))
                        co_await writer.flush();
                    memory.look();
                }
                co_return true;
            };
            const auto lost = co_await thrown<tusk::connection_error>(all);
            EXPECT_FALSE(lost.safe_to_retry());
        };
        const auto cut = [&]() -> asio::awaitable<void> {
            co_await pause(300ms);
            proxy.cut();
        };
        const auto begun = std::chrono::steady_clock::now();
        co_await (fill() && cut());
        EXPECT_LT(std::chrono::steady_clock::now() - begun, bound);
        EXPECT_LT(memory.growth(), 20'000'000U);
        co_await expect_closed(conn);
        proxy.hold(way::to_server, false);
    };
    run_connected(body, tusk::connect_options{proxy.url()});
}

TEST_F(session_fault, connection_reset_in_the_middle_of_rows)
{
    fault_proxy proxy;
    const auto body = [&](tusk::connection& conn) -> asio::awaitable<void> {
        proxy.cut_after(way::to_client, 1'000'000);
        const auto lost = co_await thrown<tusk::connection_error>(
            [&] { return conn.query("SELECT repeat('x', 1000) FROM generate_series(1, 10000)"); });
        EXPECT_FALSE(lost.safe_to_retry());
        co_await expect_closed(conn);
    };
    run_connected(body, tusk::connect_options{proxy.url()});
}

// ---- Both directions are full.

TEST_F(session_fault, both_directions_full)
{
    fault_proxy proxy;
    const auto body = [&](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        callers many;
        const std::string large(8'000'000, 'x');
        for (int i = 0; i < 4; ++i)
            many.spawn(executor, conn.query_one<std::string>("SELECT $1::text", large), gives(large));
        co_await many.all();
        co_await expect_usable(conn);
    };
    run_connected(body, tusk::connect_options{proxy.url()});
}

TEST_F(session_fault, notices_and_notifications_while_a_batch_is_written)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE FUNCTION pg_temp.say(t text) RETURNS int LANGUAGE plpgsql AS "
                              "'BEGIN RAISE NOTICE ''%'', t; PERFORM pg_notify(''chat'', t); RETURN 1; END'");
        co_await conn.listen("chat");
        std::vector<std::string> texts;
        for (int i = 0; i < 2'000; ++i)
            texts.push_back(fmt::format("{} {}", i, std::string(2'000, 'x')));
        const tusk::command_tag tag = co_await conn.execute_many("SELECT pg_temp.say($1)", texts);
        EXPECT_EQ(tag.rows_affected(), 2'000U);
        for (int i = 0; i < 2'000; ++i) {
            const tusk::notification note = co_await conn.next_notification();
            EXPECT_EQ(note.payload, texts[static_cast<std::size_t>(i)]);
        }
    });
}

// ---- Refused at the door.

/// While it recovers from a crash the server says that it is not ready, which is worth another try.
TEST_F(session_fault, server_that_is_starting_up)
{
    run([&]() -> asio::awaitable<void> {
        tusk::connection victim = co_await tusk::connect(server().url());
        server().signal_backend(victim.backend_pid(), SIGKILL);
        bool back = false;
        const auto end = std::chrono::steady_clock::now() + bound;
        while (!back && std::chrono::steady_clock::now() < end) {
            try {
                tusk::connection conn = co_await tusk::connect(server().url());
                co_await expect_usable(conn);
                back = true;
            } catch (const tusk::cannot_connect_now& early) {
                EXPECT_EQ(early.sqlstate(), "57P03");
            } catch (const tusk::connection_error&) {
                // it was let in by what was left of the crashed server
            } catch (const tusk::server_error& crashing) {
                EXPECT_EQ(crashing.sqlstate(), "57P02") << crashing.what();
            }
        }
        EXPECT_TRUE(back);
    });
    server().wait_until_ready();
}

TEST_F(session_fault, too_many_connections)
{
    server().run_sql("ALTER ROLE u_trust CONNECTION LIMIT 1");
    run([&]() -> asio::awaitable<void> {
        const std::string url = server().socket_url("u_trust");
        tusk::connection first = co_await tusk::connect(url);
        const auto full = co_await thrown<tusk::too_many_connections>([&] { return tusk::connect(url); });
        EXPECT_EQ(full.sqlstate(), "53300");
        co_await first.close();
        bool let_in = false;
        const auto end = std::chrono::steady_clock::now() + bound;
        while (!let_in && std::chrono::steady_clock::now() < end) {
            try {
                tusk::connection second = co_await tusk::connect(url);
                let_in = true;
            } catch (const tusk::too_many_connections&) {
                // the first one has not quite left
            }
        }
        EXPECT_TRUE(let_in);
    });
    server().run_sql("ALTER ROLE u_trust CONNECTION LIMIT -1");
}

} // namespace
