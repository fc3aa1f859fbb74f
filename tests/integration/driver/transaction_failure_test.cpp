// Transactions in which something fails: what is reported, and that nothing of it stays.
#include "number_table.hpp"
#include "support/run.hpp"
#include "support/server.hpp"

#include <tusk/driver.hpp>

#include <asio/experimental/awaitable_operators.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace {

using tusk::test::connect_with_table;
using tusk::test::contents;
using tusk::test::expect_mentions;
using tusk::test::expect_usable;
using tusk::test::run;
using tusk::test::thrown;

// ---- The first statement, which carries the BEGIN.

TEST(transaction_failure, failing_first_statement_leaves_a_transaction_to_roll_back)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (const std::string_view broken : {"SELECT 1/0", "SELEC", "SELECT * FROM transaction_test_absent"}) {
            tusk::transaction tx = co_await conn.begin();
            co_await thrown<tusk::server_error>([&] { return tx.execute(broken); });
            EXPECT_EQ(conn.transaction_status(), 'E') << broken;
            co_await thrown<tusk::in_failed_sql_transaction>([&] { return tx.execute("INSERT INTO t VALUES (1)"); });
            co_await tx.rollback();
            EXPECT_EQ(conn.transaction_status(), 'I') << broken;
        }
        tusk::transaction script = co_await conn.begin();
        co_await thrown<tusk::division_by_zero>(
            [&] { return script.execute_script("INSERT INTO t VALUES (1); SELECT 1/0; INSERT INTO t VALUES (2)"); });
        EXPECT_EQ(conn.transaction_status(), 'E');
        co_await script.rollback();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
    });
}

TEST(transaction_failure, unsendable_first_statement_begins_nothing)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const std::string insert = "INSERT INTO t VALUES ($1)";
        co_await conn.execute(insert, 1); // from now on its parameter type is known
        tusk::transaction tx = co_await conn.begin();
        co_await thrown<tusk::encode_error>([&] { return tx.execute(insert, std::int64_t{1} << 40); });
        co_await thrown<tusk::usage_error>([&] { return tx.execute(insert, 1, 2); });
        EXPECT_EQ(conn.transaction_status(), 'I');
        // It was no statement of the transaction, which therefore has not failed.
        co_await tx.execute(insert, 2);
        EXPECT_EQ(conn.transaction_status(), 'T');
        co_await tx.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1,2");
    });
}

TEST(transaction_failure, unsendable_statement_does_not_spoil_the_transaction)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            // Its type has to be asked for first, so that this time the BEGIN was sent.
            co_await thrown<tusk::encode_error>(
                [&] { return tx.execute("INSERT INTO t VALUES ($1)", std::int64_t{1} << 40); });
            co_await tx.execute("INSERT INTO t VALUES ($1)", 1);
            co_await thrown<tusk::encode_error>(
                [&] { return tx.execute("INSERT INTO t VALUES ($1)", std::int64_t{1} << 40); });
        });
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1");
    });
}

// ---- A caught error, and then a commit.

TEST(transaction_failure, caught_error_in_a_block_that_returns)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const auto without_value = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO t VALUES (1)");
            co_await thrown<tusk::division_by_zero>([&] { return tx.execute("SELECT 1/0"); });
            co_await thrown<tusk::in_failed_sql_transaction>([&] { return tx.execute("SELECT 1"); });
        };
        const auto with_value = [&](tusk::transaction& tx) -> asio::awaitable<int> {
            co_await without_value(tx);
            co_return 1;
        };
        const auto first =
            co_await thrown<tusk::transaction_rolled_back>([&] { return conn.with_transaction(without_value); });
        EXPECT_THROW(std::rethrow_exception(first.cause()), tusk::division_by_zero);
        expect_mentions(first, "rolled back", "22012");
        EXPECT_EQ(conn.transaction_status(), 'I');
        const auto second =
            co_await thrown<tusk::transaction_rolled_back>([&] { return conn.with_transaction(with_value); });
        EXPECT_THROW(std::rethrow_exception(second.cause()), tusk::division_by_zero);
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
    });
}

