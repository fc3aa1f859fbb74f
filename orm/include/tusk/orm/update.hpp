#pragma once

#include <tusk/orm/detail/returning.hpp>

#include <type_traits>
#include <utility>

namespace tusk::orm {

/// An UPDATE without objects. What the mapping says with `on_update` is set too unless the statement sets it, and a
/// version column counts on, so that sessions notice.
/// @tparam Out  What it gives back, as `select_statement`.
/// @par Lifetime       It owns its values.
/// @par Thread safety  That of a value.
template <class T, class... Out>
class update_statement : public detail::statement_base
{
    using data = detail::update_data;

public:
    using result_type = typename detail::row_result<Out...>::type;

    explicit update_statement(std::shared_ptr<data> from) : statement_base{std::move(from)} {}

    /// @param value  A value of the column's type, or an expression of the row as it was: `col<&account::balance> + 5`.
    template <class V, class X>
    update_statement& set(const column_ref<T, V>& column, X&& value) &
    {
        detail::assign(change<data>().assignments, column.info(),
                       detail::assigned_value<V>(std::forward<X>(value), column.info()));
        return *this;
    }
    template <class V, class X>
    [[nodiscard]] update_statement set(const column_ref<T, V>& column, X&& value) &&
    {
        return std::move(set(column, std::forward<X>(value)));
    }

    /// Several conditions must all be true; without any, all rows are updated.
    template <class... Condition>
    update_statement& where(const Condition&... conditions) &
    {
        auto& to = change<data>();
        ((to.where = detail::both(std::move(to.where), detail::condition_node(conditions))), ...);
        return *this;
    }
    template <class... Condition>
    [[nodiscard]] update_statement where(const Condition&... conditions) &&
    {
        return std::move(where(conditions...));
    }

    /// More tables, aliases or subqueries, connected by the conditions: UPDATE ... FROM.
    template <class... Source>
        requires(sizeof...(Source) > 0)
    update_statement& from(const Source&... sources) &
    {
        auto& to = change<data>();
        (to.from.push_back(detail::source_from(sources)), ...);
        return *this;
    }
    template <class... Source>
        requires(sizeof...(Source) > 0)
    [[nodiscard]] update_statement from(const Source&... sources) &&
    {
        return std::move(from(sources...));
    }

    /// Gives the rows back as entities, as they are afterwards: `returning<user>()`.
    template <class E>
    [[nodiscard]] update_statement<T, entity_output<E>> returning() const
    {
        static_assert(std::is_same_v<E, T>, "tusk: an UPDATE gives back what it updates");
        return update_statement<T, entity_output<E>>{
            detail::with_returning<data>(*this, detail::make_outputs(whole<E>))};
    }
    template <class... X>
        requires(sizeof...(X) > 0)
    [[nodiscard]] auto returning(const X&... outputs) const
    {
        return update_statement<T, detail::output_of<X>...>{
            detail::with_returning<data>(*this, detail::make_outputs(outputs...))};
    }
};

/// Updates rows: `orm::update<user>().set(col<&user::is_active>, false).where(col<&user::id>.in(banned))`.
template <entity T>
[[nodiscard]] update_statement<T> update()
{
    return update_statement<T>{std::make_shared<detail::update_data>(table_of<T>())};
}

} // namespace tusk::orm
