// The statements that load relations for many entities.
#include "query/compiled.hpp"
#include "support/query_cases/models.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

namespace orm = tusk::orm;
using blog::post;
using blog::tag;
using blog::user;
using orm::detail::compile_selectin;
using tusk::test::staff::badge;
using tusk::test::staff::employee;

template <class T>
const orm::relation_info& relation(std::string_view member)
{
    return *orm::table_of<T>().find_relation(member);
}

constexpr std::string_view post_columns =
    "posts.id, posts.title, posts.content, posts.author_id, posts.created_at, posts.updated_at";

TEST(orm_selectin, one_to_many)
{
    const auto made = compile_selectin(relation<user>("posts"));
    EXPECT_EQ(made.statement.sql,
              "SELECT " + std::string{post_columns} + " FROM posts WHERE posts.author_id = ANY($1)");
    ASSERT_EQ(made.keys.size(), 1U);
    EXPECT_EQ(made.keys[0].near, orm::table_of<user>().find_member("id"));
    EXPECT_EQ(made.keys[0].far, orm::table_of<post>().find_member("author_id"));
    EXPECT_EQ(made.key_types, (std::vector<tusk::oid>{1016}));
    EXPECT_EQ(made.key_columns, (std::vector<std::size_t>{3}));
    EXPECT_EQ(made.target, 0U);
    EXPECT_TRUE(made.statement.parameters.empty());
    EXPECT_EQ(made.statement.tables, (std::vector<const orm::table_info*>{&orm::table_of<post>()}));
}

TEST(orm_selectin, many_to_one)
{
    const auto made = compile_selectin(relation<post>("author"));
    EXPECT_EQ(made.statement.sql,
              "SELECT users.id, users.email, users.name, users.hashed_password, users.is_active, users.created_at, "
              "users.updated_at FROM users WHERE users.id = ANY($1)");
    EXPECT_EQ(made.keys[0].near, orm::table_of<post>().find_member("author_id"));
    EXPECT_EQ(made.key_columns, (std::vector<std::size_t>{0}));
}

TEST(orm_selectin, many_to_many)
{
    const auto made = compile_selectin(relation<post>("tags"));
    EXPECT_EQ(made.statement.sql, "SELECT post_tags.post_id, tags.id, tags.label FROM post_tags JOIN tags ON tags.id = "
                                  "post_tags.tag_id WHERE post_tags.post_id = ANY($1)");
    EXPECT_EQ(made.keys[0].near, orm::table_of<post>().find_member("id"));
    EXPECT_EQ(made.key_columns, (std::vector<std::size_t>{0}));
    EXPECT_EQ(made.target, 1U);
    EXPECT_EQ(made.statement.outputs[1].first_column, 1U);
    EXPECT_EQ(made.statement.column_count, 3U);
}

TEST(orm_selectin, a_key_of_two_columns)
{
    const auto made = compile_selectin(relation<badge>("uses"));
    EXPECT_EQ(made.statement.sql,
              "SELECT staff.badge_use.id, staff.badge_use.site, staff.badge_use.code FROM staff.badge_use WHERE "
              "(staff.badge_use.site, staff.badge_use.code) IN (SELECT * FROM unnest($1::bigint[], $2::text[]))");
    EXPECT_EQ(made.key_types, (std::vector<tusk::oid>{1016, 1009}));
    EXPECT_EQ(made.key_columns, (std::vector<std::size_t>{1, 2}));
}

TEST(orm_selectin, in_the_order_of_the_relation)
{
    const auto made = compile_selectin(relation<employee>("reports"));
    EXPECT_TRUE(made.statement.sql.ends_with(
        " FROM staff.employee WHERE staff.employee.manager_id = ANY($1) ORDER BY staff.employee.name"))
        << made.statement.sql;
}

TEST(orm_selectin, with_what_is_nested)
{
    const auto option =
        orm::selectinload<&user::posts>().options(orm::joinedload<&post::author>(), orm::selectinload<&post::tags>());
    const auto made = compile_selectin(relation<user>("posts"), option.option());
    EXPECT_EQ(made.statement.sql,
              "SELECT " + std::string{post_columns} +
                  ", users_1.id, users_1.email, users_1.name, users_1.hashed_password, users_1.is_active, "
                  "users_1.created_at, users_1.updated_at FROM posts LEFT JOIN users AS users_1 ON users_1.id = "
                  "posts.author_id WHERE posts.author_id = ANY($1)");
    ASSERT_EQ(made.statement.outputs.size(), 2U);
    EXPECT_EQ(made.statement.outputs[1].parent, 0U);
    ASSERT_EQ(made.statement.outputs[0].to_load.size(), 1U);
    EXPECT_EQ(made.statement.outputs[0].to_load[0]->relation, &relation<post>("tags"));
}

TEST(orm_selectin, without_what_is_left_out)
{
    const auto option = orm::selectinload<&employee::reports>().load_only<&employee::photo>();
    const auto made = compile_selectin(relation<employee>("reports"), option.option());
    EXPECT_EQ(made.statement.sql.find("biography"), std::string::npos);
    EXPECT_NE(made.statement.sql.find("photo"), std::string::npos);
}

} // namespace
