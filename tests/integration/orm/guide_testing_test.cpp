// Rows 2 and 55 to 57 of the guide: how programs are tested.
#include "unit_of_work_testing.hpp"

namespace tusk::test {
namespace {

using blog::tag;

/// Code under test, which knows nothing of the test: it commits.
asio::awaitable<void> register_tag(const engine& on, std::string label)
{
    orm::session s{on};
    s.add(tag{.label = std::move(label)});
    co_await s.commit();
}

/// Code under test that is given its session.
asio::awaitable<std::int64_t> count_tags(orm::session& s) { co_return co_await s.count(orm::select<tag>()); }

template <class Body>
void run_with_engine(Body body)
{
    run([&]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        const engine made{executor, server().url()};
        co_await body(made);
    });
}

TEST(guide_testing, guide_02_a_transaction_takes_the_place_of_a_database_in_memory)
{
    run_with_engine([](const engine& on) -> asio::awaitable<void> {
        test_transaction outer = co_await test_transaction::begin(on);
        session s{outer};
        co_await s.execute("CREATE TABLE guide_memory (id int)");
        co_await s.commit();
        EXPECT_TRUE(co_await s.query_one<bool>("SELECT to_regclass('guide_memory') IS NOT NULL"));
        co_await s.commit();
        co_await outer.rollback();
        EXPECT_TRUE(co_await committed<bool>("SELECT to_regclass('guide_memory') IS NULL"));
    });
}

TEST(guide_testing, guide_55_tables_for_one_test)
{
    run_connected([](connection& conn) -> asio::awaitable<void> {
        co_await orm::drop_all(conn, blog::metadata);
        transaction fixture = co_await conn.begin();
        co_await orm::create_all(fixture, blog::metadata);
        co_await fixture.execute("INSERT INTO tags (label) VALUES ('c++')");
        EXPECT_EQ(co_await fixture.query_one<std::int64_t>("SELECT count(*) FROM tags"), 1);
        co_await fixture.rollback();
        EXPECT_TRUE(co_await committed<bool>("SELECT to_regclass('tags') IS NULL"));
    });
}

TEST(guide_testing, guide_56_a_session_is_given_to_the_code_under_test)
{
    run_with_models(blog::metadata, [](const engine& on, sent_requests&) -> asio::awaitable<void> {
        test_transaction outer = co_await test_transaction::begin(on);
        orm::session s{outer};
        s.add(tag{.label = "c++"});
        EXPECT_EQ(co_await count_tags(s), 1);
        co_await s.rollback();
        co_await outer.rollback();
    });
}

TEST(guide_testing, guide_57_what_the_code_under_test_commits_is_rolled_back)
{
    run_with_models(blog::metadata, [](const engine& on, sent_requests&) -> asio::awaitable<void> {
        test_transaction outer = co_await test_transaction::begin(on);
        const engine bound = outer.engine();
        co_await register_tag(bound, "c++");
        co_await thrown<unique_violation>([&]() -> asio::awaitable<int> {
            co_await register_tag(bound, "c++");
            co_return 0;
        });
        {
            orm::session s{bound};
            EXPECT_EQ(co_await count_tags(s), 1) << "the first commit holds, inside";
            co_await s.rollback();
        }
        co_await outer.rollback();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM tags"), 0);
    });
}

} // namespace
} // namespace tusk::test
