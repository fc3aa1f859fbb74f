#include "unit_of_work_testing.hpp"

#include <tusk/driver/error.hpp>

#include <optional>

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

tag labelled(std::string label)
{
    tag made;
    made.label = std::move(label);
    return made;
}

TEST(orm_session, autoflush_sends_only_what_the_statement_can_see)
{
    run_in_blog([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<tag> one = s.add(labelled("one"));
        auto users = orm::select<user>();
        auto tags = orm::select<tag>();
        static_cast<void>(co_await s.all(users));
        EXPECT_EQ(one->id, 0) << "no statement about tags was run";
        {
            const auto quiet = s.no_autoflush();
            EXPECT_TRUE((co_await s.all(tags)).empty());
        }
        EXPECT_EQ((co_await s.all(tags)).size(), 1);
        EXPECT_EQ(one->id, 1);
        sent.clear();
        static_cast<void>(one->label.size()); // only looked at
        static_cast<void>(co_await s.all(tags));
        EXPECT_EQ(sent.all().size(), 1);
    });
}

TEST(orm_session, guide_31_get_comes_from_the_identity_map)
{
    run_in_blog([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<tag> one = s.add(labelled("one"));
        co_await s.flush();
        sent.clear();
        EXPECT_EQ(co_await s.get<tag>(one->id), one);
        EXPECT_TRUE(sent.all().empty());
        EXPECT_FALSE(co_await s.get<tag>(99));
        try {
            static_cast<void>(co_await s.get_one<tag>(99));
            ADD_FAILURE();
        } catch (const row_count_error&) {
        }
    });
}

TEST(orm_session, what_is_expunged_is_not_saved_until_it_is_added_again)
{
    run_in_blog([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<tag> one = s.add(labelled("one"));
        co_await s.commit();
        s.expunge(one);
        one->label = "changed";
        sent.clear();
        co_await s.commit();
        EXPECT_TRUE(sent.all().empty());
        EXPECT_THROW(s.remove(one), usage_error);
        s.add(one);
        one->label = "again";
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT label FROM tags"), "again");
    });
}

TEST(orm_session, expunging_takes_along_what_the_cascade_reaches)
{
    run_in_blog([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<user> ann = s.add(user{});
        orm::ref<post> hers = s.add(post{});
        orm::ref<tag> label = s.add(labelled("kept"));
        ann->posts.add(hers);
        hers->tags.add(label);
        co_await s.commit();
        s.expunge(ann);
        hers->title = "not sent";
        sent.clear();
        co_await s.commit();
        EXPECT_TRUE(sent.all().empty());
        EXPECT_THROW(s.remove(hers), usage_error);
        s.remove(label); // no cascade leads there
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM tags"), 0);
        EXPECT_EQ(co_await committed<std::string>("SELECT title FROM posts"), "");
    });
}

TEST(orm_session, a_copy_with_a_key_of_the_session_is_refused_and_merged)
{
    run_in_blog([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<tag> one = s.add(labelled("one"));
        co_await s.commit();
        tag copy = *one;
        copy.label = "merged";
        EXPECT_THROW(s.add(copy), usage_error);
        orm::ref<tag> merged = co_await s.merge(copy);
        EXPECT_EQ(merged, one);
        EXPECT_EQ(one->label, "merged");
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT label FROM tags"), "merged");
        tag fresh = labelled("new");
        static_cast<void>(co_await s.merge(fresh));
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM tags"), 2);
    });
}

TEST(orm_session, views_say_what_a_flush_will_do)
{
    run_in_blog([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<tag> one = s.add(labelled("one"));
        orm::ref<tag> two = s.add(labelled("two"));
        EXPECT_EQ(s.pending<tag>(), (std::vector<orm::ref<tag>>{one, two}));
        co_await s.commit();
        EXPECT_TRUE(s.pending<tag>().empty());
        EXPECT_FALSE(s.is_modified(one));
        one->label = "changed";
        EXPECT_TRUE(s.is_modified(one));
        EXPECT_EQ(s.dirty<tag>(), std::vector<orm::ref<tag>>{one});
        s.remove(two);
        EXPECT_EQ(s.removed<tag>(), std::vector<orm::ref<tag>>{two});
        s.add(two); // it stays after all
        EXPECT_TRUE(s.removed<tag>().empty());
    });
}

TEST(orm_session, hooks_are_told_and_may_change_things)
{
    run_in_blog([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        std::string told;
        bool is_added = false;
        s.before_flush([&] {
            told += "b";
            if (!std::exchange(is_added, true))
                s.add(labelled("by a hook"));
        });
        s.after_flush([&] { told += "f"; });
        s.after_commit([&] { told += "c"; });
        s.after_rollback([&] { told += "r"; });
        s.add(labelled("one"));
        co_await s.commit();
        EXPECT_EQ(told, "bfbc");
        co_await s.rollback();
        EXPECT_EQ(told, "bfbcr");
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM tags"), 2);
    });
}

TEST(orm_session, an_explicit_value_is_written_even_where_it_looks_unset)
{
    run_in_blog([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<tag> zero = s.add(labelled("zero"), orm::explicit_value<&tag::id>);
        co_await s.commit();
        EXPECT_EQ(sent.all().front(), "INSERT INTO tags (id, label) VALUES ($1, $2)");
        EXPECT_EQ(zero->id, 0);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT id FROM tags"), 0);
    });
}

TEST(orm_session, guide_13_a_block_commits_or_rolls_back)
{
    run_in_blog([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        const orm::session_factory sessions{on};
        co_await sessions.run([&](orm::session& s) -> asio::awaitable<void> {
            s.add(labelled("kept"));
            co_return;
        });
        try {
            co_await sessions.run([&](orm::session& s) -> asio::awaitable<void> {
                s.add(labelled("lost"));
                co_await s.flush();
                throw std::runtime_error{"enough"};
            });
            ADD_FAILURE();
        } catch (const std::runtime_error&) {
        }
        EXPECT_EQ(co_await committed<std::string>("SELECT string_agg(label, ',') FROM tags"), "kept");
        EXPECT_EQ(open_transactions_of_others(), "0");
    });
}

} // namespace
} // namespace tusk::test
