#include "unit_of_work_testing.hpp"

#include <optional>

namespace tusk::test {
namespace {

struct folder {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> parent_id;
    orm::belongs_to<folder> parent{};
    orm::has_many<folder> children{};

    static constexpr auto table =
        orm::table("folders", orm::column<&folder::id>(orm::primary_key), orm::column<&folder::name>(),
                   orm::column<&folder::parent_id>(orm::references_key_of<folder>()),
                   orm::relationship<&folder::parent>(orm::via<&folder::parent_id>, orm::back_populates("children")),
                   orm::relationship<&folder::children>(orm::via<&folder::parent_id>, orm::back_populates("parent"),
                                                        orm::cascade::all));
};

struct account {
    std::string code;
    std::string login;
    std::int32_t balance{};

    static constexpr auto table =
        orm::table("accounts", orm::column<&account::code>(orm::primary_key), orm::column<&account::login>(orm::unique),
                   orm::column<&account::balance>());
};

struct seat {
    std::int64_t id{};
    std::optional<std::int32_t> number;

    static constexpr auto table =
        orm::table("seats", orm::column<&seat::id>(orm::primary_key), orm::column<&seat::number>(orm::unique));
};

struct place {
    std::int64_t id{};
    std::int32_t number{};

    static constexpr auto table =
        orm::table("places", orm::column<&place::id>(orm::primary_key), orm::column<&place::number>(),
                   orm::unique_together<&place::number>("uq_places_number", orm::deferral::deferrable));
};

struct player;
struct team {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> captain_id{};
    orm::belongs_to<player> captain{};
    orm::has_many<player> players{};

    static constexpr auto table =
        orm::table("teams", orm::column<&team::id>(orm::primary_key), orm::column<&team::name>(),
                   orm::column<&team::captain_id>(orm::references_key_of<player>()),
                   orm::relationship<&team::captain>(orm::via<&team::captain_id>),
                   orm::relationship<&team::players>(orm::back_populates("team"), orm::cascade::all));
};
struct player {
    std::int64_t id{};
    std::string name;
    std::int64_t team_id{};
    orm::belongs_to<test::team> team{};

