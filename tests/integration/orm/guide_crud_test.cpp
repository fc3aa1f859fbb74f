// Rows 31 to 41 of the guide: what a repository does.
#include "unit_of_work_testing.hpp"

namespace tusk::test {
namespace {

using blog::user;
using orm::col;

user someone(std::string name) { return user{.email = name + "@example.com", .name = name, .hashed_password = "x"}; }

TEST(guide_crud, guide_32_select_where)
{
    run_with_models(blog::metadata, [](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        const orm::ref<user> ann = s.add(someone("ann"));
        s.add(someone("bob"));
        co_await s.commit();
        sent.clear();
        const std::string email = "ann@example.com";
        const auto stmt = orm::select<user>().where(col<&user::email> == email).where(col<&user::is_active> == true);
        const std::vector<orm::ref<user>> found = co_await s.all(stmt);
        EXPECT_EQ(found.size(), 1U);
        EXPECT_EQ(found.front(), ann);
        EXPECT_TRUE(sent.all().front().ends_with("WHERE users.email = $1 AND users.is_active = true"))
            << sent.all().front();
    });
}

TEST(guide_crud, guide_36_add_sends_nothing_and_takes_no_connection)
{
    run_with_models(blog::metadata, [](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        const orm::ref<user> ann = s.add(someone("ann"));
        EXPECT_EQ(s.pending<user>().size(), 1U);
        EXPECT_TRUE(sent.all().empty());
        EXPECT_EQ(on.counters().connects_started, 0U);

        orm::session other{on};
        EXPECT_THROW(other.add(ann), usage_error) << "it belongs to a session already";
        co_return;
    });
}

TEST(guide_crud, guide_41_a_conflict_is_an_error_of_its_own_class)
{
    run_with_models(blog::metadata, [](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        s.add(someone("ann"));
        co_await s.commit();

        const orm::ref<user> nobody = co_await s.get<user>(404);
        EXPECT_FALSE(nobody);

        const auto impostor = [&]() -> asio::awaitable<void> {
            s.add(someone("ann"));
            co_await s.flush();
        };
        const auto conflict = co_await thrown<unique_violation>([&]() -> asio::awaitable<int> {
            co_await s.begin_nested(impostor);
            co_return 0;
        });
        EXPECT_EQ(conflict.constraint_name(), "uq_users_email");
        s.add(someone("bob")); // the savepoint took the failure
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM users"), 2);
    });
}

} // namespace
} // namespace tusk::test
