#pragma once

#include "../../../orm/examples/blog_models.hpp"

#include <tusk/orm.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// A class with a column of each kind that queries know operators for.
namespace tusk::test::staff {

namespace orm = tusk::orm;

enum class mood { happy, glum };

} // namespace tusk::test::staff

template <>
inline constexpr auto tusk::enum_names<tusk::test::staff::mood> = tusk::name_enum<tusk::test::staff::mood>({
    {tusk::test::staff::mood::happy, "happy"},
    {tusk::test::staff::mood::glum, "glum"},
});

template <>
inline constexpr std::string_view tusk::orm::enum_type<tusk::test::staff::mood> = "staff_mood";

namespace tusk::test::staff {

struct badge;

struct employee {
    std::int64_t id{};
    std::optional<std::int64_t> manager_id;
    std::string name;
    std::optional<std::string> nick;
    int rank{};
    double score{};
    tusk::numeric salary;
    std::vector<std::string> skills;
    std::string profile = "{}";
    tusk::date hired{};
    tusk::timestamptz seen{};
    tusk::range<tusk::date> away;
    mood feels{};
    orm::deferred<std::string> biography;
    orm::deferred<std::string> photo;
    int version{};
    orm::belongs_to<employee> manager{};
    orm::has_many<employee> reports{};
    orm::has_one<badge> badge_of{};

    static constexpr auto table = orm::table(
        "employee", orm::schema("staff"), orm::column<&employee::id>(orm::primary_key),
        orm::column<&employee::manager_id>(orm::references<&employee::id>()), orm::column<&employee::name>(orm::unique),
        orm::column<&employee::nick>(), orm::column<&employee::rank>(orm::name("order")),
        orm::column<&employee::score>(), orm::column<&employee::salary>(orm::decimal(10, 2)),
        orm::column<&employee::skills>(), orm::column<&employee::profile>(orm::type("jsonb")),
        orm::column<&employee::hired>(), orm::column<&employee::seen>(), orm::column<&employee::away>(),
        orm::column<&employee::feels>(), orm::column<&employee::biography>(), orm::column<&employee::photo>(),
        orm::column<&employee::version>(orm::version),
        orm::relationship<&employee::manager>(orm::via<&employee::manager_id>, orm::back_populates("reports")),
        orm::relationship<&employee::reports>(orm::back_populates("manager"), orm::ordered_by<&employee::name>()),
        orm::relationship<&employee::badge_of>(orm::back_populates("owner")),
        orm::index<&employee::name>(orm::unique, orm::name("ix_employee_nameless"), orm::where("nick IS NULL")));
};

/// With a key of two columns, and lines that refer to it.
struct badge {
    std::int64_t site{};
    std::string code;
    std::int64_t owner_id{};
    orm::belongs_to<employee> owner{};
    orm::has_many<struct badge_use> uses{};

    static constexpr auto table = orm::table("badge", orm::schema("staff"), orm::column<&badge::site>(orm::primary_key),
                                             orm::column<&badge::code>(orm::primary_key),
                                             orm::column<&badge::owner_id>(orm::references<&employee::id>()),
                                             orm::relationship<&badge::owner>(orm::back_populates("badge_of")),
                                             orm::relationship<&badge::uses>(orm::back_populates("used")));
};

struct badge_use {
    std::int64_t id{};
    std::int64_t site{};
    std::string code;
    orm::belongs_to<badge> used{};

    static constexpr auto table = orm::table(
        "badge_use", orm::schema("staff"), orm::column<&badge_use::id>(orm::primary_key),
        orm::column<&badge_use::site>(), orm::column<&badge_use::code>(),
        orm::foreign_key<&badge_use::site, &badge_use::code>(orm::references_all<&badge::site, &badge::code>()),
        orm::relationship<&badge_use::used>(orm::back_populates("uses")));
};

inline const orm::metadata metadata = orm::describe<employee, badge, badge_use>();

} // namespace tusk::test::staff
