#include <tusk/orm/metadata.hpp>

#include "../../../orm/examples/blog_models.hpp"

#include <gtest/gtest.h>

#include <string>

namespace orm = tusk::orm;

TEST(orm_mapping, a_blog_is_described)
{
    const orm::metadata& all = blog::metadata;
    ASSERT_EQ(all.tables().size(), 4);
    const orm::table_info& users = *all.tables()[0];
    EXPECT_EQ(users.name(), "users");
    EXPECT_EQ(users.class_name(), "user");
    ASSERT_EQ(users.columns().size(), 7);
    EXPECT_EQ(users.columns()[0].name, "id");
    EXPECT_EQ(users.columns()[0].generated_id, orm::identity::by_default);
    EXPECT_EQ(users.columns()[1].type, "varchar(255)");
    EXPECT_EQ(users.columns()[1].type_oid, 1043);
    EXPECT_EQ(users.columns()[5].name, "created_at");
    EXPECT_EQ(users.columns()[5].server_default, "now()");
    EXPECT_EQ(users.columns()[6].on_update, "now()");
    ASSERT_EQ(users.uniques().size(), 1);
    EXPECT_EQ(users.uniques()[0].name, "uq_users_email");
    EXPECT_TRUE(users.indexes().empty()) << "the constraint has an index";

    const orm::table_info& posts = *all.tables()[1];
    ASSERT_EQ(posts.foreign_keys().size(), 1);
    EXPECT_EQ(posts.foreign_keys()[0].name, "fk_posts_author_id_users");
    EXPECT_EQ(posts.foreign_keys()[0].when_deleted, orm::on_delete::cascade);

    const orm::relation_info* author = posts.find_relation("author");
    ASSERT_NE(author, nullptr);
    EXPECT_EQ(author->kind, orm::relation_kind::many_to_one);
    EXPECT_EQ(author->target, &users);
    EXPECT_EQ(author->reverse, users.find_relation("posts"));
    ASSERT_EQ(author->pairs.size(), 1);
    EXPECT_EQ(author->pairs[0].near->name, "author_id");
    EXPECT_EQ(author->pairs[0].far->name, "id");
}

TEST(orm_mapping, a_secondary_table_is_generated_once)
{
    const orm::table_info* between = blog::metadata.find("", "post_tags");
    ASSERT_NE(between, nullptr);
    ASSERT_EQ(between->columns().size(), 2);
    EXPECT_EQ(between->columns()[0].name, "post_id");
    EXPECT_EQ(between->columns()[1].name, "tag_id");
    EXPECT_EQ(between->primary_key().size(), 2);
    ASSERT_EQ(between->indexes().size(), 1);
    EXPECT_EQ(between->indexes()[0].name, "ix_post_tags_tag_id");

    const orm::relation_info* tags = blog::metadata.find("", "posts")->find_relation("tags");
    EXPECT_EQ(tags->secondary, between);
    EXPECT_EQ(tags->pairs.at(0).far->name, "post_id");
    EXPECT_EQ(tags->secondary_pairs.at(0).near->name, "tag_id");
    EXPECT_EQ(tags->secondary_pairs.at(0).far->name, "id");
}
