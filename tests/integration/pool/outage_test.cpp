// Real servers that go away under load, and come back. Asserted: no call fails that had no statement on its way, and no
// storm of connections hits the server. What it cost is written to the test's properties.

#include "load.hpp"

#include "support/cluster.hpp"
#include "support/fault_proxy.hpp"
#include "support/replication_pair.hpp"
#include "support/restartable.hpp"

#include <fmt/format.h>

#include <signal.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace tusk::test;

constexpr std::size_t connections = 10;
constexpr int callers = 40;

/// One statement a connection is on its way at most, and a server that goes down still lets some in.
constexpr std::size_t most_lost = 2 * connections;
/// `connect_concurrency` and more would follow each other in a tight loop.
constexpr std::uint64_t storm = 60;

/// Runs `disturb()` on a thread of its own, so that the callers go on.
template <class Disturb>
asio::awaitable<void> meanwhile(Disturb disturb)
{
    std::atomic<bool> done = false;
    std::exception_ptr failed;
    std::thread aside{[&] {
        try {
            disturb();
        } catch (...) {
            failed = std::current_exception();
        }
        done = true;
    }};
    while (!done)
        co_await pause(1ms);
    aside.join();
    if (failed)
        std::rethrow_exception(failed);
}

template <class Disturb>
void run_disturbed(const char* what, const std::string& url, std::string_view sql, Disturb disturb)
{
    for (const bool thread_safe : {true, false}) {
        SCOPED_TRACE(thread_safe ? "thread safe" : "on one thread");
        run([&]() -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            tusk::pool_options options = exactly(connections, 50s);
            options.thread_safe = thread_safe;
            const tusk::pool pool{executor, url, options};
            const std::vector<std::int32_t> pids = co_await fill(pool, connections);
            load many{pool, sql};
            many.start(executor, callers);
            co_await eventually([&] { return many.succeeded > 200; });
            many.disturb();
            co_await meanwhile([&] { disturb(pids); });
            co_await many.recover(what);
            EXPECT_EQ(many.failed_otherwise, 0U) << many.failure;
            EXPECT_LE(many.lost_in_flight + many.not_sent, most_lost);
            EXPECT_LE(many.most_connects_a_second, storm);
        });
    }
}

TEST(pool_outage, the_server_is_restarted)
{
    restartable own;
    run_disturbed("restart", own.conninfo(), "SELECT 1", [&](const auto&) { own.restart(); });
}

TEST(pool_outage, a_backend_is_killed_and_takes_all_with_it)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs a server of our own";
    run_disturbed("kill", server().url(), "SELECT 1", [](const std::vector<std::int32_t>& pids) {
        server().signal_backend(pids.front(), SIGKILL); // the server starts over
    });
    server().wait_until_ready();
}

TEST(pool_outage, the_primary_dies_and_its_standby_takes_over)
{
    for (const bool thread_safe : {true, false}) {
        SCOPED_TRACE(thread_safe ? "thread safe" : "on one thread");
        replication_pair servers;
        servers.on_primary("CREATE TABLE written (id int); GRANT ALL ON written TO t_any");
        run([&]() -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            tusk::pool_options options = exactly(connections, 50s);
            options.thread_safe = thread_safe;
            const tusk::pool pool{executor,
                                  fmt::format("postgresql://t_any@127.0.0.1:{},127.0.0.1:{}/"
                                              "postgres?target_session_attrs=read-write",
                                              servers.primary_port(), servers.standby_port()),
                                  options};
            co_await fill(pool, connections);
            load many{pool, "INSERT INTO written VALUES (1)"};
            many.start(executor, callers);
            co_await eventually([&] { return many.succeeded > 200; });
            many.disturb();
            co_await meanwhile([&] { servers.promote(); });
            co_await many.recover("failover");
            EXPECT_EQ(many.failed_otherwise, 0U) << many.failure;
            EXPECT_LE(many.lost_in_flight + many.not_sent, most_lost);
            EXPECT_LE(many.most_connects_a_second, storm);
            const auto writes_here = co_await pool.query_one<bool>("SELECT NOT pg_is_in_recovery()");
            EXPECT_TRUE(writes_here);
        });
    }
}

