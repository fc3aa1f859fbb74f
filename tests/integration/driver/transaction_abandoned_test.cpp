// Transactions whose owner goes away: destroyed unfinished, cancelled, or left behind by their connection.
#include "number_table.hpp"
#include "support/run.hpp"
#include "support/server.hpp"

#include <tusk/driver.hpp>

#include <asio/experimental/awaitable_operators.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;
using tusk::test::connect_with_table;
using tusk::test::contents;
using tusk::test::pause;
using tusk::test::run;
using tusk::test::thrown;

/// Waits until the server has no such session any more. False where it still has it after ten seconds.
asio::awaitable<bool> session_ends(tusk::connection& observer, std::int32_t backend)
{
    for (int tries = 0; tries < 1000; ++tries) {
        const auto found =
            co_await observer.query_one<std::int64_t>("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", backend);
        if (found == 0)
            co_return true;
        co_await pause(10ms);
    }
    co_return false;
}

TEST(transaction_abandoned, destroyed_unfinished_is_rolled_back_first)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (int round = 0; round < 3; ++round) {
            {
                tusk::transaction tx = co_await conn.begin();
                co_await tx.execute("INSERT INTO t VALUES (1)");
                if (round == 1)
                    co_await thrown<tusk::division_by_zero>([&] { return tx.execute("SELECT 1/0"); });
                if (round == 2)
                    co_await tx.execute("ROLLBACK");
            }
            const std::string after = co_await contents(conn);
            EXPECT_EQ(after, "");
            EXPECT_EQ(conn.transaction_status(), 'I');
        }
    });
}

TEST(transaction_abandoned, the_next_transaction_is_another_one)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        {
            tusk::transaction gone = co_await conn.begin();
            co_await gone.execute("INSERT INTO t VALUES (1)");
        }
        tusk::transaction tx = co_await conn.begin(tusk::isolation::repeatable_read);
        co_await tx.execute("INSERT INTO t VALUES (2)");
        co_await tx.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "2");
    });
}

TEST(transaction_abandoned, with_a_cancelled_statement_still_running)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        {
            tusk::transaction tx = co_await conn.begin();
            co_await tx.execute("INSERT INTO t VALUES (1)");
            co_await (tx.execute("SELECT pg_sleep(0.3)") || pause(20ms));
        }
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
    });
}

TEST(transaction_abandoned, with_a_cancelled_first_statement_still_running)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const std::string_view slow = "INSERT INTO t SELECT 1 FROM pg_sleep(0.3)";
        {
            tusk::transaction outer = co_await conn.begin();
            tusk::transaction inner = co_await outer.begin();
            co_await (inner.execute(slow) || pause(20ms));
        }
        const std::string statement = co_await contents(conn);
        EXPECT_EQ(statement, "");
        {
            tusk::transaction tx = co_await conn.begin();
            co_await (tx.execute_script(slow) || pause(20ms));
        }
        const std::string script = co_await contents(conn);
        EXPECT_EQ(script, "");
    });
}

TEST(transaction_abandoned, inner_one_with_a_cancelled_statement_still_running)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction outer = co_await conn.begin();
        co_await outer.execute("INSERT INTO t VALUES (1)");
        {
            tusk::transaction inner = co_await outer.begin();
            co_await (inner.execute("INSERT INTO t SELECT 2 FROM pg_sleep(0.3)") || pause(20ms));
        }
        const std::string inside = co_await contents(outer);
        EXPECT_EQ(inside, "1");
        co_await outer.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1");
    });
}

/// A cancelled statement fails its transaction, as every error does; a savepoint around it keeps the rest.
TEST(transaction_abandoned, a_savepoint_survives_a_cancelled_statement)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction tx = co_await conn.begin();
        {
            tusk::transaction inner = co_await tx.begin();
            co_await (inner.execute("INSERT INTO t SELECT 2 FROM pg_sleep(60)") || pause(20ms));
        }
        co_await tx.execute("INSERT INTO t VALUES (1)");
        co_await tx.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1");
    });
}

