#pragma once

#include <tusk/orm/functions.hpp>
#include <tusk/orm/select.hpp>

#include <type_traits>

namespace tusk::orm {

/// `EXISTS (SELECT 1 ...)`: the statement gives a row. It may name tables of the statement around it.
template <class... Out>
[[nodiscard]] expr<bool> exists(const select_statement<Out...>& query)
{
    return expr<bool>{detail::make_exists(query.shared_select())};
}

namespace detail {

template <auto Member, class... Condition>
expr<bool> exists_related(source_ptr near, source_ptr far, const Condition&... criteria)
{
    node_ptr all;
    ((all = both(std::move(all), condition_node(criteria))), ...);
    return expr<bool>{make_relation_exists(relation_of<Member>(), std::move(near), std::move(far), std::move(all))};
}

template <auto Member>
inline constexpr bool leads_to_many = relation_traits<type_of<Member>>::kind == relation_kind::one_to_many ||
                                      relation_traits<type_of<Member>>::kind == relation_kind::many_to_many;

} // namespace detail

/// Some entity of a collection meets the criteria: `orm::any<&user::posts>(col<&post::title> == "x")`; without
/// criteria, there is one.
template <auto Member, class... Condition>
    requires(detail::expression_like<Condition> && ...)
[[nodiscard]] expr<bool> any(const Condition&... criteria)
{
    static_assert(detail::leads_to_many<Member>, "tusk: any<>() is for collections; of a single entity, say has<>()");
    return detail::exists_related<Member>(nullptr, nullptr, criteria...);
}
/// The far side by an alias: where a class is related to itself.
template <auto Member, class... Condition>
[[nodiscard]] expr<bool> any(const alias<detail::target_of<Member>>& far, const Condition&... criteria)
{
    static_assert(detail::leads_to_many<Member>, "tusk: any<>() is for collections; of a single entity, say has<>()");
    return detail::exists_related<Member>(nullptr, far.source(), criteria...);
}

/// The entity that is referred to is there, and meets the criteria: `orm::has<&post::author>(col<&user::name> ==
/// "ann")`.
template <auto Member, class... Condition>
    requires(detail::expression_like<Condition> && ...)
[[nodiscard]] expr<bool> has(const Condition&... criteria)
{
    static_assert(!detail::leads_to_many<Member>, "tusk: has<>() is for single entities; of a collection, say any<>()");
    return detail::exists_related<Member>(nullptr, nullptr, criteria...);
}
template <auto Member, class... Condition>
[[nodiscard]] expr<bool> has(const alias<detail::target_of<Member>>& far, const Condition&... criteria)
{
    static_assert(!detail::leads_to_many<Member>, "tusk: has<>() is for single entities; of a collection, say any<>()");
    return detail::exists_related<Member>(nullptr, far.source(), criteria...);
}

namespace detail {

template <class T, class... Out>
constexpr void check_in()
{
    static_assert(sizeof...(Out) == 1 && (!is_entity_output<Out> && ...),
                  "tusk: in() takes a statement with one value");
    static_assert((comparable_values<plain<T>, plain<Out>> && ...),
                  "tusk: in() takes a statement whose values can be compared with the expression");
}

} // namespace detail

template <class T>
template <class... Out>
expr<bool> expression<T>::in(const select_statement<Out...>& query) const
{
    detail::check_in<T, Out...>();
    return expr<bool>{detail::make_in_subquery(detail::node_of(*this), query.shared_select(), false)};
}

template <class T>
template <class... Out>
expr<bool> expression<T>::not_in(const select_statement<Out...>& query) const
{
    detail::check_in<T, Out...>();
    return expr<bool>{detail::make_in_subquery(detail::node_of(*this), query.shared_select(), true)};
}

template <class... X>
template <class... Out>
expr<bool> row_expr<X...>::in(const select_statement<Out...>& query) const
{
    static_assert(sizeof...(X) == sizeof...(Out), "tusk: in() takes a statement with as many values as the row has");
    static_assert((detail::comparable_values<detail::plain<X>, detail::plain<Out>> && ...),
                  "tusk: in() takes a statement whose values can be compared with those of the row");
    return expr<bool>{detail::make_in_subquery(node_, query.shared_select(), false)};
}

/// `ANY (SELECT ...)` and `ALL (SELECT ...)`, to compare with.
template <class Value>
[[nodiscard]] expr<Value> any(const select_statement<Value>& query)
{
    return expr<Value>{
        detail::make_quantified_subquery("ANY ", query.shared_select(), detail::type_oid_of<detail::plain<Value>>())};
}
template <class Value>
[[nodiscard]] expr<Value> all(const select_statement<Value>& query)
{
    return expr<Value>{
        detail::make_quantified_subquery("ALL ", query.shared_select(), detail::type_oid_of<detail::plain<Value>>())};
}

} // namespace tusk::orm