TEST(transaction_failure, caught_error_and_a_commit_by_hand)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction tx = co_await conn.begin();
        co_await tx.execute("INSERT INTO t VALUES (1)");
        co_await thrown<tusk::not_null_violation>([&] { return tx.execute("INSERT INTO t VALUES (NULL)"); });
        const auto told = co_await thrown<tusk::transaction_rolled_back>([&] { return tx.commit(); });
        EXPECT_THROW(std::rethrow_exception(told.cause()), tusk::not_null_violation);
        EXPECT_EQ(conn.transaction_status(), 'I');
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
    });
}

TEST(transaction_failure, refusal_taken_as_a_value_counts_too)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const auto ignores = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO t VALUES (1)");
            const tusk::outcome<tusk::command_tag> refused = co_await tx.try_execute("SELECT 1/0");
            EXPECT_EQ(refused.error().sqlstate(), tusk::sqlstate::division_by_zero);
        };
        const auto told =
            co_await thrown<tusk::transaction_rolled_back>([&] { return conn.with_transaction(ignores); });
        EXPECT_THROW(std::rethrow_exception(told.cause()), tusk::division_by_zero);
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
    });
}

TEST(transaction_failure, one_of_several_statements_at_once_fails)
{
    using namespace asio::experimental::awaitable_operators;
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction tx = co_await conn.begin();
        const auto [kept, broken, behind] =
            co_await (tx.try_execute("INSERT INTO t VALUES (1)") && tx.try_execute("SELECT 1/0") &&
                      tx.try_execute("INSERT INTO t VALUES (2)"));
        EXPECT_TRUE(kept.has_value());
        EXPECT_EQ(broken.error().sqlstate(), tusk::sqlstate::division_by_zero);
        EXPECT_EQ(behind.error().sqlstate(), tusk::sqlstate::in_failed_sql_transaction);
        const auto told = co_await thrown<tusk::transaction_rolled_back>([&] { return tx.commit(); });
        EXPECT_THROW(std::rethrow_exception(told.cause()), tusk::division_by_zero);
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
    });
}

// ---- The commit itself is refused.

TEST(transaction_failure, deferred_constraint_at_commit)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(tusk::test::server().url());
        co_await conn.execute("CREATE TEMP TABLE t (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        const auto doubles = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO t VALUES (1)");
            co_await tx.execute("INSERT INTO t VALUES (1)");
        };
        const auto refused = co_await thrown<tusk::unique_violation>([&] { return conn.with_transaction(doubles); });
        EXPECT_EQ(refused.constraint_name(), "t_n_key");
        EXPECT_EQ(conn.transaction_status(), 'I');
        tusk::transaction tx = co_await conn.begin();
        co_await doubles(tx);
        co_await thrown<tusk::unique_violation>([&] { return tx.commit(); });
        co_await thrown<tusk::usage_error>([&] { return tx.rollback(); }); // it is over
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
        // An inner commit does not check yet; the outer one does.
        const auto doubles_inside = [&](tusk::transaction& outer) -> asio::awaitable<void> {
            co_await outer.with_transaction(doubles);
            co_await outer.execute("INSERT INTO t VALUES (2)");
        };
        co_await thrown<tusk::unique_violation>([&] { return conn.with_transaction(doubles_inside); });
        const std::string at_the_end = co_await contents(conn);
        EXPECT_EQ(at_the_end, "");
    });
}

