#pragma once

#include <tusk/orm/sql_constant.hpp>

#include <cstdint>
#include <string_view>

namespace tusk::orm {

/// What becomes of a row when the row that it refers to is deleted.
enum class on_delete : std::uint8_t { no_action, restrict, cascade, set_null, set_default };
/// What becomes of a reference when the key that it refers to changes.
enum class on_key_update : std::uint8_t { no_action, restrict, cascade, set_null, set_default };
/// Whether a constraint may be checked at the end of the transaction only.
enum class deferral : std::uint8_t { not_deferrable, deferrable, initially_deferred };

/// The options of `orm::column`. Each is a small constant; what it means is told to the column when the table is built.
namespace options {

struct primary_key {
};
struct unique {
};
struct indexed {
};
struct version {
};
struct identity_always {
};
struct no_identity {
};
struct nulls_not_distinct {
};
struct not_null {
};

struct name {
    std::string_view text;
};
struct type {
    std::string_view text;
};
struct varchar {
    int length;
};
struct character {
    int length;
};
struct decimal {
    int precision;
    int scale;
};
struct collate {
    std::string_view name;
};
struct comment {
    std::string_view text;
};
struct check {
    std::string_view expression;
    std::string_view name;
};
struct generated {
    std::string_view expression;
};
/// What the object was called before: a hint for migrations.
struct was {
    std::string_view name;
};

template <class T>
struct server_default {
    T value;
};
template <class T>
struct on_update {
    T value;
};

/// A foreign key on other columns' table; `Members` are what it refers to.
template <auto... Members>
struct references {
    on_delete when_deleted = on_delete::no_action;
    on_key_update when_changed = on_key_update::no_action;
    deferral when = deferral::not_deferrable;
    std::string_view name = {};
};

/// The same on the primary key of a class that need not be complete yet.
template <class Entity>
struct references_key {
    on_delete when_deleted = on_delete::no_action;
    on_key_update when_changed = on_key_update::no_action;
    deferral when = deferral::not_deferrable;
    std::string_view name = {};
};

} // namespace options

/// Part of the primary key. One alone, of an integer type and without a default or foreign key, is an identity column.
inline constexpr options::primary_key primary_key{};
/// No two rows have the same value: a UNIQUE constraint.
inline constexpr options::unique unique{};
/// An index on this column alone; with `unique`, the constraint's own index serves, and there is no second one.
inline constexpr options::indexed indexed{};
/// Counts the updates of a row; an UPDATE or DELETE that does not find the number it knows is `stale_data_error`.
inline constexpr options::version version{};
/// GENERATED ALWAYS AS IDENTITY: the server refuses values of ours.
inline constexpr options::identity_always identity_always{};
/// The program gives the key: no identity column.
inline constexpr options::no_identity no_identity{};
/// NULLs count as equal in a UNIQUE constraint (PostgreSQL 15).
inline constexpr options::nulls_not_distinct nulls_not_distinct{};
/// NOT NULL although the member is a `std::optional`.
inline constexpr options::not_null not_null{};

/// The column's or index's name, where it is not the member's or the convention's.
[[nodiscard]] constexpr options::name name(std::string_view text) noexcept { return {text}; }
/// The column's type as it stands in CREATE TABLE: `orm::type("jsonb")`.
[[nodiscard]] constexpr options::type type(std::string_view text) noexcept { return {text}; }
[[nodiscard]] constexpr options::varchar varchar(int length) noexcept { return {length}; }
[[nodiscard]] constexpr options::character character(int length) noexcept { return {length}; }
/// numeric(precision, scale)
[[nodiscard]] constexpr options::decimal decimal(int precision, int scale = 0) noexcept { return {precision, scale}; }
[[nodiscard]] constexpr options::collate collate(std::string_view name) noexcept { return {name}; }
[[nodiscard]] constexpr options::comment comment(std::string_view text) noexcept { return {text}; }
/// A CHECK constraint. Its name is completed by the convention: `ck_<table>_<name>`.
[[nodiscard]] constexpr options::check check(std::string_view expression, std::string_view name = {}) noexcept
{
    return {expression, name};
}
/// GENERATED ALWAYS AS (expression) STORED: the server computes it, and we read it back.
[[nodiscard]] constexpr options::generated generated(std::string_view expression) noexcept { return {expression}; }
[[nodiscard]] constexpr options::was was(std::string_view name) noexcept { return {name}; }

/// The server fills the column in when an INSERT leaves it out, which it does while the member has the value of a
/// default-constructed entity.
/// @param value  SQL (`orm::now()`, `orm::sql("...")`), or a constant: a boolean, a number, a text.
template <class T>
[[nodiscard]] constexpr options::server_default<T> server_default(T value) noexcept
{
    return {value};
}
[[nodiscard]] constexpr options::server_default<std::string_view> server_default(const char* text) noexcept
{
    return {text};
}

/// Set by every UPDATE of the row that does not set the column itself, and read back.
/// @param value  As `server_default`.
template <class T>
[[nodiscard]] constexpr options::on_update<T> on_update(T value) noexcept
{
    return {value};
}

namespace detail {

template <class References, class... Options>
constexpr References foreign_key_with(Options... given) noexcept
{
    References made{};
    [[maybe_unused]] const auto take = [&made](auto option) {
        using kind = decltype(option);
        if constexpr (requires { made.when_deleted = option; })
            made.when_deleted = option;
        else if constexpr (requires { made.when_changed = option; })
            made.when_changed = option;
        else if constexpr (requires { made.when = option; })
            made.when = option;
        else if constexpr (requires { made.name = option.text; })
            made.name = option.text;
        else
            static_assert(sizeof(kind) == 0, "tusk: a foreign key takes orm::on_delete, orm::on_key_update, "
                                             "orm::deferral and orm::name(\"...\")");
    };
    (take(given), ...);
    return made;
}

} // namespace detail

/// A foreign key: `orm::references<&user::id>(orm::on_delete::cascade)`.
template <auto Member, class... Options>
[[nodiscard]] constexpr options::references<Member> references(Options... given) noexcept
{
    return detail::foreign_key_with<options::references<Member>>(given...);
}

/// A foreign key on the primary key of a class that may be declared only: `orm::references_key_of<post>()`. For classes
/// that refer to each other.
template <class Entity, class... Options>
[[nodiscard]] constexpr options::references_key<Entity> references_key_of(Options... given) noexcept
{
    return detail::foreign_key_with<options::references_key<Entity>>(given...);
}

} // namespace tusk::orm
