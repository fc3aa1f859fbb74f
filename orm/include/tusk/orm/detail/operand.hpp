#pragma once

#include <tusk/driver/error.hpp>
#include <tusk/orm/detail/bound_value.hpp>
#include <tusk/orm/detail/expression_node.hpp>
#include <tusk/orm/detail/value_rules.hpp>
#include <tusk/orm/sql_constant.hpp>

#include <concepts>
#include <cstdint>
#include <iterator>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// How what users write gets into an expression: expressions as they are, everything else as a parameter.
namespace tusk::orm {

template <class T>
class expression;

namespace detail {

struct expression_tag {
};

template <class X>
inline constexpr bool is_constant = false;
template <class T>
inline constexpr bool is_constant<sql_constant<T>> = true;

template <class X>
concept expression_like =
    std::derived_from<std::remove_cvref_t<X>, expression_tag> || is_constant<std::remove_cvref_t<X>>;

/// The C++ type of what an operand stands for, NULL included.
template <class X>
struct operand_value {
    using type = std::decay_t<X>;
};
template <expression_like X>
struct operand_value<X> {
    using type = typename std::remove_cvref_t<X>::value_type;
};
template <class X>
using value_of = typename operand_value<X>::type;

template <class T>
const node_ptr& node_of(const expression<T>& of);

template <class T>
node_ptr node_of(const sql_constant<T>& of)
{
    if constexpr (std::is_void_v<T>)
        return make_text(of.text(), 0);
    else
        return make_text(of.text(), type_oid_of<T>());
}

[[noreturn]] void fail_beyond(std::string_view cpp_type);

template <class T, integer Value>
node_ptr bind_integer(Value value, oid type)
{
    if (std::in_range<T>(value))
        return bind_value<T>(static_cast<T>(value), type);
    // A wider number than the column holds is a fair question, and none that the column's type could ask.
    if (!std::in_range<std::int64_t>(value))
        fail_beyond("a bigint");
    return bind_value<std::int64_t>(static_cast<std::int64_t>(value), bigint_type);
}

/// A value as one of the type `T`, which a column or expression has.
/// @param type  What the column is declared as.
template <class T, class Value>
node_ptr bind_as(Value&& value, oid type)
{
    using wanted = plain<T>;
    using given = std::remove_cvref_t<Value>;
    static_assert(binds_to<wanted, plain<std::decay_t<Value>>>,
                  "tusk: a value of this type cannot be compared with, assigned to or combined with an expression of "
                  "that type: convert it in C++, or cast the expression with orm::cast<T>(expression, \"type\")");
    if constexpr (is_nullable<given>) {
        if (!value)
            return bind_value<std::optional<wanted>>(std::nullopt, type);
        return bind_as<T>(*std::forward<Value>(value), type);
    } else if constexpr (std::same_as<given, wanted>) {
        return bind_value<wanted>(std::forward<Value>(value), type);
    } else if constexpr (integer<wanted> && integer<given>) {
        return bind_integer<wanted>(value, type);
    } else if constexpr (integer<wanted> && number<given>) {
        return bind_value<given>(std::forward<Value>(value), type_oid_of<given>());
    } else if constexpr (number<wanted> && std::floating_point<given> && !std::floating_point<wanted>) {
        return bind_value<wanted>(wanted{value}, type);
    } else if constexpr (std::floating_point<wanted> && std::same_as<given, numeric>) {
        return bind_value<numeric>(std::forward<Value>(value), type_oid_of<numeric>());
    } else if constexpr (number<wanted>) {
        return bind_value<wanted>(static_cast<wanted>(value), type);
    } else if constexpr (text<wanted> && text<given>) {
        return bind_value<std::string>(std::string{std::string_view{value}}, type);
    } else {
        return bind_value<wanted>(static_cast<wanted>(std::forward<Value>(value)), type);
    }
}

/// A value on its own: its C++ type says what it is.
template <class Value>
node_ptr bind_free(Value&& value)
{
    if constexpr (text<std::decay_t<Value>>) {
        return bind_value<std::string>(std::string{std::string_view{value}}, text_type);
    } else {
        using kept = std::decay_t<Value>;
        return bind_value<kept>(kept(std::forward<Value>(value)), type_oid_of<plain<kept>>());
    }
}

/// Any operand that stands by itself.
template <class X>
node_ptr free_operand(X&& of)
{
    if constexpr (expression_like<X>)
        return node_of(of);
    else
        return bind_free(std::forward<X>(of));
}

/// An operand beside an expression of type `T`, whose type a value takes.
template <class T, class X>
node_ptr operand_beside(X&& of, const node_ptr& beside)
{
    if constexpr (expression_like<X>) {
        static_assert(comparable_values<plain<T>, plain<value_of<X>>>,
                      "tusk: these two expressions have values of different kinds: convert one with "
                      "orm::cast<T>(expression, \"type\")");
        return node_of(of);
    } else {
        return bind_as<T>(std::forward<X>(of), beside->type());
    }
}

/// The elements of a range as one array parameter.
template <class T, class Range>
node_ptr bind_list(Range&& range, oid type)
{
    using wanted = plain<T>;
    std::vector<wanted> list;
    if constexpr (std::ranges::sized_range<Range>)
        list.reserve(static_cast<std::size_t>(std::ranges::size(range)));
    for (auto&& each : range) {
        using given = std::remove_cvref_t<decltype(each)>;
        static_assert(binds_to<wanted, given>,
                      "tusk: the elements of this range cannot be compared with that expression");
        if constexpr (std::same_as<wanted, given>) {
            list.push_back(each);
        } else if constexpr (integer<wanted> && integer<given>) {
            if (!std::in_range<wanted>(each))
                fail_beyond("the column");
            list.push_back(static_cast<wanted>(each));
        } else if constexpr (text<wanted>) {
            list.emplace_back(std::string_view{each});
        } else {
            list.push_back(static_cast<wanted>(each));
        }
    }
    return bind_value<std::vector<wanted>>(std::move(list), type);
}

/// A boolean expression, or a boolean.
template <class X>
node_ptr condition_node(const X& of)
{
    static_assert(std::same_as<plain<value_of<X>>, bool>, "tusk: a condition is a boolean expression");
    if constexpr (expression_like<X>)
        return node_of(of);
    else
        return make_boolean(of);
}

/// The other side of `@>`, `<@` and `&&` beside an array, a range or a document.
template <class T, class X>
node_ptr set_operand(X&& of, const node_ptr& beside)
{
    using mine = plain<T>;
    if constexpr (expression_like<X>) {
        return node_of(of);
    } else if constexpr (list<T> && std::ranges::input_range<X>) {
        return bind_list<element_of<T>>(std::forward<X>(of), beside->type());
    } else if constexpr (std::convertible_to<X, mine>) {
        return bind_value<mine>(mine(std::forward<X>(of)), beside->type());
    } else if constexpr (is_range_type<mine>) {
        return bind_free(std::forward<X>(of)); // an element of a range
    } else {
        static_assert(list<T>, "tusk: contains(), contained_by() and overlaps() are for texts, arrays and ranges");
        static_assert(!list<T>,
                      "tusk: an array is compared with a range of values: wrap the value in a std::vector, or "
                      "write value == orm::any(array)");
    }
}

/// `T[]` for a list of values that are compared with `beside`.
template <class T>
oid list_type(const node_ptr& beside)
{
    return beside->array_type(type_oid_of<std::vector<plain<T>>>());
}

} // namespace detail

} // namespace tusk::orm
