#include "unit_of_work_testing.hpp"

namespace tusk::test {
namespace {

using blog::post;
using blog::tag;
using blog::user;

template <class Body>
void run_in_blog(Body body)
{
    run_with_models(blog::metadata, std::move(body));
}

user someone(std::string name)
{
    user made;
    made.email = name + "@example.com";
    made.name = std::move(name);
    made.hashed_password = "x";
    return made;
}
post something(std::string title)
{
    post made;
    made.title = std::move(title);
    made.content = "...";
    return made;
}

TEST(orm_flush, guide_37_flush_inserts_and_brings_ids_and_defaults_back)
{
    run_in_blog([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<user> ann = s.add(someone("ann"));
        EXPECT_TRUE(sent.all().empty()) << "adding sends nothing";
        co_await s.flush();
        EXPECT_EQ(sent.take(),
                  texts{"INSERT INTO users (email, name, hashed_password, is_active) VALUES ($1, $2, $3, $4) "
                        "RETURNING id, created_at, updated_at"});
        EXPECT_EQ(ann->id, 1);
        EXPECT_NE(ann->created_at, tusk::timestamptz{});
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM users"), 0) << "a flush is no commit";
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM users"), 1);
    });
}

TEST(orm_flush, guide_38_update_sends_changed_columns)
{
    run_in_blog([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<user> ann = s.add(someone("ann"));
        co_await s.commit();
        sent.clear();
        const auto before = ann->updated_at;
        ann->name = "Ann";
        co_await s.flush();
        EXPECT_EQ(sent.take(),
                  texts{"UPDATE users SET name = $1, updated_at = now() WHERE id = $2 RETURNING updated_at"});
        EXPECT_GT(ann->updated_at, before);
        ann->name = "Ann";
        co_await s.flush();
        EXPECT_TRUE(sent.all().empty()) << "an equal value is no change";
        co_await s.commit();
    });
}

TEST(orm_flush, a_change_is_seen_whether_the_entity_was_opened_before_its_insert_or_not)
{
    run_in_blog([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        const texts renamed{"UPDATE users SET name = $1, updated_at = now() WHERE id = $2 RETURNING updated_at"};
        orm::session s{on};
        const orm::ref<user> opened = s.add(someone("ann"));
        const orm::ref<user> left_alone = s.add(someone("ben"));
        user& inside = *opened;
        co_await s.flush();
        sent.clear();
        inside.name = "Ann"; // past its handle
        co_await s.flush();
        EXPECT_EQ(sent.take(), renamed);
        left_alone->name = "Ben";
        co_await s.flush();
        EXPECT_EQ(sent.take(), renamed);
        co_await s.rollback();
    });
}

TEST(orm_flush, one_flight_a_dependency_level)
{
    run_in_blog([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<user> ann = s.add(someone("ann"));
        orm::ref<tag> cpp = s.add(tag{.label = "c++"});
        for (int i = 0; i < 3; ++i) {
            orm::ref<post> p = s.add(something("Post " + std::to_string(i)));
            ann->posts.add(p);
            p->tags.add(cpp);
        }
        co_await s.commit();
        const texts flights = sent.take();
        EXPECT_EQ(flights,
                  (texts{"INSERT INTO tags (label) VALUES ($1) RETURNING id; INSERT INTO users (email, name, "
                         "hashed_password, is_active) VALUES ($1, $2, $3, $4) RETURNING id, created_at, updated_at",
                         "INSERT INTO posts (title, content, author_id) VALUES ($1, $2, $3) RETURNING id, created_at, "
                         "updated_at",
                         "INSERT INTO post_tags (post_id, tag_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", "commit"}));
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM posts WHERE author_id = 1"), 3);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM post_tags"), 3);
        EXPECT_EQ(ann->posts.front()->author_id, ann->id);
    });
}

TEST(orm_flush, nothing_is_sent_when_nothing_changed)
{
    run_in_blog([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<user> ann = s.add(someone("ann"));
        co_await s.commit();
        sent.clear();
        ann->name = ann->name;
        co_await s.commit();
        co_await s.rollback();
        EXPECT_TRUE(sent.all().empty());
    });
}

TEST(orm_flush, guide_39_remove_deletes_with_what_the_cascade_reaches)
{
    run_in_blog([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<user> ann = s.add(someone("ann"));
        orm::ref<post> p = s.add(something("One"));
        ann->posts.add(p);
        co_await s.commit();
        sent.clear();
        s.remove(ann);
        EXPECT_TRUE(sent.all().empty());
        co_await s.commit();
        EXPECT_EQ(sent.take(),
                  (texts{"DELETE FROM posts WHERE author_id = ANY($1) RETURNING id; DELETE FROM users WHERE "
                         "id = $1",
                         "commit"}));
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM posts"), 0);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM users"), 0);
        EXPECT_THROW(static_cast<void>(ann->name), usage_error) << "the handle is dead";
        EXPECT_THROW(static_cast<void>(p->title), usage_error);
    });
}

