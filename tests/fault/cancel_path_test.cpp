// Cancelled statements when the way of the CancelRequest is broken: whoever waits is told within a bound, and a cancel
// that comes late hits nobody.
#include "integration/driver/callers.hpp"
#include "support/fault_proxy.hpp"
#include "support/observe.hpp"

#include <tusk/driver.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace tusk::test;
using namespace std::chrono_literals;
using way = fault_proxy::way;

constexpr std::string_view minute = "SELECT 1 FROM pg_sleep(60)";
constexpr auto grace = 300ms;

class cancel_path : public testing::Test
{
protected:
    void SetUp() override
    {
        if (!server().is_own())
            GTEST_SKIP() << "the proxy needs a server of our own";
    }

    static tusk::connect_options options_for(const fault_proxy& proxy)
    {
        tusk::connect_options options{proxy.url()};
        options.cancel_grace = grace;
        return options;
    }

    /// The caller whose time is up is told so, those behind him that the connection is gone, all of it in time.
    static asio::awaitable<void> expect_dropped(tusk::connection& conn)
    {
        auto executor = co_await asio::this_coro::executor;
        const auto begun = std::chrono::steady_clock::now();
        co_await thrown<tusk::timeout_error>([&] { return conn.with_timeout(100ms).execute(minute); });
        EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
        EXPECT_TRUE(conn.is_open());
        callers many;
        for (int i = 0; i < 3; ++i)
            many.spawn(executor, conn.query_one<int>("SELECT $1::int", i), [](const std::exception_ptr& why, int) {
                EXPECT_TRUE(is_a<tusk::connection_error>(why)) << message_of(why);
                EXPECT_NE(message_of(why).find("cancel_grace"), std::string::npos) << message_of(why);
            });
        const auto told = co_await thrown<tusk::connection_error>([&] { return conn.execute("SELECT 1"); });
        EXPECT_TRUE(told.safe_to_retry());
        co_await many.all();
        EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
        EXPECT_FALSE(conn.is_open());
        server().terminate_backend(conn.backend_pid());
    }
};

TEST_F(cancel_path, the_cancel_connection_is_ignored)
{
    fault_proxy proxy;
    const auto body = [&](tusk::connection& conn) -> asio::awaitable<void> {
        proxy.receive(fault_proxy::reception::ignored);
        co_await expect_dropped(conn);
        EXPECT_EQ(proxy.clients(), 2U);
    };
    run_connected(body, options_for(proxy));
}

TEST_F(cancel_path, the_cancel_connection_is_reset)
{
    fault_proxy proxy;
    const auto body = [&](tusk::connection& conn) -> asio::awaitable<void> {
        proxy.receive(fault_proxy::reception::reset);
        co_await expect_dropped(conn);
        EXPECT_EQ(proxy.clients(), 2U);
    };
    run_connected(body, options_for(proxy));
}

TEST_F(cancel_path, the_cancel_connection_is_refused)
{
    fault_proxy proxy;
    const auto body = [&](tusk::connection& conn) -> asio::awaitable<void> {
        proxy.stop_listening();
        co_await expect_dropped(conn);
    };
    run_connected(body, options_for(proxy));
}

TEST_F(cancel_path, the_server_never_answers)
{
    fault_proxy proxy;
    const auto body = [&](tusk::connection& conn) -> asio::awaitable<void> {
        proxy.hold(way::to_client, true);
        co_await expect_dropped(conn);
    };
    run_connected(body, options_for(proxy));
}

TEST_F(cancel_path, the_requests_never_arrive)
{
    fault_proxy proxy;
    const auto body = [&](tusk::connection& conn) -> asio::awaitable<void> {
        proxy.hold(way::to_server, true);
        co_await expect_dropped(conn);
    };
    run_connected(body, options_for(proxy));
}

TEST_F(cancel_path, a_slow_network_is_no_reason_to_drop_the_connection)
{
    fault_proxy proxy;
    const auto body = [&](tusk::connection& conn) -> asio::awaitable<void> {
        const std::int32_t pid = conn.backend_pid();
        proxy.delay(way::to_client, 20ms);
        proxy.delay(way::to_server, 20ms);
        for (int i = 0; i < 3; ++i) {
            co_await thrown<tusk::timeout_error>([&] { return conn.with_timeout(100ms).execute(minute); });
            co_await expect_usable(conn);
        }
        EXPECT_EQ(conn.backend_pid(), pid);
        EXPECT_EQ(proxy.clients(), 4U);
    };
    run_connected(body, options_for(proxy));
}

