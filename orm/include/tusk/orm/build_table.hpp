#pragma once

#include <tusk/driver/enum_names.hpp>
#include <tusk/orm/column_type.hpp>
#include <tusk/orm/deferred.hpp>
#include <tusk/orm/detail/composite_within.hpp>
#include <tusk/orm/detail/enum_within.hpp>
#include <tusk/orm/detail/member_reader.hpp>
#include <tusk/orm/detail/relation_traits.hpp>
#include <tusk/orm/detail/table_builder.hpp>
#include <tusk/orm/table.hpp>
#include <tusk/orm/table_info.hpp>

#include <concepts>
#include <new>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tusk::orm {

// Not constrained: a mapping refers to classes that are not complete yet.
template <class T>
const table_info& table_of();

namespace detail {

template <auto Member>
column_reference refer_to()
{
    return {&table_of<entity_of<Member>>, member_name<Member>()};
}

// What the options of a column say, one function an option. Those that need no template are the builder's own.

template <class T>
void apply(column_draft& to, const options::server_default<T>& option)
{
    to.set_server_default(sql_of_constant(option.value));
}
template <class T>
void apply(column_draft& to, const options::on_update<T>& option)
{
    to.set_on_update(sql_of_constant(option.value));
}
template <auto Member>
void apply(column_draft& to, const options::references<Member>& option)
{
    to.set_reference(refer_to<Member>(), option.when_deleted, option.when_changed, option.when, option.name);
}

template <class Entity>
void apply(column_draft& to, const options::references_key<Entity>& option)
{
    to.set_reference({&table_of<Entity>, {}}, option.when_deleted, option.when_changed, option.when, option.name);
}

/// A member as a class `Entity` has it: of a mixin too.
template <class Entity, auto Member>
void* member_address(void* of)
{
    return &(static_cast<Entity*>(of)->*Member);
}

template <class Entity, auto Member, class... Options>
void add_part(table_builder& to, const parts::column<Member, Options...>& part)
{
    using declared = type_of<Member>;
    using value = stored_in<declared>;
    static_assert(!is_relation<declared>, "tusk: a relation is mapped with orm::relationship<&T::member>(...)");
    static_assert(tusk::detail::parameter_type<value>,
                  "tusk: the type of this member cannot be a column: give it a tusk::codec (driver/README.md, \"Your "
                  "own types\"), or map a member of another type");
    constexpr bool has_type_option = (std::is_same_v<Options, options::type> || ... || false);
    static_assert(has_column_type<value> || has_type_option,
                  "tusk: the column type of this member is not known: write orm::type(\"...\") into the mapping, or "
                  "specialise tusk::orm::column_type for its class");
    static_assert(std::is_base_of_v<owner_of<Member>, Entity> || std::is_same_v<owner_of<Member>, Entity>,
                  "tusk: this member belongs to another class than the table");

    column_operations operations;
    operations.member = &member_address<Entity, Member>;
    operations.parameter = &tusk::detail::operations_of<value>;
    operations.reader = &make_member_reader<declared>;
    if constexpr (composite_within<value>::is_there)
        operations.composite = &composite_within<value>::named;
    operations.assign = [](void* into, const void* from) {
        static_cast<Entity*>(into)->*Member = static_cast<const Entity*>(from)->*Member;
    };
    if constexpr (is_deferred<declared>) {
        operations.parameter = &deferred_operations_of<value>;
        operations.is_loaded = [](const void* member) { return static_cast<const declared*>(member)->is_loaded(); };
        operations.unload = [](void* member) { static_cast<declared*>(member)->unload(); };
    }

    column_traits traits;
    traits.is_optional = tusk::detail::optional_value<value>::optional;
    traits.is_integer = std::integral<value> && !std::same_as<value, bool> && !std::same_as<value, char>;
    traits.is_deferred = is_deferred<declared>;
    traits.enumeration = enum_within<value>::get();
    std::string type;
    if constexpr (has_column_type<value>)
        type = column_type<value>::name();
    column_draft& draft = to.add_column(member_name<Member>(), std::move(type), operations, traits);
    std::apply([&](const auto&... option) { (apply(draft, option), ...); }, part.options);
    to.finish_column(draft);
}

template <class Entity, class Mixin>
void add_part(table_builder& to, const parts::mixin<Mixin>& /*part*/)
{
    static_assert(std::is_base_of_v<Mixin, Entity>, "tusk: orm::mixin<M>() names a class that is not a base class");
    std::apply([&](const auto&... each) { (add_part<Entity>(to, each), ...); }, Mixin::columns.parts);
}

template <auto... Members>
void apply(relation_draft& to, const options::via<Members...>& /*option*/)
{
    (to.via.push_back(refer_to<Members>()), ...);
}
template <auto Member>
void apply(relation_draft& to, const options::order_by<Member>& option)
{
    to.order_by = refer_to<Member>();
    to.order_descending = option.descending;
}

template <class Entity, auto Member, class... Options>
void add_part(table_builder& to, const parts::relationship<Member, Options...>& part)
{
    using declared = type_of<Member>;
    static_assert(is_relation<declared>, "tusk: orm::relationship maps members of the types orm::has_many, has_one, "
                                         "belongs_to and many_to_many");
    relation_operations operations;
    operations.member = [](void* of) -> relation_member& { return static_cast<Entity*>(of)->*Member; };
    relation_draft& draft = to.add_relation(member_name<Member>(), relation_traits<declared>::kind,
                                            &table_of<typename relation_traits<declared>::target>, operations);
    std::apply([&](const auto&... option) { (apply(draft, option), ...); }, part.options);
}

template <class Entity, auto... Members>
void add_part(table_builder& to, const parts::unique_together<Members...>& part)
{
    to.add_unique({member_name<Members>()...}, part.name, part.nulls_not_distinct, part.when);
}

template <class Entity, auto... Referred, auto... Members>
void add_part(table_builder& to, const parts::foreign_key<options::references<Referred...>, Members...>& part)
{
    static_assert(sizeof...(Referred) == sizeof...(Members),
                  "tusk: orm::foreign_key and orm::references_all name different numbers of members");
    to.add_foreign_key({member_name<Members>()...}, {refer_to<Referred>()...}, part.referred.when_deleted,
                       part.referred.when_changed, part.referred.when, part.referred.name);
}

template <auto... Members>
void apply(index_draft& to, const options::include<Members...>& /*option*/)
{
    (to.included.push_back(member_name<Members>()), ...);
}

template <class Entity, class Options, auto... Members>
void add_part(table_builder& to, const parts::index<Options, Members...>& part)
{
    index_draft draft;
    (draft.members.push_back(member_name<Members>()), ...);
    std::apply([&](const auto&... option) { (apply(draft, option), ...); }, part.options);
    to.add_index(std::move(draft));
}

template <class Entity>
void add_part(table_builder& to, const options::check& part)
{
    to.add_check(part.expression, part.name);
}
template <class Entity>
void add_part(table_builder& to, const parts::exclude& part)
{
    to.add_exclusion(part.definition, part.name);
}
template <class Entity>
void add_part(table_builder& to, const parts::schema& part)
{
    to.set_schema(part.name);
}
template <class Entity>
void add_part(table_builder& to, const options::comment& part)
{
    to.set_comment(part.text);
}
template <class Entity>
void add_part(table_builder& to, const options::was& part)
{
    to.set_was(part.name);
}

template <class T>
entity_operations operations_of_entity()
{
    static_assert(std::is_default_constructible_v<T>, "tusk: an entity must be default-constructible");
    static_assert(std::is_move_constructible_v<T>, "tusk: an entity must be movable");
    entity_operations made;
    made.size = sizeof(T);
    made.alignment = alignof(T);
    made.construct = [](void* at) { ::new (at) T{}; };
    made.move_to = [](void* at, void* from) { ::new (at) T(std::move(*static_cast<T*>(from))); };
    made.destroy = [](void* of) { static_cast<T*>(of)->~T(); };
    return made;
}

template <class T>
const table_info* build_table()
{
    table_builder builder{T::table.name, tusk::detail::class_name<T>(), operations_of_entity<T>()};
    std::apply([&](const auto&... part) { (add_part<T>(builder, part), ...); }, T::table.parts);
    return builder.finish();
}

} // namespace detail

/// What the mapping of a class says.
/// @throws usage_error  The mapping contradicts itself.
/// @par Lifetime       The program's.
/// @par Thread safety  Any thread.
template <class T>
const table_info& table_of()
{
    static_assert(entity<T>,
                  "tusk: this class is not mapped: it has no `static constexpr auto table = orm::table(...)`");
    static const table_info* const built = detail::build_table<T>();
    return *built;
}

} // namespace tusk::orm
