#include "unit_of_work_testing.hpp"

#include <optional>

namespace tusk::test {
namespace {

struct ho_profile;
struct ho_badge;
struct ho_key;

struct ho_person {
    std::int64_t id{};
    std::string name;
    orm::has_one<ho_profile> profile{};
    orm::has_one<ho_badge> badge{};
    orm::has_one<ho_key> key{};

    static constexpr auto table = orm::table(
        "ho_people", orm::column<&ho_person::id>(orm::primary_key), orm::column<&ho_person::name>(),
        orm::relationship<&ho_person::profile>(orm::back_populates("person"), orm::cascade::all_delete_orphan),
        orm::relationship<&ho_person::badge>(orm::cascade::all_delete_orphan),
        orm::relationship<&ho_person::key>(orm::back_populates("person")));
};

struct ho_profile {
    std::int64_t id{};
    std::string about;
    std::int64_t person_id{};
    orm::belongs_to<ho_person> person{};

    static constexpr auto table = orm::table(
        "ho_profiles", orm::column<&ho_profile::id>(orm::primary_key), orm::column<&ho_profile::about>(),
        orm::column<&ho_profile::person_id>(orm::references<&ho_person::id>(), orm::unique),
        orm::relationship<&ho_profile::person>(orm::via<&ho_profile::person_id>, orm::back_populates("profile")));
};

/// The relation is known to the person only.
struct ho_badge {
    std::int64_t id{};
    std::optional<std::int64_t> person_id;

    static constexpr auto table = orm::table("ho_badges", orm::column<&ho_badge::id>(orm::primary_key),
                                             orm::column<&ho_badge::person_id>(orm::references<&ho_person::id>()));
};

/// It can do without a person.
struct ho_key {
    std::int64_t id{};
    std::optional<std::int64_t> person_id;
    orm::belongs_to<ho_person> person{};

