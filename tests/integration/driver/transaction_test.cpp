// What a transaction does when nothing goes wrong: commit, rollback, modes, who may use what while it is open.
#include "number_table.hpp"
#include "support/run.hpp"
#include "support/server.hpp"

#include <tusk/driver.hpp>

#include <asio/experimental/awaitable_operators.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace {

using tusk::test::connect_with_table;
using tusk::test::contents;
using tusk::test::expect_mentions;
using tusk::test::run;
using tusk::test::thrown;

/// What the server knows of the last thing that a session sent, seen from another session.
asio::awaitable<std::string> last_activity(tusk::connection& observer, std::int32_t backend)
{
    return observer.query_one<std::string>(
        "SELECT concat_ws('|', state, query_start, state_change, query) FROM pg_stat_activity WHERE pid = $1", backend);
}

TEST(transaction, block_commits_when_it_returns)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO t VALUES (1)");
            EXPECT_EQ(conn.transaction_status(), 'T');
        });
        EXPECT_EQ(conn.transaction_status(), 'I');
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1");
    });
}

TEST(transaction, block_returns_its_value)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        std::unique_ptr<std::string> value =
            co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<std::unique_ptr<std::string>> {
                co_await tx.execute("INSERT INTO t VALUES ($1)", 7);
                std::string seen = co_await contents(tx);
                co_return std::make_unique<std::string>(std::move(seen));
            });
        EXPECT_EQ(*value, "7");
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "7");
    });
}

TEST(transaction, block_rolls_back_on_an_exception_which_goes_on)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const auto without_value = [](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO t VALUES (1)");
            throw std::runtime_error{"changed my mind"};
        };
        const auto with_value = [](tusk::transaction& tx) -> asio::awaitable<int> {
            co_await tx.execute("INSERT INTO t VALUES (2)");
            throw std::out_of_range{"changed it again"};
        };
        const auto first = co_await thrown<std::runtime_error>([&] { return conn.with_transaction(without_value); });
        EXPECT_STREQ(first.what(), "changed my mind");
        EXPECT_EQ(conn.transaction_status(), 'I');
        const auto second = co_await thrown<std::out_of_range>([&] { return conn.with_transaction(with_value); });
        EXPECT_STREQ(second.what(), "changed it again");
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
    });
}

TEST(transaction, begin_commit_and_rollback)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction kept = co_await conn.begin();
        co_await kept.execute("INSERT INTO t VALUES (1)");
        co_await kept.commit();
        EXPECT_EQ(conn.transaction_status(), 'I');
        tusk::transaction undone = co_await conn.begin();
        co_await undone.execute("INSERT INTO t VALUES (2)");
        const std::string inside = co_await contents(undone);
        EXPECT_EQ(inside, "1,2");
        co_await undone.rollback();
        EXPECT_EQ(conn.transaction_status(), 'I');
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1");
    });
}

TEST(transaction, another_session_sees_it_only_after_commit)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(tusk::test::server().url());
        tusk::connection other = co_await tusk::connect(tusk::test::server().url());
        co_await conn.execute("DROP TABLE IF EXISTS transaction_test_seen");
        co_await conn.execute("CREATE TABLE transaction_test_seen (n int)");
        const std::string count = "SELECT count(*) FROM transaction_test_seen";
        tusk::transaction tx = co_await conn.begin();
        co_await tx.execute("INSERT INTO transaction_test_seen VALUES (1)");
        const auto before = co_await other.query_one<std::int64_t>(count);
        EXPECT_EQ(before, 0);
        co_await tx.commit();
        const auto after = co_await other.query_one<std::int64_t>(count);
        EXPECT_EQ(after, 1);
        co_await conn.execute("DROP TABLE transaction_test_seen");
    });
}

using modes = std::tuple<std::string, std::string, std::string>;

/// Isolation, read-only and deferrable as the server sees them.
asio::awaitable<modes> modes_in(tusk::transaction& tx)
{
    return tx.query_one<modes>("SELECT current_setting('transaction_isolation'),"
                               " current_setting('transaction_read_only'), current_setting('transaction_deferrable')");
}

