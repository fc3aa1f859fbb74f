// What one user leaves behind, the next one does not see.

#include "pool_testing.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace {

using namespace tusk::test;

/// Fails for everything that is not as in a fresh session.
asio::awaitable<void> expect_fresh(tusk::connection& conn)
{
    EXPECT_EQ(conn.transaction_status(), 'I');
    const auto role = co_await conn.query_one<bool>("SELECT current_user = session_user");
    EXPECT_TRUE(role) << "SET ROLE";
    const auto setting =
        co_await conn.query_one<bool>("SELECT source <> 'session' FROM pg_settings WHERE name = 'work_mem'");
    EXPECT_TRUE(setting) << "SET work_mem";
    const auto channels = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM pg_listening_channels()");
    EXPECT_EQ(channels, 0) << "LISTEN";
    const auto locks = co_await conn.query_one<std::int64_t>(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()");
    EXPECT_EQ(locks, 0) << "pg_advisory_lock";
    const auto table = co_await conn.query_one<bool>("SELECT to_regclass('pg_temp.mine') IS NULL");
    EXPECT_TRUE(table) << "CREATE TEMPORARY TABLE";
    const auto cursors = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM pg_cursors WHERE is_holdable");
    EXPECT_EQ(cursors, 0) << "DECLARE CURSOR WITH HOLD";
}

asio::awaitable<void> expect_cleaned(const tusk::pool& pool, std::initializer_list<const char*> what)
{
    for (const char* sql : what) {
        SCOPED_TRACE(sql);
        tusk::pooled_connection first = co_await pool.acquire();
        const std::int32_t pid = first->backend_pid();
        co_await first->execute(sql);
        first.release();
        tusk::pooled_connection second = co_await pool.acquire();
        EXPECT_EQ(second->backend_pid(), pid) << "the session was to be cleaned, not replaced";
        co_await expect_fresh(*second);
    }
}

TEST(pool_isolation, what_command_tags_show_is_reset)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs the role u_trust of our own server";
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        const std::initializer_list<const char*> changes = {
            "SET work_mem = '1234kB'",
            "SET ROLE u_trust",
            "LISTEN pool_channel",
            "CREATE TEMPORARY TABLE mine (id int)",
            "create temp table mine as select 1",
            "SELECT 1 AS id INTO TEMP mine",
            "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
            "DO $$ BEGIN PERFORM set_config('work_mem', '1234kB', false); END $$",
            "BEGIN",
        };
        co_await expect_cleaned(pool, changes);
        EXPECT_EQ(pool.counters().resets, changes.size());
    });
}

TEST(pool_isolation, everything_at_once)
{
    if (!server().is_own())
        GTEST_SKIP() << "it needs the role u_trust of our own server";
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        tusk::pooled_connection first = co_await pool.acquire();
        co_await first->execute_script(
            "SET ROLE u_trust; SET work_mem = '1234kB'; LISTEN a; SELECT pg_advisory_lock(7); "
            "CREATE TEMP TABLE mine (id int); BEGIN; SELECT 1");
        EXPECT_EQ(first->transaction_status(), 'T');
        first.release();
        tusk::pooled_connection second = co_await pool.acquire();
        co_await expect_fresh(*second);
    });
}

TEST(pool_isolation, always_resets_what_no_tag_shows)
{
    tusk::pool_options options = exactly(1);
    options.reset = tusk::pool_reset::always;
    run_pooled(options, [](tusk::pool& pool) -> asio::awaitable<void> {
        const std::initializer_list<const char*> changes = {"SELECT set_config('work_mem', '1234kB', false)",
                                                            "SELECT pg_advisory_lock(7)"};
        co_await expect_cleaned(pool, changes);
    });
}

TEST(pool_isolation, discard_all_also_forgets_prepared_statements)
{
    tusk::pool_options options = exactly(1);
    options.reset = tusk::pool_reset::discard_all;
    run_pooled(options, [](tusk::pool& pool) -> asio::awaitable<void> {
        for (int i = 0; i < 3; ++i) {
            tusk::pooled_connection conn = co_await pool.acquire();
            co_await conn->execute("SET work_mem = '1234kB'");
            co_await conn->execute("BEGIN");
            const auto count = co_await conn->query_one<std::int64_t>("SELECT count(*) FROM pg_prepared_statements");
            EXPECT_EQ(count, 3);
        }
    });
}

