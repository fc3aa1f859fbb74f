#pragma once

#include <tusk/driver/command_tag.hpp>
#include <tusk/driver/detail/parameter.hpp>
#include <tusk/orm/build_table.hpp>
#include <tusk/orm/detail/get_arguments.hpp>
#include <tusk/orm/detail/output_list.hpp>
#include <tusk/orm/detail/typed_run.hpp>
#include <tusk/orm/ref.hpp>
#include <tusk/orm/row_batches.hpp>
#include <tusk/orm/statement_result.hpp>

#include <asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <ranges>
#include <source_location>
#include <type_traits>
#include <utility>
#include <vector>

namespace tusk::orm {

/// How a session reads: the verbs of `orm::session` that run statements.
///
/// Every verb is a plain function that renders its statement and takes its values over before it returns; nothing is
/// sent until what it returned is awaited. Before that, what the session has changed of the tables that the statement
/// names is flushed (autoflush).
///
/// Entities come through the identity map: a row whose entity is in the session gives a handle to that one. Within the
/// transaction in which it was read or written its members stay as they are; a row that arrives in a later transaction
/// overwrites them, where they hold no unsaved changes. A deferred member that is not loaded is filled in whenever a
/// row brings it. Relations that the statement's options name are read anew; what was added to them and removed from
/// them and is not flushed yet stays so.
///
/// @par Cancellation   Of any verb, any type: as of the verbs of `tusk::session`. Entities that had been made of the
/// rows
///                     by then stay.
/// @par Thread safety  One caller at a time: two at once are a `usage_error`.
template <class Derived>
class query_verbs
{
public:
    // ---- Rows.

    /// All rows: handles or values of a statement with one output, tuples where it has several.
    ///
    /// An entity that several rows hold is given out as often, except where a joined collection repeats it.
    /// @throws usage_error   The statement contradicts itself (at once), or somebody else uses the session.
    /// @throws decode_error  The columns do not fit the members or values that they are read into.
    /// @throws tusk::error   As `tusk::session::query`, and as `flush`.
    template <class Statement>
    [[nodiscard]] asio::awaitable<std::vector<statement_result<Statement>>>
    all(const Statement& statement, std::source_location who = std::source_location::current())
    {
        return detail::all_rows<statement_result<Statement>>(state(), detail::prepare(statement), who);
    }

    /// Exactly one row.
    /// @throws row_count_error  There is none, or more than one.
    /// @throws tusk::error      As `all`.
    template <class Statement>
    [[nodiscard]] asio::awaitable<statement_result<Statement>>
    one(const Statement& statement, std::source_location who = std::source_location::current())
    {
        return detail::one_row<statement_result<Statement>>(state(), detail::prepare(statement), who);
    }

    /// One row, or a null handle (of values: `std::nullopt`).
    /// @throws row_count_error  There is more than one.
    /// @throws tusk::error      As `all`.
    template <class Statement>
    [[nodiscard]] asio::awaitable<detail::maybe_row_of<statement_result<Statement>>>
    one_or_none(const Statement& statement, std::source_location who = std::source_location::current())
    {
        return detail::maybe_one_row<statement_result<Statement>>(state(), detail::prepare(statement),
                                                                  detail::row_bound::one_or_none, who);
    }

    /// The first row, or a null handle (of values: `std::nullopt`). No LIMIT is added: what follows is read and
    /// dropped.
    template <class Statement>
    [[nodiscard]] asio::awaitable<detail::maybe_row_of<statement_result<Statement>>>
    first(const Statement& statement, std::source_location who = std::source_location::current())
    {
        return detail::maybe_one_row<statement_result<Statement>>(state(), detail::prepare(statement),
                                                                  detail::row_bound::first, who);
    }

    /// The first output of exactly one row: `s.scalar_one(orm::select(orm::count_all()).select_from<user>())`.
    /// @throws row_count_error  There is no row, or more than one.
    template <class Statement>
    [[nodiscard]] asio::awaitable<typename detail::first_part<statement_result<Statement>>::type>
    scalar_one(const Statement& statement, std::source_location who = std::source_location::current())
    {
        return detail::one_scalar<statement_result<Statement>>(state(), detail::prepare(statement), who);
    }

    /// The first output of the first row; `std::nullopt` or a null handle where there is no row, or it is NULL.
    template <class Statement>
    [[nodiscard]] auto scalar(const Statement& statement, std::source_location who = std::source_location::current())
    {
        return detail::maybe_scalar_of<statement_result<Statement>>(state(), detail::prepare(statement), who);
    }

    /// Handles that only read: going through them costs the next flush nothing.
    template <class Read, class Statement>
        requires std::is_const_v<Read>
    [[nodiscard]] asio::awaitable<std::vector<ref<Read>>>
    all(const Statement& statement, std::source_location who = std::source_location::current())
    {
        detail::require_entity<Read, statement_result<Statement>>();
        return detail::all_rows<ref<Read>>(state(), detail::prepare(statement), who);
    }
    template <class Read, class Statement>
        requires std::is_const_v<Read>
    [[nodiscard]] asio::awaitable<ref<Read>> one(const Statement& statement,
                                                 std::source_location who = std::source_location::current())
    {
        detail::require_entity<Read, statement_result<Statement>>();
        return detail::one_row<ref<Read>>(state(), detail::prepare(statement), who);
    }

