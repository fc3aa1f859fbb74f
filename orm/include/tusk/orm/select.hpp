#pragma once

#include <tusk/orm/detail/output_list.hpp>
#include <tusk/orm/detail/select_data.hpp>
#include <tusk/orm/loader.hpp>
#include <tusk/orm/operators.hpp>
#include <tusk/orm/statement_result.hpp>
#include <tusk/orm/window.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tusk::orm {

template <class... Out>
class subquery;

/// What `for_update` does about rows that somebody else has locked.
inline constexpr detail::lock_wait nowait = detail::lock_wait::nowait;           ///< It fails at once.
inline constexpr detail::lock_wait skip_locked = detail::lock_wait::skip_locked; ///< It leaves them out.

/// A SELECT: a value that is built step by step and may be copied. Each function changes an lvalue in place, and gives
/// an rvalue back changed.
///
///     auto stmt = orm::select<user>().order_by(col<&user::id>.desc());
///     if (only_active)
///         stmt.where(col<&user::is_active> == true);
///
/// Its FROM is what its outputs come from, what `select_from` names, and what is joined. A condition does not add to
/// it: to name a table that is not in it is a `usage_error` when the statement is used.
/// @tparam Out  What it gives: `entity_output<T>`, or the type of a value.
/// @par Lifetime       It owns its values.
/// @par Thread safety  That of a value: copies are independent.
template <class... Out>
class select_statement : public detail::statement_base
{
    using data = detail::select_data;

public:
    using result_type = typename detail::row_result<Out...>::type;

    explicit select_statement(std::shared_ptr<detail::select_data> from) : statement_base{std::move(from)} {}

    // ---- Which rows.

    /// Several conditions must all be true.
    template <class... Condition>
    select_statement& where(const Condition&... conditions) &
    {
        auto& to = change<data>();
        ((to.where = detail::both(std::move(to.where), detail::condition_node(conditions))), ...);
        return *this;
    }
    template <class... Condition>
    [[nodiscard]] select_statement where(const Condition&... conditions) &&
    {
        return std::move(where(conditions...));
    }

    /// Outputs that are equal count once.
    select_statement& distinct() &
    {
        change<data>().distinct = true;
        return *this;
    }
    [[nodiscard]] select_statement distinct() && { return std::move(distinct()); }

    /// The first row for each value of these, in the order of the statement: DISTINCT ON.
    template <class... X>
    select_statement& distinct_on(const X&... by) &
    {
        auto& to = change<data>();
        (to.distinct_on.push_back(detail::node_of(by)), ...);
        return *this;
    }
    template <class... X>
    [[nodiscard]] select_statement distinct_on(const X&... by) &&
    {
        return std::move(distinct_on(by...));
    }

    template <class... X>
    select_statement& group_by(const X&... by) &
    {
        auto& to = change<data>();
        (to.group_by.push_back(detail::node_of(by)), ...);
        return *this;
    }
    template <class... X>
    [[nodiscard]] select_statement group_by(const X&... by) &&
    {
        return std::move(group_by(by...));
    }

    /// Which groups.
    template <class... Condition>
    select_statement& having(const Condition&... conditions) &
    {
        auto& to = change<data>();
        ((to.having = detail::both(std::move(to.having), detail::condition_node(conditions))), ...);
        return *this;
    }
    template <class... Condition>
    [[nodiscard]] select_statement having(const Condition&... conditions) &&
    {
        return std::move(having(conditions...));
    }

    /// Adds to the order; without arguments, it forgets the order that there is.
    template <class... Term>
    select_statement& order_by(const Term&... terms) &
    {
        auto& to = change<data>();
        if constexpr (sizeof...(Term) == 0)
            to.order_by.clear();
        else
            (to.order_by.push_back(detail::order_node_of(terms)), ...);
        return *this;
    }
    template <class... Term>
    [[nodiscard]] select_statement order_by(const Term&... terms) &&
    {
        return std::move(order_by(terms...));
    }

    /// @param rows  How many at most; `std::nullopt` for all.
    select_statement& limit(std::optional<std::int64_t> rows) &
    {
        change<data>().limit = rows ? detail::bind_value<std::int64_t>(*rows, detail::bigint_type) : nullptr;
        return *this;
    }
    [[nodiscard]] select_statement limit(std::optional<std::int64_t> rows) && { return std::move(limit(rows)); }
    /// @param rows  How many are skipped first.
    select_statement& offset(std::optional<std::int64_t> rows) &
    {
        change<data>().offset = rows ? detail::bind_value<std::int64_t>(*rows, detail::bigint_type) : nullptr;
        return *this;
    }
    [[nodiscard]] select_statement offset(std::optional<std::int64_t> rows) && { return std::move(offset(rows)); }

    // ---- From where.