TEST(transaction, modes_reach_the_server)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(tusk::test::server().url());
        tusk::transaction all =
            co_await conn.begin(tusk::isolation::serializable, tusk::access::read_only, tusk::deferrable::yes);
        const modes seen = co_await modes_in(all);
        EXPECT_EQ(seen, modes("serializable", "on", "on"));
        co_await all.commit();

        const std::tuple<tusk::isolation, std::string> levels[] = {
            {tusk::isolation::read_uncommitted, "read uncommitted"},
            {tusk::isolation::read_committed, "read committed"},
            {tusk::isolation::repeatable_read, "repeatable read"},
            {tusk::isolation::serializable, "serializable"},
        };
        for (const auto& [level, name] : levels) {
            const modes inside = co_await conn.with_transaction(
                level, [](tusk::transaction& tx) -> asio::awaitable<modes> { return modes_in(tx); });
            EXPECT_EQ(inside, modes(name, "off", "off"));
        }

        const tusk::transaction_options reading{tusk::access::read_only};
        const modes read_only = co_await conn.with_transaction(
            reading, [](tusk::transaction& tx) -> asio::awaitable<modes> { return modes_in(tx); });
        EXPECT_EQ(read_only, modes("read committed", "on", "off"));
        co_await thrown<tusk::read_only_sql_transaction>([&] {
            return conn.with_transaction(reading, [](tusk::transaction& tx) -> asio::awaitable<void> {
                co_await tx.execute("CREATE TABLE transaction_test_refused (n int)");
            });
        });
    });
}

TEST(transaction, server_defaults_are_left_alone_unless_a_mode_is_named)
{
    run([]() -> asio::awaitable<void> {
        tusk::connect_options options{tusk::test::server().url()};
        options.set_parameter("default_transaction_isolation", "serializable");
        options.set_parameter("default_transaction_read_only", "on");
        options.set_parameter("default_transaction_deferrable", "on");
        tusk::connection conn = co_await tusk::connect(options);

        tusk::transaction plain = co_await conn.begin();
        const modes defaults = co_await modes_in(plain);
        EXPECT_EQ(defaults, modes("serializable", "on", "on"));
        co_await plain.commit();

        tusk::transaction one = co_await conn.begin(tusk::isolation::repeatable_read);
        const modes changed = co_await modes_in(one);
        EXPECT_EQ(changed, modes("repeatable read", "on", "on"));
        co_await one.commit();

        tusk::transaction opposite =
            co_await conn.begin(tusk::isolation::read_committed, tusk::access::read_write, tusk::deferrable::no);
        const modes all = co_await modes_in(opposite);
        EXPECT_EQ(all, modes("read committed", "off", "off"));
        co_await opposite.commit();
    });
}

TEST(transaction, without_statements_sends_nothing)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(tusk::test::server().url());
        tusk::connection observer = co_await tusk::connect(tusk::test::server().url());
        co_await conn.execute("SELECT 'the last that was sent'");
        const std::string before = co_await last_activity(observer, conn.backend_pid());

        co_await conn.with_transaction([](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.with_transaction([](tusk::transaction&) -> asio::awaitable<void> { co_return; });
        });
        tusk::transaction rolled_back = co_await conn.begin(tusk::isolation::serializable);
        co_await rolled_back.rollback();
        {
            tusk::transaction outer = co_await conn.begin();
            tusk::transaction destroyed_with_it = co_await outer.begin();
        }
        EXPECT_EQ(conn.transaction_status(), 'I');
        const std::string after = co_await last_activity(observer, conn.backend_pid());
        EXPECT_EQ(after, before);

        // The same observation does notice a transaction with a statement.
        co_await conn.with_transaction(
            [](tusk::transaction& tx) -> asio::awaitable<void> { co_await tx.execute("SELECT 1"); });
        const std::string noticed = co_await last_activity(observer, conn.backend_pid());
        EXPECT_NE(noticed, before);
    });
}

TEST(transaction, statements_of_several_coroutines_run_in_one_transaction)
{
    using namespace asio::experimental::awaitable_operators;
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction tx = co_await conn.begin();
        co_await (tx.execute("INSERT INTO t VALUES (1)") && tx.execute("INSERT INTO t VALUES ($1)", 2) &&
                  tx.execute("INSERT INTO t VALUES (3)") && tx.execute("INSERT INTO t VALUES ($1)", 4));
        EXPECT_EQ(conn.transaction_status(), 'T');
        const std::string inside = co_await contents(tx);
        EXPECT_EQ(inside, "1,2,3,4");
        co_await tx.rollback();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "");
    });
}

TEST(transaction, connection_refuses_statements_while_it_is_held)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            const auto before_its_first = co_await thrown<tusk::usage_error>([&] { return conn.query("SELECT 1"); });
            expect_mentions(before_its_first, "transaction object");
            co_await tx.execute("INSERT INTO t VALUES (1)");
            co_await thrown<tusk::usage_error>([&] { return conn.execute("INSERT INTO t VALUES (2)"); });
            co_await thrown<tusk::usage_error>([&] { return conn.execute_script("INSERT INTO t VALUES (3)"); });
            co_await thrown<tusk::usage_error>([&] { return conn.begin(); });
            co_await thrown<tusk::usage_error>([&] { return conn.close(); });
            EXPECT_THROW(static_cast<void>(conn.share()), tusk::usage_error);
            const tusk::outcome<tusk::result> twin = co_await conn.try_query("SELECT 1");
            EXPECT_THROW(static_cast<void>(twin.value()), tusk::usage_error);
        });
        // None of them spoilt the transaction, which was committed.
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1");
    });
}

