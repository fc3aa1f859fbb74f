#pragma once

#include <tusk/driver/connect_options.hpp>
#include <tusk/driver/detail/awaitable_argument.hpp>
#include <tusk/pool/pool.hpp>
#include <tusk/session/detail/block.hpp>
#include <tusk/session/detail/retry.hpp>
#include <tusk/session/engine_options.hpp>
#include <tusk/session/retry_options.hpp>
#include <tusk/session/session.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <memory>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tusk {

namespace detail {
class engine_state;
} // namespace detail

/// A database: where it is, and the pool of connections to it. Sessions are made on it.
///
/// @par Lifetime       Sessions may outlive it, and moving it disturbs nobody. It must not outlive its execution
/// context.
/// @par Thread safety  Any thread, also several at once, unless `pool_options::thread_safe` is false.
class engine
{
public:
    /// Connects nowhere yet.
    /// @param executor  Where its connections do their work.
    /// @param where     A URL or keyword/value string; see `connect_options`.
    /// @throws usage_error  `where` or an option is malformed.
    engine(const asio::any_io_executor& executor, std::string_view where, engine_options options = engine_options{});
    engine(const asio::any_io_executor& executor, connect_options where, engine_options options = engine_options{});
    engine(engine&&) noexcept = default;
    engine& operator=(engine&&) noexcept = default;
    ~engine();

    /// Runs `block(session)` in a transaction: committed when it returns, rolled back on any exception, which goes on.
    /// @param block  `asio::awaitable<R>(tusk::session&)`; it is copied or moved in.
    /// @returns What the block returned.
    /// @throws tusk::error  As `session::commit`.
    template <class F>
    [[nodiscard]] auto begin(F&& block) const -> std::invoke_result_t<F&, session&>
    {
        detail::refuse_miscompiled<F>();
        return detail::run_with_own<session, std::decay_t<F>>(session{*this}, std::forward<F>(block));
    }

    /// As `begin`, and runs the block again, in a new session, where a serialization failure or a deadlock undid it:
    /// when a statement met one, when the commit did, and also when the block caught it and returned.
    ///
    /// Nothing else is tried again, least of all `commit_outcome_unknown`.
    /// @param options  How often, or a `retry_options`.
    /// @throws retry_exhausted  Attempts or time have run out; carries the last error.
    /// @par Cancellation  Any type, also between two attempts.
    template <class F>
    [[nodiscard]] auto retry(retry_options options, F&& block) const -> std::invoke_result_t<F&, session&>
    {
        detail::refuse_miscompiled<F>();
        return detail::retry_with<session>(session_maker{state_}, options, std::decay_t<F>(std::forward<F>(block)));
    }

    /// A connection of the pool, for what needs none of a session: LISTEN, statements that no transaction may hold.
    /// @throws tusk::error  As `pool::acquire`; usage_error of the engine of a `test_transaction`.
    [[nodiscard]] asio::awaitable<pooled_connection>
    connect(std::source_location who = std::source_location::current()) const;

    /// Closes the pool: idle connections now, others when their sessions give them back. Nothing is waited for. The
    /// engine stays usable, with a new pool.
    [[nodiscard]] asio::awaitable<void> dispose() const;

    /// The same, and waits until every connection is gone; sessions that still hold one when the time is up are cut
    /// off.
    [[nodiscard]] asio::awaitable<pool_disposal> dispose(engine_options::duration grace) const;

    /// How the pool stands.
    [[nodiscard]] pool_status status() const;
    [[nodiscard]] pool_counters counters() const;
    /// Which sessions hold a connection, where they took it, and for how long; the oldest first.
    [[nodiscard]] std::vector<lease_report> leases() const;

    [[nodiscard]] asio::any_io_executor get_executor() const;

private:
    friend class session;
    friend class test_transaction;

    struct session_maker {
        std::shared_ptr<detail::engine_state> on;
        session operator()() const { return session{engine{on}}; }
    };

    explicit engine(std::shared_ptr<detail::engine_state> state) noexcept;
    /// @throws usage_error  It was moved from.
    [[nodiscard]] const std::shared_ptr<detail::engine_state>& state() const;

    std::shared_ptr<detail::engine_state> state_;
};

} // namespace tusk
