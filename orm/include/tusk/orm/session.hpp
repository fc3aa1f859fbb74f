#pragma once

#include <tusk/driver/detail/awaitable_argument.hpp>
#include <tusk/orm/build_table.hpp>
#include <tusk/orm/detail/session_verbs.hpp>
#include <tusk/orm/query_verbs.hpp>
#include <tusk/orm/ref.hpp>
#include <tusk/orm/table.hpp>
#include <tusk/session/savepoint.hpp>
#include <tusk/session/session.hpp>

#include <asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <ranges>
#include <source_location>
#include <type_traits>
#include <utility>
#include <vector>

namespace tusk {

class engine;
class test_transaction;

} // namespace tusk

namespace tusk::orm {

/// While it lives, statements do not flush first: `const auto quiet = s.no_autoflush();`
class autoflush_guard
{
public:
    explicit autoflush_guard(std::shared_ptr<detail::session_state> of);
    autoflush_guard(autoflush_guard&&) noexcept = default;
    autoflush_guard& operator=(autoflush_guard&&) = delete;
    ~autoflush_guard();

private:
    std::shared_ptr<detail::session_state> of_;
};

/// Members whose columns an INSERT writes although they look as if nobody had set them:
/// `s.add(x, orm::explicit_value<&T::id>)`.
template <auto... Members>
struct explicit_values {
};
template <auto... Members>
inline constexpr explicit_values<Members...> explicit_value{};

/// Entities and their transaction: the unit of work.
///
/// Entities are added, changed and removed in memory. A flush sends the difference: before statements that name their
/// tables (autoflush), before a savepoint begins or is released, before a commit, and when it is asked for. It is
/// always inside a transaction; what goes into it goes in one flight a dependency level.
///
/// When a flush fails, entities are as they were before it, and the transaction has failed: verbs throw
/// `pending_rollback` until `rollback` (or until the savepoint around it is rolled back).
///
/// A rollback, of everything or to a savepoint, undoes what happened to entities too: columns and relations are what
/// they were, deleted ones are back, flushed new ones are dead, and new ones that were never flushed leave the session
/// (they keep their values and can be added again).
///
/// @par Lifetime       Handles may outlive it; their entities are detached then. Destroying it rolls back what is open,
///                     without blocking or throwing. It may outlive its `engine` object.
/// @par Cancellation   As of the verbs of `tusk::session`. A flush or commit that is cancelled has failed: nothing of
/// its
///                     transaction stays open on the server once the session is rolled back or destroyed.
/// @par Thread safety  One caller at a time: two at once are a `usage_error`. Handles belong to the same strand.
class session : public query_verbs<session>
{
public:
    /// Nothing is connected yet.
    explicit session(const engine& of);
    /// What it commits is a savepoint of that test's transaction.
    explicit session(const test_transaction& of);
    /// On an SQL session, in whose transaction it works.
    explicit session(tusk::session on);
    session(session&&) noexcept = default;
    session& operator=(session&& other) noexcept;
    ~session();

    // ---- Entities.

    /// Takes over a new entity. Nothing is sent before the flush.
    ///
    /// @param entity  It is moved in, or copied where it is an lvalue. Its relations are empty: they belong to the
    /// handle.
    /// @throws usage_error  An entity with its primary key is in the session: change that one, or `merge` into it.
    template <class T, auto... Members>
        requires entity<std::remove_cvref_t<T>>
    ref<std::remove_cvref_t<T>> add(T&& entity, explicit_values<Members...> /*written*/ = {})
    {
        using type = std::remove_cvref_t<T>;
        type taken(std::forward<T>(entity));
        detail::entity_node& made = detail::add_entity(*state(), table_of<type>(), &taken, {member_name<Members>()...});
        return detail::ref_access::make<type>(&made);
    }

    /// An entity that was expunged, or whose INSERT was never sent before a rollback, again.
    /// @throws usage_error  It belongs to another session, or is dead.
    template <class T>
    ref<T> add(const ref<T>& again)
    {
        detail::add_again(*state(), detail::ref_access::node(again));
        return again;
    }

    /// Takes over many.
    /// @returns Their handles, in their order.
    template <std::ranges::input_range Range>
    std::vector<ref<std::ranges::range_value_t<Range>>> add_all(Range&& entities)
    {
        std::vector<ref<std::ranges::range_value_t<Range>>> made;
        if constexpr (std::ranges::sized_range<Range>)
            made.reserve(std::ranges::size(entities));
        for (auto&& each : entities) {
            if constexpr (std::is_lvalue_reference_v<Range>)
                made.push_back(add(each));
            else
                made.push_back(add(std::move(each)));
        }
        return made;
    }

    /// Deletes its row at the next flush, with what its relations' cascades reach. A new entity just leaves the
    /// session.
    /// @throws usage_error  It has no row in this session.
    template <class T>
    void remove(const ref<T>& what)
    {
        detail::remove_entity(*state(), detail::ref_access::node(what));
    }

    /// Lets it go: it leaves the session, with what `cascade::expunge` reaches, and keeps its values.
    template <class T>
    void expunge(const ref<T>& what)
    {
        detail::expunge_entity(*state(), detail::ref_access::node(what));
    }
    void expunge_all();