    /// Tables, aliases or subqueries: `select_from<user>()`, `select_from(boss)`. More than one is their product.
    template <class... T>
    select_statement& select_from() &
    {
        auto& to = change<data>();
        (to.from.push_back(detail::source_of<T>()), ...);
        return *this;
    }
    template <class... T>
    [[nodiscard]] select_statement select_from() &&
    {
        return std::move(select_from<T...>());
    }
    template <class... Source>
        requires(sizeof...(Source) > 0)
    select_statement& select_from(const Source&... sources) &
    {
        auto& to = change<data>();
        (to.from.push_back(detail::source_from(sources)), ...);
        return *this;
    }
    template <class... Source>
        requires(sizeof...(Source) > 0)
    [[nodiscard]] select_statement select_from(const Source&... sources) &&
    {
        return std::move(select_from(sources...));
    }

    /// JOIN by a relation: `join<&user::posts>()`, or to an alias of the far side.
    template <auto Member>
    select_statement& join() &
    {
        return relate<Member>(detail::join_kind::inner, nullptr, nullptr);
    }
    template <auto Member>
    [[nodiscard]] select_statement join() &&
    {
        return std::move(join<Member>());
    }
    template <auto Member>
    select_statement& join(const alias<detail::target_of<Member>>& to) &
    {
        return relate<Member>(detail::join_kind::inner, nullptr, to.source());
    }
    template <auto Member>
    [[nodiscard]] select_statement join(const alias<detail::target_of<Member>>& to) &&
    {
        return std::move(join<Member>(to));
    }
    /// JOIN by a relation that starts from an alias.
    template <auto Member>
    select_statement& join_from(const alias<detail::entity_of<Member>>& from,
                                const std::optional<alias<detail::target_of<Member>>>& to = std::nullopt) &
    {
        return relate<Member>(detail::join_kind::inner, from.source(), to ? to->source() : nullptr);
    }
    template <auto Member>
    [[nodiscard]] select_statement
    join_from(const alias<detail::entity_of<Member>>& from,
              const std::optional<alias<detail::target_of<Member>>>& to = std::nullopt) &&
    {
        return std::move(join_from<Member>(from, to));
    }
    /// JOIN on a condition: `join(orm::whole<post>, col<&post::author_id> == col<&user::id>)`.
    template <class Source, class Condition>
    select_statement& join(const Source& to, const Condition& on) &
    {
        return connect(detail::join_kind::inner, detail::source_from(to), detail::condition_node(on));
    }
    template <class Source, class Condition>
    [[nodiscard]] select_statement join(const Source& to, const Condition& on) &&
    {
        return std::move(join(to, on));
    }

    /// LEFT JOIN: where there is nothing on the far side, its columns are NULL and its entities null handles. Columns
    /// that are selected from there are written `orm::nullable(column)`.
    template <auto Member>
    select_statement& outer_join() &
    {
        return relate<Member>(detail::join_kind::left, nullptr, nullptr);
    }
    template <auto Member>
    [[nodiscard]] select_statement outer_join() &&
    {
        return std::move(outer_join<Member>());
    }
    template <auto Member>
    select_statement& outer_join(const alias<detail::target_of<Member>>& to) &
    {
        return relate<Member>(detail::join_kind::left, nullptr, to.source());
    }
    template <auto Member>
    [[nodiscard]] select_statement outer_join(const alias<detail::target_of<Member>>& to) &&
    {
        return std::move(outer_join<Member>(to));
    }
    template <class Source, class Condition>
    select_statement& outer_join(const Source& to, const Condition& on) &
    {
        return connect(detail::join_kind::left, detail::source_from(to), detail::condition_node(on));
    }
    template <class Source, class Condition>
    [[nodiscard]] select_statement outer_join(const Source& to, const Condition& on) &&
    {
        return std::move(outer_join(to, on));
    }
    /// FULL JOIN
    template <class Source, class Condition>
    select_statement& full_join(const Source& to, const Condition& on) &
    {
        return connect(detail::join_kind::full, detail::source_from(to), detail::condition_node(on));
    }
    template <class Source, class Condition>
    [[nodiscard]] select_statement full_join(const Source& to, const Condition& on) &&
    {
        return std::move(full_join(to, on));
    }
    /// Every row with every row.
    template <class Source>
    select_statement& cross_join(const Source& to) &
    {
        return connect(detail::join_kind::cross, detail::source_from(to), nullptr);
    }
    template <class Source>
    [[nodiscard]] select_statement cross_join(const Source& to) &&
    {
        return std::move(cross_join(to));
    }

    // ---- What else is done.

