#include "unit_of_work_testing.hpp"

#include <optional>

namespace tusk::test {
namespace {

struct pu_widget;
struct pu_entry;

/// SQLAlchemy's own example: rows that refer to each other.
struct pu_widget {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> favourite_id;
    std::int32_t revision = 1;
    orm::belongs_to<pu_entry> favourite{};
    orm::has_many<pu_entry> entries{};

    static constexpr auto table = orm::table(
        "pu_widgets", orm::column<&pu_widget::id>(orm::primary_key), orm::column<&pu_widget::name>(),
        orm::column<&pu_widget::favourite_id>(orm::references_key_of<pu_entry>()),
        orm::column<&pu_widget::revision>(orm::version),
        orm::relationship<&pu_widget::favourite>(orm::via<&pu_widget::favourite_id>, orm::post_update),
        orm::relationship<&pu_widget::entries>(orm::back_populates("widget"), orm::cascade::all_delete_orphan));
};

struct pu_entry {
    std::int64_t id{};
    std::string name;
    std::int64_t widget_id{};
    orm::belongs_to<pu_widget> widget{};

    static constexpr auto table = orm::table(
        "pu_entries", orm::column<&pu_entry::id>(orm::primary_key), orm::column<&pu_entry::name>(),
        orm::column<&pu_entry::widget_id>(orm::references<&pu_widget::id>()),
        orm::relationship<&pu_entry::widget>(orm::via<&pu_entry::widget_id>, orm::back_populates("entries")));
};

struct pu_country {
    std::string code;

    static constexpr auto table = orm::table("pu_countries", orm::column<&pu_country::code>(orm::primary_key));
};

/// The server gives its key, but not the key of what it refers to.
struct pu_person {
    std::int64_t id{};
    std::optional<std::string> country_code;
    std::optional<std::int64_t> friend_id;
    orm::belongs_to<pu_country> country{};
    orm::belongs_to<pu_person> best_friend{};

    static constexpr auto table =
        orm::table("pu_people", orm::column<&pu_person::id>(orm::primary_key),
                   orm::column<&pu_person::country_code>(orm::references<&pu_country::code>()),
                   orm::column<&pu_person::friend_id>(orm::references_key_of<pu_person>()),
                   orm::relationship<&pu_person::country>(orm::via<&pu_person::country_code>, orm::post_update),
                   orm::relationship<&pu_person::best_friend>(orm::via<&pu_person::friend_id>, orm::post_update));
};

const orm::metadata models = orm::describe<pu_widget, pu_entry, pu_country, pu_person>();

template <class Body>
void run_in_circles(Body body)
{
    run_with_models(models, [&](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        co_await body(s, sent);
    });
}

pu_widget widget_named(std::string name)
{
    pu_widget made;
    made.name = std::move(name);
    return made;
}
pu_entry entry_named(std::string name)
{
    pu_entry made;
    made.name = std::move(name);
    return made;
}

TEST(orm_post_update, new_rows_in_a_circle_are_closed_by_an_update)
{
    run_in_circles([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        orm::ref<pu_widget> w = s.add(widget_named("w"));
        orm::ref<pu_entry> e = s.add(entry_named("e"));
        w->entries.add(e);
        w->favourite = e;
        co_await s.commit();
        EXPECT_EQ(sent.take(),
                  (texts{"INSERT INTO pu_widgets (name, favourite_id, revision) VALUES ($1, $2, $3) RETURNING id",
                         "INSERT INTO pu_entries (name, widget_id) VALUES ($1, $2) RETURNING id",
                         "UPDATE pu_widgets SET favourite_id = $1, revision = revision + 1 WHERE id = $2 AND "
                         "revision = $3 RETURNING revision",
                         "commit"}));
        EXPECT_EQ(w->favourite_id, e->id);
        EXPECT_EQ(co_await committed<std::int32_t>("SELECT revision FROM pu_widgets"), w->revision);
        sent.clear();
        w->name = "widget";
        co_await s.commit();
        EXPECT_EQ(sent.take().size(), 2) << "the version that it knows is the row's";
    });
}

TEST(orm_post_update, another_favourite_is_an_update_like_any_other)
{
    run_in_circles([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        orm::ref<pu_widget> w = s.add(widget_named("w"));
        orm::ref<pu_entry> e = s.add(entry_named("e"));
        w->entries.add(e);
        w->favourite = e;
        co_await s.commit();
        orm::ref<pu_entry> f = s.add(entry_named("f"));
        w->entries.add(f);
        w->favourite = f;
        w->name = "v";
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT favourite_id FROM pu_widgets"), f->id);
        sent.clear();
        w->favourite = nullptr;
        co_await s.commit();
        EXPECT_EQ(sent.take(), (texts{"UPDATE pu_widgets SET favourite_id = $1, revision = revision + 1 WHERE id = $2 "
                                      "AND revision = $3 RETURNING revision",
                                      "commit"}));
        EXPECT_EQ(w->favourite_id, std::nullopt);
    });
}

TEST(orm_post_update, rows_in_a_circle_are_released_before_they_go)
{
    run_in_circles([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<pu_widget> w = s.add(widget_named("w"));
        orm::ref<pu_entry> e = s.add(entry_named("e"));
        w->entries.add(e);
        w->favourite = e;
        co_await s.commit();
        s.remove(w);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM pu_widgets"), 0);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM pu_entries"), 0);
    });
}

TEST(orm_post_update, an_unloaded_circle_goes_too)
{
    run_in_circles([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        {
            connection conn = co_await connect(server().url());
            co_await conn.execute("INSERT INTO pu_widgets (id, name, revision) VALUES (1, 'w', 1)");
            co_await conn.execute("INSERT INTO pu_entries (id, name, widget_id) VALUES (1, 'e', 1), (2, 'f', 1)");
            co_await conn.execute("UPDATE pu_widgets SET favourite_id = 2");
        }
        orm::ref<pu_widget> w = co_await s.get_one<pu_widget>(1);
        s.remove(w);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM pu_widgets"), 0);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM pu_entries"), 0);
    });
}

TEST(orm_post_update, the_favourite_alone_can_go)
{
    run_in_circles([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<pu_widget> w = s.add(widget_named("w"));
        orm::ref<pu_entry> e = s.add(entry_named("e"));
        w->entries.add(e);
        w->favourite = e;
        co_await s.commit();
        w->favourite = nullptr;
        s.remove(e);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM pu_entries"), 0);
        EXPECT_TRUE(w->entries.empty());
    });
}

TEST(orm_post_update, the_update_waits_for_the_keys_of_both_rows)
{
    run_in_circles([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<pu_country> norway = s.add(pu_country{.code = "no"});
        orm::ref<pu_person> ann = s.add(pu_person{});
        ann->country = norway; // whose key is known from the start; hers is not
        co_await s.commit();
        EXPECT_EQ(ann->country_code, "no");
        EXPECT_EQ(co_await committed<std::string>("SELECT country_code FROM pu_people"), "no");
    });
}

TEST(orm_post_update, friends_of_each_other_and_of_themselves)
{
    run_in_circles([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<pu_person> ann = s.add(pu_person{});
        orm::ref<pu_person> bob = s.add(pu_person{});
        orm::ref<pu_person> cid = s.add(pu_person{});
        ann->best_friend = bob;
        bob->best_friend = ann;
        cid->best_friend = cid;
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT string_agg(friend_id::text, ',' ORDER BY id) FROM pu_people"),
                  "2,1,3");
        s.remove(ann);
        s.remove(bob);
        s.remove(cid);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM pu_people"), 0);
    });
}

} // namespace
} // namespace tusk::test
