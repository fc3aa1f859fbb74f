#pragma once

#include <tusk/driver/connection.hpp>
#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/copy_access.hpp>
#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/detail/parameter_source.hpp>
#include <tusk/driver/detail/stream_access.hpp>
#include <tusk/driver/detail/take.hpp>
#include <tusk/driver/transaction_options.hpp>
#include <tusk/pool/detail/run.hpp>
#include <tusk/session/detail/block.hpp>
#include <tusk/session/detail/run.hpp>
#include <tusk/session/detail/sql.hpp>
#include <tusk/session/savepoint.hpp>

#include <asio/awaitable.hpp>

#include <any>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tusk {

class engine;
class test_transaction;

namespace detail {
struct session_access;
class engine_state;
} // namespace detail

/// SQL in transactions, on connections of an engine.
///
/// It is always about one transaction: that begins with the first statement, which takes a connection (BEGIN travels
/// with that statement), and ends with `commit`, `rollback` or the session's destruction, which give the connection
/// back. Then the next statement begins another one. A transaction without statements takes no connection and sends
/// nothing.
///
/// The verbs are those of a connection: plain functions that take SQL and arguments over before they return; what they
/// return may be stored, and awaited later.
///
/// When a statement is refused, is cancelled or runs out of time, the transaction has failed: every verb throws
/// `pending_rollback`, which names that error, until `rollback` (or the end of the savepoint it happened in).
///
/// @par Lifetime       Destroying it rolls back what is open, without blocking or throwing. It may outlive its `engine`
///                     object; moving either disturbs nothing.
/// @par Cancellation   Of any verb, any type: the caller is released at once. The transaction has failed then; nothing
///                     of it stays open on the server once the session is rolled back or destroyed.
/// @par Thread safety  One caller at a time: two at once are a `usage_error`. Which thread does not matter.
class session
{
public:
    /// Nothing is connected yet.
    explicit session(const engine& of);
    /// What it commits is a savepoint of that test's transaction.
    explicit session(const test_transaction& of);
    session(session&&) noexcept = default;
    session& operator=(session&& other) noexcept;
    ~session();

    // ---- Statements; see `tusk::verbs`.

    /// Runs one statement and returns all its rows.
    /// @throws pending_rollback  The transaction has failed before.
    /// @throws usage_error       Somebody else uses the session.
    /// @throws pool_timeout      No connection became free in time.
    /// @throws tusk::error       As `verbs::query`.
    template <class... A>
    [[nodiscard]] asio::awaitable<result> query(detail::called_sql sql, A&&... arguments)
    {
        return run<result, detail::take_result>(sql, std::forward<A>(arguments)...);
    }
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<T> query_one(detail::called_sql sql, A&&... arguments)
    {
        detail::refuse_borrowed<T>();
        return run<T, detail::take_one<T>>(sql, std::forward<A>(arguments)...);
    }
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<std::optional<T>> query_optional(detail::called_sql sql, A&&... arguments)
    {
        detail::refuse_borrowed<T>();
        return run<std::optional<T>, detail::take_optional<T>>(sql, std::forward<A>(arguments)...);
    }
    template <class... A>
    [[nodiscard]] asio::awaitable<command_tag> execute(detail::called_sql sql, A&&... arguments)
    {
        return run<command_tag, detail::take_tag>(sql, std::forward<A>(arguments)...);
    }

    /// As `query`, with a refusal as a value instead of an exception; so are the others with `try_`.
    template <class... A>
    [[nodiscard]] asio::awaitable<outcome<result>> try_query(detail::called_sql sql, A&&... arguments)
    {
        return try_run<result, detail::take_result>(sql, std::forward<A>(arguments)...);
    }
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<outcome<T>> try_query_one(detail::called_sql sql, A&&... arguments)
    {
        detail::refuse_borrowed<T>();
        return try_run<T, detail::take_one<T>>(sql, std::forward<A>(arguments)...);
    }
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<outcome<std::optional<T>>> try_query_optional(detail::called_sql sql,
                                                                                A&&... arguments)
    {
        detail::refuse_borrowed<T>();
        return try_run<std::optional<T>, detail::take_optional<T>>(sql, std::forward<A>(arguments)...);
    }
    template <class... A>
    [[nodiscard]] asio::awaitable<outcome<command_tag>> try_execute(detail::called_sql sql, A&&... arguments)
    {
        return try_run<command_tag, detail::take_tag>(sql, std::forward<A>(arguments)...);
    }