    static constexpr auto table =
        orm::table("ho_keys", orm::column<&ho_key::id>(orm::primary_key),
                   orm::column<&ho_key::person_id>(orm::references<&ho_person::id>()),
                   orm::relationship<&ho_key::person>(orm::via<&ho_key::person_id>, orm::back_populates("key")));
};

const orm::metadata models = orm::describe<ho_person, ho_profile, ho_badge, ho_key>();

template <class Body>
void run_with_people(Body body)
{
    run_with_models(models, [&](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        co_await body(s, sent);
    });
}

ho_person person_named(std::string name)
{
    ho_person made;
    made.name = std::move(name);
    return made;
}
ho_profile profile_of(std::string about)
{
    ho_profile made;
    made.about = std::move(about);
    return made;
}

asio::awaitable<std::int64_t> count_of(std::string table)
{
    return committed<std::int64_t>("SELECT count(*) FROM " + table);
}

TEST(orm_has_one, the_child_is_inserted_behind_its_parent)
{
    run_with_people([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        orm::ref<ho_profile> about = s.add(profile_of("reads"));
        orm::ref<ho_badge> badge = s.add(ho_badge{});
        orm::ref<ho_person> ann = s.add(person_named("ann"));
        ann->profile = about;
        ann->badge = badge;
        EXPECT_EQ(about->person.get(), ann);
        co_await s.commit();
        EXPECT_EQ(sent.take(), (texts{"INSERT INTO ho_people (name) VALUES ($1) RETURNING id",
                                      "INSERT INTO ho_badges (person_id) VALUES ($1) RETURNING id; INSERT INTO "
                                      "ho_profiles (about, person_id) VALUES ($1, $2) RETURNING id",
                                      "commit"}));
        EXPECT_EQ(about->person_id, ann->id);
        EXPECT_EQ(badge->person_id, ann->id);
    });
}

TEST(orm_has_one, save_update_takes_an_expunged_child_in)
{
    run_with_people([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<ho_person> ann = s.add(person_named("ann"));
        orm::ref<ho_profile> about = s.add(profile_of("reads"));
        s.expunge(about);
        ann->profile = about;
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT person_id FROM ho_profiles"), ann->id);
    });
}

TEST(orm_has_one, another_child_makes_the_first_an_orphan)
{
    run_with_people([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        orm::ref<ho_person> ann = s.add(person_named("ann"));
        orm::ref<ho_profile> one = s.add(profile_of("one"));
        orm::ref<ho_badge> badge = s.add(ho_badge{});
        ann->profile = one;
        ann->badge = badge;
        co_await s.commit();
        sent.clear();
        orm::ref<ho_profile> two = s.add(profile_of("two"));
        ann->profile = two;
        ann->badge = s.add(ho_badge{});
        EXPECT_FALSE(one->person.get());
        co_await s.commit();
        EXPECT_EQ(sent.take(), (texts{"DELETE FROM ho_profiles WHERE id = $1",
                                      "INSERT INTO ho_badges (person_id) VALUES ($1) RETURNING id; INSERT INTO "
                                      "ho_profiles (about, person_id) VALUES ($1, $2) RETURNING id",
                                      "DELETE FROM ho_badges WHERE id = $1", "commit"}))
            << "the profile goes first: its person_id is unique";
        EXPECT_THROW(static_cast<void>(one->about), usage_error);
        EXPECT_THROW(static_cast<void>(badge->id), usage_error);
        EXPECT_EQ(ann->profile.get(), two);
        EXPECT_EQ(co_await committed<std::string>("SELECT about FROM ho_profiles"), "two");
        EXPECT_EQ(co_await count_of("ho_badges"), 1);
    });
}

TEST(orm_has_one, a_child_that_is_taken_out_is_deleted_or_released)
{
    run_with_people([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<ho_person> ann = s.add(person_named("ann"));
        orm::ref<ho_key> key = s.add(ho_key{});
        ann->profile = s.add(profile_of("one"));
        ann->badge = s.add(ho_badge{});
        ann->key = key;
        co_await s.commit();
        ann->profile = nullptr;
        ann->badge = nullptr;
        ann->key = nullptr;
        co_await s.commit();
        EXPECT_EQ(co_await count_of("ho_profiles"), 0);
        EXPECT_EQ(co_await count_of("ho_badges"), 0);
        EXPECT_EQ(co_await count_of("ho_keys"), 1) << "no cascade says that it goes";
        EXPECT_EQ(key->person_id, std::nullopt);
    });
}

TEST(orm_has_one, a_child_that_moves_is_no_orphan)
{
    run_with_people([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        orm::ref<ho_person> ann = s.add(person_named("ann"));
        orm::ref<ho_person> bob = s.add(person_named("bob"));
        orm::ref<ho_profile> about = s.add(profile_of("one"));
        orm::ref<ho_badge> badge = s.add(ho_badge{});
        ann->profile = about;
        ann->badge = badge;
        co_await s.commit();
        sent.clear();
        bob->profile = about;
        ann->badge = nullptr;
        bob->badge = badge;
        EXPECT_FALSE(ann->profile.get());
        co_await s.commit();
        EXPECT_EQ(sent.take(), (texts{"UPDATE ho_badges SET person_id = $1 WHERE id = $2; UPDATE ho_profiles SET "
                                      "person_id = $1 WHERE id = $2",
                                      "commit"}));
        EXPECT_EQ(about->person_id, bob->id);
        EXPECT_EQ(badge->person_id, bob->id);
    });
}

TEST(orm_has_one, two_people_exchange_their_children)
{
    run_with_people([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<ho_person> ann = s.add(person_named("ann"));
        orm::ref<ho_person> bob = s.add(person_named("bob"));
        orm::ref<ho_key> first = s.add(ho_key{});
        orm::ref<ho_key> second = s.add(ho_key{});
        ann->key = first;
        bob->key = second;
        co_await s.commit();
        ann->key = second;
        bob->key = first;
        EXPECT_EQ(ann->key.get(), second);
        EXPECT_EQ(bob->key.get(), first);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT string_agg(person_id::text, ',' ORDER BY id) FROM ho_keys"),
                  "2,1");
    });
}

TEST(orm_has_one, the_child_goes_with_its_parent_loaded_or_not)
{
    run_with_people([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        {
            connection conn = co_await connect(server().url());
            co_await conn.execute("INSERT INTO ho_people (id, name) VALUES (1, 'ann'), (2, 'bob')");
            co_await conn.execute("INSERT INTO ho_profiles (about, person_id) VALUES ('a', 1), ('b', 2)");
            co_await conn.execute("INSERT INTO ho_badges (person_id) VALUES (1), (2)");
            co_await conn.execute("INSERT INTO ho_keys (id, person_id) VALUES (1, 1), (2, 2)");
        }
        auto with_profile = orm::select<ho_person>()
                                .where(orm::col<&ho_person::id> == 1)
                                .options(orm::joinedload<&ho_person::profile>(), orm::selectinload<&ho_person::key>());
        orm::ref<ho_person> ann = co_await s.one(with_profile);
        orm::ref<ho_profile> about = ann->profile;
        orm::ref<ho_key> key = ann->key;
        orm::ref<ho_person> bob = co_await s.get_one<ho_person>(2);
        sent.clear();
        s.remove(ann);
        s.remove(bob);
        co_await s.commit();
        EXPECT_THROW(static_cast<void>(about->about), usage_error);
        EXPECT_EQ(key->person_id, std::nullopt);
        EXPECT_FALSE(key->person.get());
        EXPECT_EQ(co_await count_of("ho_profiles"), 0);
        EXPECT_EQ(co_await count_of("ho_badges"), 0);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM ho_keys WHERE person_id IS NULL"), 2);
    });
}

TEST(orm_has_one, a_rollback_puts_the_child_back)
{
    run_with_people([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<ho_person> ann = s.add(person_named("ann"));
        orm::ref<ho_profile> about = s.add(profile_of("one"));
        orm::ref<ho_badge> badge = s.add(ho_badge{});
        ann->profile = about;
        ann->badge = badge;
        co_await s.commit();
        ann->profile = nullptr;
        ann->badge = nullptr;
        co_await s.flush();
        co_await s.rollback();
        EXPECT_EQ(ann->profile.get(), about);
        EXPECT_EQ(about->person.get(), ann);
        EXPECT_EQ(ann->badge.get(), badge);
        EXPECT_EQ(co_await count_of("ho_profiles"), 1);
        EXPECT_EQ(co_await count_of("ho_badges"), 1);
    });
}

TEST(orm_has_one, a_new_child_that_is_taken_out_again_is_not_inserted)
{
    run_with_people([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<ho_person> ann = s.add(person_named("ann"));
        orm::ref<ho_person> bob = s.add(person_named("bob"));
        co_await s.commit();
        ann->profile = s.add(profile_of("one"));
        ann->profile = nullptr;
        ann->badge = s.add(ho_badge{});
        ann->badge = s.add(ho_badge{}); // instead of the first
        orm::ref<ho_profile> away = s.add(profile_of("two"));
        bob->profile = away;
        away->person = nullptr; // from the other side
        orm::ref<ho_profile> moved = s.add(profile_of("three"));
        ann->profile = moved;
        ann->profile = nullptr;
        bob->profile = moved; // it has a parent after all
        orm::ref<ho_key> key = s.add(ho_key{});
        ann->key = key;
        ann->key = nullptr; // nobody calls it an orphan
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT about FROM ho_profiles"), "three");
        EXPECT_EQ(co_await count_of("ho_badges"), 1);
        EXPECT_EQ(co_await count_of("ho_keys"), 1);
        s.add(away); // it is the program's again
        ann->profile = away;
        co_await s.commit();
        EXPECT_EQ(co_await count_of("ho_profiles"), 2);
    });
}

TEST(orm_has_one, one_that_is_not_loaded_is_not_replaced_unseen)
{
    run_with_people([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        {
            connection conn = co_await connect(server().url());
            co_await conn.execute("INSERT INTO ho_people (name) VALUES ('ann')");
            co_await conn.execute("INSERT INTO ho_badges (person_id) VALUES (1)");
        }
        orm::ref<ho_person> ann = co_await s.get_one<ho_person>(1);
        orm::ref<ho_badge> badge = s.add(ho_badge{});
        EXPECT_THROW(ann->badge = badge, orm::not_loaded);
        EXPECT_THROW(ann->badge = nullptr, orm::not_loaded);
        co_await s.load<&ho_person::badge>(ann);
        ann->badge = badge;
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT id FROM ho_badges"), badge->id) << "the other one is gone";
    });
}

} // namespace
} // namespace tusk::test
