#pragma once

#include <tusk/orm/select.hpp>

#include <cstddef>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace tusk::orm {

namespace detail {

/// Where among the columns of a subquery an output starts.
std::size_t start_of_output(const select_data& of, std::size_t output);
/// @throws usage_error  The subquery does not have the column.
std::size_t position_of(const std::vector<derived_column>& columns, const column_info& column);

} // namespace detail

/// A SELECT as something to select from, or in WITH.
///
///     auto counts = orm::select(col<&post::author_id>,
///     orm::count_all().as("n")).group_by(col<&post::author_id>).subquery(); orm::select(col<&user::name>,
///     counts.get<1>()).join(counts, counts.get<0>() == col<&user::id>)
/// @par Thread safety  It does not change: any thread.
template <class... Out>
class subquery
{
public:
    explicit subquery(detail::source_ptr source, std::shared_ptr<const detail::select_data> query)
        : source_{std::move(source)}, query_{std::move(query)}, columns_{detail::derived_columns(*query_)}
    {
    }

    /// The column of an output that is a value, by its number from 0.
    template <std::size_t I>
    [[nodiscard]] auto get() const
    {
        using output = std::tuple_element_t<I, std::tuple<Out...>>;
        static_assert(!detail::is_entity_output<output>,
                      "tusk: this output is an entity: take its columns with subquery[col<&T::member>]");
        return expr<output>{detail::make_derived_column(source_, columns_, detail::start_of_output(*query_, I))};
    }
    /// A column that the query selects, or that one of its entities has.
    /// @throws usage_error  There is none.
    template <class Entity, class V>
    [[nodiscard]] expr<V> operator[](const column_ref<Entity, V>& column) const
    {
        return expr<V>{detail::make_derived_column(source_, columns_, detail::position_of(columns_, column.info()))};
    }

    [[nodiscard]] const detail::source_ptr& source() const noexcept { return source_; }

private:
    detail::source_ptr source_;
    std::shared_ptr<const detail::select_data> query_;
    std::vector<detail::derived_column> columns_;
};

template <class... Out>
orm::subquery<Out...> select_statement<Out...>::subquery(std::string_view name) const
{
    return orm::subquery<Out...>{detail::make_subquery(shared_select(), name), shared_select()};
}

template <class... Out>
orm::subquery<Out...> select_statement<Out...>::cte(std::string_view name, detail::materialization materialized) const
{
    return orm::subquery<Out...>{detail::make_cte(shared_select(), name, materialized), shared_select()};
}

inline constexpr detail::materialization materialized = detail::materialization::yes;
inline constexpr detail::materialization not_materialized = detail::materialization::no;

/// A recursive query: rows of `start`, and then again and again what `step` makes of the rows that were found last.
///
///     auto tree = orm::recursive_cte("tree", orm::select(col<&node::id>).where(col<&node::id> == root),
///                                    [](const auto& tree) {
///                                        return orm::select(col<&node::id>).join(tree, tree.template get<0>() ==
///                                        col<&node::parent_id>);
///                                    });
/// @param step  Is given the query itself, and returns a SELECT with the same outputs.
/// @param all   UNION ALL; without it, a row that was there already ends its branch.
template <class... Out, class Step>
[[nodiscard]] subquery<Out...> recursive_cte(std::string_view name, const select_statement<Out...>& start, Step step,
                                             bool all = true)
{
    const detail::source_ptr self = detail::make_cte_self(name);
    const select_statement<Out...> next = step(subquery<Out...>{self, start.shared_select()});
    return subquery<Out...>{detail::make_recursive_cte(start.shared_select(), next.shared_select(), self, all, name),
                            start.shared_select()};
}

namespace detail {

template <class... Out, class... Statement>
select_statement<Out...> combine(set_operator which, const select_statement<Out...>& first, const Statement&... others)
{
    static_assert((std::is_same_v<Statement, select_statement<Out...>> && ...),
                  "tusk: statements that are combined give the same types of values");
    auto made = std::make_shared<select_data>();
    made->combined = which;
    made->parts = {first.shared_select(), others.shared_select()...};
    return select_statement<Out...>{std::move(made)};
}

} // namespace detail

/// Rows of one or the other, equal ones once. Order, limit and offset are said of the outcome; it is ordered by columns
/// that it has.
template <class First, class... Statement>
[[nodiscard]] First union_(const First& first, const Statement&... others)
{
    return detail::combine(detail::set_operator::union_, first, others...);
}
/// Rows of one and the other.
template <class First, class... Statement>
[[nodiscard]] First union_all(const First& first, const Statement&... others)
{
    return detail::combine(detail::set_operator::union_all, first, others...);
}
/// Rows that both have.
template <class First, class... Statement>
[[nodiscard]] First intersect(const First& first, const Statement&... others)
{
    return detail::combine(detail::set_operator::intersect, first, others...);
}
template <class First, class... Statement>
[[nodiscard]] First intersect_all(const First& first, const Statement&... others)
{
    return detail::combine(detail::set_operator::intersect_all, first, others...);
}
/// Rows of the first that the others do not have.
template <class First, class... Statement>
[[nodiscard]] First except(const First& first, const Statement&... others)
{
    return detail::combine(detail::set_operator::except, first, others...);
}
template <class First, class... Statement>
[[nodiscard]] First except_all(const First& first, const Statement&... others)
{
    return detail::combine(detail::set_operator::except_all, first, others...);
}

} // namespace tusk::orm