TEST(transaction, shared_connection_refuses_to_begin)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        {
            tusk::shared_connection shared = conn.share();
            const auto refused = co_await thrown<tusk::usage_error>([&] { return conn.begin(); });
            expect_mentions(refused, "shared");
            co_await shared.execute("INSERT INTO t VALUES (1)");
            co_await conn.execute("INSERT INTO t VALUES (2)");
        }
        tusk::transaction tx = co_await conn.begin();
        const std::string inside = co_await contents(tx);
        EXPECT_EQ(inside, "1,2");
        co_await tx.rollback();
    });
}

TEST(transaction, nothing_can_be_done_with_one_that_has_ended)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (const bool commits : {true, false}) {
            tusk::transaction tx = co_await conn.begin();
            co_await tx.execute("SELECT 1");
            if (commits)
                co_await tx.commit();
            else
                co_await tx.rollback();
            const auto refused = co_await thrown<tusk::usage_error>([&] { return tx.query("SELECT 1"); });
            expect_mentions(refused, "ended");
            co_await thrown<tusk::usage_error>([&] { return tx.execute_script("SELECT 1"); });
            co_await thrown<tusk::usage_error>([&] { return tx.commit(); });
            co_await thrown<tusk::usage_error>([&] { return tx.rollback(); });
            co_await thrown<tusk::usage_error>([&] { return tx.begin(); });
            // It does not stand in the way of the next one either.
            tusk::transaction next = co_await conn.begin();
            co_await thrown<tusk::usage_error>([&] { return tx.execute("SELECT 1"); });
            co_await next.execute("INSERT INTO t VALUES (1)");
            co_await next.commit();
        }
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1,1");
    });
}

TEST(transaction, ending_it_in_the_block_is_an_error_that_keeps_its_effect)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const auto commits_itself = [](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO t VALUES (1)");
            co_await tx.commit();
        };
        co_await thrown<tusk::usage_error>([&] { return conn.with_transaction(commits_itself); });
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "1");
    });
}

TEST(transaction, scripts_run_in_it)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction first = co_await conn.begin(tusk::isolation::repeatable_read);
        const auto results = co_await first.execute_script("INSERT INTO t VALUES (1), (2); SHOW transaction_isolation");
        EXPECT_EQ(results.size(), 2U);
        if (results.size() == 2) {
            EXPECT_EQ(results[0].tag().rows_affected(), 2U);
            EXPECT_EQ(results[1][0][0].as<std::string>(), "repeatable read");
        }
        EXPECT_EQ(conn.transaction_status(), 'T');
        co_await first.rollback();

        tusk::transaction later = co_await conn.begin();
        co_await later.execute("INSERT INTO t VALUES (3)");
        co_await later.execute_script("INSERT INTO t VALUES (4); INSERT INTO t VALUES (5)");
        co_await later.commit();
        const std::string after = co_await contents(conn);
        EXPECT_EQ(after, "3,4,5");
    });
}

TEST(transaction, connection_and_transaction_objects_move_while_it_is_open)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::transaction tx = co_await conn.begin();
        co_await tx.execute("INSERT INTO t VALUES (1)");
        tusk::connection moved_conn = std::move(conn);
        tusk::transaction moved_tx = std::move(tx);
        co_await moved_tx.execute("INSERT INTO t VALUES (2)");
        co_await thrown<tusk::usage_error>([&] { return moved_conn.query("SELECT 1"); });
        EXPECT_THROW(static_cast<void>(tx.query("SELECT 1")), tusk::usage_error);   // NOLINT(*-use-after-move)
        EXPECT_THROW(static_cast<void>(conn.query("SELECT 1")), tusk::usage_error); // NOLINT(*-use-after-move)
        co_await moved_tx.commit();
        const std::string after = co_await contents(moved_conn);
        EXPECT_EQ(after, "1,2");

        // Assigning over an open one ends that one first.
        tusk::transaction one = co_await moved_conn.begin();
        co_await one.execute("INSERT INTO t VALUES (3)");
        co_await one.rollback();
        one = co_await moved_conn.begin();
        co_await one.execute("INSERT INTO t VALUES (4)");
        one = tusk::transaction{std::move(moved_tx)};
        const std::string at_the_end = co_await contents(moved_conn);
        EXPECT_EQ(at_the_end, "1,2");
    });
}

} // namespace
