// Rows 17 to 30 of the guide: models.
#include "unit_of_work_testing.hpp"

#include <optional>

namespace tusk::test {
namespace {

using blog::post;
using blog::user;

user someone(std::string name) { return user{.email = name + "@example.com", .name = name, .hashed_password = "x"}; }

const orm::column_info& column(std::string_view table, std::string_view name)
{
    for (const orm::column_info& each : blog::metadata.find("", table)->columns())
        if (each.name == name)
            return each;
    throw std::logic_error{"there is no such column"};
}

struct second_user {
    std::int64_t id{};
    static constexpr auto table = orm::table("users", orm::column<&second_user::id>(orm::primary_key));
};

struct profile {
    std::int64_t id{};
    std::string motto;
    std::optional<std::string> nick;
    std::optional<std::string> title;

    static constexpr auto table =
        orm::table("profiles", orm::column<&profile::id>(orm::primary_key), orm::column<&profile::motto>(),
                   orm::column<&profile::nick>(), orm::column<&profile::title>(orm::not_null));
};

TEST(guide_models, guide_17_describe_gathers_the_models)
{
    EXPECT_EQ(blog::metadata.tables().size(), 4U);
    try {
        static_cast<void>(orm::describe<user, second_user, post, blog::tag>());
        ADD_FAILURE() << "two classes have one table";
    } catch (const usage_error& refused) {
        expect_mentions(refused, "user", "second_user", "\"users\"");
    }
}

TEST(guide_models, guide_18_a_mixin_is_a_base_whose_columns_each_table_gets)
{
    for (const std::string_view table : {"users", "posts"}) {
        EXPECT_EQ(column(table, "created_at").type, "timestamptz");
        EXPECT_EQ(column(table, "updated_at").on_update, "now()");
    }
    EXPECT_EQ(blog::metadata.find("", "users")->columns().back().name, "updated_at");
}

TEST(guide_models, guide_19_a_server_default_is_left_out_and_comes_back)
{
    EXPECT_EQ(column("users", "created_at").server_default, "now()");
    run_with_models(blog::metadata, [](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        const orm::ref<user> ann = s.add(someone("ann"));
        co_await s.flush();
        EXPECT_NE(ann->created_at, timestamptz{});
        EXPECT_EQ(sent.all().size(), 1U) << "by the same statement";
        EXPECT_GT(sent.all().front().find("created_at"), sent.all().front().find("RETURNING"));
    });
}

TEST(guide_models, guide_20_on_update_goes_with_updates_that_happen_anyway)
{
    run_with_models(blog::metadata, [](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        const orm::ref<user> ann = s.add(someone("ann"));
        co_await s.commit();
        const auto before = ann->updated_at;
        ann->name = "ann";
        co_await s.commit();
        EXPECT_EQ(ann->updated_at, before) << "nothing has changed";
        ann->name = "Ann";
        co_await s.commit();
        EXPECT_GT(ann->updated_at, before) << "read back by the UPDATE itself";
        sent.clear();
        co_await s.execute(orm::update<user>().set(orm::col<&user::name>, "A."));
        EXPECT_NE(sent.all().front().find("updated_at = now()"), std::string::npos) << sent.all().front();
        ann->updated_at = timestamptz{};
        ann->name = "Anna";
        co_await s.flush();
        EXPECT_EQ(ann->updated_at, timestamptz{}) << "what is set by hand stays";
    });
}

TEST(guide_models, guide_21_an_integer_key_is_an_identity_column)
{
    EXPECT_EQ(column("users", "id").type, "bigint");
    EXPECT_EQ(column("users", "id").generated_id, orm::identity::by_default);
    EXPECT_EQ(column("users", "is_active").type, "boolean");
    EXPECT_EQ(column("posts", "content").type, "text");
}

TEST(guide_models, guide_22_an_optional_member_may_be_null)
{
    const orm::metadata models = orm::describe<profile>();
    const auto& columns = models.tables().front()->columns();
    EXPECT_FALSE(columns[0].is_nullable);
    EXPECT_FALSE(columns[1].is_nullable);
    EXPECT_TRUE(columns[2].is_nullable);
    EXPECT_FALSE(columns[3].is_nullable) << "orm::not_null wins";
}

TEST(guide_models, guide_23_the_server_checks_lengths)
{
    EXPECT_EQ(column("users", "email").type, "varchar(255)");
    run_with_models(blog::metadata, [](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        s.add(blog::tag{.label = std::string(51, 'x')});
        co_await thrown<string_data_right_truncation>([&]() -> asio::awaitable<int> {
            co_await s.flush();
            co_return 0;
        });
        co_await s.rollback();
    });
}

TEST(guide_models, guide_24_unique_and_indexed)
{
    const orm::table_info& users = *blog::metadata.find("", "users");
    EXPECT_EQ(users.uniques().front().name, "uq_users_email");
    EXPECT_TRUE(users.indexes().empty()) << "the constraint's own index serves";
    EXPECT_EQ(blog::metadata.find("", "posts")->indexes().front().name, "ix_posts_author_id");
}

TEST(guide_models, guide_25_a_default_is_the_members_initialiser)
{
    EXPECT_TRUE(user{}.is_active) << "at once, and not at the flush";
    EXPECT_EQ(column("users", "is_active").server_default, "");
    run_with_models(blog::metadata, [](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        s.add(someone("ann"));
        co_await s.commit();
        EXPECT_TRUE(co_await committed<bool>("SELECT is_active FROM users"));
    });
}

TEST(guide_models, guide_26_a_foreign_key_refers_to_a_member)
{
    const orm::foreign_key_info& key = blog::metadata.find("", "posts")->foreign_keys().front();
    EXPECT_EQ(key.name, "fk_posts_author_id_users");
    EXPECT_EQ(key.referred_columns.front(), &column("users", "id"));
    EXPECT_EQ(key.when_deleted, orm::on_delete::cascade);
    EXPECT_THROW(static_cast<void>(orm::describe<post, blog::tag>()), usage_error) << "users are missing";
}

TEST(guide_models, guide_28_the_members_type_says_what_the_relation_is)
{
    const orm::relation_info& posts = *blog::metadata.find("", "users")->find_relation("posts");
    EXPECT_EQ(posts.kind, orm::relation_kind::one_to_many);
    EXPECT_EQ(posts.reverse, blog::metadata.find("", "posts")->find_relation("author"));
    EXPECT_EQ(posts.reverse->kind, orm::relation_kind::many_to_one);
    EXPECT_EQ(blog::metadata.find("", "posts")->find_relation("tags")->kind, orm::relation_kind::many_to_many);
}

TEST(guide_models, guide_30_models_are_aggregates_with_named_members)
{
    run_with_models(blog::metadata, [](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        const orm::ref<user> ann =
            s.add(user{.email = "a@b.c", .name = "Ann", .hashed_password = "x", .is_active = false});
        co_await s.commit();
        EXPECT_FALSE(ann->is_active);
        EXPECT_EQ(co_await committed<std::string>("SELECT email FROM users WHERE NOT is_active"), "a@b.c");
    });
}

} // namespace
} // namespace tusk::test
