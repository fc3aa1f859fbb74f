// A session that two coroutines use at once.
#include "session_testing.hpp"

#include <tusk/session/detail/access.hpp>

#include <asio/co_spawn.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_future.hpp>

#include <atomic>
#include <vector>

namespace {

using namespace tusk::test;

TEST(one_caller, the_second_one_is_told_and_the_first_one_is_not_disturbed)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        for (const bool in_transaction : {false, true}) {
            SCOPED_TRACE(in_transaction ? "in a transaction" : "at its first statement");
            tusk::session s{engine};
            if (in_transaction)
                co_await s.execute("SELECT 1");
            bool ended = false;
            const auto executor = co_await asio::this_coro::executor;
            asio::co_spawn(
                executor,
                [&]() -> asio::awaitable<void> {
                    const int answer = co_await s.query_one<int>("SELECT 42 FROM pg_sleep(0.2)");
                    EXPECT_EQ(answer, 42);
                    ended = true;
                },
                [](const std::exception_ptr& failed) { EXPECT_FALSE(failed); });
            co_await pause(20ms);
            EXPECT_FALSE(ended);
            const auto refused = co_await thrown<tusk::usage_error>([&] { return s.query("SELECT 1"); });
            expect_mentions(refused, "in use", "one thing at a time");
            const auto as_value = co_await s.try_query("SELECT 1");
            EXPECT_TRUE(as_value.failed());
            const auto at_commit = co_await thrown<tusk::usage_error>([&]() -> asio::awaitable<int> {
                co_await s.commit();
                co_return 0;
            });
            expect_mentions(at_commit, "in use");
            const bool over = co_await eventually([&] { return ended; });
            EXPECT_TRUE(over);
            co_await expect_usable(s);
            co_await s.commit();
        }
    });
}

TEST(one_caller, awaiting_two_at_once)
{
    using namespace asio::experimental::awaitable_operators;
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        co_await s.execute("SELECT 1");
        const auto both = co_await (s.try_query("SELECT 1 FROM pg_sleep(0.05)") && s.try_query("SELECT 2"));
        EXPECT_TRUE(std::get<0>(both).has_value());
        EXPECT_TRUE(std::get<1>(both).failed());
        co_await expect_usable(s);
        co_await s.commit();
    });
}

TEST(one_caller, a_longer_use_keeps_others_out_between_its_statements)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        using tusk::detail::session_access;
        tusk::session s{engine};
        {
            const tusk::detail::session_use use = session_access::use(s);
            tusk::transaction* const on = co_await session_access::transaction(use);
            const int one = co_await on->query_one<int>("SELECT 1");
            EXPECT_EQ(one, 1);
            co_await thrown<tusk::usage_error>([&] { return s.query("SELECT 1"); });
            tusk::detail::request_ptr made = tusk::detail::make_query({}, "SELECT 2");
            const int two = co_await tusk::detail::run_within<int, tusk::detail::take_one<int>>(use, std::move(made));
            EXPECT_EQ(two, 2);
        }
        const auto state = co_await s.query_one<int>("SELECT 3");
        EXPECT_EQ(state, 3);
        co_await s.commit();
    });
}

TEST(one_caller, from_many_threads_nothing_breaks)
{
    asio::thread_pool threads{4};
    tusk::engine engine{threads.get_executor(), server().url()};
    tusk::session s{engine};
    std::atomic<int> answered{0};
    std::atomic<int> refused{0};
    const auto caller = [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 200; ++i) {
            const auto came = co_await s.try_query_one<int>("SELECT 6 * 7");
            if (came.has_value() && came.value() == 42)
                ++answered;
            else if (came.failed())
                ++refused;
        }
    };
    std::vector<std::future<void>> ends;
    for (int i = 0; i < 4; ++i)
        ends.push_back(asio::co_spawn(threads, caller(), asio::use_future));
    for (auto& each : ends)
        each.get();
    EXPECT_EQ(answered + refused, 800);
    EXPECT_GT(answered, 0);
    const auto last = asio::co_spawn(threads, s.query_one<int>("SELECT 1"), asio::use_future).get();
    EXPECT_EQ(last, 1);
    asio::co_spawn(threads, s.commit(), asio::use_future).get();
    threads.join();
}

TEST(one_caller, destroyed_while_a_statement_runs_it_ends_with_that_statement)
{
    run_with_engine(
        [](tusk::engine& engine) -> asio::awaitable<void> {
            co_await make_table(engine, "one_caller_destroyed");
            bool ended = false;
            const auto executor = co_await asio::this_coro::executor;
            {
                tusk::session s{engine};
                co_await s.execute("INSERT INTO one_caller_destroyed VALUES (1, '')");
                asio::co_spawn(executor, s.query("SELECT pg_sleep(0.1)"),
                               [&](const std::exception_ptr& failed, const tusk::result&) {
                                   EXPECT_FALSE(failed);
                                   ended = true;
                               });
                co_await pause(20ms);
            }
            EXPECT_FALSE(ended);
            tusk::session other{engine};
            const auto count = co_await other.query_one<std::int64_t>("SELECT count(*) FROM one_caller_destroyed");
            EXPECT_EQ(count, 0);
            EXPECT_TRUE(ended);
            co_await other.commit();
        },
        connections(1));
}

} // namespace
