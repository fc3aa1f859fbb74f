#pragma once

#include <tusk/orm/detail/returning.hpp>
#include <tusk/orm/select.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tusk::orm {

/// The value that a row would have had which is in the way: for `do_update().set(column, orm::excluded(column))`.
template <class Entity, class V>
[[nodiscard]] expr<V> excluded(const column_ref<Entity, V>& column)
{
    return expr<V>{detail::make_excluded(column.info())};
}

template <class T, class... Out>
class conflict_target;

/// An INSERT without objects. Columns that are not named get what the table says; the values of a default-constructed
/// entity play no part.
/// @tparam Out  What it gives back, as `select_statement`.
/// @par Lifetime       It owns its values.
/// @par Thread safety  That of a value.
template <class T, class... Out>
class insert_statement : public detail::statement_base
{
protected:
    using data = detail::insert_data;

public:
    using result_type = typename detail::row_result<Out...>::type;

    explicit insert_statement(std::shared_ptr<data> from) : statement_base{std::move(from)} {}

    /// A column of the one row.
    template <class V, class X>
    insert_statement& value(const column_ref<T, V>& column, X&& value) &
    {
        auto& to = change<data>();
        to.columns.push_back(&column.info());
        to.values.push_back(detail::assigned_value<V>(std::forward<X>(value), column.info()));
        return *this;
    }
    template <class V, class X>
    [[nodiscard]] insert_statement value(const column_ref<T, V>& column, X&& value) &&
    {
        return std::move(this->value(column, std::forward<X>(value)));
    }

    /// What is done about rows that are there already: `on_conflict(col<&tag::label>).do_nothing()`. The columns are
    /// those of a unique index or constraint; without any, every conflict counts, and only `do_nothing` can follow.
    template <class... V>
    [[nodiscard]] conflict_target<T, Out...> on_conflict(const column_ref<T, V>&... columns) const;
    /// The constraint by its name.
    [[nodiscard]] conflict_target<T, Out...> on_conflict_on_constraint(std::string name) const;

    /// Gives the rows back as entities: `returning<tag>()`.
    template <class E>
    [[nodiscard]] insert_statement<T, entity_output<E>> returning() const
    {
        static_assert(std::is_same_v<E, T>, "tusk: an INSERT gives back what it inserts into");
        return insert_statement<T, entity_output<E>>{
            detail::with_returning<data>(*this, detail::make_outputs(whole<E>))};
    }
    /// Gives expressions back.
    template <class... X>
        requires(sizeof...(X) > 0)
    [[nodiscard]] auto returning(const X&... outputs) const
    {
        return insert_statement<T, detail::output_of<X>...>{
            detail::with_returning<data>(*this, detail::make_outputs(outputs...))};
    }

protected:
    [[nodiscard]] std::shared_ptr<data> copy() const { return std::make_shared<data>(read<data>()); }
};

/// `ON CONFLICT DO UPDATE`, column by column.
template <class T, class... Out>
class conflict_update : public insert_statement<T, Out...>
{
    using data = detail::insert_data;

public:
    using insert_statement<T, Out...>::insert_statement;

    /// @param value  A value, or an expression: `orm::excluded(column)` is what was to be inserted, and the column
    ///               itself is what is there.
    template <class V, class X>
    conflict_update& set(const column_ref<T, V>& column, X&& value) &
    {
        detail::assign(this->template change<data>().conflict.assignments, column.info(),
                       detail::assigned_value<V>(std::forward<X>(value), column.info()));
        return *this;
    }
    template <class V, class X>
    [[nodiscard]] conflict_update set(const column_ref<T, V>& column, X&& value) &&
    {
        return std::move(set(column, std::forward<X>(value)));
    }
    /// Only rows for which this is true are updated; others stay as they are, and are not given back.
    template <class Condition>
    conflict_update& where(const Condition& condition) &
    {
        auto& to = this->template change<data>().conflict;
        to.where = detail::both(std::move(to.where), detail::condition_node(condition));
        return *this;
    }
    template <class Condition>
    [[nodiscard]] conflict_update where(const Condition& condition) &&
    {
        return std::move(where(condition));
    }
};

