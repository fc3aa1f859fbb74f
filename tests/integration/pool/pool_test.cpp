#include "pool_testing.hpp"

#include <asio/experimental/awaitable_operators.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

namespace {

using namespace tusk::test;
using namespace asio::experimental::awaitable_operators;

TEST(pool, verbs_acquire_run_and_release)
{
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        co_await pool.execute_script("DROP TABLE IF EXISTS pool_verbs; CREATE TABLE pool_verbs (id int)");
        const tusk::command_tag tag = co_await pool.execute("INSERT INTO pool_verbs VALUES ($1), ($2)", 1, 2);
        EXPECT_EQ(tag.rows_affected(), 2U);
        const auto sum = co_await pool.query_one<std::int64_t>("SELECT sum(id) FROM pool_verbs");
        EXPECT_EQ(sum, 3);
        const auto none = co_await pool.query_optional<int>("SELECT id FROM pool_verbs WHERE id = $1", 9);
        EXPECT_FALSE(none.has_value());
        const tusk::result rows = co_await pool.query("SELECT id FROM pool_verbs ORDER BY id");
        EXPECT_EQ(rows.size(), 2U);
        const auto refused = co_await pool.try_query("SELECT 1/0");
        EXPECT_EQ(refused.error().sqlstate(), "22012");
        const auto doubled = co_await pool.with_transaction([](tusk::transaction& tx) -> asio::awaitable<int> {
            co_await tx.execute("DELETE FROM pool_verbs WHERE id = 1");
            co_return co_await tx.query_one<int>("SELECT id * 2 FROM pool_verbs");
        });
        EXPECT_EQ(doubled, 4);
        EXPECT_EQ(pool.status().idle, 1U);
        EXPECT_EQ(pool.counters().connects_started, 1U);
        co_await pool.execute("DROP TABLE pool_verbs");
    });
}

TEST(pool, a_verb_may_be_stored_and_awaited_later)
{
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        auto later = pool.query_one<std::string>("SELECT $1::text", std::string(100, 'x'));
        EXPECT_EQ(pool.status().total(), 0U) << "nothing happens before it is awaited";
        const std::string came = co_await std::move(later);
        EXPECT_EQ(came, std::string(100, 'x'));
    });
}

TEST(pool, a_session_is_used_again)
{
    run_pooled(exactly(2), [](tusk::pool& pool) -> asio::awaitable<void> {
        std::set<std::int32_t> sessions;
        for (int i = 0; i < 10; ++i) {
            tusk::pooled_connection conn = co_await pool.acquire();
            sessions.insert(conn->backend_pid());
        }
        EXPECT_EQ(sessions.size(), 1U);
        EXPECT_EQ(pool.counters().acquired, 10U);
    });
}

TEST(pool, waiters_are_served_in_order)
{
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        tusk::pooled_connection held = co_await pool.acquire();
        std::vector<int> order;
        const auto caller = [&](int number) -> asio::awaitable<void> {
            tusk::pooled_connection conn = co_await pool.acquire();
            order.push_back(number);
            co_await expect_usable(*conn);
        };
        for (int i = 0; i < 20; ++i)
            asio::co_spawn(executor, caller(i), [](const std::exception_ptr& failed) { EXPECT_FALSE(failed); });
        co_await eventually([&] { return pool.status().waiting == 20; });
        held.release();
        co_await eventually([&] { return order.size() == 20; });
        EXPECT_TRUE(std::ranges::is_sorted(order));
        EXPECT_EQ(pool.counters().connects_started, 1U);
    });
}

TEST(pool, the_timeout_error_tells_the_whole_story)
{
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        tusk::pooled_connection held = co_await pool.acquire();
        const auto late = co_await thrown<tusk::pool_timeout>([&] { return pool.acquire(50ms); });
        expect_mentions(late, "no connection became free within 0.", "cap 1", "0 idle", "1 leased", "0 opening",
                        "1 waiting", "pool_test.cpp", fmt::format("backend {}", held->backend_pid()), "raise size");
        EXPECT_EQ(late.status().leased, 1U);
        EXPECT_EQ(late.connect_error(), nullptr);
        EXPECT_EQ(pool.counters().timeouts, 1U);
        held.release();
        co_await expect_usable(pool);
    });
}

TEST(pool, the_timeout_error_tells_why_connecting_failed)
{
    tusk::pool_options options = exactly(1, 1s);
    options.backoff_first = 10ms;
    run_pooled(
        options,
        [](tusk::pool& pool) -> asio::awaitable<void> {
            const auto late = co_await thrown<tusk::pool_timeout>([&] { return pool.acquire(); });
            expect_mentions(late, "connecting failed", "refused", "0 leased");
            EXPECT_NE(late.connect_error(), nullptr);
        },
        "postgresql://nobody@127.0.0.1:1/none");
}