/// The statement ends by itself while the cancel is on its way: the next one waits for that cancel to be over.
TEST_F(cancel_path, a_late_cancel_hits_nobody)
{
    fault_proxy proxy;
    const auto body = [&](tusk::connection& conn) -> asio::awaitable<void> {
        const std::int32_t pid = conn.backend_pid();
        co_await conn.execute("SELECT pg_sleep($1)", 0.0);
        for (int i = 0; i < 10; ++i) {
            const int late = 2 * i;
            proxy.delay(way::to_server, std::chrono::milliseconds{late});
            co_await thrown<tusk::timeout_error>(
                [&] { return conn.with_timeout(10ms).execute("SELECT pg_sleep($1)", 0.02 + 0.001 * late); });
            for (int k = 0; k < 5; ++k) {
                const auto answer = co_await conn.query_one<int>("SELECT $1::int FROM pg_sleep(0.005)", k);
                EXPECT_EQ(answer, k);
            }
        }
        EXPECT_EQ(conn.backend_pid(), pid);
    };
    tusk::connect_options options = options_for(proxy);
    options.cancel_grace = 5s;
    run_connected(body, options);
}

/// Nobody waits for anything any more, so the server is not left with the work.
TEST_F(cancel_path, a_destroyed_connection_stops_its_statement)
{
    std::int32_t pid = 0;
    run([&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(server().url());
        pid = conn.backend_pid();
        co_await thrown<tusk::timeout_error>([&] { return conn.with_timeout(50ms).execute(minute); });
    });
    run([&]() -> asio::awaitable<void> {
        const bool gone = co_await eventually([&] { return activity_of(pid).empty(); }, 5s);
        EXPECT_TRUE(gone) << activity_of(pid);
    });
}

// ---- Slow loris.

TEST_F(cancel_path, a_server_that_says_a_byte_at_a_time_in_the_start_up_runs_into_the_timeout)
{
    fault_proxy proxy;
    proxy.trickle(way::to_client, 20ms);
    tusk::connect_options options{proxy.url()};
    options.connect_timeout = 1s;
    run([&]() -> asio::awaitable<void> {
        const auto begun = std::chrono::steady_clock::now();
        const auto told = co_await thrown<tusk::timeout_error>([&] { return tusk::connect(options); });
        EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
        expect_mentions(told, "connect_timeout");
    });
}

TEST_F(cancel_path, a_server_that_says_a_byte_at_a_time_in_the_rows_runs_into_the_deadline)
{
    fault_proxy proxy;
    const auto body = [&](tusk::connection& conn) -> asio::awaitable<void> {
        proxy.trickle(way::to_client, 20ms);
        const auto begun = std::chrono::steady_clock::now();
        co_await thrown<tusk::timeout_error>(
            [&] { return conn.with_timeout(200ms).query("SELECT repeat('x', 1000)"); });
        co_await thrown<tusk::connection_error>([&] { return conn.execute("SELECT 1"); });
        EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
        EXPECT_FALSE(conn.is_open());
    };
    run_connected(body, options_for(proxy));
}

// ---- Connecting.

TEST_F(cancel_path, connecting_is_cancelled_at_any_moment)
{
    fault_proxy proxy;
    proxy.delay(way::to_client, 2ms);
    const auto many = server().run_sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'");
    run([&]() -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        for (int i = 0; i < 40; ++i) {
            callers one;
            asio::cancellation_signal signal;
            const auto connect = [&]() -> asio::awaitable<int> {
                const tusk::connection conn = co_await tusk::connect(proxy.url());
                co_return 1;
            };
            one.spawn(executor, connect(), [](const std::exception_ptr&, int) {}, signal.slot());
            co_await pause(i * 250us);
            signal.emit(asio::cancellation_type::terminal);
            co_await one.all();
        }
        const bool back = co_await eventually([&] {
            return server().run_sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'") ==
                   many;
        });
        EXPECT_TRUE(back) << "sessions were left behind";
    });
}

} // namespace
