// Deadlines: every verb keeps them, the server stops what nobody waits for any more, and the connection goes on.

#include "callers.hpp"

#include "support/observe.hpp"

#include <asio/experimental/awaitable_operators.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace tusk::test;
using namespace std::chrono_literals;

constexpr std::string_view minute = "SELECT 1 FROM pg_sleep(60)";

/// The call is told within a bound that its time is up, and the same session goes on.
template <class Call>
asio::awaitable<tusk::timeout_error> out_of_time(tusk::connection& conn, Call call)
{
    const std::int32_t pid = conn.backend_pid();
    const auto begun = std::chrono::steady_clock::now();
    auto told = co_await thrown<tusk::timeout_error>(call);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
    co_await expect_usable(conn);
    EXPECT_EQ(conn.backend_pid(), pid);
    EXPECT_EQ(conn.transaction_status(), 'I');
    co_return told;
}

TEST(deadline, of_every_verb_that_runs_statements)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto hurried = conn.with_timeout(60ms);
        const auto told = co_await out_of_time(conn, [&] { return hurried.query(minute); });
        expect_mentions(told, "deadline", "stays usable");
        co_await out_of_time(conn, [&] { return hurried.query_one<int>(minute); });
        co_await out_of_time(conn, [&] { return hurried.query_optional<int>(minute); });
        co_await out_of_time(conn, [&] { return hurried.execute("SELECT pg_sleep($1)", 60.0); });
        co_await out_of_time(conn, [&] { return hurried.execute_script("SELECT 1; SELECT pg_sleep(60)"); });
        const std::vector<double> lengths{0, 60, 0};
        co_await out_of_time(conn, [&] { return hurried.execute_many("SELECT pg_sleep($1)", lengths); });
        co_await out_of_time(conn, [&] { return hurried.query_many("SELECT pg_sleep($1)", lengths); });
        co_await out_of_time(conn, [&] { return hurried.stream(minute); });
        const tusk::outcome<tusk::command_tag> came = co_await hurried.try_execute(minute);
        EXPECT_TRUE(came.failed());
        EXPECT_TRUE(is_a<tusk::timeout_error>(came.error().exception()));
        co_await expect_usable(conn);
    });
}

TEST(deadline, of_a_pipeline_is_that_of_the_whole)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto hurried = conn.with_timeout(100ms);
        {
            tusk::pipeline batch = hurried.pipeline();
            auto first = batch.query_one<int>("SELECT 1");
            auto second = batch.execute("SELECT pg_sleep(60)");
            auto third = batch.query_one<int>("SELECT 3");
            co_await out_of_time(conn, [&] { return batch.run(); });
            EXPECT_EQ(first.get(), 1);
            EXPECT_TRUE(second.failed());
            EXPECT_TRUE(is_a<tusk::timeout_error>(second.error().exception()));
            EXPECT_TRUE(is_a<tusk::timeout_error>(third.error().exception()));
        }
        tusk::pipeline batch = hurried.atomic_pipeline();
        auto first = batch.query_one<int>("SELECT 1");
        auto second = batch.execute("SELECT pg_sleep(60)");
        co_await out_of_time(conn, [&] { return batch.run(); });
        EXPECT_TRUE(first.failed());
        EXPECT_TRUE(second.failed());
    });
}

/// A statement can wait for a lock before it is prepared.
TEST(deadline, of_what_waits_for_a_lock_to_be_prepared)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script("DROP TABLE IF EXISTS locked; CREATE TABLE locked (n int)");
        tusk::connection other = co_await tusk::connect(server().url());
        tusk::transaction lock = co_await other.begin();
        co_await lock.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");
        auto hurried = conn.with_timeout(60ms);
        co_await out_of_time(conn, [&] { return hurried.query("SELECT * FROM locked"); });
        co_await out_of_time(conn, [&] { return hurried.prepare("SELECT n FROM locked"); });
        {
            tusk::pipeline batch = hurried.pipeline();
            auto part = batch.query("SELECT n + $1 FROM locked", 1);
            co_await out_of_time(conn, [&] { return batch.run(); });
            EXPECT_TRUE(part.failed());
        }
        {
            tusk::pipeline batch = hurried.atomic_pipeline();
            auto part = batch.query("SELECT n + $1 FROM locked", 1);
            co_await out_of_time(conn, [&] { return batch.run(); });
            EXPECT_TRUE(part.failed());
        }
        const std::vector<int> values{1};
        co_await out_of_time(conn, [&] { return hurried.execute_many("INSERT INTO locked VALUES ($1)", values); });
        co_await lock.rollback();
        const auto rows = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM locked");
        EXPECT_EQ(rows, 0);
        co_await conn.execute("DROP TABLE locked");
    });
}

TEST(deadline, must_be_in_the_future)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        EXPECT_THROW(static_cast<void>(conn.with_timeout(0ms)), tusk::usage_error);
        EXPECT_THROW(static_cast<void>(conn.with_timeout(-1ms)), tusk::usage_error);
        auto hurried = conn.with_timeout(1h);
        co_await expect_usable(hurried);
    });
}