TEST(orm_flush, guide_29_an_orphan_is_deleted)
{
    run_in_blog([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<user> ann = s.add(someone("ann"));
        orm::ref<user> bob = s.add(someone("bob"));
        orm::ref<post> one = s.add(something("One"));
        orm::ref<post> two = s.add(something("Two"));
        ann->posts.add(one);
        ann->posts.add(two);
        co_await s.commit();
        sent.clear();
        ann->posts.remove(one);
        bob->posts.add(two); // moved, so it is no orphan
        co_await s.flush();
        EXPECT_EQ(sent.take(),
                  (texts{"UPDATE posts SET author_id = $1, updated_at = now() WHERE id = $2 RETURNING updated_at",
                         "DELETE FROM posts WHERE id = $1"}));
        EXPECT_EQ(two->author_id, bob->id);
        orm::ref<post> three = s.add(something("Three"));
        ann->posts.add(three);
        ann->posts.remove(three);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM posts"), 1);
    });
}

TEST(orm_flush, many_to_many_rows_come_and_go)
{
    run_in_blog([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<user> ann = s.add(someone("ann"));
        orm::ref<post> p = s.add(something("One"));
        ann->posts.add(p);
        orm::ref<tag> cpp = s.add(tag{.label = "c++"});
        orm::ref<tag> sql = s.add(tag{.label = "sql"});
        p->tags.add(cpp);
        sql->posts.add(p);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM post_tags"), 2);
        sent.clear();
        cpp->posts.remove(p);
        co_await s.flush();
        EXPECT_EQ(sent.take(), texts{"DELETE FROM post_tags WHERE post_id = $1 AND tag_id = $2"});
        EXPECT_EQ(p->tags.size(), 1);
        s.remove(sql);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM post_tags"), 0);
        EXPECT_TRUE(p->tags.empty()) << "what is deleted leaves relations that lead to it";
    });
}

TEST(orm_flush, a_refused_row_names_its_entity_and_leaves_objects_as_they_were)
{
    run_in_blog([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<user> ann = s.add(someone("ann"));
        orm::ref<tag> one = s.add(tag{.label = "one"});
        orm::ref<tag> again = s.add(tag{.label = "one"});
        orm::ref<post> p = s.add(something("One"));
        ann->posts.add(p);
        std::string said;
        try {
            co_await s.flush();
        } catch (const unique_violation& refused) {
            said = refused.what();
            EXPECT_EQ(refused.constraint_name(), "uq_tags_label");
        }
        EXPECT_NE(said.find("while inserting new tag (number 3 of those added"), std::string::npos) << said;
        EXPECT_EQ(ann->id, 0);
        EXPECT_EQ(one->id, 0);
        EXPECT_EQ(p->author_id, 0);
        try {
            co_await s.flush();
            ADD_FAILURE();
        } catch (const pending_rollback& refused) {
            EXPECT_NE(std::string{refused.what()}.find("while inserting new tag"), std::string::npos) << refused.what();
        }
        co_await s.rollback();
        again->label = "two";
        for (const auto& each : {one, again})
            s.add(each);
        s.add(ann);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM tags"), 2);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM users"), 1);
    });
}

TEST(orm_flush, a_savepoint_that_is_rolled_back_takes_objects_back)
{
    run_in_blog([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<user> ann = s.add(someone("ann"));
        orm::ref<post> p = s.add(something("One"));
        orm::ref<post> q = s.add(something("Two"));
        ann->posts.add(p);
        ann->posts.add(q);
        co_await s.flush();
        orm::ref<tag> inside;
        try {
            co_await s.begin_nested([&]() -> asio::awaitable<void> {
                ann->name = "Changed";
                inside = s.add(tag{.label = "inside"});
                s.remove(p);
                co_await s.flush();
                EXPECT_EQ(inside->id, 1);
                EXPECT_EQ(ann->posts.size(), 1);
                q->title = "Unsaved";
                throw std::runtime_error{"enough"};
            });
            ADD_FAILURE();
        } catch (const std::runtime_error&) {
        }
        EXPECT_EQ(ann->name, "ann");
        EXPECT_EQ(q->title, "Two");
        EXPECT_THROW(static_cast<void>(inside->label), usage_error);
        EXPECT_EQ(p->title, "One");
        EXPECT_EQ(p->author.get(), ann);
        ann->name = "Ann";
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT name FROM users"), "Ann");
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM posts"), 2);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM tags"), 0);
    });
}

TEST(orm_flush, a_rollback_takes_objects_back)
{
    run_in_blog([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<user> ann = s.add(someone("ann"));
        co_await s.commit();
        orm::ref<user> bob = s.add(someone("bob"));
        ann->name = "Flushed";
        co_await s.flush();
        ann->email = "unsent";
        orm::ref<user> cid = s.add(someone("cid"));
        co_await s.rollback();
        EXPECT_EQ(ann->name, "ann");
        EXPECT_EQ(ann->email, "ann@example.com");
        EXPECT_THROW(static_cast<void>(bob->name), usage_error);
        EXPECT_EQ(cid->name, "cid");
        s.add(cid);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM users"), 2);
    });
}

TEST(orm_flush, foreign_key_and_relation_that_disagree_are_refused)
{
    run_in_blog([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<user> ann = s.add(someone("ann"));
        orm::ref<user> bob = s.add(someone("bob"));
        orm::ref<post> p = s.add(something("One"));
        ann->posts.add(p);
        co_await s.commit();
        p->author = bob;
        p->author_id = 99;
        EXPECT_THROW(co_await s.flush(), usage_error);
        p->author_id = bob->id; // they agree
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT author_id FROM posts"), bob->id);
    });
}

} // namespace
} // namespace tusk::test
