// Rows 45 to 48 of the guide: conditions and order. (Loading has its own tests.)
#include "unit_of_work_testing.hpp"

namespace tusk::test {
namespace {

using blog::user;
using orm::col;

/// Runs a SELECT of names over three users and says what came.
template <class Statement>
std::string names_of(const Statement& stmt)
{
    std::string said;
    run_with_models(blog::metadata, [&](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        for (const char* name : {"Ann", "Bob", "100% Cid"}) {
            const orm::ref<user> made = s.add(user{.email = name, .name = name, .hashed_password = "x"});
            made->is_active = made->name != "Bob";
        }
        co_await s.flush();
        for (const std::string& name : co_await s.all(stmt))
            said += (said.empty() ? "" : ", ") + name;
    });
    return said;
}

TEST(guide_queries, guide_45_and_or)
{
    const auto stmt = orm::select(col<&user::name>)
                          .where(orm::and_(col<&user::is_active> == true,
                                           orm::or_(col<&user::name> == "Ann", col<&user::name> == "Bob")));
    const auto operators =
        orm::select(col<&user::name>)
            .where(col<&user::is_active> == true && (col<&user::name> == "Ann" || col<&user::name> == "Bob"));
    EXPECT_EQ(orm::to_sql(stmt), "SELECT users.name FROM users WHERE users.is_active = true AND (users.name = $1 OR "
                                 "users.name = $2)");
    EXPECT_EQ(orm::to_sql(operators), orm::to_sql(stmt));
    EXPECT_EQ(names_of(stmt), "Ann");
}

TEST(guide_queries, guide_46_ilike_and_the_safe_form)
{
    const auto wild = orm::select(col<&user::name>).where(col<&user::name>.ilike("%0%C%"));
    EXPECT_EQ(orm::to_sql(wild), "SELECT users.name FROM users WHERE users.name ILIKE $1");
    EXPECT_EQ(names_of(wild), "100% Cid");
    EXPECT_EQ(names_of(orm::select(col<&user::name>).where(col<&user::name>.icontains("0%C"))), "")
        << "the percent sign is a character";
    EXPECT_EQ(names_of(orm::select(col<&user::name>).where(col<&user::name>.icontains("0% c"))), "100% Cid");
}

TEST(guide_queries, guide_47_a_boolean_column)
{
    const auto compared = orm::select(col<&user::name>).where(col<&user::is_active> == false);
    EXPECT_EQ(names_of(compared), "Bob");
    EXPECT_EQ(names_of(orm::select(col<&user::name>).where(!col<&user::is_active>)), "Bob") << "bare";
}

TEST(guide_queries, guide_48_descending)
{
    const auto stmt = orm::select(col<&user::name>).order_by(col<&user::id>.desc());
    EXPECT_EQ(orm::to_sql(stmt), "SELECT users.name FROM users ORDER BY users.id DESC");
    EXPECT_EQ(names_of(stmt), "100% Cid, Bob, Ann");
    EXPECT_TRUE(orm::to_sql(orm::select(col<&user::name>).order_by(col<&user::name>.desc().nulls_last()))
                    .ends_with("ORDER BY users.name DESC NULLS LAST"));
}

} // namespace
} // namespace tusk::test
