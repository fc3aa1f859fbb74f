// One connection, many coroutines: everybody gets their own answer, whatever becomes of the others.

#include "callers.hpp"

#include <asio/strand.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tusk::test;

TEST(many_callers, each_gets_its_own_answer)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        callers many;
        for (int i = 0; i < 500; ++i) {
            // One statement for all, some for a few, some for one alone.
            if (i % 3 == 0)
                many.spawn(executor, conn.query_one<int>("SELECT $1::int * 2", i), gives(2 * i));
            else if (i % 3 == 1)
                many.spawn(executor, conn.query_one<int>(fmt::format("SELECT $1 * 2 -- {}", i % 20), i), gives(2 * i));
            else
                many.spawn(executor, conn.query_one<int>(fmt::format("SELECT {}", 2 * i)), gives(2 * i));
        }
        co_await many.all();
        co_await expect_usable(conn);
    });
}

TEST(many_callers, they_are_answered_in_the_order_of_their_calls)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        const std::string sql = "SELECT $1::int";
        co_await conn.query_one<int>(sql, 0);
        callers many;
        std::vector<int> order;
        std::vector<int> expected;
        for (int i = 0; i < 100; ++i) {
            many.spawn(executor, conn.query_one<int>(sql, i),
                       [&](const std::exception_ptr&, int value) { order.push_back(value); });
            expected.push_back(i);
        }
        co_await many.all();
        EXPECT_EQ(order, expected);
    });
}

TEST(many_callers, those_that_fail_do_not_disturb_the_others)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        co_await conn.execute("CREATE TEMP TABLE t (id int PRIMARY KEY)");
        callers many;
        for (int i = 0; i < 504; ++i) {
            auto& at = many;
            switch (i % 8) {
            case 0: at.spawn(executor, conn.query("SELECT 1 / $1", 0), fails_with<tusk::division_by_zero>()); break;
            case 1: at.spawn(executor, conn.query("SELEC 1"), fails_with<tusk::syntax_error>()); break;
            case 2: at.spawn(executor, conn.query("SELECT $1::date", i), fails_with<tusk::encode_error>()); break;
            case 3: at.spawn(executor, conn.query("SELECT $1::int + $2", i), fails_with<tusk::usage_error>()); break;
            case 4:
                at.spawn(executor, conn.query_one<int>("SELECT 1 WHERE false"), fails_with<tusk::row_count_error>());
                break;
            case 5:
                at.spawn(executor, conn.execute_script("SELECT 1; TABLE nowhere"), fails_with<tusk::undefined_table>());
                break;
            case 6: at.spawn(executor, conn.execute("INSERT INTO t VALUES ($1)", i), succeeds()); break;
            default: at.spawn(executor, conn.query_one<int>("SELECT 1000 / $1", i), gives(1000 / i)); break;
            }
        }
        co_await many.all();
        const auto inserted = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM t");
        EXPECT_EQ(inserted, 63);
        EXPECT_EQ(conn.transaction_status(), 'I');
    });
}

TEST(many_callers, the_first_of_a_new_statement_fails_and_the_others_do_not)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        callers many;
        many.spawn(executor, conn.query_one<int>("SELECT $1::int + $2", 1), fails_with<tusk::usage_error>());
        many.spawn(executor, conn.query_one<int>("SELECT $1::int + $2", 1, 2), gives(3));
        many.spawn(executor, conn.query_one<int>("SELECT $1::int + $2", 0.5, 2), fails_with<tusk::encode_error>());
        many.spawn(executor, conn.query_one<int>("SELECT $1::int + $2", 3, 4), gives(7));
        for (int i = 0; i < 3; ++i)
            many.spawn(executor, conn.query("SELECT $1 IS NULL", 1), fails_with<tusk::indeterminate_datatype>());
        co_await many.all();
        co_await expect_usable(conn);
    });
}

TEST(many_callers, large_requests_and_large_answers_at_the_same_time)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        const std::string text(1 << 20, 'x');
        callers many;
        for (int i = 0; i < 20; ++i) {
            const std::string own = std::to_string(i);
            many.spawn(executor, conn.query_one<std::string>("SELECT $1::text || $2::text", text, own),
                       [&text, own](const std::exception_ptr& why, const std::string& value) {
                           EXPECT_EQ(message_of(why), "");
                           EXPECT_TRUE(value == text + own);
                       });
        }
        co_await many.all();
    });
}