    [[nodiscard]] asio::awaitable<std::vector<result>> execute_script(detail::called_sql sql)
    {
        return detail::run_on<std::vector<result>, detail::take_results>(
            state(), detail::make_script(detail::target{}, said(sql)), sql.who);
    }
    [[nodiscard]] asio::awaitable<outcome<std::vector<result>>> try_execute_script(detail::called_sql sql)
    {
        return detail::try_run_on<std::vector<result>, detail::take_results>(
            state(), detail::make_script(detail::target{}, said(sql)), sql.who);
    }

    /// One statement for every element of a range; see `verbs::execute_many`.
    template <std::ranges::input_range Range>
    [[nodiscard]] asio::awaitable<command_tag> execute_many(detail::called_sql sql, Range&& sets)
    {
        return detail::run_on<command_tag, detail::take_tag>(
            state(), detail::make_many(detail::target{}, said(sql), std::forward<Range>(sets)), sql.who);
    }
    template <std::ranges::input_range Range>
    [[nodiscard]] asio::awaitable<result> query_many(detail::called_sql sql, Range&& sets)
    {
        return detail::run_on<result, detail::take_result>(
            state(), detail::make_many(detail::target{}, said(sql), std::forward<Range>(sets)), sql.who);
    }

    /// Rows in batches as they come. Other statements may run between two batches; the stream ends with the
    /// transaction.
    template <class... A>
    [[nodiscard]] asio::awaitable<row_stream> stream(detail::called_sql sql, A&&... arguments)
    {
        return detail::run_on<row_stream, detail::take_stream>(
            state(),
            detail::make_request(detail::target{}, detail::verb::stream, said(sql), std::forward<A>(arguments)...),
            sql.who);
    }
    template <class... A>
    [[nodiscard]] asio::awaitable<row_stream> stream(fetch_size size, detail::called_sql sql, A&&... arguments)
    {
        detail::request_ptr made =
            detail::make_request(detail::target{}, detail::verb::stream, said(sql), std::forward<A>(arguments)...);
        detail::set_fetch_size(made, size.rows);
        return detail::run_on<row_stream, detail::take_stream>(state(), std::move(made), sql.who);
    }

    /// COPY; see `lease_verbs`. Until it ends, nothing else runs in the session.
    template <class... Column>
    [[nodiscard]] asio::awaitable<copy_writer> copy_into(const identifier& table, const Column&... columns)
    {
        const std::array<std::string_view, sizeof...(Column)> names{std::string_view{columns}...};
        return detail::run_on<copy_writer, detail::take_copy_writer>(
            state(), detail::make_copy_into(detail::target{}, table, names), std::source_location{});
    }
    [[nodiscard]] asio::awaitable<raw_copy_writer> copy_in(detail::called_sql sql)
    {
        return detail::run_on<raw_copy_writer, detail::take_raw_copy_writer>(
            state(), detail::make_copy_in(detail::target{}, std::string{sql.text}, {}), sql.who);
    }
    [[nodiscard]] asio::awaitable<copy_reader> copy_out(detail::called_sql sql)
    {
        return detail::run_on<copy_reader, detail::take_copy_reader>(
            state(), detail::make_copy_out(detail::target{}, sql.text), sql.who);
    }

    [[nodiscard]] asio::awaitable<tusk::statement> prepare(detail::called_sql sql)
    {
        return detail::run_on<tusk::statement, detail::take_statement>(
            state(), detail::make_prepare(detail::target{}, said(sql)), sql.who);
    }

    /// Different statements in one round trip; see `verbs::pipeline`. It takes the connection already, and ends with
    /// the transaction.
    [[nodiscard]] asio::awaitable<tusk::pipeline> pipeline(std::source_location who = std::source_location::current());
    [[nodiscard]] asio::awaitable<tusk::pipeline>
    atomic_pipeline(std::source_location who = std::source_location::current());

    // ---- The transaction.

    /// Says that a transaction begins. (The first statement does it too.)
    /// @throws usage_error  One has begun already.
    [[nodiscard]] asio::awaitable<void> begin();

    /// Runs `block()` in a transaction: committed when it returns, rolled back on any exception, which goes on.
    /// @param block  `asio::awaitable<R>()`; it is copied or moved in.
    /// @throws usage_error  A transaction has begun already.
    /// @throws tusk::error  As `commit`.
    template <class F>
    [[nodiscard]] auto begin(F&& block) -> std::invoke_result_t<F&>
    {
        detail::refuse_miscompiled<F>();
        return detail::run_begun<std::decay_t<F>>(state(), std::forward<F>(block));
    }

