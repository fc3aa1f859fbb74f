#pragma once

#include <tusk/driver/interval.hpp>
#include <tusk/orm/expr.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// Functions and other parts of expressions that have no operator in C++.
namespace tusk::orm {

/// A span of time: `orm::now() - orm::interval(1h)`.
using tusk::interval;

/// TRUE and FALSE, as seeds of conditions that are built step by step.
[[nodiscard]] inline expr<bool> true_() { return expr<bool>{detail::make_boolean(true)}; }
[[nodiscard]] inline expr<bool> false_() { return expr<bool>{detail::make_boolean(false)}; }

/// A value as an expression of its own: a parameter.
template <class Value>
[[nodiscard]] auto literal(Value&& value)
{
    using kept = tusk::detail::owned<Value>;
    return expr<kept>{detail::bind_free(kept(std::forward<Value>(value)))};
}

/// NULL of a type.
/// @param type  As in SQL: "integer".
template <class T>
[[nodiscard]] expr<detail::nullable_of<T>> null(std::string_view type)
{
    return expr<detail::nullable_of<T>>{
        detail::make_cast(detail::make_text("NULL", 0), type, detail::type_oid_of<detail::plain<T>>())};
}

/// SQL as it stands, with values between: `orm::sql_fragment<bool>("lower({}) = {}", col<&user::email>, text)`.
///
/// Each `{}` is an operand, an expression or a value that becomes a parameter; `{{` and `}}` are braces.
/// @tparam T  What it is in C++.
/// @throws usage_error  There are more or fewer `{}` than operands.
template <class T, class... X>
[[nodiscard]] expr<T> sql_fragment(std::string_view format, X&&... operands)
{
    return expr<T>{detail::make_fragment(format, {detail::free_operand(std::forward<X>(operands))...},
                                         detail::type_oid_of<detail::plain<T>>())};
}

/// The same expression, where NULL can come of it although its column forbids that: on the far side of an outer join.
template <detail::expression_like X>
[[nodiscard]] auto nullable(const X& of)
{
    return expr<detail::nullable_of<detail::value_of<X>>>{detail::node_of(of)};
}

/// `CAST(of AS type)`
template <class T, class X>
[[nodiscard]] auto cast(X&& of, std::string_view type)
{
    using result = detail::nullable_with<T, detail::value_of<X>>;
    return expr<result>{detail::make_cast(detail::free_operand(std::forward<X>(of)), type, detail::oid_of_type(type))};
}

/// Any function: `orm::func<std::string>("initcap", col<&user::name>)`.
/// @param name  As it stands in SQL, with its schema if it is not on the search path.
template <class T, class... X>
[[nodiscard]] expr<T> func(std::string_view name, X&&... arguments)
{
    return expr<T>{detail::make_call(name, {detail::free_operand(std::forward<X>(arguments))...},
                                     detail::type_oid_of<detail::plain<T>>())};
}

/// The first that is not NULL. Values take the type of the first expression.
template <detail::expression_like First, class... X>
[[nodiscard]] auto coalesce(const First& first, X&&... others)
{
    using value = detail::value_of<First>;
    constexpr bool may_be_null = (detail::is_nullable<detail::value_of<X>> && ...);
    using result = std::conditional_t<may_be_null, detail::nullable_of<value>, detail::plain<value>>;
    detail::node_ptr beside = detail::node_of(first);
    detail::node_list list{beside};
    (list.push_back(detail::operand_beside<value>(std::forward<X>(others), beside)), ...);
    const oid type = beside->type();
    return expr<result>{detail::make_call("coalesce", std::move(list), type)};
}

/// NULL where both are equal, else the first.
template <detail::expression_like First, class X>
[[nodiscard]] auto nullif(const First& first, X&& other)
{
    using value = detail::value_of<First>;
    detail::node_ptr beside = detail::node_of(first);
    auto second = detail::operand_beside<value>(std::forward<X>(other), beside);
    const oid type = beside->type();
    return expr<detail::nullable_of<value>>{detail::make_call("nullif", {std::move(beside), std::move(second)}, type)};
}

/// The greatest and the least of several, NULLs left out.
template <detail::expression_like First, class... X>
[[nodiscard]] auto greatest(const First& first, X&&... others)
{
    using value = detail::value_of<First>;
    detail::node_ptr beside = detail::node_of(first);
    detail::node_list list{beside};
    (list.push_back(detail::operand_beside<value>(std::forward<X>(others), beside)), ...);
    const oid type = beside->type();
    return expr<value>{detail::make_call("greatest", std::move(list), type)};
}
template <detail::expression_like First, class... X>
[[nodiscard]] auto least(const First& first, X&&... others)
{
    using value = detail::value_of<First>;
    detail::node_ptr beside = detail::node_of(first);
    detail::node_list list{beside};
    (list.push_back(detail::operand_beside<value>(std::forward<X>(others), beside)), ...);
    const oid type = beside->type();
    return expr<value>{detail::make_call("least", std::move(list), type)};
}

/// A part of a time: `orm::extract("year", col<&post::created_at>)`.
/// @param field  A word of PostgreSQL's: year, month, day, hour, dow, epoch and so on.
/// @throws usage_error  It is no word.
template <detail::expression_like X>
[[nodiscard]] auto extract(std::string_view field, const X& of)
{
    using value = detail::plain<detail::value_of<X>>;
    static_assert(detail::time<value> || detail::span_of_time<value> || std::same_as<value, time_of_day>,
                  "tusk: extract() takes a part out of a time");
    return expr<detail::nullable_with<numeric, detail::value_of<X>>>{detail::make_extract(field, detail::node_of(of))};
}

/// A function of a text that gives a text.
template <class X>
[[nodiscard]] auto lower(X&& of)
{
    using value = detail::value_of<X>;
    static_assert(detail::text<detail::plain<value>>, "tusk: lower() is for texts");
    using result = detail::nullable_with<std::string, value>;
    return func<result>("lower", std::forward<X>(of));
}
template <class X>
[[nodiscard]] auto upper(X&& of)
{
    using value = detail::value_of<X>;
    static_assert(detail::text<detail::plain<value>>, "tusk: upper() is for texts");
    using result = detail::nullable_with<std::string, value>;
    return func<result>("upper", std::forward<X>(of));
}
template <class X>
[[nodiscard]] auto char_length(X&& of)
{
    using value = detail::value_of<X>;
    static_assert(detail::text<detail::plain<value>>, "tusk: char_length() is for texts");
    return func<detail::nullable_with<int, value>>("char_length", std::forward<X>(of));
}
/// Where `what` starts in `of`, from 1; 0 where it does not.
template <class X, class What>
[[nodiscard]] auto strpos(X&& of, What&& what)
{
    using result = detail::nullable_with<int, detail::value_of<X>, detail::value_of<What>>;
    return func<result>("strpos", std::forward<X>(of), std::forward<What>(what));
}
/// All of them behind each other; NULLs are left out.
template <class... X>
[[nodiscard]] expr<std::string> concat(X&&... parts)
{
    return func<std::string>("concat", std::forward<X>(parts)...);
}
template <detail::expression_like X>
[[nodiscard]] auto abs(const X& of)
{
    static_assert(detail::number<detail::plain<detail::value_of<X>>>, "tusk: abs() is for numbers");
    return func<detail::value_of<X>>("abs", of);
}
/// Rounded down to a unit: `orm::date_trunc("month", col<&post::created_at>)`.
template <detail::expression_like X>
[[nodiscard]] auto date_trunc(std::string_view unit, const X& of)
{
    using value = detail::value_of<X>;
    static_assert(detail::time<detail::plain<value>> || detail::span_of_time<detail::plain<value>>,
                  "tusk: date_trunc() is for times and intervals");
    // As a literal, so that the same call in GROUP BY is the same expression.
    return expr<value>{detail::make_call("date_trunc",
                                         {detail::make_quoted(unit, detail::text_type), detail::node_of(of)},
                                         detail::type_oid_of<detail::plain<value>>())};
}
[[nodiscard]] inline expr<double> random() { return expr<double>{detail::make_call("random", {}, 701)}; }

/// `ANY(array)`, to compare with: `orm::literal("c++") == orm::any(col<&post::labels>)`.
template <detail::expression_like X>
[[nodiscard]] auto any(const X& array)
{
    static_assert(detail::list<detail::value_of<X>>, "tusk: any() takes an array");
    using element = detail::element_of<detail::value_of<X>>;
    return expr<element>{detail::make_call("ANY", {detail::node_of(array)}, detail::type_oid_of<element>())};
}
/// `ALL(array)`
template <detail::expression_like X>
[[nodiscard]] auto all(const X& array)
{
    static_assert(detail::list<detail::value_of<X>>, "tusk: all() takes an array");
    using element = detail::element_of<detail::value_of<X>>;
    return expr<element>{detail::make_call("ALL", {detail::node_of(array)}, detail::type_oid_of<element>())};
}
/// `ARRAY[a, b]`
template <detail::expression_like First, class... X>
[[nodiscard]] auto array_of(const First& first, X&&... others)
{
    using value = detail::value_of<First>;
    detail::node_ptr beside = detail::node_of(first);
    detail::node_list list{beside};
    (list.push_back(detail::operand_beside<value>(std::forward<X>(others), beside)), ...);
    return expr<std::vector<value>>{detail::make_array(std::move(list), detail::list_type<value>(beside))};
}
/// How many elements an array has.
template <detail::expression_like X>
[[nodiscard]] auto cardinality(const X& array)
{
    static_assert(detail::list<detail::value_of<X>>, "tusk: cardinality() takes an array");
    return func<detail::nullable_with<int, detail::value_of<X>>>("cardinality", array);
}

/// NOT, AND and OR of any number of conditions: `orm::and_(a, b, c)`.
template <class First, class... X>
[[nodiscard]] expr<bool> and_(const First& first, const X&... others)
{
    detail::node_ptr all = detail::condition_node(first);
    ((all = detail::make_binary(detail::binary_operator::logical_and, std::move(all), detail::condition_node(others),
                                detail::bool_type)),
     ...);
    return expr<bool>{std::move(all)};
}
template <class First, class... X>
[[nodiscard]] expr<bool> or_(const First& first, const X&... others)
{
    detail::node_ptr all = detail::condition_node(first);
    ((all = detail::make_binary(detail::binary_operator::logical_or, std::move(all), detail::condition_node(others),
                                detail::bool_type)),
     ...);
    return expr<bool>{std::move(all)};
}
template <class X>
[[nodiscard]] expr<bool> not_(const X& of)
{
    return expr<bool>{detail::make_not(detail::condition_node(of))};
}

/// `(a, b)`, to compare with another row of as many columns.
template <class... X>
class row_expr
{
public:
    explicit row_expr(detail::node_ptr node) : node_{std::move(node)} {}
    [[nodiscard]] const detail::node_ptr& node() const noexcept { return node_; }

