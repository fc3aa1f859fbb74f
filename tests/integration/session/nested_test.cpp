#include "session_testing.hpp"

#include <stdexcept>
#include <vector>

namespace {

using namespace tusk::test;

asio::awaitable<std::vector<int>> ids(tusk::session& s, std::string table)
{
    const std::string sql = "SELECT id FROM " + table + " ORDER BY id";
    const tusk::result rows = co_await s.query(sql);
    std::vector<int> found;
    for (auto [id] : rows.as<int>())
        found.push_back(id);
    co_return found;
}

TEST(nested, a_block_that_fails_leaves_the_rest_alive)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "nested_block");
        tusk::session s{engine};
        co_await s.execute("INSERT INTO nested_block VALUES (1, 'outer')");
        co_await thrown<tusk::unique_violation>([&] {
            return s.begin_nested([&]() -> asio::awaitable<int> {
                co_await s.execute("INSERT INTO nested_block VALUES (2, 'inner')");
                co_await s.execute("INSERT INTO nested_block VALUES (1, 'again')");
                co_return 0;
            });
        });
        EXPECT_EQ(s.nesting(), 0U);
        const int three = co_await s.begin_nested([&]() -> asio::awaitable<int> {
            EXPECT_EQ(s.nesting(), 1U);
            co_await s.execute("INSERT INTO nested_block VALUES (3, 'kept')");
            co_return 3;
        });
        EXPECT_EQ(three, 3);
        co_await s.commit();
        const std::vector<int> left = co_await ids(s, "nested_block");
        EXPECT_EQ(left, (std::vector<int>{1, 3}));
        co_await s.rollback();
    });
}

TEST(nested, a_block_that_swallows_its_error_is_told)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        co_await s.execute("SELECT 1");
        const auto undone = co_await thrown<tusk::transaction_rolled_back>([&] {
            return s.begin_nested([&]() -> asio::awaitable<int> {
                const auto refused = co_await s.try_query("SELECT 1/0");
                EXPECT_TRUE(refused.failed());
                const auto told = co_await thrown<tusk::pending_rollback>([&] { return s.query("SELECT 1"); });
                expect_mentions(told, "savepoint", "22012");
                co_return 0;
            });
        });
        expect_mentions(undone, "22012");
        co_await expect_usable(s);
        co_await s.commit();
    });
}

TEST(nested, handles)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "nested_handles");
        tusk::session s{engine};
        tusk::savepoint first = co_await s.begin_nested();
        co_await s.execute("INSERT INTO nested_handles VALUES (1, '')");
        co_await first.commit();
        EXPECT_FALSE(first.is_active());
        {
            tusk::savepoint dropped = co_await s.begin_nested();
            co_await s.execute("INSERT INTO nested_handles VALUES (2, '')");
            EXPECT_TRUE(dropped.is_active());
        }
        EXPECT_EQ(s.nesting(), 0U);
        tusk::savepoint outer = co_await s.begin_nested();
        co_await s.execute("INSERT INTO nested_handles VALUES (3, '')");
        tusk::savepoint inner = co_await s.begin_nested();
        co_await s.execute("INSERT INTO nested_handles VALUES (4, '')");
        co_await outer.rollback();
        EXPECT_FALSE(inner.is_active());
        co_await thrown<tusk::usage_error>([&]() -> asio::awaitable<int> {
            co_await inner.commit();
            co_return 0;
        });
        co_await s.execute("INSERT INTO nested_handles VALUES (5, '')");
        const std::vector<int> seen = co_await ids(s, "nested_handles");
        EXPECT_EQ(seen, (std::vector<int>{1, 5}));
        co_await s.commit();
    });
}

TEST(nested, commit_and_rollback_end_the_whole_stack)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "nested_stack");
        tusk::session s{engine};
        {
            const tusk::savepoint a = co_await s.begin_nested();
            co_await s.execute("INSERT INTO nested_stack VALUES (1, '')");
            const tusk::savepoint b = co_await s.begin_nested();
            co_await s.execute("INSERT INTO nested_stack VALUES (2, '')");
            co_await s.commit();
            EXPECT_FALSE(a.is_active());
            EXPECT_FALSE(s.in_transaction());
        }
        {
            const tusk::savepoint a = co_await s.begin_nested();
            co_await s.execute("DELETE FROM nested_stack");
            const tusk::savepoint b = co_await s.begin_nested();
            const auto refused = co_await s.try_query("SELECT 1/0");
            EXPECT_TRUE(refused.failed());
            co_await s.rollback();
        }
        {
            const tusk::savepoint a = co_await s.begin_nested();
            co_await s.execute("DELETE FROM nested_stack");
            const auto refused = co_await s.try_query("SELECT 1/0");
            EXPECT_TRUE(refused.failed());
            const auto undone = co_await thrown<tusk::transaction_rolled_back>([&]() -> asio::awaitable<int> {
                co_await s.commit();
                co_return 0;
            });
            expect_mentions(undone, "22012");
        }
        const std::vector<int> seen = co_await ids(s, "nested_stack");
        EXPECT_EQ(seen, (std::vector<int>{1, 2}));
        co_await s.rollback();
    });
}

TEST(nested, a_handle_may_outlive_everything)
{
    std::optional<tusk::savepoint> left;
    run_with_engine([&](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        left.emplace(co_await s.begin_nested());
        co_await s.execute("SELECT 1");
    });
    EXPECT_FALSE(left->is_active());
    left.reset();
}

} // namespace