    /// Ends the transaction, open savepoints included, and keeps its effects. Without one, nothing is sent.
    /// @throws transaction_rolled_back  A statement had failed, so the server rolled back; carries that error.
    /// @throws commit_outcome_unknown   The connection was lost after COMMIT was written.
    /// @throws server_error             The commit was refused (a deferred constraint, a serialization failure); the
    ///                                  transaction is rolled back.
    /// @throws usage_error              A COPY is open.
    /// @par Cancellation  Whether it was committed is then unknown. The session is ready for another transaction.
    [[nodiscard]] asio::awaitable<void> commit();

    /// Ends the transaction, open savepoints included, and undoes its effects. Without one it does nothing; nor does it
    /// complain of a connection that is lost: what was on it is gone.
    [[nodiscard]] asio::awaitable<void> rollback();

    /// Starts a savepoint. It travels with the next statement.
    [[nodiscard]] asio::awaitable<savepoint> begin_nested(std::source_location who = std::source_location::current());

    /// Runs `block()` in a savepoint: released when it returns, rolled back to on any exception, which goes on.
    /// @param block  `asio::awaitable<R>()`; it is copied or moved in.
    template <class F>
        requires std::is_invocable_v<F&>
    [[nodiscard]] auto begin_nested(F&& block, std::source_location who = std::source_location::current())
        -> std::invoke_result_t<F&>
    {
        detail::refuse_miscompiled<F>();
        return detail::run_nested<std::decay_t<F>>(state(), std::forward<F>(block), who);
    }

    /// A transaction has begun: with `begin`, or with a statement.
    [[nodiscard]] bool in_transaction() const noexcept;
    /// How many savepoints are open.
    [[nodiscard]] std::size_t nesting() const noexcept;

    // ---- What the transaction is like. For the one that is about to begin; they travel with its BEGIN.

    /// @throws usage_error  A statement was run in the transaction already.
    [[nodiscard]] asio::awaitable<void> set_isolation(isolation level);
    /// @throws usage_error  A statement was run in the transaction already.
    [[nodiscard]] asio::awaitable<void> set_read_only(bool read_only = true);
    /// A serializable, read-only transaction waits for a snapshot that can never be cancelled.
    /// @throws usage_error  A statement was run in the transaction already.
    [[nodiscard]] asio::awaitable<void> set_deferrable(bool wait = true);

    /// Sets a parameter of the server (`statement_timeout`, `app.tenant`) until the transaction ends. Once a statement
    /// was run, this is a statement too.
    /// @throws usage_error   The name is empty, or one of them holds a zero byte.
    /// @throws server_error  There is no such parameter; before the first statement, it is that one that throws.
    [[nodiscard]] asio::awaitable<void> set(std::string_view name, std::string_view value);
    /// Acts as that role until the transaction ends.
    [[nodiscard]] asio::awaitable<void> set_role(std::string_view role) { return set("role", role); }

    // ---- Besides.

    /// The connection that the transaction runs on, for what a session has no verb for: `backend_pid`, `parameter`.
    /// Its own verbs answer that the transaction holds it.
    /// @par Lifetime  Until the transaction ends.
    [[nodiscard]] asio::awaitable<tusk::connection*>
    connection(std::source_location who = std::source_location::current());

    /// Called once, after the transaction that is open or comes next has been committed; dropped when it (or the
    /// savepoint that is open now) is rolled back. It must not throw.
    void after_commit(std::function<void()> what);
    /// Called once, after the transaction that is open or comes next was rolled back. It must not throw.
    void after_rollback(std::function<void()> what);

    /// Whatever the program wants to keep with the session.
    [[nodiscard]] std::unordered_map<std::string, std::any>& info();

private:
    friend struct detail::session_access;

    explicit session(std::shared_ptr<detail::session_state> state) noexcept : state_{std::move(state)} {}

    /// @throws usage_error  It was moved from.
    [[nodiscard]] const std::shared_ptr<detail::session_state>& state() const;
    [[nodiscard]] detail::sql_text said(const detail::called_sql& sql) const;

    template <class T, class Take, class... A>
    asio::awaitable<T> run(const detail::called_sql& sql, A&&... arguments)
    {
        return detail::run_on<T, Take>(
            state(), detail::make_query(detail::target{}, said(sql), std::forward<A>(arguments)...), sql.who);
    }
    template <class T, class Take, class... A>
    asio::awaitable<outcome<T>> try_run(const detail::called_sql& sql, A&&... arguments)
    {
        return detail::try_run_on<T, Take>(
            state(), detail::make_query(detail::target{}, said(sql), std::forward<A>(arguments)...), sql.who);
    }

    std::shared_ptr<detail::session_state> state_;
};

} // namespace tusk
