#pragma once

#include <tusk/driver/detail/block.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/shared_connection.hpp>
#include <tusk/driver/transaction.hpp>
#include <tusk/driver/transaction_options.hpp>
#include <tusk/driver/verbs.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tusk {

/// One session with a PostgreSQL server.
///
/// A connection is a queue: any number of coroutines may call it, requests are sent together and answered in order,
/// and one that fails touches no other. A transaction leases it: a call on the connection itself is then a
/// `usage_error` that says who holds it.
///
/// @par Lifetime       Destroying it closes the session without blocking; requests that somebody still awaits are
///                     answered first. It must not outlive its execution context. Moving it disturbs nothing.
/// @par Thread safety  Use it from one implicit or explicit strand.
class connection : public verbs<connection>
{
public:
    connection(connection&&) noexcept = default;
    connection& operator=(connection&& other) noexcept;
    ~connection();

    /// Takes the connection for a transaction. Nothing is sent until its first statement.
    /// @param options  Isolation level, access mode, deferrable; in any combination.
    /// @throws usage_error  Another transaction or a `share()`d handle holds the connection.
    [[nodiscard]] asio::awaitable<transaction> begin(transaction_options options);
    [[nodiscard]] asio::awaitable<transaction> begin();
    [[nodiscard]] asio::awaitable<transaction> begin(isolation level, access mode = access::server_default,
                                                     deferrable wait = deferrable::server_default);

    /// Runs `block(transaction)`: committed when it returns, rolled back on any exception, which goes on.
    /// @param block  `asio::awaitable<R>(tusk::transaction&)`; it is copied or moved in.
    /// @returns What the block returned.
    /// @throws transaction_rolled_back  The block returned although a statement of it had failed.
    /// @throws commit_outcome_unknown   The connection was lost while committing.
    /// @throws usage_error              Another transaction or a `share()`d handle holds the connection.
    template <class F>
    [[nodiscard]] auto with_transaction(F&& block) -> std::invoke_result_t<F&, transaction&>
    {
        return with_transaction(transaction_options{}, std::forward<F>(block));
    }
    template <class F>
    [[nodiscard]] auto with_transaction(transaction_options options, F&& block)
        -> std::invoke_result_t<F&, transaction&>
    {
        detail::refuse_miscompiled<F>();
        return detail::run_block<transaction>(begin(options), std::forward<F>(block));
    }

    /// A handle for several callers. While one exists, taking a lease (a transaction) is a `usage_error`, so that no
    /// caller fails by chance of timing.
    /// @throws usage_error  A transaction holds the connection.
    [[nodiscard]] shared_connection share();

    /// Waits until what was called before is answered, says Terminate, and waits for the server to hang up (bounded).
    /// Closing a closed connection does nothing.
    /// @throws usage_error  A transaction is open.
    [[nodiscard]] asio::awaitable<void> close();

    [[nodiscard]] bool is_open() const noexcept;

    /// The last value that the server reported of one of its parameters ("server_version", "TimeZone"); empty where it
    /// reported none.
    [[nodiscard]] std::string parameter(std::string_view name) const;

    /// The server process that serves this session.
    [[nodiscard]] std::int32_t backend_pid() const;

    /// What the last ReadyForQuery said: 'I' idle, 'T' in a transaction, 'E' in a failed one.
    [[nodiscard]] char transaction_status() const;

    [[nodiscard]] asio::any_io_executor get_executor() const;

private:
    template <class>
    friend class verbs;
    friend class detail::engine;

    explicit connection(detail::target at) noexcept : at_{std::move(at)} {}
    [[nodiscard]] const detail::target& target() const;

    detail::target at_;
};

} // namespace tusk
