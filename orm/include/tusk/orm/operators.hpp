#pragma once

#include <tusk/orm/expr.hpp>

#include <cstddef>
#include <optional>
#include <type_traits>

/// The operators of C++ on expressions. At least one side is an expression; the other may be a value of a type that it
/// can be compared with. `== std::nullopt` is IS NULL, and so is `==` with an empty `std::optional`.
namespace tusk::orm {

namespace detail {

template <class L, class R>
concept operands = expression_like<L> || expression_like<R>;

template <class X>
inline constexpr bool is_null_value =
    std::is_same_v<std::remove_cvref_t<X>, std::nullopt_t> || std::is_same_v<std::remove_cvref_t<X>, std::nullptr_t>;

template <class L, class R>
expr<bool> compare(binary_operator which, const L& left, const R& right)
{
    static_assert(!is_null_value<L> && !is_null_value<R>, "tusk: NULL is neither less nor greater than anything: "
                                                          "compare with == or !=");
    if constexpr (!expression_like<L>) {
        node_ptr beside = node_of(right);
        return expr<bool>{make_binary(which, bind_as<value_of<R>>(left, beside->type()), beside, bool_type)};
    } else {
        const node_ptr& beside = node_of(left);
        return expr<bool>{make_binary(which, beside, operand_beside<value_of<L>>(right, beside), bool_type)};
    }
}

/// = and <>, which have something to say about NULL.
template <class L, class R>
expr<bool> compare_equal(binary_operator which, const L& left, const R& right)
{
    const bool negated = which == binary_operator::not_equal;
    if constexpr (is_null_value<L>) {
        return expr<bool>{make_is_null(node_of(right), negated)};
    } else if constexpr (is_null_value<R>) {
        return expr<bool>{make_is_null(node_of(left), negated)};
    } else if constexpr (!expression_like<L> && is_nullable<L>) {
        return left ? compare_equal(which, *left, right) : expr<bool>{make_is_null(node_of(right), negated)};
    } else if constexpr (!expression_like<R> && is_nullable<R>) {
        return right ? compare_equal(which, left, *right) : expr<bool>{make_is_null(node_of(left), negated)};
    } else if constexpr (std::is_same_v<R, bool> && std::is_same_v<plain<value_of<L>>, bool>) {
        return expr<bool>{make_binary(which, node_of(left), make_boolean(right), bool_type)};
    } else if constexpr (std::is_same_v<L, bool> && std::is_same_v<plain<value_of<R>>, bool>) {
        return expr<bool>{make_binary(which, make_boolean(left), node_of(right), bool_type)};
    } else {
        return compare(which, left, right);
    }
}

/// The type that an operand of arithmetic counts with: a number takes the type of what it meets, unless it has digits
/// that would be lost.
template <class X, class Beside>
struct counted_value {
    using mine = plain<value_of<X>>;
    using other = plain<value_of<Beside>>;
    static constexpr bool adapts =
        !expression_like<X> && number<mine> && number<other> && !(integer<other> && !integer<mine>);
    using type = std::conditional_t<adapts, other, mine>;
};
template <class X, class Beside>
using counted_as = typename counted_value<X, Beside>::type;

/// + - * / %
template <class Result, class L, class R>
auto calculate(binary_operator which, const L& left, const R& right)
{
    using result = nullable_with<Result, value_of<L>, value_of<R>>;
    const auto operand = [](const auto& of, const auto& beside) {
        using given = std::remove_cvref_t<decltype(of)>;
        using other = plain<value_of<std::remove_cvref_t<decltype(beside)>>>;
        if constexpr (expression_like<given>)
            return node_of(of);
        else if constexpr (number<plain<given>> && number<other>)
            return bind_as<other>(of, node_of(beside)->type());
        else
            return bind_free(of);
    };
    return expr<result>{make_binary(which, operand(left, right), operand(right, left), type_oid_of<Result>())};
}

} // namespace detail

template <class L, class R>
    requires detail::operands<L, R>
[[nodiscard]] expr<bool> operator==(const L& left, const R& right)
{
    return detail::compare_equal(detail::binary_operator::equal, left, right);
}

template <class L, class R>
    requires detail::operands<L, R>
[[nodiscard]] expr<bool> operator!=(const L& left, const R& right)
{
    return detail::compare_equal(detail::binary_operator::not_equal, left, right);
}

template <class L, class R>
    requires detail::operands<L, R>
[[nodiscard]] expr<bool> operator<(const L& left, const R& right)
{
    return detail::compare(detail::binary_operator::less, left, right);
}

template <class L, class R>
    requires detail::operands<L, R>
[[nodiscard]] expr<bool> operator<=(const L& left, const R& right)
{
    return detail::compare(detail::binary_operator::less_equal, left, right);
}

template <class L, class R>
    requires detail::operands<L, R>
[[nodiscard]] expr<bool> operator>(const L& left, const R& right)
{
    return detail::compare(detail::binary_operator::greater, left, right);
}

template <class L, class R>
    requires detail::operands<L, R>
[[nodiscard]] expr<bool> operator>=(const L& left, const R& right)
{
    return detail::compare(detail::binary_operator::greater_equal, left, right);
}

template <class L, class R>
    requires detail::operands<L, R>
[[nodiscard]] expr<bool> operator&&(const L& left, const R& right)
{
    return expr<bool>{detail::make_binary(detail::binary_operator::logical_and, detail::condition_node(left),
                                          detail::condition_node(right), detail::bool_type)};
}

/// Of conditions: OR. Of texts and arrays: SQL's `||`, one behind the other.
template <class L, class R>
    requires detail::operands<L, R>
[[nodiscard]] auto operator||(const L& left, const R& right)
{
    using mine = detail::value_of<std::conditional_t<detail::expression_like<L>, L, R>>;
    using value = detail::plain<mine>;
    if constexpr (std::is_same_v<value, bool>) {
        return expr<bool>{detail::make_binary(detail::binary_operator::logical_or, detail::condition_node(left),
                                              detail::condition_node(right), detail::bool_type)};
    } else {
        static_assert(detail::text<value> || detail::list<value>,
                      "tusk: || joins conditions, texts or arrays: convert the expression with "
                      "orm::cast<std::string>(expression, \"text\")");
        using result = detail::nullable_with<value, detail::value_of<L>, detail::value_of<R>>;
        const auto operand = [](const auto& of) {
            if constexpr (detail::expression_like<decltype(of)> || detail::text<value>)
                return detail::free_operand(of);
            else
                return detail::bind_list<detail::element_of<value>>(of, detail::type_oid_of<value>());
        };
        return expr<result>{detail::make_binary(detail::binary_operator::concatenate, operand(left), operand(right),
                                                detail::type_oid_of<value>())};
    }
}

template <class X>
    requires detail::expression_like<X>
[[nodiscard]] expr<bool> operator!(const X& of)
{
    return expr<bool>{detail::make_not(detail::condition_node(of))};
}

template <class X>
    requires detail::expression_like<X>
[[nodiscard]] auto operator-(const X& of)
{
    using value = detail::value_of<X>;
    static_assert(detail::number<detail::plain<value>> || detail::span_of_time<detail::plain<value>>,
                  "tusk: only numbers and intervals have a sign");
    return expr<value>{detail::make_negative(detail::node_of(of))};
}

template <class L, class R>
    requires detail::operands<L, R>
[[nodiscard]] auto operator+(const L& left, const R& right)
{
    using rule = detail::sum_of<detail::counted_as<L, R>, detail::counted_as<R, L>>;
    static_assert(requires { typename rule::type; }, "tusk: these cannot be added");
    return detail::calculate<typename rule::type>(detail::binary_operator::add, left, right);
}

template <class L, class R>
    requires detail::operands<L, R>
[[nodiscard]] auto operator-(const L& left, const R& right)
{
    using rule = detail::difference_of<detail::counted_as<L, R>, detail::counted_as<R, L>>;
    static_assert(requires { typename rule::type; }, "tusk: these cannot be subtracted from each other");
    return detail::calculate<typename rule::type>(detail::binary_operator::subtract, left, right);
}

template <class L, class R>
    requires detail::operands<L, R>
[[nodiscard]] auto operator*(const L& left, const R& right)
{
    using rule = detail::product_of<detail::counted_as<L, R>, detail::counted_as<R, L>>;
    static_assert(requires { typename rule::type; }, "tusk: these cannot be multiplied");
    return detail::calculate<typename rule::type>(detail::binary_operator::multiply, left, right);
}

/// Of integers it is PostgreSQL's division: the rest is dropped.
template <class L, class R>
    requires detail::operands<L, R>
[[nodiscard]] auto operator/(const L& left, const R& right)
{
    using rule = detail::quotient_of<detail::counted_as<L, R>, detail::counted_as<R, L>>;
    static_assert(requires { typename rule::type; }, "tusk: these cannot be divided");
    return detail::calculate<typename rule::type>(detail::binary_operator::divide, left, right);
}

template <class L, class R>
    requires detail::operands<L, R>
[[nodiscard]] auto operator%(const L& left, const R& right)
{
    using rule = detail::arithmetic<detail::counted_as<L, R>, detail::counted_as<R, L>>;
    static_assert(requires { typename rule::type; }, "tusk: only numbers have a remainder");
    return detail::calculate<typename rule::type>(detail::binary_operator::modulo, left, right);
}

} // namespace tusk::orm