TEST(many_callers, a_caller_on_another_executor_is_answered_there)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        callers many;
        std::vector<asio::strand<asio::any_io_executor>> strands;
        for (int i = 0; i < 20; ++i)
            strands.push_back(asio::make_strand(executor));
        int at_home = 0;
        for (int i = 0; i < 200; ++i) {
            const auto& strand = strands[static_cast<std::size_t>(i) % strands.size()];
            many.spawn(strand, conn.query_one<int>("SELECT $1::int", i),
                       [&at_home, &strand, i](const std::exception_ptr& why, int value) {
                           EXPECT_EQ(message_of(why), "");
                           EXPECT_EQ(value, i);
                           at_home += strand.running_in_this_thread() ? 1 : 0;
                       });
        }
        co_await many.all();
        EXPECT_EQ(at_home, 200);
    });
}

// ---- Verbs that are not awaited where they are written.

asio::awaitable<int> stored(tusk::connection& conn, int number)
{
    // Everything that is passed here is gone when this function returns.
    const std::string sql = fmt::format("SELECT $1::int + length($2) -- {}", std::string(100, 'x'));
    return conn.query_one<int>(sql, number, std::string(100, 'y'));
}

TEST(many_callers, a_verb_is_awaited_later)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        std::vector<asio::awaitable<int>> later;
        for (int i = 0; i < 10; ++i)
            later.push_back(stored(conn, i));
        const auto between = co_await conn.query_one<int>("SELECT 1");
        EXPECT_EQ(between, 1);
        for (int i = 9; i >= 0; --i) {
            const auto sum = co_await std::move(later[static_cast<std::size_t>(i)]);
            EXPECT_EQ(sum, i + 100);
        }
    });
}

TEST(many_callers, a_verb_that_is_never_awaited_sends_nothing)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE t (id int)");
        {
            const auto unused = conn.execute("INSERT INTO t VALUES ($1)", 1);
        }
        const auto count = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM t");
        EXPECT_EQ(count, 0);
    });
}

TEST(many_callers, a_verb_outlives_the_name_of_its_connection)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto later = stored(conn, 1);
        tusk::connection moved = std::move(conn);
        const auto sum = co_await std::move(later);
        EXPECT_EQ(sum, 101);
        EXPECT_FALSE(conn.is_open()); // NOLINT(bugprone-use-after-move)
        EXPECT_THROW(static_cast<void>(conn.query("SELECT 1")), tusk::usage_error);
        co_await expect_usable(moved);
        conn = std::move(moved);
        co_await expect_usable(conn);
    });
}

// ---- Shared handles.

TEST(many_callers, shared_handles_run_statements_side_by_side)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        callers many;
        const tusk::shared_connection shared = conn.share();
        for (int i = 0; i < 50; ++i) {
            tusk::shared_connection copy = shared;
            many.spawn(executor, copy.query_one<int>("SELECT $1 + 1", i), gives(i + 1));
        }
        many.spawn(executor, conn.query_one<int>("SELECT 7"), gives(7));
        co_await many.all();
    });
}

TEST(many_callers, no_transaction_while_there_are_shared_handles)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        std::optional<tusk::shared_connection> shared = conn.share();
        std::optional<tusk::shared_connection> copy = shared;
        shared.reset();
        const auto refused = co_await thrown<tusk::usage_error>([&] { return conn.begin(); });
        expect_mentions(refused, "shared");
        const auto block = co_await thrown<tusk::usage_error>(
            [&] { return conn.with_transaction([](tusk::transaction&) -> asio::awaitable<void> { co_return; }); });
        expect_mentions(block, "shared");
        copy.reset();
        tusk::transaction tx = co_await conn.begin();
        co_await expect_usable(tx);
        co_await tx.commit();
    });
}

TEST(many_callers, no_shared_handle_while_there_is_a_transaction)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::transaction tx = co_await conn.begin();
        EXPECT_THROW(static_cast<void>(conn.share()), tusk::usage_error);
        const auto refused = co_await thrown<tusk::usage_error>([&] { return conn.query("SELECT 1"); });
        expect_mentions(refused, "transaction");
        co_await tx.rollback();
        tusk::shared_connection shared = conn.share();
        co_await expect_usable(shared);
    });
}

TEST(many_callers, a_shared_handle_outlives_the_connection_object)
{
    run([]() -> asio::awaitable<void> {
        std::optional<tusk::shared_connection> shared;
        {
            tusk::connection conn = co_await tusk::connect(server().url());
            shared = conn.share();
        }
        co_await expect_usable(*shared);
        tusk::shared_connection moved = std::move(*shared);
        co_await expect_usable(moved);
        EXPECT_THROW(static_cast<void>(shared->query("SELECT 1")), tusk::usage_error);
    });
}

} // namespace
