#pragma once

#include <tusk/orm/detail/returning.hpp>

#include <type_traits>
#include <utility>

namespace tusk::orm {

/// A DELETE without objects: no cascades but those of the database.
/// @tparam Out  What it gives back, as `select_statement`.
/// @par Lifetime       It owns its values.
/// @par Thread safety  That of a value.
template <class T, class... Out>
class delete_statement : public detail::statement_base
{
    using data = detail::delete_data;

public:
    using result_type = typename detail::row_result<Out...>::type;

    explicit delete_statement(std::shared_ptr<data> from) : statement_base{std::move(from)} {}

    /// Several conditions must all be true; without any, all rows are deleted.
    template <class... Condition>
    delete_statement& where(const Condition&... conditions) &
    {
        auto& to = change<data>();
        ((to.where = detail::both(std::move(to.where), detail::condition_node(conditions))), ...);
        return *this;
    }
    template <class... Condition>
    [[nodiscard]] delete_statement where(const Condition&... conditions) &&
    {
        return std::move(where(conditions...));
    }

    /// More tables, aliases or subqueries, connected by the conditions: DELETE ... USING.
    template <class... Source>
        requires(sizeof...(Source) > 0)
    delete_statement& using_(const Source&... sources) &
    {
        auto& to = change<data>();
        (to.from.push_back(detail::source_from(sources)), ...);
        return *this;
    }
    template <class... Source>
        requires(sizeof...(Source) > 0)
    [[nodiscard]] delete_statement using_(const Source&... sources) &&
    {
        return std::move(using_(sources...));
    }

    /// Gives the rows back as entities, as they were: `returning<user>()`.
    template <class E>
    [[nodiscard]] delete_statement<T, entity_output<E>> returning() const
    {
        static_assert(std::is_same_v<E, T>, "tusk: a DELETE gives back what it deletes");
        return delete_statement<T, entity_output<E>>{
            detail::with_returning<data>(*this, detail::make_outputs(whole<E>))};
    }
    template <class... X>
        requires(sizeof...(X) > 0)
    [[nodiscard]] auto returning(const X&... outputs) const
    {
        return delete_statement<T, detail::output_of<X>...>{
            detail::with_returning<data>(*this, detail::make_outputs(outputs...))};
    }
};

/// Deletes rows: `orm::delete_from<user>().where(col<&user::is_active> == false)`.
template <entity T>
[[nodiscard]] delete_statement<T> delete_from()
{
    return delete_statement<T>{std::make_shared<detail::delete_data>(table_of<T>())};
}

} // namespace tusk::orm