TEST(pool_outage, all_idle_sessions_are_ended_at_once)
{
    static constexpr int few = 3; // so most of the connections are idle
    run_pooled(exactly(connections, 50s), [](const tusk::pool& pool) -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        const std::vector<std::int32_t> pids = co_await fill(pool, connections);
        load some{pool, "SELECT 1"};
        some.start(executor, few);
        co_await eventually([&] { return some.succeeded > 200; });
        some.disturb();
        co_await meanwhile([&] {
            server().run_sql(fmt::format("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = "
                                         "'idle' AND pid = ANY(ARRAY[{}])",
                                         fmt::join(pids, ", ")));
        });
        co_await some.recover("idle_ended");
        EXPECT_EQ(some.failed_otherwise, 0U) << some.failure;
        EXPECT_LE(some.lost_in_flight + some.not_sent, few) << "an idle session's end reached a caller";
        EXPECT_LE(some.most_connects_a_second, storm);
    });
}

TEST(pool_outage, the_network_is_a_black_hole_for_a_while)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs a server of our own";
    fault_proxy proxy;
    tusk::pool_options options = exactly(connections, 50s);
    options.ping_timeout = options.connect_timeout = options.reset_timeout = options.close_timeout = 300ms;
    const auto hold = [&](bool held) {
        proxy.hold(fault_proxy::way::to_server, held);
        proxy.hold(fault_proxy::way::to_client, held);
    };
    run_pooled(
        options,
        [&](const tusk::pool& pool) -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            co_await fill(pool, connections);
            load many{pool, "SELECT 1"};
            many.limit_statements(300ms);
            many.start(executor, callers);
            co_await eventually([&] { return many.succeeded > 200; });
            many.disturb();
            hold(true);
            co_await pause(1500ms);
            EXPECT_GT(pool.counters().connects_failed, 0U) << "it was no black hole";
            hold(false);
            co_await many.recover("black_hole");
            EXPECT_EQ(many.failed_otherwise, 0U) << many.failure;
            EXPECT_LE(many.lost_in_flight + many.not_sent, most_lost);
            EXPECT_LE(many.most_connects_a_second, storm);
        },
        proxy.url());
}

TEST(pool_outage, max_connections_is_reached)
{
    constexpr int places = 12;
    cluster_recipe recipe;
    recipe.settings = {fmt::format("max_connections={}", places)};
    const cluster small{"max_connections", recipe};
    const std::string url =
        fmt::format("host={} port={} user=postgres dbname=postgres", small.socket_dir().string(), small.port());
    for (const bool thread_safe : {true, false}) {
        SCOPED_TRACE(thread_safe ? "thread safe" : "on one thread");
        run([&]() -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            std::vector<tusk::connection> others;
            while (others.size() < places) {
                try {
                    others.push_back(co_await tusk::connect(url));
                } catch (const tusk::server_error&) { // the sessions of the round before take their time to end
                }
                co_await pause(1ms);
            }
            tusk::pool_options options = exactly(connections, 50s);
            options.thread_safe = thread_safe;
            const tusk::pool pool{executor, url, options};
            load many{pool, "SELECT 1"};
            many.start(executor, callers);
            many.disturb();
            co_await pause(1500ms);
            EXPECT_EQ(many.succeeded, 0U) << "the server was not full";
            EXPECT_GT(pool.counters().connects_failed, 0U);
            others.erase(others.begin() + 4,
                         others.end()); // so the pool can have most of what it wants, and is refused the rest
            co_await many.recover("max_connections");
            EXPECT_EQ(many.lost_in_flight + many.not_sent + many.failed_otherwise, 0U) << many.failure;
            EXPECT_LE(many.most_connects_a_second, storm);
            EXPECT_LE(pool.status().idle + pool.status().leased, places - others.size());
        });
    }
}

TEST(pool_outage, the_password_is_wrong_for_a_while)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs a server of our own";
    run_pooled(
        exactly(connections, 50s),
        [](const tusk::pool& pool) -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            co_await fill(pool, connections);
            load many{pool, "SELECT 1"};
            many.start(executor, callers);
            co_await eventually([&] { return many.succeeded > 200; });
            many.disturb();
            co_await meanwhile([&] {
                server().run_sql("ALTER ROLE u_scram PASSWORD 'another'");
                server().run_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'u_scram'");
                std::this_thread::sleep_for(1500ms);
                server().run_sql(fmt::format("ALTER ROLE u_scram PASSWORD '{}'", test_server::password));
            });
            co_await many.recover("wrong_password");
            EXPECT_LE(many.lost_in_flight + many.not_sent, most_lost);
            EXPECT_GT(many.failed_otherwise, 0U) << "callers were kept waiting for a refusal that does not go away";
            EXPECT_NE(many.failure.find("password"), std::string::npos) << many.failure;
            EXPECT_LE(many.most_connects_a_second, storm);
        },
        server().tcp_url("u_scram", test_server::password));
}

} // namespace