TEST(deadline, stops_the_statement_on_the_server)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::int32_t pid = conn.backend_pid();
        co_await thrown<tusk::timeout_error>([&] { return conn.with_timeout(100ms).execute(minute); });
        const bool gone = co_await eventually([&] { return activity_of(pid).starts_with("idle|"); }, 1s);
        EXPECT_TRUE(gone) << activity_of(pid);
        co_await expect_usable(conn);
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

TEST(deadline, by_a_timer_of_ones_own)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        auto executor = co_await asio::this_coro::executor;
        const std::int32_t pid = conn.backend_pid();
        asio::steady_timer timer{executor, 100ms};
        const auto first = co_await (conn.query_one<int>(minute) || timer.async_wait(asio::use_awaitable));
        EXPECT_EQ(first.index(), 1U);
        const bool gone = co_await eventually([&] { return activity_of(pid).starts_with("idle|"); }, 1s);
        EXPECT_TRUE(gone) << activity_of(pid);
        timer.expires_after(10s);
        const auto second = co_await (conn.query_one<int>("SELECT 5") || timer.async_wait(asio::use_awaitable));
        EXPECT_EQ(second.index(), 0U);
        co_await expect_usable(conn);
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

/// A cancel would hit whoever comes behind.
TEST(deadline, of_a_statement_with_others_behind_it_frees_the_caller_only)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        gate blocked = co_await gate::shut();
        callers many;
        auto hurried = conn.with_timeout(60ms);
        many.spawn(executor, hurried.query_one<int>(blocked.wait_for(1)), [](const std::exception_ptr& why, int) {
            EXPECT_TRUE(is_a<tusk::timeout_error>(why));
            EXPECT_NE(message_of(why).find("others wait behind it"), std::string::npos) << message_of(why);
        });
        for (int i = 0; i < 10; ++i)
            many.spawn(executor, conn.query_one<int>("SELECT $1::int", i), gives(i));
        co_await eventually([&] { return many.ended() == 1; });
        co_await pause(100ms);
        EXPECT_EQ(activity_of(conn.backend_pid()), "active|advisory") << "it was cancelled on the server";
        EXPECT_EQ(many.ended(), 1);
        co_await blocked.open();
        co_await many.all();
        co_await expect_usable(conn);
    });
}

TEST(deadline, that_passes_in_the_queue_sends_nothing)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        co_await conn.execute_script("DROP TABLE IF EXISTS queued; CREATE TABLE queued (n int)");
        tusk::connection other = co_await tusk::connect(server().url());
        tusk::transaction lock = co_await other.begin();
        co_await lock.execute("LOCK TABLE queued IN ACCESS EXCLUSIVE MODE");
        callers many;
        const std::string insert = "INSERT INTO queued VALUES ($1)";
        many.spawn(executor, conn.execute(insert, 1), succeeds());
        // The same text: it waits until the first caller has prepared it.
        auto hurried = conn.with_timeout(60ms);
        many.spawn(executor, hurried.execute(insert, 2), [](const std::exception_ptr& why, const tusk::command_tag&) {
            EXPECT_TRUE(is_a<tusk::timeout_error>(why));
            EXPECT_NE(message_of(why).find("nothing of it was sent"), std::string::npos) << message_of(why);
        });
        co_await eventually([&] { return many.ended() == 1; });
        EXPECT_EQ(many.ended(), 1);
        co_await lock.rollback();
        co_await many.all();
        const auto rows = co_await conn.query_one<std::int64_t>("SELECT sum(n) FROM queued");
        EXPECT_EQ(rows, 1);
        co_await conn.execute("DROP TABLE queued");
    });
}

// ---- Transactions.

class deadline_of_a_transaction : public testing::Test
{
protected:
    void SetUp() override { server().run_sql("DROP TABLE IF EXISTS timed; CREATE TABLE timed (n int)"); }
    static std::string rows() { return server().run_sql("SELECT count(*) FROM timed"); }
};

constexpr std::string_view insert = "INSERT INTO timed VALUES (1)";

TEST_F(deadline_of_a_transaction, covers_the_whole_block)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto hurried = conn.with_timeout(150ms);
        const auto in_a_statement = [](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute(insert);
            co_await tx.execute(minute);
        };
        co_await out_of_time(conn, [&] { return hurried.with_transaction(in_a_statement); });
        const auto between_statements = [](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute(insert);
            co_await pause(200ms);
            co_await tx.execute(insert);
        };
        co_await out_of_time(conn, [&] { return hurried.with_transaction(between_statements); });
        const auto at_the_end = [](tusk::transaction& tx) -> asio::awaitable<int> {
            co_await tx.execute(insert);
            co_await pause(200ms);
            co_return 1;
        };
        const auto told = co_await out_of_time(conn, [&] { return hurried.with_transaction(at_the_end); });
        expect_mentions(told, "commit", "nothing of it was sent");
        const auto many_small = [](tusk::transaction& tx) -> asio::awaitable<void> {
            for (;;)
                co_await tx.execute("SELECT pg_sleep(0.02)");
        };
        co_await out_of_time(conn, [&] { return hurried.with_transaction(many_small); });
        const auto nested = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute(insert);
            co_await tx.with_transaction(in_a_statement);
        };
        co_await out_of_time(conn, [&] { return hurried.with_transaction(nested); });
    });
    EXPECT_EQ(rows(), "0\n");
}

