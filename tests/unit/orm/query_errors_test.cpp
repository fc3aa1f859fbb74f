// Statements that contradict themselves: what is said, and that it says how to mend it.
#include "support/query_cases/models.hpp"

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

namespace orm = tusk::orm;
using blog::post;
using blog::tag;
using blog::user;
using orm::col;
using orm::select;
using tusk::test::staff::employee;

template <class Make>
std::string refusal(Make make)
{
    try {
        return "none: " + orm::to_sql(make());
    } catch (const tusk::usage_error& refused) {
        return refused.what();
    }
}

TEST(orm_query_errors, a_table_that_is_not_in_the_from)
{
    EXPECT_EQ(refusal([] { return select<user>().where(col<&post::title> == "x"); }),
              "the statement names a column of posts, which is not in its FROM: join it with join<&T::relation>() or "
              "join(target, on), or name it in select_from()");
    EXPECT_NE(refusal([] { return orm::delete_from<user>().where(col<&post::title> == "x"); }).find("posts"),
              std::string::npos);
    EXPECT_NE(
        refusal([] { return select<user>().where(orm::alias<user>{}[col<&user::id>] == 1); }).find("an alias of users"),
        std::string::npos);
    // What is joined for a loader is not there for anybody else.
    EXPECT_NE(refusal([] {
                  return select<post>().where(col<&user::name> == "x").options(orm::joinedload<&post::author>());
              }).find("a column of users"),
              std::string::npos);
}

TEST(orm_query_errors, two_tables_that_nothing_connects)
{
    EXPECT_EQ(refusal([] { return select(col<&user::id>, col<&tag::id>); }),
              "the statement selects from users and tags, which nothing connects: join one to the other with "
              "join<&T::relation>() or join(target, on), or name both in select_from() if every row of one is meant "
              "with every row of the other");
}

TEST(orm_query_errors, a_table_twice)
{
    EXPECT_EQ(refusal([] { return select<user>().join<&user::posts>().join<&user::posts>(); }),
              "posts stands in the FROM twice: give the second one an orm::alias");
    EXPECT_EQ(refusal([] { return select<employee>().join<&employee::manager>(); }),
              "employee::manager leads from employee to itself: join it to an orm::alias");
    EXPECT_NE(refusal([] {
                  return select<employee>().where(orm::has<&employee::manager>(col<&employee::name> == "x"));
              }).find("give any() or has() an orm::alias"),
              std::string::npos);
}

TEST(orm_query_errors, loader_options_for_what_is_not_selected)
{
    EXPECT_EQ(refusal([] { return select<user>().options(orm::selectinload<&post::tags>()); }),
              "the statement has a loader option for post::tags, but gives no post");
}

TEST(orm_query_errors, pieces_that_do_not_fit)
{
    EXPECT_EQ(refusal([] { return select(orm::sql_fragment<int>("{} + {}", 1)); }),
              "the SQL fragment \"{} + {}\" has 2 places for values, but 1 are given");
    EXPECT_NE(refusal([] { return select(orm::extract("year from x)", col<&employee::hired>)); }).find("a word"),
              std::string::npos);
}

TEST(orm_query_errors, writes_without_anything_to_write)
{
    EXPECT_NE(refusal([] { return orm::update<user>().where(col<&user::id> == 1); }).find("sets nothing"),
              std::string::npos);
    EXPECT_NE(refusal([] { return orm::insert_into<tag>(col<&tag::label>); }).find("rows"), std::string::npos);
    EXPECT_NE(refusal([] {
                  return orm::insert_into<tag>().value(col<&tag::label>, "x").on_conflict(col<&tag::label>).do_update();
              }).find("says nothing to set"),
              std::string::npos);
    EXPECT_NE(refusal([] {
                  return orm::insert_into<tag>()
                      .value(col<&tag::label>, "x")
                      .on_conflict()
                      .do_update()
                      .set(col<&tag::label>, "y");
              }).find("do_nothing() only"),
              std::string::npos);
}

TEST(orm_query_errors, a_subquery_without_the_column)
{
    EXPECT_NE(refusal([] {
                  const auto names = select(col<&user::name>).subquery("names");
                  return select(names[col<&user::id>]);
              }).find("does not give user::id"),
              std::string::npos);
}

} // namespace
