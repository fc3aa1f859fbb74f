#pragma once

#include <tusk/driver/connect_options.hpp>
#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/detail/take.hpp>
#include <tusk/pool/counters.hpp>
#include <tusk/pool/detail/run.hpp>
#include <tusk/pool/lease_report.hpp>
#include <tusk/pool/options.hpp>
#include <tusk/pool/pooled_connection.hpp>
#include <tusk/pool/status.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tusk {

/// What `pool::dispose(grace)` had to do.
struct pool_disposal {
    std::size_t forced = 0;           ///< Connections that were cut off from their users.
    std::vector<lease_report> leases; ///< ... and who these users were.
};

/// A few connections shared by many coroutines.
///
/// Callers are served in the order in which they asked, by whichever connection comes first; connecting is the pool's
/// own business, and no caller's cancellation stops it. Connections being made, in use, idle, being checked and being
/// closed all count against `size + max_overflow`.
///
/// The verbs `query`, `query_one`, ... acquire a connection, run, and release it; they are those of a connection.
///
/// @par Lifetime       A pool that is destroyed closes its idle sockets without waiting, dismisses who waits with
///                     `pool_closed`, and keeps no execution context alive; what is leased is closed when it is
///                     released. It must not outlive its execution context. An idle pool keeps no context busy, unless
///                     `idle_timeout`, `min_idle` or `leak_threshold` give it something to do.
/// @par Thread safety  Any thread, also several at once, unless `pool_options::thread_safe` is false. Each connection
///                     keeps to a strand of its own.
class pool
{
public:
    /// Connects nowhere yet, unless `min_idle` says so.
    /// @param executor  Where the pool and its connections do their work.
    /// @param where     A URL or keyword/value string; see `connect_options`.
    /// @throws usage_error  `where` or an option is malformed.
    pool(const asio::any_io_executor& executor, std::string_view where, pool_options options = pool_options{});
    pool(const asio::any_io_executor& executor, connect_options where, pool_options options = pool_options{});
    pool(pool&&) noexcept = default;
    pool& operator=(pool&& other) noexcept;
    ~pool();

    /// Waits for a connection.
    /// @throws pool_timeout     None became free within the time limit.
    /// @throws pool_overloaded  `max_waiters` others are waiting.
    /// @throws pool_closed      The pool was disposed of.
    /// @throws server_error, authentication_error, usage_error  The server will not have us: a wrong password, a
    ///                          database that does not exist. With `fail_fast` also `connection_error` and
    ///                          `timeout_error`.
    /// @par Cancellation  Any type; neither a place nor a connection is lost. Throws `operation_aborted`.
    [[nodiscard]] asio::awaitable<pooled_connection>
    acquire(std::source_location who = std::source_location::current()) const;

    /// The same with a time limit of its own.
    /// @param timeout  0: wait for ever.
    [[nodiscard]] asio::awaitable<pooled_connection>
    acquire(pool_options::duration timeout, std::source_location who = std::source_location::current()) const;

    /// A connection that can be had without waiting for anything, if there is one.
    [[nodiscard]] std::optional<pooled_connection>
    try_acquire(std::source_location who = std::source_location::current()) const;

