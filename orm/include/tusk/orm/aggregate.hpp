#pragma once

#include <tusk/orm/expr.hpp>
#include <tusk/orm/window.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tusk::orm {

/// An aggregate. What is said about it by its functions is written into the call.
template <class T>
class aggregate : public expr<T>
{
public:
    aggregate(std::string_view name, detail::node_list arguments, detail::call_options options = {})
        : expr<T>{detail::make_call(name, arguments, type(), options)},
          name_{name},
          arguments_{std::move(arguments)},
          options_{std::move(options)}
    {
    }

    /// Equal values count once.
    [[nodiscard]] aggregate distinct() const
    {
        auto options = options_;
        options.distinct = true;
        return {name_, arguments_, std::move(options)};
    }
    /// The order in which it takes the rows: of `array_agg` and `string_agg`.
    template <class... Term>
    [[nodiscard]] aggregate order_by(const Term&... terms) const
    {
        auto options = options_;
        (options.order_by.push_back(detail::order_node_of(terms)), ...);
        return {name_, arguments_, std::move(options)};
    }
    /// Only rows for which this is true. Several add up.
    template <class Condition>
    [[nodiscard]] aggregate filter(const Condition& condition) const
    {
        auto options = options_;
        auto added = detail::condition_node(condition);
        options.filter = options.filter ? detail::make_binary(detail::binary_operator::logical_and, options.filter,
                                                              std::move(added), detail::bool_type)
                                        : std::move(added);
        return {name_, arguments_, std::move(options)};
    }
    /// `WITHIN GROUP (ORDER BY ...)`
    template <class... Term>
    [[nodiscard]] aggregate within_group(const Term&... terms) const
    {
        auto options = options_;
        (options.within_group.push_back(detail::order_node_of(terms)), ...);
        return {name_, arguments_, std::move(options)};
    }
    /// Over a window of rows instead of groups.
    [[nodiscard]] expr<T> over(const window& rows = {}) const
    {
        auto options = options_;
        rows.describe(options);
        return expr<T>{detail::make_call(name_, arguments_, type(), std::move(options))};
    }

private:
    static oid type() { return detail::type_oid_of<detail::plain<T>>(); }

    std::string name_;
    detail::node_list arguments_;
    detail::call_options options_;
};

/// Any aggregate: `orm::aggregate_of<double>("stddev", col<&order::total>)`.
template <class T, class... X>
[[nodiscard]] aggregate<T> aggregate_of(std::string_view name, X&&... arguments)
{
    return {name, {detail::free_operand(std::forward<X>(arguments))...}};
}

/// How many rows there are.
[[nodiscard]] inline aggregate<std::int64_t> count_all() { return {"count", {detail::make_text("*", 0)}}; }
[[nodiscard]] inline aggregate<std::int64_t> count() { return count_all(); }
/// In how many rows it is not NULL.
template <detail::expression_like X>
[[nodiscard]] aggregate<std::int64_t> count(const X& of)
{
    return {"count", {detail::node_of(of)}};
}

namespace detail {

/// sum() of bigint is numeric, of smaller integers bigint; of no rows it is NULL.
template <class T>
struct sum_result {
    using type = T;
};
template <integer T>
struct sum_result<T> {
    using type = std::conditional_t<(sizeof(T) > 4), numeric, std::int64_t>;
};
/// avg() of integers is numeric, of real it is double precision.
template <class T>
struct average_result {
    using type = numeric;
};
template <std::floating_point T>
struct average_result<T> {
    using type = double;
};
template <span_of_time T>
struct average_result<T> {
    using type = interval;
};

template <class X>
using aggregated = plain<value_of<X>>;

} // namespace detail

/// NULL of no rows, as every aggregate but count.
template <detail::expression_like X>
[[nodiscard]] auto sum(const X& of)
{
    using value = detail::aggregated<X>;
    static_assert(detail::number<value> || detail::span_of_time<value>, "tusk: sum() is for numbers and intervals");
    return aggregate<std::optional<typename detail::sum_result<value>::type>>{"sum", {detail::node_of(of)}};
}
template <detail::expression_like X>
[[nodiscard]] auto avg(const X& of)
{
    using value = detail::aggregated<X>;
    static_assert(detail::number<value> || detail::span_of_time<value>, "tusk: avg() is for numbers and intervals");
    return aggregate<std::optional<typename detail::average_result<value>::type>>{"avg", {detail::node_of(of)}};
}
template <detail::expression_like X>
[[nodiscard]] auto min(const X& of)
{
    return aggregate<std::optional<detail::aggregated<X>>>{"min", {detail::node_of(of)}};
}
template <detail::expression_like X>
[[nodiscard]] auto max(const X& of)
{
    return aggregate<std::optional<detail::aggregated<X>>>{"max", {detail::node_of(of)}};
}
[[nodiscard]] inline aggregate<std::optional<bool>> bool_and(const expr<bool>& of) { return {"bool_and", {of.node()}}; }
[[nodiscard]] inline aggregate<std::optional<bool>> bool_or(const expr<bool>& of) { return {"bool_or", {of.node()}}; }
/// All values as an array.
template <detail::expression_like X>
[[nodiscard]] auto array_agg(const X& of)
{
    return aggregate<std::optional<std::vector<detail::value_of<X>>>>{"array_agg", {detail::node_of(of)}};
}
/// All texts as one, with something between them.
template <detail::expression_like X>
[[nodiscard]] auto string_agg(const X& of, std::string_view between)
{
    static_assert(detail::text<detail::aggregated<X>>, "tusk: string_agg() is for texts");
    return aggregate<std::optional<std::string>>{
        "string_agg", {detail::node_of(of), detail::make_quoted(between, detail::text_type)}};
}

} // namespace tusk::orm
