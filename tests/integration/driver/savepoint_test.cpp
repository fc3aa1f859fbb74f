// Transactions inside transactions: savepoints.
#include "number_table.hpp"
#include "support/run.hpp"
#include "support/server.hpp"

#include <tusk/driver.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

using tusk::test::connect_with_table;
using tusk::test::contents;
using tusk::test::expect_mentions;
using tusk::test::run;
using tusk::test::thrown;

asio::awaitable<void> insert(tusk::transaction& into, int number)
{
    co_await into.execute("INSERT INTO t VALUES ($1)", number);
}

TEST(savepoint, nested_blocks_three_deep)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        co_await conn.with_transaction([&](tusk::transaction& one) -> asio::awaitable<void> {
            co_await insert(one, 1);
            co_await one.with_transaction([&](tusk::transaction& two) -> asio::awaitable<void> {
                co_await insert(two, 2);
                co_await two.with_transaction(
                    [&](tusk::transaction& three) -> asio::awaitable<void> { co_await insert(three, 3); });
                co_await insert(two, 4);
            });
            co_await insert(one, 5);
        });
        EXPECT_EQ(conn.transaction_status(), 'I');
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1,2,3,4,5");
    });
}

TEST(savepoint, exception_undoes_its_own_level_and_those_inside)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        co_await conn.with_transaction([&](tusk::transaction& one) -> asio::awaitable<void> {
            co_await insert(one, 1);
            const auto second = [&](tusk::transaction& two) -> asio::awaitable<void> {
                co_await insert(two, 2);
                co_await two.with_transaction(
                    [&](tusk::transaction& three) -> asio::awaitable<void> { co_await insert(three, 3); });
                throw std::runtime_error{"not the second"};
            };
            const auto why = co_await thrown<std::runtime_error>([&] { return one.with_transaction(second); });
            EXPECT_STREQ(why.what(), "not the second");
            co_await insert(one, 4);
        });
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1,4");
    });
}

TEST(savepoint, outermost_exception_undoes_what_was_released)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const auto outer = [&](tusk::transaction& one) -> asio::awaitable<void> {
            co_await one.with_transaction(
                [&](tusk::transaction& two) -> asio::awaitable<void> { co_await insert(two, 1); });
            throw std::runtime_error{"nothing of it"};
        };
        co_await thrown<std::runtime_error>([&] { return conn.with_transaction(outer); });
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
    });
}

TEST(savepoint, block_returns_its_value)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const std::string seen =
            co_await conn.with_transaction([&](tusk::transaction& one) -> asio::awaitable<std::string> {
                std::string inner =
                    co_await one.with_transaction([&](tusk::transaction& two) -> asio::awaitable<std::string> {
                        co_await insert(two, 1);
                        co_return co_await contents(two);
                    });
                co_return inner + "!";
            });
        EXPECT_EQ(seen, "1!");
    });
}

TEST(savepoint, begin_commit_and_rollback)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction outer = co_await conn.begin();
        // Siblings one after the other, of which some are kept.
        for (int number = 1; number <= 6; ++number) {
            tusk::transaction inner = co_await outer.begin();
            co_await insert(inner, number);
            if (number % 2 == 0)
                co_await inner.commit();
            else
                co_await inner.rollback();
            EXPECT_EQ(conn.transaction_status(), 'T');
        }
        co_await outer.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "2,4,6");
    });
}

TEST(savepoint, levels_without_statements_before_the_first_one)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        // BEGIN and both savepoints travel with this one INSERT.
        tusk::transaction one = co_await conn.begin();
        tusk::transaction two = co_await one.begin();
        tusk::transaction three = co_await two.begin();
        EXPECT_EQ(conn.transaction_status(), 'I');
        co_await insert(three, 1);
        EXPECT_EQ(conn.transaction_status(), 'T');
        co_await three.rollback();
        co_await insert(two, 2);
        co_await two.commit();
        co_await insert(one, 3);
        co_await one.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "2,3");
    });
}