    /// As `get`, and throws where there is no row.
    /// @throws row_count_error  There is none.
    template <class T, class... Key>
    [[nodiscard]] asio::awaitable<ref<T>> get_one(const Key&... key)
    {
        return detail::require_found<T>(this->template get<T>(key...));
    }

    /// Reads its row again; unsaved changes of its columns are lost. Relations stay as they are.
    /// @throws usage_error       It has no row in this session.
    /// @throws stale_data_error  Its row is gone.
    template <class T>
    [[nodiscard]] asio::awaitable<void> refresh(const ref<T>& what)
    {
        return detail::refresh_entity(state(), detail::ref_access::node(what));
    }

    /// Copies the columns of an object onto the entity with its primary key: of the session, else of the database, else
    /// a new one.
    /// @param from  An lvalue; it is not kept. Its relations are not looked at.
    /// @throws stale_data_error  The row has another version than the object.
    template <class T>
        requires entity<std::remove_cvref_t<T>>
    [[nodiscard]] asio::awaitable<ref<std::remove_cvref_t<T>>> merge(T&& from)
    {
        tusk::detail::refuse_miscompiled<T>();
        using type = std::remove_cvref_t<T>;
        return detail::merge_typed<type>(state(), std::make_unique<type>(std::forward<T>(from)));
    }

    // ---- What is in it.

    /// Its columns or relations differ from what the database has, or it is new.
    template <class T>
    [[nodiscard]] bool is_modified(const ref<T>& what) const
    {
        return detail::is_modified(*state(), detail::ref_access::node(what));
    }

    /// New entities of a class, which the next flush inserts, in the order of `add`.
    template <class T>
    [[nodiscard]] std::vector<ref<T>> pending() const
    {
        return handles<T>(detail::standing::pending);
    }
    /// Entities of a class that the next flush updates.
    template <class T>
    [[nodiscard]] std::vector<ref<T>> dirty() const
    {
        return handles<T>(detail::standing::dirty);
    }
    /// Entities of a class that the next flush deletes.
    template <class T>
    [[nodiscard]] std::vector<ref<T>> removed() const
    {
        return handles<T>(detail::standing::removed);
    }
    /// How many entities it holds, of all classes.
    [[nodiscard]] std::size_t size() const;

    // ---- The transaction.

    /// Sends what has changed.
    /// @throws server_error      A row was refused; the message names its entity.
    /// @throws stale_data_error  A row that was to be changed or deleted is not there any more (in its version).
    /// @throws encode_error      A value cannot be one of its column; the message names entity and member.
    /// @throws usage_error       A foreign key and its relation were both changed and disagree; rows refer to each
    /// other
    ///                           in a circle that nothing opens.
    [[nodiscard]] asio::awaitable<void> flush();

    /// Says that a transaction begins. (The first statement does it too.)
    [[nodiscard]] asio::awaitable<void> begin();

    /// Flushes, and ends the transaction. Without changes and transaction nothing is sent. Entities keep their values;
    /// in the next transaction, rows that arrive overwrite them.
    /// @throws tusk::error             As `flush`, and as `tusk::session::commit`.
    /// @throws commit_outcome_unknown  ... and then entities have left the session (they keep their values), and verbs
    ///                                 throw `pending_rollback` until `rollback`. Cancelled behind the flush, it is
    ///                                 the same.
    [[nodiscard]] asio::awaitable<void> commit();

    /// Ends the transaction, and undoes what happened in it, to entities too.
    [[nodiscard]] asio::awaitable<void> rollback();

    /// Flushes, and starts a savepoint.
    [[nodiscard]] asio::awaitable<savepoint> begin_nested(std::source_location who = std::source_location::current());

    /// Runs `block()` in a savepoint: flushed and released when it returns, rolled back to on any exception, which goes
    /// on.
    /// @param block  `asio::awaitable<R>()`; it is copied or moved in.
    template <class F>
        requires std::is_invocable_v<F&>
    [[nodiscard]] auto begin_nested(F&& block, std::source_location who = std::source_location::current())
        -> std::invoke_result_t<F&>
    {
        return sql().begin_nested(std::forward<F>(block), who);
    }

    /// Statements do not flush first while what it returns lives.
    [[nodiscard]] autoflush_guard no_autoflush() { return autoflush_guard{state()}; }

    /// The SQL session: statements in the same transaction. Flush first where they are to see what was changed.
    [[nodiscard]] tusk::session& sql();

    // ---- Hooks, for as long as the session lives.

    /// Called before each flush; it may add, change and remove.
    void before_flush(std::function<void()> hook);
    /// Called after a flush that has sent something. What it changes is sent too.
    void after_flush(std::function<void()> hook);
    /// Called after each commit. It must not throw.
    void after_commit(std::function<void()> hook);
    /// Called after each rollback of the transaction. It must not throw.
    void after_rollback(std::function<void()> hook);

private:
    friend class query_verbs<session>;

    /// @throws usage_error  It was moved from.
    [[nodiscard]] const std::shared_ptr<detail::session_state>& state() const;

    template <class T>
    [[nodiscard]] std::vector<ref<T>> handles(detail::standing of) const
    {
        std::vector<ref<T>> made;
        for (detail::entity_node* each : detail::entities(*state(), table_of<std::remove_const_t<T>>(), of))
            made.push_back(detail::ref_access::make<T>(each));
        return made;
    }

    std::shared_ptr<detail::session_state> state_;
};

} // namespace tusk::orm
