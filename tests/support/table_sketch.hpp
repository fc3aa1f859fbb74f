#pragma once

#include <tusk/orm.hpp>
#include <tusk/orm/detail/table_builder.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Tables that are put together while a test runs: what a schema looks like before and after a change, without a class
/// for each. They have no operations, so they can be built and compared, and hold no objects.
namespace tusk::test {

struct column_sketch {
    std::string name;
    std::string type;
    bool nullable = false;
    bool primary_key = false;
    std::string server_default = {};
    std::string generated = {};
    std::string collation = {};
    std::string comment = {};
    std::string was = {};
    const orm::enum_info* enumeration = nullptr;
    bool identity_always = false;
    bool unique = false;
};

struct reference_sketch {
    std::string column;
    std::string table;
    std::string referred = "id";
    orm::on_delete when_deleted = orm::on_delete::no_action;
    orm::on_key_update when_changed = orm::on_key_update::no_action;
    orm::deferral when = orm::deferral::not_deferrable;
};

struct index_sketch {
    std::string name;
    std::vector<std::string> columns;
    std::vector<std::string> keys = {};
    std::vector<std::string> included = {};
    bool unique = false;
    bool nulls_not_distinct = false;
    std::string method = {};
    std::string where = {};
    std::string comment = {};
};

struct named_text {
    std::string name;
    std::string text;
};

struct unique_sketch {
    std::string name;
    std::vector<std::string> columns;
    bool nulls_not_distinct = false;
    orm::deferral when = orm::deferral::not_deferrable;
};

struct table_sketch {
    std::string name;
    std::vector<column_sketch> columns;
    std::string schema = {};
    std::string comment = {};
    std::string was = {};
    std::vector<reference_sketch> references = {};
    std::vector<index_sketch> indexes = {};
    std::vector<named_text> checks = {};
    std::vector<named_text> exclusions = {};
    std::vector<unique_sketch> uniques = {};
};

namespace detail {

/// A foreign key names the table that it refers to by a function, so there is one a place.
inline std::array<const orm::table_info*, 32>& places()
{
    static std::array<const orm::table_info*, 32> all{};
    return all;
}
template <std::size_t I>
const orm::table_info& table_at()
{
    return *places().at(I);
}
template <std::size_t... I>
constexpr auto make_getters(std::index_sequence<I...> /*places*/)
{
    return std::array<const orm::table_info& (*)(), sizeof...(I)>{&table_at<I>...};
}
inline constexpr auto getters = make_getters(std::make_index_sequence<32>{});

inline std::size_t place_of(const std::vector<table_sketch>& tables, std::string_view name)
{
    return static_cast<std::size_t>(std::ranges::find(tables, name, &table_sketch::name) - tables.begin());
}

inline std::vector<std::string_view> views_of(const std::vector<std::string>& texts)
{
    return {texts.begin(), texts.end()};
}

inline void add_column(orm::detail::table_builder& to, const column_sketch& column,
                       const std::vector<table_sketch>& tables, const table_sketch& of)
{
    orm::detail::column_traits traits;
    traits.is_optional = column.nullable;
    traits.is_integer = column.type == "bigint" || column.type == "integer" || column.type == "smallint";
    traits.enumeration = column.enumeration;
    orm::detail::column_draft& draft = to.add_column(column.name, column.type, {}, traits);
    draft.info.is_primary_key = column.primary_key;
    draft.info.server_default = column.server_default;
    draft.info.generated = column.generated;
    draft.info.collation = column.collation;
    draft.info.comment = column.comment;
    draft.info.was = column.was;
    draft.is_unique = column.unique;
    if (column.identity_always)
        draft.info.generated_id = orm::identity::always;
    for (const reference_sketch& each : of.references)
        if (each.column == column.name)
            draft.set_reference({getters.at(place_of(tables, each.table)), each.referred}, each.when_deleted,
                                each.when_changed, each.when, {});
    to.finish_column(draft);
}

inline const orm::table_info* build(const table_sketch& of, const std::vector<table_sketch>& tables)
{
    orm::detail::table_builder to{of.name, of.name, {}};
    to.set_schema(of.schema);
    to.set_comment(of.comment);
    to.set_was(of.was);
    for (const column_sketch& each : of.columns)
        add_column(to, each, tables, of);
    for (const unique_sketch& each : of.uniques)
        to.add_unique(views_of(each.columns), each.name, each.nulls_not_distinct, each.when);
    for (const named_text& each : of.checks)
        to.add_check(each.text, each.name);
    for (const named_text& each : of.exclusions)
        to.add_exclusion(each.text, each.name);
    for (const index_sketch& each : of.indexes) {
        orm::detail::index_draft draft;
        draft.members = views_of(each.columns);
        draft.keys = views_of(each.keys);
        draft.included = views_of(each.included);
        draft.is_unique = each.unique;
        draft.nulls_not_distinct = each.nulls_not_distinct;
        draft.name = each.name;
        draft.where = each.where;
        draft.method = each.method;
        draft.comment = each.comment;
        to.add_index(draft);
    }
    return to.finish();
}

} // namespace detail

/// The metadata of sketched tables.
/// @par Lifetime  The tables live as long as the program, as those of classes do.
inline orm::metadata sketched_metadata(const std::vector<table_sketch>& tables)
{
    static std::vector<std::unique_ptr<const orm::table_info>> kept;
    std::vector<const orm::table_info*> built;
    for (const table_sketch& each : tables) {
        built.push_back(kept.emplace_back(detail::build(each, tables)).get());
        detail::places().at(built.size() - 1) = built.back();
    }
    return orm::metadata{std::move(built)};
}

/// An enum type, by name and labels. @par Lifetime  The program's.
inline const orm::enum_info* sketched_enum(std::string name, const std::vector<std::string>& labels)
{
    static std::vector<std::unique_ptr<const orm::enum_info>> kept;
    return kept.emplace_back(orm::detail::make_enum_info(std::move(name), detail::views_of(labels))).get();
}

} // namespace tusk::test