TEST(pool_isolation, prepared_statements_survive_a_reset)
{
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        const auto number = co_await pool.query_one<int>("SELECT $1::int", 5);
        EXPECT_EQ(number, 5);
        co_await pool.execute("SET work_mem = '1234kB'");
        const auto count = co_await pool.query_one<std::int64_t>(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::int'");
        EXPECT_EQ(count, 1);
        EXPECT_EQ(pool.counters().resets, 1U);
    });
}

TEST(pool_isolation, a_clean_lease_costs_no_round_trip)
{
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        for (int i = 0; i < 10; ++i) {
            co_await expect_usable(pool);
            co_await pool.with_transaction([](tusk::transaction& tx) -> asio::awaitable<void> {
                co_await tx.execute("SET LOCAL work_mem = '1234kB'");
            });
        }
        EXPECT_EQ(pool.counters().resets, 0U);
        EXPECT_EQ(pool.counters().pings, 0U);
    });
}

TEST(pool_isolation, reset_none_closes_what_is_not_clean)
{
    tusk::pool_options options = exactly(1);
    options.reset = tusk::pool_reset::none;
    run_pooled(options, [](tusk::pool& pool) -> asio::awaitable<void> {
        const auto before = co_await pool.query_one<int>("SELECT pg_backend_pid()");
        co_await pool.execute("SET work_mem = '1234kB'");
        const auto same = co_await pool.query_one<int>("SELECT pg_backend_pid()");
        EXPECT_EQ(before, same);
        co_await pool.execute("BEGIN");
        const auto other = co_await pool.query_one<int>("SELECT pg_backend_pid()");
        EXPECT_NE(before, other);
    });
}

TEST(pool_isolation, a_transaction_left_open_frees_its_locks_although_nobody_acquires)
{
    for (const bool by_sql : {false, true})
        run_pooled(exactly(1), [&](tusk::pool& pool) -> asio::awaitable<void> {
            tusk::connection other = co_await tusk::connect(server().url());
            co_await other.execute_script("DROP TABLE IF EXISTS pool_lock; CREATE TABLE pool_lock (id int); "
                                          "INSERT INTO pool_lock VALUES (1); SET lock_timeout = '20s'");
            auto fastest = std::chrono::steady_clock::duration::max();
            for (int round = 0; round < 10; ++round) {
                tusk::pooled_connection conn = co_await pool.acquire();
                std::optional<tusk::transaction> tx;
                if (by_sql) {
                    co_await conn->execute("BEGIN");
                    co_await conn->execute("UPDATE pool_lock SET id = 2");
                } else {
                    tx.emplace(co_await conn->begin());
                    co_await tx->execute("UPDATE pool_lock SET id = 2");
                }
                conn.release();
                const auto begun = std::chrono::steady_clock::now();
                const auto id = co_await other.query_one<int>("SELECT id FROM pool_lock FOR UPDATE");
                fastest = std::min(fastest, std::chrono::steady_clock::now() - begun);
                EXPECT_EQ(id, 1);
            }
            // A busy machine may delay one round, and not all: only a timer in the way would.
            EXPECT_LT(fastest, 50ms);
            RecordProperty("lock_wait_us", static_cast<int>(fastest / 1us));
            co_await other.execute("DROP TABLE pool_lock");
        });
}

TEST(pool_isolation, a_shared_handle_that_stays_costs_the_connection)
{
    run_pooled(exactly(1), [](tusk::pool& pool) -> asio::awaitable<void> {
        tusk::pooled_connection first = co_await pool.acquire();
        const std::int32_t pid = first->backend_pid();
        tusk::shared_connection shared = first->share();
        first.release();
        tusk::pooled_connection second = co_await pool.acquire();
        EXPECT_NE(second->backend_pid(), pid);
        EXPECT_THROW(co_await shared.execute("SELECT 1"), tusk::error);
        co_await expect_usable(*second);
    });
}

} // namespace
