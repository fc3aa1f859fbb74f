#pragma once

#include <tusk/orm/column_options.hpp>
#include <tusk/orm/member_name.hpp>
#include <tusk/orm/relation_options.hpp>

#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace tusk::orm {

/// What a mapping is made of: constants that say which member is what. `table_of<T>()` reads them once and keeps what
/// they say as plain data (`table_info`).
namespace parts {

template <auto Member, class... Options>
struct column {
    std::tuple<Options...> options;
};
template <auto Member, class... Options>
struct relationship {
    std::tuple<Options...> options;
};
template <class Mixin>
struct mixin {
};
template <class... Parts>
struct columns {
    std::tuple<Parts...> parts;
};
template <class... Parts>
struct table {
    std::string_view name;
    std::tuple<Parts...> parts;
};

template <auto... Members>
struct unique_together {
    std::string_view name;
    bool nulls_not_distinct = false;
    deferral when = deferral::not_deferrable;
};
/// `Members` refer to the members of `Referred`, pairwise.
template <class Referred, auto... Members>
struct foreign_key {
    Referred referred;
};
template <class Options, auto... Members>
struct index {
    Options options;
};
struct exclude {
    std::string_view definition;
    std::string_view name;
};
struct schema {
    std::string_view name;
};

} // namespace parts

/// Maps a member to a column of the same name.
/// @tparam Member   `&user::email`
/// @param  options  Constants of `column_options.hpp`.
template <auto Member, class... Options>
[[nodiscard]] constexpr parts::column<Member, Options...> column(Options... options) noexcept
{
    static_assert(!member_name<Member>().empty(), "tusk: this member's name cannot be read; give it one with "
                                                  "orm::name(\"...\")");
    return {{options...}};
}

/// Maps a member of the type `has_many`, `has_one`, `belongs_to` or `many_to_many`.
template <auto Member, class... Options>
[[nodiscard]] constexpr parts::relationship<Member, Options...> relationship(Options... options) noexcept
{
    return {{options...}};
}

/// The columns of a mixin, a base class template that is given the entity (`struct user : timestamps<user>`).
template <class... Parts>
[[nodiscard]] constexpr parts::columns<Parts...> columns(Parts... each) noexcept
{
    return {{each...}};
}

/// Adds the columns of a mixin at this place.
template <class Mixin>
[[nodiscard]] constexpr parts::mixin<Mixin> mixin() noexcept
{
    return {};
}

/// A table: `static constexpr auto table = orm::table("users", orm::column<&user::id>(orm::primary_key), ...);`
template <class... Parts>
[[nodiscard]] constexpr parts::table<Parts...> table(std::string_view name, Parts... each) noexcept
{
    return {name, {each...}};
}

/// A UNIQUE constraint over several columns.
template <auto... Members>
[[nodiscard]] constexpr parts::unique_together<Members...>
unique_together(std::string_view name = {}, deferral when = deferral::not_deferrable) noexcept
{
    return {name, false, when};
}

/// A foreign key of several columns: `orm::foreign_key<&line::order_id, &line::number>(orm::references_all<...>(...))`.
template <auto... Members, class Referred>
[[nodiscard]] constexpr parts::foreign_key<Referred, Members...> foreign_key(Referred referred) noexcept
{
    return {referred};
}

/// What a foreign key of several columns refers to.
template <auto... Members>
[[nodiscard]] constexpr options::references<Members...>
references_all(on_delete when_deleted = on_delete::no_action, on_key_update when_changed = on_key_update::no_action,
               deferral when = deferral::not_deferrable, std::string_view name = {}) noexcept
{
    return {when_deleted, when_changed, when, name};
}

namespace options {

struct where {
    std::string_view predicate;
};
struct using_method {
    std::string_view method;
};
template <auto... Members>
struct include {
};
/// A key of an index that is not a plain column: an expression, or a column with an operator class or an order.
struct key {
    std::string_view text;
};

} // namespace options

/// The predicate of a partial index.
[[nodiscard]] constexpr options::where where(std::string_view predicate) noexcept { return {predicate}; }
/// The access method of an index: "gin", "gist", "brin", "hash".
[[nodiscard]] constexpr options::using_method using_method(std::string_view method) noexcept { return {method}; }
/// Columns that an index holds without being searched by them.
template <auto... Members>
inline constexpr options::include<Members...> include{};
/// A key as it stands in CREATE INDEX, behind the keys of `Members`: "lower(email)", "created_at DESC NULLS LAST",
/// "doc jsonb_path_ops".
[[nodiscard]] constexpr options::key key(std::string_view text) noexcept { return {text}; }

/// An index over columns, in their order.
/// @param options  `orm::unique`, `orm::name`, `orm::where`, `orm::using_method`, `orm::include`, `orm::key`,
///                 `orm::nulls_not_distinct`, `orm::comment`.
template <auto... Members, class... Options>
[[nodiscard]] constexpr parts::index<std::tuple<Options...>, Members...> index(Options... given) noexcept
{
    return {{given...}};
}

/// An EXCLUDE constraint, as it stands behind the word: "USING gist (room WITH =, during WITH &&)".
[[nodiscard]] constexpr parts::exclude exclude(std::string_view definition, std::string_view name = {}) noexcept
{
    return {definition, name};
}

/// The schema that the table is in.
[[nodiscard]] constexpr parts::schema schema(std::string_view name) noexcept { return {name}; }

namespace detail {

template <class T, class = void>
struct entity_of_class {
    using type = T;
};
template <class T>
struct entity_of_class<T, std::void_t<typename T::entity>> {
    using type = typename T::entity;
};

/// The entity that a member belongs to: of a mixin's member, the class that is mixed into.
template <auto Member>
using entity_of = typename entity_of_class<owner_of<Member>>::type;

} // namespace detail

/// A class that is mapped: it has a `table`.
template <class T>
concept entity = requires { T::table.name; };

} // namespace tusk::orm