    /// How many rows a SELECT gives; its order, limit, offset and loader options do not count.
    template <class Statement>
    [[nodiscard]] asio::awaitable<std::int64_t> count(const Statement& statement,
                                                      std::source_location who = std::source_location::current())
    {
        return detail::one_row<std::int64_t>(state(), detail::prepare_count(statement), who);
    }

    // ---- Entities.

    /// The entity with that primary key; a null handle where there is none.
    ///
    /// One that was read or written in this transaction, or that has unsaved changes, comes from the identity map: no
    /// SQL. One from an earlier transaction is read again.
    ///
    /// With loader options, `s.get<user>(7, orm::selectinload<&user::posts>())`, it is a statement in any case, so that
    /// the relations they name are loaded as in a SELECT.
    /// @param key  A value for each column of the primary key, in the order of the mapping; loader options behind them.
    /// @throws usage_error  There are more or fewer values than columns, or one does not fit.
    template <class T, class... Key>
    [[nodiscard]] asio::awaitable<ref<T>> get(const Key&... key)
    {
        if constexpr ((detail::is_loader<Key> || ...)) {
            return detail::maybe_one_row<ref<T>>(state(), detail::prepare_get_of<T>(key...),
                                                 detail::row_bound::one_or_none, {});
        } else {
            const table_info& table = table_of<std::remove_const_t<T>>();
            return detail::get_entity<T>(state(), table, detail::encode_key_of(table, key...), {});
        }
    }

    /// Loads a relation of one entity, as `selectinload` would: what the database has now, and what was added and
    /// removed since.
    /// @throws usage_error  The entity belongs to another session, or the handle is null or dead.
    template <auto Member, class T>
    [[nodiscard]] asio::awaitable<void> load(const ref<T>& owner,
                                             std::source_location who = std::source_location::current())
    {
        static_assert(std::is_base_of_v<detail::owner_of<Member>, T>,
                      "tusk: this relation is a member of another class than the handle's");
        detail::kept_entities owners;
        owners.push_back(detail::ref_access::node(owner));
        return detail::run_load(state(), detail::relation_of<Member>(), std::move(owners), who);
    }

    /// ... of many entities, by one statement for 10,000 of them.
    /// @param owners  Handles; a null one is an error.
    template <auto Member, std::ranges::input_range Owners>
    [[nodiscard]] asio::awaitable<void> load(const Owners& owners,
                                             std::source_location who = std::source_location::current())
    {
        detail::kept_entities kept;
        for (const auto& each : owners)
            kept.push_back(detail::ref_access::node(each));
        return detail::run_load(state(), detail::relation_of<Member>(), std::move(kept), who);
    }

    // ---- Changes in bulk.

    /// Runs an INSERT, UPDATE or DELETE: what the server said of it, or, where it has a RETURNING, the rows as `all`
    /// would give them.
    ///
    /// Entities of the session follow: those whose rows a DELETE took leave the session, and those whose rows an UPDATE
    /// or an INSERT ... ON CONFLICT DO UPDATE changed are read again (unless they have unsaved changes), so that no
    /// member is out of date. For that, the statement returns keys where the session holds entities of the class.
    /// Relations that were loaded stay as they were, and no cascade runs but the database's own.
    /// @throws tusk::error  As `all`.
    template <class Statement>
    [[nodiscard]] auto execute(const Statement& statement, std::source_location who = std::source_location::current())
    {
        if constexpr (std::is_void_v<statement_result<Statement>>)
            return detail::run_command(state(), detail::prepare(statement), who);
        else
            return all(statement, who);
    }

    // ---- Many rows.

    /// Rows in batches, in memory that does not grow: entities to which nobody keeps a handle are destroyed when the
    /// next batch is asked for. What the statement's options name is loaded batch by batch.
    ///
    ///     auto users = co_await s.stream(orm::select<user>(), 1000);
    ///     while (co_await users.next_batch())
    ///         for (const orm::ref<user>& each : users)
    ///
    /// @param batch  Rows a batch.
    /// @throws usage_error  A collection is joined to the rows: a batch could end inside it. `selectinload` can.
    template <class Statement>
    [[nodiscard]] asio::awaitable<row_batches<statement_result<Statement>>>
    stream(const Statement& statement, std::int32_t batch = 1000,
           std::source_location who = std::source_location::current())
    {
        detail::statement_ptr made = detail::prepare(statement);
        detail::refuse_joined_collection(made);
        return detail::open_batches<statement_result<Statement>>(state(), std::move(made), batch, who);
    }

private:
    friend Derived;
    friend struct detail::state_access;
    query_verbs() = default;

    [[nodiscard]] const std::shared_ptr<detail::session_state>& state() const
    {
        return static_cast<const Derived&>(*this).state();
    }
};

} // namespace tusk::orm
