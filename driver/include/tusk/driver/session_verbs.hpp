#pragma once

#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/block.hpp>
#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/notification.hpp>
#include <tusk/driver/transaction.hpp>
#include <tusk/driver/transaction_options.hpp>

#include <asio/awaitable.hpp>

#include <string_view>
#include <type_traits>
#include <utility>

namespace tusk {

namespace detail {
request_ptr make_begin(target where, const transaction_options& options);

struct take_transaction {
    static transaction from(request& done);
};
} // namespace detail

/// The verbs of a whole session: its transactions, what it listens to, its end.
/// @par Thread safety  Call from the connection's strand.
template <class Derived>
class session_verbs
{
public:
    /// Takes the connection for a transaction. Nothing is sent until its first statement.
    /// @param options  Isolation level, access mode, deferrable; in any combination.
    /// @throws usage_error  Another transaction, a stream, a COPY or a `share()`d handle holds the connection.
    [[nodiscard]] asio::awaitable<transaction> begin(transaction_options options)
    {
        return detail::await_value<transaction, detail::take_transaction>(detail::make_begin(where(), options));
    }
    [[nodiscard]] asio::awaitable<transaction> begin() { return begin(transaction_options{}); }
    [[nodiscard]] asio::awaitable<transaction> begin(isolation level, access mode = access::server_default,
                                                     deferrable wait = deferrable::server_default)
    {
        return begin(transaction_options{level, mode, wait});
    }

    /// Runs `block(transaction)`: committed when it returns, rolled back on any exception, which goes on.
    /// @param block  `asio::awaitable<R>(tusk::transaction&)`; it is copied or moved in.
    /// @returns What the block returned.
    /// @throws transaction_rolled_back  The block returned although a statement of it had failed.
    /// @throws commit_outcome_unknown   The connection was lost while committing.
    /// @throws usage_error              As `begin`.
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

    /// Hears of every NOTIFY to that channel from now on. Names are quoted by us; case counts.
    /// @throws usage_error  A proxy hands sessions round (`pooling_proxy`): nobody would stay to listen.
    /// @throws tusk::error  As `execute`.
    [[nodiscard]] asio::awaitable<void> listen(std::string_view channel)
    {
        return detail::await_nothing(detail::make_listen(where(), channel));
    }

    [[nodiscard]] asio::awaitable<void> unlisten(std::string_view channel)
    {
        return detail::await_nothing(detail::make_unlisten(where(), channel));
    }

    /// Stops listening altogether.
    [[nodiscard]] asio::awaitable<void> unlisten_all()
    {
        return detail::await_nothing(detail::make_unlisten(where(), std::nullopt));
    }

    /// Waits for the next notification. Those that arrive while other requests run are kept until somebody asks.
    ///
    /// It holds nothing: statements, transactions and streams run meanwhile.
    /// @throws notification_overflow  More arrived than `connect_options::notification_queue_size`; some are lost.
    /// @throws connection_error       The connection was lost.
    /// @par Cancellation  Any type: no notification is lost by it.
    [[nodiscard]] asio::awaitable<notification> next_notification()
    {
        return detail::await_value<notification, detail::take_notification>(detail::make_next_notification(where()));
    }

    /// Waits until what was called before is answered, says Terminate, and waits for the server to hang up (bounded).
    /// Closing a closed connection does nothing.
    /// @throws usage_error  A transaction, a stream or a COPY is open.
    [[nodiscard]] asio::awaitable<void> close() { return detail::await_nothing(detail::make_close(where())); }

private:
    friend Derived;
    session_verbs() = default;

    [[nodiscard]] const detail::target& where() const { return static_cast<const Derived&>(*this).target(); }
};

} // namespace tusk