    /// Locks the rows until the transaction ends: FOR UPDATE.
    /// @param wait  `orm::nowait`, `orm::skip_locked`.
    select_statement& for_update(detail::lock_wait wait = {}) & { return lock(detail::lock_strength::update, wait); }
    [[nodiscard]] select_statement for_update(detail::lock_wait wait = {}) && { return std::move(for_update(wait)); }
    select_statement& for_no_key_update(detail::lock_wait wait = {}) &
    {
        return lock(detail::lock_strength::no_key_update, wait);
    }
    [[nodiscard]] select_statement for_no_key_update(detail::lock_wait wait = {}) &&
    {
        return std::move(for_no_key_update(wait));
    }
    select_statement& for_share(detail::lock_wait wait = {}) & { return lock(detail::lock_strength::share, wait); }
    [[nodiscard]] select_statement for_share(detail::lock_wait wait = {}) && { return std::move(for_share(wait)); }
    select_statement& for_key_share(detail::lock_wait wait = {}) &
    {
        return lock(detail::lock_strength::key_share, wait);
    }
    [[nodiscard]] select_statement for_key_share(detail::lock_wait wait = {}) &&
    {
        return std::move(for_key_share(wait));
    }
    /// Only rows of these tables are locked: `lock_of(orm::whole<post>)`.
    template <class... Source>
    select_statement& lock_of(const Source&... sources) &
    {
        auto& to = change<data>();
        (to.lock.of.push_back(detail::source_from(sources)), ...);
        return *this;
    }
    template <class... Source>
    [[nodiscard]] select_statement lock_of(const Source&... sources) &&
    {
        return std::move(lock_of(sources...));
    }

    /// What is loaded beside the entities: `selectinload`, `joinedload`, `contains_eager`, `load_only`, `defer`.
    template <class... Root, class... At>
    select_statement& options(const loader<Root, At>&... each) &
    {
        auto& to = change<data>();
        (detail::add_option(to.options, each.option()), ...);
        return *this;
    }
    template <class... Root, class... At>
    [[nodiscard]] select_statement options(const loader<Root, At>&... each) &&
    {
        return std::move(options(each...));
    }

    // ---- As a part of other statements.

    /// As something to select from; see `orm::subquery`.
    /// @param name  Its name in SQL; without one it is called `rows_1` and so on.
    [[nodiscard]] orm::subquery<Out...> subquery(std::string_view name = {}) const;
    /// The same in WITH: written once, however often it is used.
    [[nodiscard]] orm::subquery<Out...>
    cte(std::string_view name, detail::materialization materialized = detail::materialization::unsaid) const;

    /// Its one value; NULL where it gives no row.
    [[nodiscard]] auto scalar() const
    {
        static_assert(sizeof...(Out) == 1 && (!detail::is_entity_output<Out> && ...),
                      "tusk: scalar() is for a statement with one value");
        return scalar_of<Out...>();
    }

    [[nodiscard]] std::shared_ptr<const detail::select_data> shared_select() const
    {
        return std::static_pointer_cast<const data>(shared_data());
    }

private:
    template <class Value>
    [[nodiscard]] expr<detail::nullable_of<Value>> scalar_of() const
    {
        return expr<detail::nullable_of<Value>>{
            detail::make_scalar_subquery(shared_select(), detail::type_oid_of<detail::plain<Value>>())};
    }

    template <auto Member>
    select_statement& relate(detail::join_kind kind, detail::source_ptr from, detail::source_ptr to)
    {
        change<data>().joins.push_back(
            detail::make_relation_join(detail::relation_of<Member>(), kind, std::move(from), std::move(to)));
        return *this;
    }
    select_statement& connect(detail::join_kind kind, detail::source_ptr to, detail::node_ptr on)
    {
        change<data>().joins.push_back({kind, std::move(to), std::move(on), nullptr, nullptr, nullptr});
        return *this;
    }
    select_statement& lock(detail::lock_strength strength, detail::lock_wait wait)
    {
        auto& to = change<data>().lock;
        to.strength = strength;
        to.wait = wait;
        return *this;
    }
};

namespace detail {

template <class... Out>
select_statement<Out...> make_select(std::vector<output_item> outputs)
{
    auto made = std::make_shared<select_data>();
    made->outputs = std::move(outputs);
    return select_statement<Out...>{std::move(made)};
}

} // namespace detail

/// Selects entities: `orm::select<user>()`, `orm::select<user, post>()`.
template <entity... T>
    requires(sizeof...(T) > 0)
[[nodiscard]] select_statement<entity_output<T>...> select()
{
    return detail::make_select<entity_output<T>...>({detail::output_item{nullptr, detail::source_of<T>()}...});
}

/// Selects expressions, and entities by `orm::whole<T>` or an alias: `orm::select(col<&user::name>, orm::count_all())`.
template <class... X>
    requires(sizeof...(X) > 0)
[[nodiscard]] auto select(const X&... outputs)
{
    return detail::make_select<detail::output_of<X>...>(detail::make_outputs(outputs...));
}

} // namespace tusk::orm