TEST(savepoint, script_as_the_first_statement_of_three_levels)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction one = co_await conn.begin();
        tusk::transaction two = co_await one.begin();
        tusk::transaction three = co_await two.begin();
        co_await three.execute_script("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)");
        co_await three.commit();
        co_await insert(two, 3);
        co_await two.rollback();
        co_await insert(one, 4);
        co_await one.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "4");
    });
}

TEST(savepoint, inner_one_without_statements_leaves_the_outer_one_as_it_is)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction outer = co_await conn.begin();
        co_await insert(outer, 1);
        tusk::transaction committed = co_await outer.begin();
        co_await committed.commit();
        tusk::transaction rolled_back = co_await outer.begin();
        co_await rolled_back.rollback();
        {
            tusk::transaction destroyed = co_await outer.begin();
        }
        co_await outer.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1");
    });
}

TEST(savepoint, outer_one_waits_for_the_inner_one)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction outer = co_await conn.begin();
        co_await insert(outer, 1);
        tusk::transaction inner = co_await outer.begin();
        for (int round = 0; round < 2; ++round) {
            const auto refused =
                co_await thrown<tusk::usage_error>([&] { return outer.execute("INSERT INTO t VALUES (9)"); });
            expect_mentions(refused, "inner transaction");
            co_await thrown<tusk::usage_error>([&] { return outer.execute_script("INSERT INTO t VALUES (9)"); });
            co_await thrown<tusk::usage_error>([&] { return outer.commit(); });
            co_await thrown<tusk::usage_error>([&] { return outer.rollback(); });
            co_await thrown<tusk::usage_error>([&] { return outer.begin(); });
            co_await thrown<tusk::usage_error>([&] { return conn.execute("INSERT INTO t VALUES (9)"); });
            co_await insert(inner, 2 + round); // before its first statement, and after
        }
        co_await inner.commit();
        co_await insert(outer, 4);
        co_await outer.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1,2,3,4");
    });
}

TEST(savepoint, destroyed_unfinished_is_undone_before_the_outer_one_goes_on)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction outer = co_await conn.begin();
        co_await insert(outer, 1);
        {
            tusk::transaction inner = co_await outer.begin();
            co_await insert(inner, 2);
            tusk::transaction innermost = co_await inner.begin();
            co_await insert(innermost, 3);
        }
        const std::string inside = co_await contents(outer);
        EXPECT_EQ(inside, "1");
        co_await outer.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1");
    });
}

TEST(savepoint, handles_that_outlive_the_outer_one_are_ended)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        std::optional<tusk::transaction> outer = co_await conn.begin();
        co_await insert(*outer, 1);
        tusk::transaction inner = co_await outer->begin();
        co_await insert(inner, 2);
        outer.reset(); // and with it the inner one
        const auto refused =
            co_await thrown<tusk::usage_error>([&] { return inner.execute("INSERT INTO t VALUES (3)"); });
        expect_mentions(refused, "ended");
        co_await thrown<tusk::usage_error>([&] { return inner.commit(); });
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
        EXPECT_EQ(conn.transaction_status(), 'I');
    });
}

TEST(savepoint, moves_while_it_is_open)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction outer = co_await conn.begin();
        tusk::transaction inner = co_await outer.begin();
        co_await insert(inner, 1);
        tusk::transaction moved_outer = std::move(outer);
        tusk::transaction moved_inner = std::move(inner);
        co_await insert(moved_inner, 2);
        co_await moved_inner.commit();
        co_await insert(moved_outer, 3);
        co_await moved_outer.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1,2,3");
    });
}

