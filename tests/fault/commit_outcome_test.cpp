// Connections that break around a COMMIT: what the caller is told, and what he may conclude from it.
#include "support/fault_proxy.hpp"
#include "support/run.hpp"
#include "support/server.hpp"

#include <tusk/driver.hpp>

#include <asio/experimental/awaitable_operators.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;
using tusk::test::expect_mentions;
using tusk::test::expect_usable;
using tusk::test::fault_proxy;
using tusk::test::pause;
using tusk::test::run;
using tusk::test::thrown;
using way = fault_proxy::way;

constexpr std::string_view commit_tag{"COMMIT\0", 7};
/// CommandComplete with that tag, and ReadyForQuery.
constexpr std::size_t commit_answer = 1 + 4 + commit_tag.size() + 1 + 4 + 1;

class commit_outcome : public testing::Test
{
protected:
    void SetUp() override
    {
        if (!tusk::test::server().is_own())
            GTEST_SKIP() << "the proxy and the signals need a server of our own";
        tusk::test::server().run_sql("DROP TABLE IF EXISTS commit_outcome; CREATE TABLE commit_outcome (n int)");
    }

    /// What became of it, asked without the driver.
    static std::string rows() { return tusk::test::server().run_sql("SELECT count(*) FROM commit_outcome"); }
};

constexpr std::string_view insert = "INSERT INTO commit_outcome VALUES (1)";

/// What a call throws that loses its connection where no COMMIT was on its way.
template <class Call>
asio::awaitable<tusk::connection_error> plainly_lost(Call call)
{
    try {
        co_await call();
    } catch (const tusk::commit_outcome_unknown& unknown) {
        throw std::logic_error{std::string{"the outcome is known: "} + unknown.what()};
    } catch (const tusk::connection_error& lost) {
        co_return lost;
    }
    throw std::logic_error{"the connection was lost, and nothing was thrown"};
}

asio::awaitable<void> expect_closed(tusk::connection& conn)
{
    EXPECT_FALSE(conn.is_open());
    const auto later = co_await plainly_lost([&] { return conn.execute("SELECT 1"); });
    EXPECT_TRUE(later.safe_to_retry());
    const auto block = [](tusk::transaction& tx) -> asio::awaitable<void> { co_await tx.execute("SELECT 1"); };
    const auto no_transaction = co_await plainly_lost([&] { return conn.with_transaction(block); });
    EXPECT_TRUE(no_transaction.safe_to_retry());
    co_await conn.close();
}

TEST_F(commit_outcome, the_proxy_passes_on_what_it_is_not_told_to_break)
{
    fault_proxy proxy;
    run([&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(proxy.url());
        co_await expect_usable(conn);
        proxy.delay(way::to_client, 5ms);
        const std::string large(1'000'000, 'x');
        const auto echoed = co_await conn.query_one<std::string>("SELECT $1::text", large);
        EXPECT_EQ(echoed, large);
        co_await conn.close();
    });
}

TEST_F(commit_outcome, unknown_when_the_answer_is_lost)
{
    fault_proxy proxy;
    run([&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(proxy.url());
        tusk::transaction tx = co_await conn.begin();
        co_await tx.execute(insert);
        proxy.cut_before(way::to_client, commit_tag);
        const auto told = co_await thrown<tusk::commit_outcome_unknown>([&] { return tx.commit(); });
        expect_mentions(told, "COMMIT", "not known");
        EXPECT_FALSE(told.safe_to_retry());
        co_await expect_closed(conn);
    });
    EXPECT_EQ(rows(), "1\n"); // it was committed, and nobody could have known
}

TEST_F(commit_outcome, unknown_when_the_request_is_lost)
{
    fault_proxy proxy;
    run([&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(proxy.url());
        const auto block = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute(insert);
            proxy.cut_before(way::to_server, commit_tag);
        };
        co_await thrown<tusk::commit_outcome_unknown>([&] { return conn.with_transaction(block); });
        co_await expect_closed(conn);
    });
    EXPECT_EQ(rows(), "0\n");
}

/// Success is what ReadyForQuery says: with one byte less the outcome is unknown.
TEST_F(commit_outcome, unknown_at_every_byte_of_the_answer_but_the_last)
{
    fault_proxy proxy;
    run([&]() -> asio::awaitable<void> {
        for (std::size_t passed = 0; passed <= commit_answer; ++passed) {
            tusk::connection conn = co_await tusk::connect(proxy.url());
            tusk::transaction tx = co_await conn.begin();
            co_await tx.execute(insert);
            proxy.cut_after(way::to_client, passed);
            if (passed < commit_answer)
                co_await thrown<tusk::commit_outcome_unknown>([&] { return tx.commit(); });
            else
                co_await tx.commit();
        }
    });
    EXPECT_EQ(rows(), std::to_string(commit_answer + 1) + "\n");
}

/// A released savepoint is no commit: the transaction around it is gone for sure.
TEST_F(commit_outcome, lost_while_an_inner_transaction_is_committed)
{
    fault_proxy proxy;
    run([&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(proxy.url());
        const auto inner = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute(insert);
            proxy.cut_before(way::to_client, "RELEASE");
        };
        const auto outer = [&](tusk::transaction& tx) -> asio::awaitable<void> { co_await tx.with_transaction(inner); };
        co_await plainly_lost([&] { return conn.with_transaction(outer); });
        co_await expect_closed(conn);
    });
    EXPECT_EQ(rows(), "0\n");
}