/// The same with the handle: the end of a transaction whose time is up is left to the connection.
TEST_F(deadline_of_a_transaction, that_passed_before_the_commit_rolls_back)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto hurried = conn.with_timeout(50ms);
        for (const bool dropped : {true, false}) {
            std::optional<tusk::transaction> tx{co_await hurried.begin()};
            co_await tx->execute(insert);
            co_await pause(80ms);
            co_await thrown<tusk::timeout_error>([&] { return tx->execute(insert); });
            if (dropped)
                tx.reset();
            else
                co_await thrown<tusk::timeout_error>([&] { return tx->commit(); });
            co_await expect_usable(conn);
            EXPECT_EQ(conn.transaction_status(), 'I');
        }
        tusk::transaction tx = co_await hurried.begin();
        co_await tx.execute(insert);
        co_await pause(80ms);
        co_await tx.rollback(); // which has a little time of its own
        co_await expect_usable(conn);
    });
    EXPECT_EQ(rows(), "0\n");
}

TEST_F(deadline_of_a_transaction, that_passes_while_it_commits_leaves_the_outcome_unknown)
{
    server().run_sql("CREATE OR REPLACE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS "
                     "'BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END'");
    server().run_sql("CREATE CONSTRAINT TRIGGER late AFTER INSERT ON timed DEFERRABLE INITIALLY DEFERRED "
                     "FOR EACH ROW EXECUTE FUNCTION dawdle()");
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::int32_t pid = conn.backend_pid();
        auto hurried = conn.with_timeout(150ms);
        const auto block = [](tusk::transaction& tx) -> asio::awaitable<void> { co_await tx.execute(insert); };
        const auto told =
            co_await thrown<tusk::commit_outcome_unknown>([&] { return hurried.with_transaction(block); });
        expect_mentions(told, "COMMIT", "not known");
        co_await expect_usable(conn); // behind the commit, which was not disturbed
        EXPECT_EQ(conn.backend_pid(), pid);
    });
    EXPECT_EQ(rows(), "1\n");
    server().run_sql("DROP TABLE timed; DROP FUNCTION dawdle");
}

// ---- The option.

TEST(command_timeout, is_the_deadline_of_every_statement_that_has_none)
{
    tusk::connect_options options{server().url()};
    options.command_timeout = 100ms;
    const auto body = [](tusk::connection& conn) -> asio::awaitable<void> {
        co_await out_of_time(conn, [&] { return conn.execute(minute); });
        co_await out_of_time(conn, [&] { return conn.stream(minute); });
        co_await conn.with_timeout(10s).execute("SELECT pg_sleep(0.3)"); // its own is longer
        const auto block = [](tusk::transaction& tx) -> asio::awaitable<void> {
            for (int i = 0; i < 8; ++i)
                co_await tx.execute("SELECT pg_sleep(0.02)"); // each by itself
        };
        co_await conn.with_transaction(block);
    };
    run_connected(body, options);
}

TEST(command_timeout, is_not_for_waiting_for_notifications)
{
    tusk::connect_options options{server().url()};
    options.command_timeout = 50ms;
    const auto body = [](tusk::connection& conn) -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        co_await conn.listen("patience");
        const auto notify = [&]() -> asio::awaitable<void> {
            co_await pause(150ms);
            co_await conn.execute("NOTIFY patience, 'late'");
        };
        const tusk::notification note = co_await (conn.next_notification() && notify());
        EXPECT_EQ(note.payload, "late");
        const auto told =
            co_await thrown<tusk::timeout_error>([&] { return conn.with_timeout(50ms).next_notification(); });
        expect_mentions(told, "notification");
        co_await expect_usable(conn);
    };
    run_connected(body, options);
}

// ---- Closing.

TEST(deadline, of_close_frees_the_caller_and_the_connection_closes_all_the_same)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        const std::int32_t pid = conn.backend_pid();
        gate blocked = co_await gate::shut();
        callers many;
        many.spawn(executor, conn.query_one<int>(blocked.wait_for(1)), gives(1));
        co_await pause(1ms);
        co_await thrown<tusk::timeout_error>([&] { return conn.with_timeout(50ms).close(); });
        asio::cancellation_signal signal;
        callers one;
        const auto close = [&]() -> asio::awaitable<int> {
            co_await conn.close();
            co_return 1;
        };
        one.spawn(executor, close(), fails_with<tusk::operation_aborted>(), signal.slot());
        co_await pause(10ms);
        signal.emit(asio::cancellation_type::terminal);
        co_await one.all();
        co_await blocked.open();
        co_await many.all();
        const bool gone = co_await eventually([&] { return activity_of(pid).empty(); });
        EXPECT_TRUE(gone);
        EXPECT_FALSE(conn.is_open());
        co_await conn.close(); // closed is closed
    });
}

} // namespace