    template <class... Y>
        requires(sizeof...(X) == sizeof...(Y))
    [[nodiscard]] expr<bool> less_than(Y&&... values) const
    {
        return compare(detail::binary_operator::less, std::forward<Y>(values)...);
    }
    template <class... Y>
        requires(sizeof...(X) == sizeof...(Y))
    [[nodiscard]] expr<bool> greater_than(Y&&... values) const
    {
        return compare(detail::binary_operator::greater, std::forward<Y>(values)...);
    }
    template <class... Y>
        requires(sizeof...(X) == sizeof...(Y))
    [[nodiscard]] expr<bool> equal_to(Y&&... values) const
    {
        return compare(detail::binary_operator::equal, std::forward<Y>(values)...);
    }
    template <class... Out>
    [[nodiscard]] expr<bool> in(const select_statement<Out...>& query) const;

private:
    template <class... Y>
    [[nodiscard]] expr<bool> compare(detail::binary_operator which, Y&&... values) const
    {
        detail::node_list list{bind_beside<X>(std::forward<Y>(values))...};
        return expr<bool>{detail::make_binary(which, node_, detail::make_row(std::move(list)), detail::bool_type)};
    }
    template <class T, class Y>
    static detail::node_ptr bind_beside(Y&& value)
    {
        if constexpr (detail::expression_like<Y>)
            return detail::node_of(value);
        else
            return detail::bind_as<T>(std::forward<Y>(value), detail::type_oid_of<detail::plain<T>>());
    }

    detail::node_ptr node_;
};

/// Several expressions as one, in the order of their values: keyset pagination says
/// `orm::row(col<&post::created_at>, col<&post::id>).less_than(last_time, last_id)`.
template <detail::expression_like... X>
[[nodiscard]] auto row(const X&... parts)
{
    return row_expr<detail::value_of<X>...>{detail::make_row({detail::node_of(parts)...})};
}

} // namespace tusk::orm