TEST(pool, fail_fast_does_not_wait_for_the_timeout)
{
    tusk::pool_options options = exactly(1, 1h);
    options.fail_fast = true;
    run_pooled(
        options,
        [](tusk::pool& pool) -> asio::awaitable<void> {
            const auto refused = co_await thrown<tusk::connection_error>([&] { return pool.acquire(); });
            expect_mentions(refused, "refused");
        },
        "postgresql://nobody@127.0.0.1:1/none");
}

TEST(pool, try_acquire_never_waits)
{
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        EXPECT_FALSE(pool.try_acquire().has_value()) << "there is no connection yet";
        co_await expect_usable(pool);
        std::optional<tusk::pooled_connection> conn = pool.try_acquire();
        EXPECT_TRUE(conn.has_value());
        EXPECT_FALSE(pool.try_acquire().has_value());
        if (conn)
            co_await expect_usable(**conn);
    });
}

TEST(pool, max_waiters_refuses_at_once)
{
    tusk::pool_options options = exactly(1);
    options.max_waiters = 1;
    run_pooled(options, [](tusk::pool& pool) -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        tusk::pooled_connection held = co_await pool.acquire();
        const auto wait = [&]() -> asio::awaitable<void> { co_await expect_usable(pool); };
        asio::co_spawn(executor, wait(), [](const std::exception_ptr& failed) { EXPECT_FALSE(failed); });
        co_await eventually([&] { return pool.status().waiting == 1; });
        const auto refused = co_await thrown<tusk::pool_overloaded>([&] { return pool.acquire(); });
        expect_mentions(refused, "max_waiters");
        held.release();
    });
}

TEST(pool, a_cancelled_caller_leaves_nothing_behind)
{
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        tusk::pooled_connection held = co_await pool.acquire();
        for (const auto type :
             {asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total}) {
            asio::cancellation_signal stop;
            bool ended = false;
            const auto wait = [&]() -> asio::awaitable<void> {
                co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation{});
                tusk::pooled_connection conn = co_await pool.acquire();
            };
            asio::co_spawn(executor, wait(),
                           asio::bind_cancellation_slot(stop.slot(), [&](const std::exception_ptr& failed) {
                               ended = true;
                               EXPECT_TRUE(failed);
                           }));
            co_await eventually([&] { return pool.status().waiting == 1; });
            stop.emit(type);
            co_await eventually([&] { return ended; });
            EXPECT_EQ(pool.status().waiting, 0U);
        }
        EXPECT_EQ(pool.counters().cancelled, 3U);
        held.release();
        co_await expect_usable(pool);
        EXPECT_EQ(pool.status().total(), 1U);
    });
}

TEST(pool, requests_of_an_ended_lease_are_refused)
{
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        tusk::pooled_connection first = co_await pool.acquire();
        auto stale = first->execute("SELECT 1");
        auto begin = first->begin();
        first.release();
        tusk::pooled_connection second = co_await pool.acquire();
        const auto refused = co_await thrown<tusk::usage_error>([&] { return std::move(stale); });
        expect_mentions(refused, "went back to its pool");
        EXPECT_THROW(static_cast<void>(co_await std::move(begin)), tusk::usage_error);
        co_await expect_usable(*second);
    });
}

TEST(pool, a_transaction_object_dies_with_its_lease)
{
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        tusk::pooled_connection first = co_await pool.acquire();
        tusk::transaction tx = co_await first->begin();
        co_await tx.execute("SELECT 1");
        first.release();
        tusk::pooled_connection second = co_await pool.acquire();
        EXPECT_EQ(second->transaction_status(), 'I');
        const auto refused = co_await thrown<tusk::usage_error>([&] { return tx.execute("SELECT 2"); });
        expect_mentions(refused, "ended");
        co_await expect_usable(*second);
    });
}

TEST(pool, resize_and_invalidate)
{
    run_pooled(exactly(3), [](tusk::pool& pool) -> asio::awaitable<void> {
        std::vector<tusk::pooled_connection> all;
        for (int i = 0; i < 3; ++i)
            all.push_back(co_await pool.acquire());
        all.clear();
        co_await eventually([&] { return pool.status().idle == 3; });
        pool.resize(1, 0);
        co_await eventually([&] { return pool.status().total() == 1; });
        const auto before = co_await pool.query_one<int>("SELECT pg_backend_pid()");
        pool.invalidate();
        const auto after = co_await pool.query_one<int>("SELECT pg_backend_pid()");
        EXPECT_NE(before, after);
        EXPECT_THROW(pool.resize(0, 5), tusk::usage_error);
    });
}

