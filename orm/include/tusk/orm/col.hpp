#pragma once

#include <tusk/orm/build_table.hpp>
#include <tusk/orm/deferred.hpp>
#include <tusk/orm/expr.hpp>
#include <tusk/orm/member_name.hpp>
#include <tusk/orm/table.hpp>
#include <tusk/orm/table_info.hpp>

#include <type_traits>

namespace tusk::orm {

namespace detail {

/// @throws usage_error  The member is not mapped.
const column_info& column_of_member(const table_info& table, std::string_view member);

template <class Entity>
const source_ptr& source_of()
{
    static const source_ptr found = table_source(table_of<Entity>());
    return found;
}

template <auto Member>
const node_ptr& column_node()
{
    using owner = entity_of<Member>;
    static const node_ptr made =
        make_column(source_of<owner>(), column_of_member(table_of<owner>(), member_name<Member>()));
    return made;
}

template <auto Member>
using column_value = stored_in<type_of<Member>>;

} // namespace detail

/// A column of a mapped class. `Entity` is the class whose table has it.
template <class Entity, class T>
class column_ref : public expression<T>
{
public:
    using entity_type = Entity;

    constexpr explicit column_ref(const detail::node_ptr& (*node)()) noexcept : expression<T>{node} {}

    [[nodiscard]] const column_info& info() const { return *detail::node_of(*this)->column(); }
};

/// A column in a query, by the member that is mapped to it: `orm::col<&user::email> == "ann@example.com"`.
///
/// Of a mixin's member, it is the column of the class that is mixed into.
template <auto Member>
inline constexpr column_ref<detail::entity_of<Member>, detail::column_value<Member>> col{&detail::column_node<Member>};

namespace detail {

/// Columns of a class, as options of statements name them.
template <class Entity, class X>
concept column_in = requires {
    typename std::remove_cvref_t<X>::entity_type;
    requires std::same_as<typename std::remove_cvref_t<X>::entity_type, Entity>;
};

} // namespace detail

} // namespace tusk::orm