/// Where the usual timeout hits a block, everything in it is undone and the connection goes on.
TEST(transaction_abandoned, cancelled_block_is_rolled_back)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const auto in_its_first_statement = [](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO t SELECT 1 FROM pg_sleep(0.3)");
        };
        const auto in_a_later_one = [](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO t VALUES (2)");
            co_await tx.execute("SELECT pg_sleep(0.3)");
        };
        const auto between_two = [](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO t VALUES (3)");
            co_await pause(10s);
            co_await tx.execute("INSERT INTO t VALUES (4)");
        };
        const auto before_the_first = [](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await pause(10s);
            co_await tx.execute("INSERT INTO t VALUES (5)");
        };
        const auto in_an_inner_block = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO t VALUES (6)");
            co_await tx.with_transaction(in_a_later_one);
        };
        bool swallowed = false;
        const auto swallowing_it = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            try {
                co_await in_a_later_one(tx);
            } catch (const tusk::operation_aborted&) {
                swallowed = true; // and it returns as if nothing had happened
            }
        };
        for (int which = 0; which < 6; ++which) {
            auto work = which == 0   ? conn.with_transaction(in_its_first_statement)
                        : which == 1 ? conn.with_transaction(in_a_later_one)
                        : which == 2 ? conn.with_transaction(between_two)
                        : which == 3 ? conn.with_transaction(before_the_first)
                        : which == 4 ? conn.with_transaction(in_an_inner_block)
                                     : conn.with_transaction(swallowing_it);
            const auto first_to_end = co_await (std::move(work) || pause(50ms));
            EXPECT_EQ(first_to_end.index(), 1U) << which;
            const std::string after = co_await contents(conn);
            EXPECT_EQ(after, "") << which;
            EXPECT_EQ(conn.transaction_status(), 'I') << which;
        }
        EXPECT_TRUE(swallowed);
    });
}

/// A commit that was sent cannot be taken back; its caller does not learn of it, and the connection goes on.
TEST(transaction_abandoned, cancelled_commit_is_all_or_nothing)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        co_await conn.execute_script("CREATE FUNCTION pg_temp.slow() RETURNS trigger LANGUAGE plpgsql"
                                     " AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END $$;"
                                     "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED"
                                     " FOR EACH ROW EXECUTE FUNCTION pg_temp.slow()");
        tusk::transaction tx = co_await conn.begin();
        co_await tx.execute("INSERT INTO t VALUES (1), (2)");
        const auto first_to_end = co_await (tx.commit() || pause(20ms));
        EXPECT_EQ(first_to_end.index(), 1U);
        co_await thrown<tusk::usage_error>([&] { return tx.rollback(); });
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1,2");
        EXPECT_EQ(conn.transaction_status(), 'I');
    });
}

/// The commit waits behind a statement that runs: nothing of it was sent, so the cancelled caller can rely on there
/// being no commit.
TEST(transaction_abandoned, commit_cancelled_before_it_was_sent_rolls_back)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction tx = co_await conn.begin();
        co_await tx.execute("INSERT INTO t VALUES (1)");
        co_await (tx.execute("SELECT pg_sleep(0.3)") || pause(20ms));
        const auto first_to_end = co_await (tx.commit() || pause(20ms));
        EXPECT_EQ(first_to_end.index(), 1U);
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
    });
}

TEST(transaction_abandoned, it_outlives_its_connection_object)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection observer = co_await tusk::connect(tusk::test::server().url());
        co_await observer.execute("DROP TABLE IF EXISTS transaction_test_orphan");
        co_await observer.execute("CREATE TABLE transaction_test_orphan (n int)");
        for (const bool commits : {true, false}) {
            std::optional<tusk::connection> conn = co_await tusk::connect(tusk::test::server().url());
            const std::int32_t backend = conn->backend_pid();
            {
                tusk::transaction tx = co_await conn->begin();
                co_await tx.execute("INSERT INTO transaction_test_orphan VALUES (1)");
                conn.reset();
                co_await tx.execute("INSERT INTO transaction_test_orphan VALUES (2)");
                if (commits)
                    co_await tx.commit();
            }
            // It was the last to hold the session.
            const bool ended = co_await session_ends(observer, backend);
            EXPECT_TRUE(ended);
            const auto rows = co_await observer.query_one<std::int64_t>("SELECT count(*) FROM transaction_test_orphan");
            EXPECT_EQ(rows, 2);
        }
        co_await observer.execute("DROP TABLE transaction_test_orphan");
    });
}

} // namespace