    template <class... A>
    [[nodiscard]] asio::awaitable<result> query(detail::called_sql sql, A&&... arguments) const
    {
        return run<result, detail::take_result>(sql, std::forward<A>(arguments)...);
    }
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<T> query_one(detail::called_sql sql, A&&... arguments) const
    {
        refuse_borrowed<T>();
        return run<T, detail::take_one<T>>(sql, std::forward<A>(arguments)...);
    }
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<std::optional<T>> query_optional(detail::called_sql sql, A&&... arguments) const
    {
        refuse_borrowed<T>();
        return run<std::optional<T>, detail::take_optional<T>>(sql, std::forward<A>(arguments)...);
    }
    template <class... A>
    [[nodiscard]] asio::awaitable<command_tag> execute(detail::called_sql sql, A&&... arguments) const
    {
        return run<command_tag, detail::take_tag>(sql, std::forward<A>(arguments)...);
    }
    template <class... A>
    [[nodiscard]] asio::awaitable<outcome<result>> try_query(detail::called_sql sql, A&&... arguments) const
    {
        return try_run<result, detail::take_result>(sql, std::forward<A>(arguments)...);
    }
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<outcome<T>> try_query_one(detail::called_sql sql, A&&... arguments) const
    {
        refuse_borrowed<T>();
        return try_run<T, detail::take_one<T>>(sql, std::forward<A>(arguments)...);
    }
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<outcome<std::optional<T>>> try_query_optional(detail::called_sql sql,
                                                                                A&&... arguments) const
    {
        refuse_borrowed<T>();
        return try_run<std::optional<T>, detail::take_optional<T>>(sql, std::forward<A>(arguments)...);
    }
    template <class... A>
    [[nodiscard]] asio::awaitable<outcome<command_tag>> try_execute(detail::called_sql sql, A&&... arguments) const
    {
        return try_run<command_tag, detail::take_tag>(sql, std::forward<A>(arguments)...);
    }
    [[nodiscard]] asio::awaitable<std::vector<result>> execute_script(detail::called_sql sql) const;
    [[nodiscard]] asio::awaitable<outcome<std::vector<result>>> try_execute_script(detail::called_sql sql) const;

    /// Runs `block(transaction)` on a connection of its own; see `connection::with_transaction`.
    template <class F>
    [[nodiscard]] auto with_transaction(F&& block, std::source_location who = std::source_location::current()) const
        -> std::invoke_result_t<F&, transaction&>
    {
        return with_transaction(transaction_options{}, std::forward<F>(block), who);
    }
    template <class F>
    [[nodiscard]] auto with_transaction(transaction_options options, F&& block,
                                        std::source_location who = std::source_location::current()) const
        -> std::invoke_result_t<F&, transaction&>
    {
        detail::refuse_miscompiled<F>();
        return detail::run_block_on<std::decay_t<F>>(state_, options, std::forward<F>(block), who);
    }

    /// Closes the pool: idle connections now, leased ones when they are released. Whoever waits gets `pool_closed`.
    /// Nothing is waited for.
    [[nodiscard]] asio::awaitable<void> dispose() const;

    /// Closes the pool and waits until every connection is gone; those that are still leased when the time is up are
    /// cut off.
    /// @param grace  How long leases may last.
    /// @par Cancellation  Any type. The pool stays closed; nothing is cut off then.
    [[nodiscard]] asio::awaitable<pool_disposal> dispose(pool_options::duration grace) const;

    /// Changes the bounds. Idle connections beyond them are closed, leased ones when they are released.
    /// @throws usage_error  As the constructor for such options.
    void resize(std::size_t size, int max_overflow) const;

    /// Has every connection that exists now replaced: idle ones at once, leased ones when they are released.
    void invalidate() const;

    [[nodiscard]] pool_status status() const;
    [[nodiscard]] pool_counters counters() const;

    /// What is out, the oldest lease first.
    [[nodiscard]] std::vector<lease_report> leases() const;

    [[nodiscard]] asio::any_io_executor get_executor() const;

private:
    template <class T>
    static constexpr void refuse_borrowed()
    {
        static_assert(!detail::borrows<T>(), "tusk: a view would dangle: the row it points into is gone when this verb "
                                             "returns; use std::string or std::vector<std::byte>, or query()");
    }
    template <class T, class Take, class... A>
    asio::awaitable<T> run(detail::called_sql sql, A&&... arguments) const
    {
        return detail::run_on<T, Take>(
            state_, detail::make_query(detail::target{}, sql.text, std::forward<A>(arguments)...), sql.who);
    }
    template <class T, class Take, class... A>
    asio::awaitable<outcome<T>> try_run(detail::called_sql sql, A&&... arguments) const
    {
        return detail::try_run_on<T, Take>(
            state_, detail::make_query(detail::target{}, sql.text, std::forward<A>(arguments)...), sql.who);
    }

    std::shared_ptr<detail::pool_state> state_;
};

} // namespace tusk