TEST(savepoint, failed_statement_is_undone_with_its_level_only)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        co_await conn.with_transaction([&](tusk::transaction& one) -> asio::awaitable<void> {
            co_await insert(one, 1);
            const auto divides = [&](tusk::transaction& two) -> asio::awaitable<void> {
                co_await insert(two, 2);
                co_await two.execute("SELECT 1/0");
            };
            co_await thrown<tusk::division_by_zero>([&] { return one.with_transaction(divides); });
            EXPECT_EQ(conn.transaction_status(), 'T');
            // The same where it is the first statement, which carries the SAVEPOINT.
            const auto only_divides = [&](tusk::transaction& two) -> asio::awaitable<void> {
                co_await two.execute("SELECT 1/0");
            };
            co_await thrown<tusk::division_by_zero>([&] { return one.with_transaction(only_divides); });
            EXPECT_EQ(conn.transaction_status(), 'T');
            co_await insert(one, 3);
        });
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1,3");
    });
}

TEST(savepoint, first_statement_of_all_levels_fails)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction one = co_await conn.begin();
        tusk::transaction two = co_await one.begin();
        tusk::transaction three = co_await two.begin();
        co_await thrown<tusk::division_by_zero>([&] { return three.execute("SELECT 1/0"); });
        EXPECT_EQ(conn.transaction_status(), 'E');
        co_await three.rollback();
        EXPECT_EQ(conn.transaction_status(), 'T');
        co_await insert(two, 1);
        co_await two.commit();
        co_await one.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1");
    });
}

/// An inner block that returns although its statement failed must not pass for committed; the outer one can go on.
TEST(savepoint, caught_error_inside_a_block_that_returns)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        co_await conn.with_transaction([&](tusk::transaction& one) -> asio::awaitable<void> {
            co_await insert(one, 1);
            const auto swallows = [&](tusk::transaction& two) -> asio::awaitable<void> {
                co_await insert(two, 2);
                co_await thrown<tusk::division_by_zero>([&] { return two.execute("SELECT 1/0"); });
                co_await thrown<tusk::in_failed_sql_transaction>([&] { return two.execute("SELECT 1"); });
            };
            const auto told =
                co_await thrown<tusk::transaction_rolled_back>([&] { return one.with_transaction(swallows); });
            EXPECT_THROW(std::rethrow_exception(told.cause()), tusk::division_by_zero);
            EXPECT_EQ(conn.transaction_status(), 'T');
            co_await insert(one, 3);
        });
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1,3");
    });
}

TEST(savepoint, caught_error_and_a_commit_by_hand)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction outer = co_await conn.begin();
        co_await insert(outer, 1);
        tusk::transaction inner = co_await outer.begin();
        co_await thrown<tusk::undefined_table>([&] { return inner.query("SELECT * FROM savepoint_test_absent"); });
        const auto told = co_await thrown<tusk::transaction_rolled_back>([&] { return inner.commit(); });
        EXPECT_THROW(std::rethrow_exception(told.cause()), tusk::undefined_table);
        co_await outer.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1");
    });
}

/// The outer transaction has failed already: the savepoint cannot even start, and the outer commit is refused with the
/// error that came first.
TEST(savepoint, begun_in_a_failed_transaction)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const auto outer = [&](tusk::transaction& one) -> asio::awaitable<void> {
            co_await insert(one, 1);
            co_await thrown<tusk::division_by_zero>([&] { return one.execute("SELECT 1/0"); });
            const auto inner = [&](tusk::transaction& two) -> asio::awaitable<void> {
                co_await thrown<tusk::in_failed_sql_transaction>(
                    [&] { return two.execute("INSERT INTO t VALUES (2)"); });
                const auto unusable =
                    co_await thrown<tusk::usage_error>([&] { return two.execute("INSERT INTO t VALUES (3)"); });
                expect_mentions(unusable, "could not be started");
            };
            co_await thrown<tusk::transaction_rolled_back>([&] { return one.with_transaction(inner); });
        };
        const auto told = co_await thrown<tusk::transaction_rolled_back>([&] { return conn.with_transaction(outer); });
        EXPECT_THROW(std::rethrow_exception(told.cause()), tusk::division_by_zero);
        EXPECT_EQ(conn.transaction_status(), 'I');
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
    });
}

} // namespace