/// `ON CONFLICT (...)` before what is done.
template <class T, class... Out>
class conflict_target
{
    using data = detail::insert_data;

public:
    explicit conflict_target(std::shared_ptr<data> to) : to_{std::move(to)} {}

    /// The predicate of a partial unique index.
    template <class Condition>
    [[nodiscard]] conflict_target index_where(const Condition& predicate) const
    {
        auto made = std::make_shared<data>(*to_);
        made->conflict.index_where = detail::condition_node(predicate);
        return conflict_target{std::move(made)};
    }
    /// Rows that are there already stay as they are, and are not given back.
    [[nodiscard]] insert_statement<T, Out...> do_nothing() const
    {
        auto made = std::make_shared<data>(*to_);
        made->conflict.action = detail::conflict_action::do_nothing;
        return insert_statement<T, Out...>{std::move(made)};
    }
    /// Rows that are there already are changed. `on_update` of the mapping is not applied.
    [[nodiscard]] conflict_update<T, Out...> do_update() const
    {
        auto made = std::make_shared<data>(*to_);
        made->conflict.action = detail::conflict_action::do_update;
        return conflict_update<T, Out...>{std::move(made)};
    }

private:
    std::shared_ptr<data> to_;
};

template <class T, class... Out>
template <class... V>
conflict_target<T, Out...> insert_statement<T, Out...>::on_conflict(const column_ref<T, V>&... columns) const
{
    auto made = copy();
    made->conflict.columns = {&columns.info()...};
    return conflict_target<T, Out...>{std::move(made)};
}

template <class T, class... Out>
conflict_target<T, Out...> insert_statement<T, Out...>::on_conflict_on_constraint(std::string name) const
{
    auto made = copy();
    made->conflict.constraint = std::move(name);
    return conflict_target<T, Out...>{std::move(made)};
}

/// An INSERT of several rows, or of what a SELECT gives, into columns that are named once.
template <class T, class... V>
class insert_columns : public insert_statement<T>
{
    using data = detail::insert_data;

public:
    explicit insert_columns(std::shared_ptr<data> from) : insert_statement<T>{std::move(from)} {}

    /// One row: a value for each of the columns.
    template <class... X>
    insert_columns& values(X&&... row) &
    {
        static_assert(sizeof...(X) == sizeof...(V), "tusk: a row has as many values as columns are named");
        auto& to = this->template change<data>();
        const std::size_t width = sizeof...(V);
        std::size_t i = 0;
        ((to.values.push_back(detail::assigned_value<V>(std::forward<X>(row), *to.columns[i++ % width]))), ...);
        return *this;
    }
    template <class... X>
    [[nodiscard]] insert_columns values(X&&... row) &&
    {
        return std::move(values(std::forward<X>(row)...));
    }

    /// The rows of a SELECT.
    template <class... Out>
    [[nodiscard]] insert_statement<T> from(const select_statement<Out...>& query) const
    {
        static_assert(sizeof...(Out) == sizeof...(V), "tusk: the SELECT has as many outputs as columns are named");
        static_assert((detail::comparable_values<detail::plain<V>, detail::plain<Out>> && ...),
                      "tusk: an output of the SELECT has another type than its column");
        auto made = this->copy();
        made->query = query.shared_select();
        return insert_statement<T>{std::move(made)};
    }
};

/// Inserts a row: `orm::insert_into<tag>().value(col<&tag::label>, "c++")`.
template <entity T>
[[nodiscard]] insert_statement<T> insert_into()
{
    return insert_statement<T>{std::make_shared<detail::insert_data>(table_of<T>())};
}

/// Inserts several rows: `orm::insert_into<tag>(col<&tag::label>).values("a").values("b")`.
template <entity T, class... V>
    requires(sizeof...(V) > 0)
[[nodiscard]] insert_columns<T, V...> insert_into(const column_ref<T, V>&... columns)
{
    auto made = std::make_shared<detail::insert_data>(table_of<T>());
    made->columns = {&columns.info()...};
    return insert_columns<T, V...>{std::move(made)};
}

} // namespace tusk::orm
