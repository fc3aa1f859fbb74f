#pragma once

#include <tusk/orm/alias.hpp>
#include <tusk/orm/detail/select_data.hpp>
#include <tusk/orm/statement_result.hpp>

#include <type_traits>
#include <vector>

namespace tusk::orm::detail {

/// What can be an output: an expression, or a class by `orm::alias` or `orm::whole`.
template <class X>
struct output_traits {
    static_assert(expression_like<X>, "tusk: a statement gives columns, expressions, orm::whole<T> or an orm::alias; a "
                                      "value of C++ is written orm::literal(value)");
    using type = value_of<X>;
    static output_item make(const X& of) { return {node_of(of), nullptr}; }
};
template <class T>
struct output_traits<alias<T>> {
    using type = entity_output<T>;
    static output_item make(const alias<T>& of) { return {nullptr, of.source()}; }
};
template <class T>
struct output_traits<whole_entity<T>> {
    using type = entity_output<T>;
    static output_item make(whole_entity<T> /*of*/) { return {nullptr, source_of<T>()}; }
};
template <class X>
using output_of = typename output_traits<std::remove_cvref_t<X>>::type;

template <class... X>
std::vector<output_item> make_outputs(const X&... of)
{
    return {output_traits<X>::make(of)...};
}

template <class Output>
inline constexpr bool is_entity_output = false;
template <class T>
inline constexpr bool is_entity_output<entity_output<T>> = true;

/// What can stand in a FROM.
template <class X>
const source_ptr& source_from(const X& of)
{
    if constexpr (requires { of.source(); })
        return of.source();
    else
        return source_of<typename X::entity_type>();
}

/// @throws usage_error  The member is not mapped.
const relation_info& relation_of_member(const table_info& table, std::string_view member);

/// The class that a relation leads to.
template <auto Member>
struct relation_target {
    static_assert(is_relation<type_of<Member>>,
                  "tusk: this is for relations: a member of the type has_many, has_one, belongs_to or many_to_many");
    using type = typename relation_traits<type_of<Member>>::target;
};
template <auto Member>
using target_of = typename relation_target<Member>::type;

template <auto Member>
const relation_info& relation_of()
{
    static_assert(is_relation<type_of<Member>>,
                  "tusk: this is for relations: a member of the type has_many, has_one, belongs_to or many_to_many");
    static const relation_info& found = relation_of_member(table_of<entity_of<Member>>(), member_name<Member>());
    return found;
}

} // namespace tusk::orm::detail