TEST(pool, hooks_see_every_connection)
{
    int connected = 0;
    int acquired = 0;
    int released = 0;
    std::vector<tusk::close_reason> closed;
    tusk::pool_options options = exactly(1);
    options.on_connect = [&](tusk::connection& conn) -> asio::awaitable<void> {
        ++connected;
        co_await conn.execute("SET application_name = 'hooked'");
    };
    options.on_acquire = [&](tusk::connection&) { ++acquired; };
    options.on_release = [&](tusk::connection&) { ++released; };
    options.on_close = [&](tusk::close_reason why) { closed.push_back(why); };
    run([&]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        tusk::pool pool{executor, server().url(), options};
        for (int i = 0; i < 3; ++i) {
            const auto name = co_await pool.query_one<std::string>("SHOW application_name");
            EXPECT_EQ(name, "hooked");
        }
        EXPECT_EQ(connected, 1);
        EXPECT_EQ(acquired, 3);
        EXPECT_EQ(released, 3);
        EXPECT_EQ(pool.counters().resets, 0U) << "what on_connect has set belongs to the session";
        // A reset takes it away, and on_connect sets it again.
        co_await pool.execute("SET application_name = 'other'");
        const auto name = co_await pool.query_one<std::string>("SHOW application_name");
        EXPECT_EQ(name, "hooked");
        EXPECT_EQ(connected, 2);
        tusk::pooled_connection conn = co_await pool.acquire();
        conn.discard();
        co_await eventually([&] { return pool.status().total() == 0; });
    });
    EXPECT_EQ(closed, std::vector{tusk::close_reason::discarded});
}

TEST(pool, a_hook_that_throws_at_acquire_loses_nothing)
{
    tusk::pool_options options = exactly(1);
    bool refuse = true;
    options.on_acquire = [&](tusk::connection&) {
        if (refuse)
            throw std::logic_error{"not now"};
    };
    run_pooled(options, [&](tusk::pool& pool) -> asio::awaitable<void> {
        refuse = true;
        co_await thrown<std::logic_error>([&] { return pool.acquire(); });
        refuse = false;
        co_await expect_usable(pool);
        EXPECT_EQ(pool.status().total(), 1U);
    });
}

TEST(pool, leaks_are_reported_with_their_place)
{
    std::vector<tusk::lease_report> reports;
    tusk::pool_options options = exactly(1);
    options.leak_threshold = 20ms;
    options.on_leak = [&](const tusk::lease_report& lease) { reports.push_back(lease); };
    run_pooled(options, [&](tusk::pool& pool) -> asio::awaitable<void> {
        reports.clear();
        tusk::pooled_connection held = co_await pool.acquire();
        co_await eventually([&] { return !reports.empty(); });
        EXPECT_NE(to_string(reports.at(0)).find("pool_test.cpp"), std::string::npos);
        EXPECT_EQ(reports.at(0).backend_pid, held->backend_pid());
        const auto leases = pool.leases();
        EXPECT_EQ(leases.size(), 1U);
    });
}

TEST(pool, idle_connections_go_after_their_time)
{
    tusk::pool_options options = exactly(3);
    options.idle_timeout = 50ms;
    options.min_idle = 1;
    run_pooled(options, [](tusk::pool& pool) -> asio::awaitable<void> {
        {
            const auto one = co_await pool.acquire();
            const auto two = co_await pool.acquire();
            const auto three = co_await pool.acquire();
        }
        co_await eventually([&] { return pool.status().total() == 1; });
        EXPECT_EQ(pool.status().idle, 1U);
    });
}

TEST(pool, the_password_is_asked_for)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs a server of our own";
    int asked = 0;
    tusk::pool_options options = exactly(1);
    options.password = [&]() -> asio::awaitable<std::string> {
        ++asked;
        co_return std::string{test_server::password};
    };
    run_pooled(options, [](tusk::pool& pool) { return expect_usable(pool); }, server().socket_url("u_scram"));
    EXPECT_EQ(asked, 2);
}

TEST(pool, options_that_make_no_sense_are_refused)
{
    asio::io_context io;
    tusk::pool_options options;
    options.size = 0;
    EXPECT_THROW((tusk::pool{io.get_executor(), server().url(), options}), tusk::usage_error);
    options = {};
    options.max_overflow = -2;
    EXPECT_THROW((tusk::pool{io.get_executor(), server().url(), options}), tusk::usage_error);
    options = {};
    options.lifetime_jitter = 1.5;
    EXPECT_THROW((tusk::pool{io.get_executor(), server().url(), options}), tusk::usage_error);
    EXPECT_THROW((tusk::pool{io.get_executor(), "nonsense"}), tusk::usage_error);
}

} // namespace