TEST(transaction_failure, serialization_failure_is_retryable)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(tusk::test::server().url());
        tusk::connection other = co_await tusk::connect(tusk::test::server().url());
        co_await conn.execute("DROP TABLE IF EXISTS transaction_test_skew");
        co_await conn.execute("CREATE TABLE transaction_test_skew (n int)");
        const std::string depends = "INSERT INTO transaction_test_skew SELECT count(*) FROM transaction_test_skew";

        // Each reads what the other writes: whoever commits second is refused, at its commit.
        tusk::transaction first = co_await conn.begin(tusk::isolation::serializable);
        tusk::transaction second = co_await other.begin(tusk::isolation::serializable);
        co_await first.execute(depends);
        co_await second.execute(depends);
        co_await first.commit();
        const auto refused = co_await thrown<tusk::serialization_failure>([&] { return second.commit(); });
        EXPECT_TRUE(refused.is_retryable());
        EXPECT_EQ(other.transaction_status(), 'I');

        // And run again as a whole it goes through.
        co_await other.with_transaction(
            tusk::isolation::serializable,
            [&](tusk::transaction& again) -> asio::awaitable<void> { co_await again.execute(depends); });
        const auto rows = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM transaction_test_skew");
        EXPECT_EQ(rows, 2);
        co_await conn.execute("DROP TABLE transaction_test_skew");
    });
}

TEST(transaction_failure, serialization_failure_of_a_statement)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(tusk::test::server().url());
        tusk::connection other = co_await tusk::connect(tusk::test::server().url());
        co_await conn.execute("DROP TABLE IF EXISTS transaction_test_lost");
        co_await conn.execute("CREATE TABLE transaction_test_lost AS SELECT 0 AS n");
        const std::string increase = "UPDATE transaction_test_lost SET n = n + 1";
        const auto block = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.query("SELECT n FROM transaction_test_lost"); // takes the snapshot
            co_await other.execute(increase);
            co_await tx.execute(increase);
        };
        const auto refused = co_await thrown<tusk::serialization_failure>(
            [&] { return conn.with_transaction(tusk::isolation::repeatable_read, block); });
        EXPECT_TRUE(refused.is_retryable());
        const auto number = co_await conn.query_one<int>("SELECT n FROM transaction_test_lost");
        EXPECT_EQ(number, 1);
        co_await conn.execute("DROP TABLE transaction_test_lost");
    });
}

// ---- Transaction commands by SQL.

TEST(transaction_failure, ended_by_sql_inside)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (const std::string_view ends : {"COMMIT", "ROLLBACK"}) {
            tusk::transaction tx = co_await conn.begin();
            co_await tx.execute("INSERT INTO t VALUES (1)");
            co_await tx.execute(ends);
            const auto refused =
                co_await thrown<tusk::usage_error>([&] { return tx.execute("INSERT INTO t VALUES (2)"); });
            expect_mentions(refused, "commit()", "SQL");
            co_await thrown<tusk::usage_error>([&] { return tx.execute_script("INSERT INTO t VALUES (2)"); });
            co_await thrown<tusk::usage_error>([&] { return tx.commit(); });
            co_await expect_usable(conn);
        }
        const auto commits_by_script = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute_script("INSERT INTO t VALUES (3); COMMIT");
        };
        co_await thrown<tusk::usage_error>([&] { return conn.with_transaction(commits_by_script); });
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1,3");
    });
}

TEST(transaction_failure, ended_by_sql_in_an_inner_one)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction outer = co_await conn.begin();
        co_await outer.execute("INSERT INTO t VALUES (1)");
        tusk::transaction inner = co_await outer.begin();
        co_await inner.execute("ROLLBACK");
        co_await thrown<tusk::usage_error>([&] { return inner.execute("INSERT INTO t VALUES (2)"); });
        co_await inner.rollback();
        co_await thrown<tusk::usage_error>([&] { return outer.execute("INSERT INTO t VALUES (3)"); });
        co_await thrown<tusk::usage_error>([&] { return outer.commit(); });
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
    });
}

TEST(transaction_failure, begun_by_sql_outside)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (const bool failed : {false, true}) {
            co_await conn.execute("BEGIN");
            if (failed)
                co_await thrown<tusk::division_by_zero>([&] { return conn.execute("SELECT 1/0"); });
            const auto refused = co_await thrown<tusk::usage_error>([&] { return conn.begin(); });
            expect_mentions(refused, "begun with SQL");
            co_await conn.execute("ROLLBACK");
            tusk::transaction tx = co_await conn.begin();
            co_await tx.execute("INSERT INTO t VALUES (1)");
            co_await tx.commit();
        }
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1,1");
    });
}

} // namespace
