#pragma once

#include <tusk/orm.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Mappings with everything that a schema can have, for the tests of DDL and migrations.
namespace tusk::test::shop {

namespace orm = tusk::orm;

enum class mood { happy, so_so, it_is_bad };

} // namespace tusk::test::shop

template <>
inline constexpr auto tusk::enum_names<tusk::test::shop::mood> = tusk::name_enum<tusk::test::shop::mood>({
    {tusk::test::shop::mood::happy, "happy"},
    {tusk::test::shop::mood::so_so, "so-so"},
    {tusk::test::shop::mood::it_is_bad, "it's bad"},
});

namespace tusk::test::shop {

struct customer {
    std::int64_t id{};
    std::string email;
    std::optional<std::string> nick;
    mood feels{};
    std::vector<mood> felt;
    std::string full{};

    static constexpr auto table = orm::table(
        "customer", orm::comment("who's buying"), orm::column<&customer::id>(orm::primary_key),
        orm::column<&customer::email>(orm::varchar(80), orm::unique, orm::check("email LIKE '%@%'", "is_address"),
                                      orm::collate("C"), orm::comment("one a customer")),
        orm::column<&customer::nick>(), orm::column<&customer::feels>(orm::server_default("happy")),
        orm::column<&customer::felt>(), orm::column<&customer::full>(orm::generated("upper(email)")),
        orm::index<>(orm::key("lower(email)"), orm::unique),
        orm::index<&customer::nick>(orm::where("nick IS NOT NULL"), orm::include<&customer::email>,
                                    orm::comment("the few with a name")));
};

/// In a schema, and with names that need quotes.
struct order {
    std::int64_t shop_id{};
    std::int64_t number{};
    std::int64_t by_id{};
    tusk::numeric total;
    tusk::range<tusk::timestamptz> open;

    static constexpr auto table = orm::table(
        "order", orm::schema("sales"), orm::column<&order::shop_id>(orm::primary_key),
        orm::column<&order::number>(orm::primary_key),
        orm::column<&order::by_id>(orm::references<&customer::id>(orm::on_delete::cascade, orm::on_key_update::restrict,
                                                                  orm::deferral::initially_deferred)),
        orm::column<&order::total>(orm::decimal(10, 2), orm::server_default(0)),
        orm::column<&order::open>(orm::name("Open")), orm::exclude("USING gist (\"Open\" WITH &&)", "overlap"),
        orm::unique_together<&order::by_id, &order::number>("", orm::deferral::deferrable));
};

struct player;

/// What a team refers to before the class `player` is complete.
struct player_key {
    using entity = player;
    std::int64_t id{};

    static constexpr auto columns = orm::columns(orm::column<&player_key::id>(orm::primary_key, orm::identity_always));
};

struct team {
    std::int64_t id{};
    std::optional<std::int64_t> captain_id;
    std::optional<std::int64_t> parent_id;

    static constexpr auto table =
        orm::table("team", orm::column<&team::id>(orm::primary_key),
                   orm::column<&team::captain_id>(orm::references<&player_key::id>(orm::on_delete::set_null)),
                   orm::column<&team::parent_id>(orm::references<&team::id>()));
};

struct player : player_key {
    std::int64_t team_id{};

    static constexpr auto table =
        orm::table("player", orm::mixin<player_key>(), orm::column<&player::team_id>(orm::references<&team::id>()));
};

inline const orm::metadata metadata = orm::describe<order, customer, player, team>();

} // namespace tusk::test::shop