TEST_F(commit_outcome, lost_before_commit_was_sent)
{
    fault_proxy proxy;
    run([&]() -> asio::awaitable<void> {
        // While a statement is on its way, ...
        tusk::connection conn = co_await tusk::connect(proxy.url());
        const auto block = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute(insert);
            proxy.cut_before(way::to_client, "SELECT 1");
            co_await tx.execute("SELECT 1");
        };
        const auto told = co_await plainly_lost([&] { return conn.with_transaction(block); });
        EXPECT_FALSE(told.safe_to_retry());
        co_await expect_closed(conn);

        // ... and while it is idle in its transaction, which only the attempt to commit finds out.
        tusk::connection idle = co_await tusk::connect(proxy.url());
        tusk::transaction tx = co_await idle.begin();
        co_await tx.execute(insert);
        proxy.cut();
        const auto found_out = co_await plainly_lost([&] { return tx.commit(); });
        EXPECT_TRUE(found_out.safe_to_retry());
        co_await expect_closed(idle);
    });
    EXPECT_EQ(rows(), "0\n");
}

// ---- The server itself goes away.

/// Waits until that session is busy with such a statement, and kills its process: the whole server starts over.
asio::awaitable<void> kill_when_busy(std::int32_t backend, std::string_view with)
{
    const std::string asked =
        fmt::format("SELECT count(*) FROM pg_stat_activity WHERE pid = {} AND state = 'active' AND query LIKE '{}%'",
                    backend, with);
    while (tusk::test::server().run_sql(asked) != "1\n")
        co_await pause(5ms);
    tusk::test::server().signal_backend(backend, SIGKILL);
}

/// Waits until the server has no such session any more.
asio::awaitable<void> session_ends(std::int32_t backend)
{
    const std::string asked = fmt::format("SELECT count(*) FROM pg_stat_activity WHERE pid = {}", backend);
    while (tusk::test::server().run_sql(asked) != "0\n")
        co_await pause(5ms);
}

TEST_F(commit_outcome, server_killed_during_a_query)
{
    run([&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(tusk::test::server().url());
        tusk::transaction tx = co_await conn.begin();
        co_await tx.execute(insert);
        const tusk::outcome<tusk::command_tag> lost =
            co_await (tx.try_execute("SELECT pg_sleep(30)") && kill_when_busy(conn.backend_pid(), "SELECT pg_sleep"));
        const auto told = co_await plainly_lost([&]() -> asio::awaitable<void> {
            lost.error().raise();
            co_return;
        });
        EXPECT_FALSE(told.safe_to_retry());
        const auto commit = co_await plainly_lost([&] { return tx.commit(); });
        EXPECT_TRUE(commit.safe_to_retry());
        co_await expect_closed(conn);
    });
    tusk::test::server().wait_until_ready();
    EXPECT_EQ(rows(), "0\n");
}

TEST_F(commit_outcome, server_killed_during_the_commit)
{
    tusk::test::server().run_sql("CREATE OR REPLACE FUNCTION commit_outcome_slow() RETURNS trigger LANGUAGE plpgsql"
                                 " AS $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$;"
                                 "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON commit_outcome"
                                 " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION commit_outcome_slow()");
    run([&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(tusk::test::server().url());
        tusk::transaction tx = co_await conn.begin();
        co_await tx.execute(insert);
        const auto commit = [&]() -> asio::awaitable<void> {
            co_await thrown<tusk::commit_outcome_unknown>([&] { return tx.commit(); });
        };
        co_await (commit() && kill_when_busy(conn.backend_pid(), "COMMIT"));
        co_await expect_closed(conn);
    });
    tusk::test::server().wait_until_ready();
    EXPECT_EQ(rows(), "0\n");
}

/// The server says goodbye, which nobody reads before the commit. Whether the COMMIT can still be written is for the
/// transport to say; either way the caller is given the server's words.
TEST_F(commit_outcome, session_ended_by_the_server_before_the_commit)
{
    run([&]() -> asio::awaitable<void> {
        tusk::connection by_socket = co_await tusk::connect(tusk::test::server().url());
        tusk::transaction refused_to_write = co_await by_socket.begin();
        co_await refused_to_write.execute(insert);
        tusk::test::server().terminate_backend(by_socket.backend_pid());
        co_await session_ends(by_socket.backend_pid());
        const auto told = co_await plainly_lost([&] { return refused_to_write.commit(); });
        EXPECT_TRUE(told.safe_to_retry());
        expect_mentions(told, "57P01");
        co_await expect_closed(by_socket);

        // A TCP socket takes it although nobody is there any more. The goodbye could as well have come after it.
        tusk::connection by_tcp = co_await tusk::connect(tusk::test::server().tcp_url("u_trust"));
        tusk::transaction written = co_await by_tcp.begin();
        co_await written.execute("SELECT 1");
        tusk::test::server().terminate_backend(by_tcp.backend_pid());
        co_await session_ends(by_tcp.backend_pid());
        const auto unknown = co_await thrown<tusk::commit_outcome_unknown>([&] { return written.commit(); });
        expect_mentions(unknown, "57P01");
        co_await expect_closed(by_tcp);
    });
    EXPECT_EQ(rows(), "0\n");
}

} // namespace
