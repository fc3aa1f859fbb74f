// The package database of a Debian machine as mapped classes.
#pragma once

#include <tusk/orm.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace debian {

enum class relation_kind { depends, pre_depends, provides };

} // namespace debian

template <>
inline constexpr auto tusk::enum_names<debian::relation_kind> =
    tusk::name_enum<debian::relation_kind>({{debian::relation_kind::depends, "Depends"},
                                            {debian::relation_kind::pre_depends, "Pre-Depends"},
                                            {debian::relation_kind::provides, "Provides"}});
template <>
inline constexpr std::string_view tusk::orm::enum_type<debian::relation_kind> = "tusk_demo_relation_kind";

namespace debian::model {

namespace orm = tusk::orm;

struct package;

struct maintainer {
    std::int64_t id{};
    std::string name;
    orm::has_many<package> packages{};

    static constexpr auto table =
        orm::table("tusk_demo_maintainers", orm::column<&maintainer::id>(orm::primary_key),
                   orm::column<&maintainer::name>(orm::unique),
                   orm::relationship<&maintainer::packages>(orm::back_populates("maintainer"), orm::cascade::all));
};

struct section {
    std::int64_t id{};
    std::string name;
    orm::has_many<package> packages{};

    static constexpr auto table = orm::table("tusk_demo_sections", orm::column<&section::id>(orm::primary_key),
                                             orm::column<&section::name>(orm::varchar(80), orm::unique),
                                             orm::relationship<&section::packages>(orm::back_populates("section")));
};

// One relation as its package declares it; `alternative` counts the choices at one `position`.
struct declared_relation {
    std::int64_t package_id{};
    relation_kind kind{};
    std::int32_t position{};
    std::int32_t alternative{};
    std::string name;
    std::optional<std::string> comparison{};
    std::optional<std::string> version{};
    orm::belongs_to<model::package> package{};

    static constexpr auto table = orm::table(
        "tusk_demo_declared_relations",
        orm::column<&declared_relation::package_id>(orm::primary_key,
                                                    orm::references_key_of<model::package>(orm::on_delete::cascade)),
        orm::column<&declared_relation::kind>(orm::primary_key),
        orm::column<&declared_relation::position>(orm::primary_key),
        orm::column<&declared_relation::alternative>(orm::primary_key, orm::check("alternative > 0")),
        orm::column<&declared_relation::name>(orm::indexed),
        orm::column<&declared_relation::comparison>(orm::varchar(2)), orm::column<&declared_relation::version>(),
        orm::relationship<&declared_relation::package>(orm::back_populates("declared")));
};

struct package {
    std::int64_t id{};
    std::string name;
    std::string architecture;
    std::string version;
    std::string summary;
    std::optional<std::int64_t> installed_kib{};
    std::int64_t maintainer_id{};
    std::optional<std::int64_t> section_id{};
    orm::belongs_to<model::maintainer> maintainer{};
    orm::belongs_to<model::section> section{};
    orm::has_many<declared_relation> declared{};
    orm::many_to_many<package> needs{};
    orm::many_to_many<package> needed_by{};

    static constexpr auto table = orm::table(
        "tusk_demo_packages", orm::column<&package::id>(orm::primary_key), orm::column<&package::name>(orm::indexed),
        orm::column<&package::architecture>(orm::varchar(30)), orm::column<&package::version>(),
        orm::column<&package::summary>(), orm::column<&package::installed_kib>(),
        orm::column<&package::maintainer_id>(orm::references<&model::maintainer::id>(), orm::indexed),
        orm::column<&package::section_id>(orm::references<&model::section::id>(orm::on_delete::set_null), orm::indexed),
        orm::unique_together<&package::name, &package::architecture>(),
        orm::relationship<&package::maintainer>(orm::back_populates("packages")),
        orm::relationship<&package::section>(orm::back_populates("packages")),
        orm::relationship<&package::declared>(orm::back_populates("package"), orm::cascade::all_delete_orphan),
        orm::relationship<&package::needs>(orm::secondary("tusk_demo_needs", "package_id", "needs_id"),
                                           orm::back_populates("needed_by")),
        orm::relationship<&package::needed_by>(orm::secondary("tusk_demo_needs", "needs_id", "package_id"),
                                               orm::back_populates("needs")));
};

inline const orm::metadata metadata = orm::describe<maintainer, section, package, declared_relation>();

} // namespace debian::model
