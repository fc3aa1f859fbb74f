#pragma once

#include <tusk/orm/expr.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tusk::orm {

namespace detail {

/// What orders: a term with a direction, or an expression without.
template <class X>
node_ptr order_node_of(const X& of)
{
    if constexpr (std::is_same_v<X, order_term>)
        return of.node();
    else
        return node_of(of);
}

} // namespace detail

/// The rows that a window function looks at:
/// `orm::partition_by(col<&post::author_id>).order_by(col<&post::id>.desc()).rows("UNBOUNDED PRECEDING")`.
class window
{
public:
    window() = default;

    template <detail::expression_like... X>
    [[nodiscard]] window partition_by(const X&... by) const
    {
        window made = *this;
        (made.partition_.push_back(detail::node_of(by)), ...);
        return made;
    }
    template <class... Term>
    [[nodiscard]] window order_by(const Term&... terms) const
    {
        window made = *this;
        (made.order_.push_back(detail::order_node_of(terms)), ...);
        return made;
    }
    /// The frame, in SQL: `rows("BETWEEN 2 PRECEDING AND CURRENT ROW")`.
    [[nodiscard]] window rows(std::string_view frame) const { return framed("ROWS ", frame); }
    [[nodiscard]] window range(std::string_view frame) const { return framed("RANGE ", frame); }
    [[nodiscard]] window groups(std::string_view frame) const { return framed("GROUPS ", frame); }

    void describe(detail::call_options& to) const
    {
        to.is_windowed = true;
        to.partition_by = partition_;
        to.window_order = order_;
        to.frame = frame_;
    }

private:
    [[nodiscard]] window framed(std::string_view mode, std::string_view frame) const
    {
        window made = *this;
        made.frame_ = mode;
        made.frame_ += frame;
        return made;
    }

    detail::node_list partition_;
    detail::node_list order_;
    std::string frame_;
};

template <detail::expression_like... X>
[[nodiscard]] window partition_by(const X&... by)
{
    return window{}.partition_by(by...);
}
template <class... Term>
[[nodiscard]] window order_by(const Term&... terms)
{
    return window{}.order_by(terms...);
}

/// A function that needs a window to be an expression.
template <class T>
class window_function
{
public:
    window_function(std::string_view name, detail::node_list arguments) : name_{name}, arguments_{std::move(arguments)}
    {
    }

    [[nodiscard]] expr<T> over(const window& rows = {}) const
    {
        detail::call_options options;
        rows.describe(options);
        return expr<T>{
            detail::make_call(name_, arguments_, detail::type_oid_of<detail::plain<T>>(), std::move(options))};
    }

private:
    std::string name_;
    detail::node_list arguments_;
};

[[nodiscard]] inline window_function<std::int64_t> row_number() { return {"row_number", {}}; }
[[nodiscard]] inline window_function<std::int64_t> rank() { return {"rank", {}}; }
[[nodiscard]] inline window_function<std::int64_t> dense_rank() { return {"dense_rank", {}}; }
[[nodiscard]] inline window_function<double> percent_rank() { return {"percent_rank", {}}; }
[[nodiscard]] inline window_function<double> cume_dist() { return {"cume_dist", {}}; }
[[nodiscard]] inline window_function<int> ntile(int buckets)
{
    return {"ntile", {detail::bind_value<int>(buckets, detail::type_oid_of<int>())}};
}

namespace detail {

template <class X>
using in_window = window_function<nullable_of<value_of<X>>>;

} // namespace detail

/// The value in the row that is `rows` before this one; NULL where there is none.
template <detail::expression_like X>
[[nodiscard]] detail::in_window<X> lag(const X& of, int rows = 1)
{
    return {"lag", {detail::node_of(of), detail::bind_value<int>(rows, detail::type_oid_of<int>())}};
}
/// ... behind this one.
template <detail::expression_like X>
[[nodiscard]] detail::in_window<X> lead(const X& of, int rows = 1)
{
    return {"lead", {detail::node_of(of), detail::bind_value<int>(rows, detail::type_oid_of<int>())}};
}
template <detail::expression_like X>
[[nodiscard]] detail::in_window<X> first_value(const X& of)
{
    return {"first_value", {detail::node_of(of)}};
}
template <detail::expression_like X>
[[nodiscard]] detail::in_window<X> last_value(const X& of)
{
    return {"last_value", {detail::node_of(of)}};
}
template <detail::expression_like X>
[[nodiscard]] detail::in_window<X> nth_value(const X& of, int n)
{
    return {"nth_value", {detail::node_of(of), detail::bind_value<int>(n, detail::type_oid_of<int>())}};
}

} // namespace tusk::orm