    static constexpr auto table =
        orm::table("players", orm::column<&player::id>(orm::primary_key), orm::column<&player::name>(),
                   orm::column<&player::team_id>(orm::references<&test::team::id>()),
                   orm::relationship<&player::team>(orm::via<&player::team_id>, orm::back_populates("players")));
};

const orm::metadata models = orm::describe<folder, account, seat, place, team, player>();

template <class Body>
void run_in_order(Body body)
{
    run_with_models(models, std::move(body));
}

account holder(std::string code, std::string login)
{
    account made;
    made.code = std::move(code);
    made.login = std::move(login);
    return made;
}
seat numbered(std::int32_t number)
{
    seat made;
    made.number = number;
    return made;
}
place at(std::int32_t number)
{
    place made;
    made.number = number;
    return made;
}
folder named(std::string name)
{
    folder made;
    made.name = std::move(name);
    return made;
}

TEST(orm_flush_order, a_tree_is_inserted_from_its_root_level_by_level)
{
    run_in_order([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<folder> leaf = s.add(named("leaf"));
        orm::ref<folder> middle = s.add(named("middle"));
        orm::ref<folder> root = s.add(named("root"));
        middle->children.add(leaf);
        middle->parent = root;
        co_await s.flush();
        EXPECT_EQ(sent.take().size(), 3) << "a flight a level";
        EXPECT_EQ(root->id, 1);
        EXPECT_EQ(middle->id, 2);
        EXPECT_EQ(leaf->parent_id, 2);
        co_await s.commit();
        sent.clear();

        s.remove(root);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM folders"), 0);
        EXPECT_THROW(static_cast<void>(leaf->name), usage_error);
    });
}

TEST(orm_flush_order, the_unloaded_subtree_goes_too)
{
    run_in_order([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        {
            connection conn = co_await connect(server().url());
            co_await conn.execute("INSERT INTO folders (id, name, parent_id) VALUES (1, 'a', NULL), (2, 'b', 1), "
                                  "(3, 'c', 2), (4, 'd', 3), (5, 'other', NULL)");
        }
        orm::session s{on};
        orm::ref<folder> root = co_await s.get<folder>(1);
        s.remove(root);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT string_agg(name, ',') FROM folders"), "other");
    });
}

TEST(orm_flush_order, a_new_row_with_the_unique_value_of_a_deleted_one)
{
    run_in_order([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<account> old = s.add(holder("a", "ann"));
        co_await s.commit();
        sent.clear();
        s.remove(old);
        s.add(holder("b", "ann"));
        co_await s.commit();
        EXPECT_EQ(sent.take(), (texts{"DELETE FROM accounts WHERE code = $1",
                                      "INSERT INTO accounts (code, login, balance) VALUES ($1, $2, $3)", "commit"}));
        EXPECT_EQ(co_await committed<std::string>("SELECT code FROM accounts"), "b");
    });
}

TEST(orm_flush_order, delete_and_add_of_one_key_is_one_update)
{
    run_in_order([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<account> old = s.add(holder("a", "ann"));
        co_await s.commit();
        sent.clear();
        s.remove(old);
        orm::ref<account> instead = s.add(holder("a", "anna"));
        co_await s.commit();
        EXPECT_EQ(sent.take(), (texts{"UPDATE accounts SET login = $1 WHERE code = $2", "commit"}));
        EXPECT_EQ(instead->login, "anna");
        EXPECT_THROW(static_cast<void>(old->login), usage_error);
        EXPECT_EQ(co_await s.get<account>("a"), instead);
    });
}

TEST(orm_flush_order, a_value_that_is_given_up_is_there_for_a_new_row)
{
    run_in_order([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<account> ann = s.add(holder("a", "ann"));
        co_await s.commit();
        ann->login = "anna";
        s.add(holder("b", "ann"));
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM accounts"), 2);
    });
}

TEST(orm_flush_order, values_pass_along_a_chain_and_round_a_circle)
{
    run_in_order([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<seat> one = s.add(numbered(1));
        orm::ref<seat> two = s.add(numbered(2));
        orm::ref<seat> three = s.add(numbered(3));
        co_await s.commit();
        one->number = 2; // a chain: three goes first
        two->number = 3;
        three->number = 4;
        co_await s.commit();
        std::swap(*one->number, *two->number);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT string_agg(number::text, ',' ORDER BY id) FROM seats"),
                  "3,2,4");

        orm::ref<place> left = s.add(at(1));
        orm::ref<place> right = s.add(at(2));
        co_await s.commit();
        std::swap(left->number, right->number);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT string_agg(number::text, ',' ORDER BY id) FROM places"),
                  "2,1");
    });
}

TEST(orm_flush_order, a_swap_that_nothing_allows_says_what_would)
{
    run_in_order([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<account> ann = s.add(holder("a", "ann"));
        orm::ref<account> bob = s.add(holder("b", "bob"));
        co_await s.commit();
        std::swap(ann->login, bob->login);
        std::string said;
        try {
            co_await s.commit();
        } catch (const usage_error& refused) {
            said = refused.what();
        }
        EXPECT_NE(said.find("account::login"), std::string::npos) << said;
        EXPECT_NE(said.find("deferrable"), std::string::npos) << said;
    });
}

TEST(orm_flush_order, rows_in_a_circle_are_closed_by_an_update)
{
    run_in_order([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<team> reds = s.add(team{.name = "reds"});
        orm::ref<player> ann = s.add(player{.name = "ann"});
        ann->team = reds;
        reds->captain = ann;
        co_await s.commit();
        EXPECT_EQ(sent.take(), (texts{"INSERT INTO teams (name) VALUES ($1) RETURNING id",
                                      "INSERT INTO players (name, team_id) VALUES ($1, $2) RETURNING id",
                                      "UPDATE teams SET captain_id = $1 WHERE id = $2", "commit"}));
        EXPECT_EQ(reds->captain_id, ann->id);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT captain_id FROM teams"), 1);
        s.remove(reds);
        s.remove(ann);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM players"), 0);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM teams"), 0);
    });
}

} // namespace
} // namespace tusk::test
