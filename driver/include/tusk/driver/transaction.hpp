#pragma once

#include <tusk/driver/detail/block.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/lease_verbs.hpp>
#include <tusk/driver/timed.hpp>
#include <tusk/driver/transaction_options.hpp>
#include <tusk/driver/verbs.hpp>

#include <asio/awaitable.hpp>

#include <chrono>
#include <utility>

namespace tusk {

namespace detail {
struct transaction_access;
} // namespace detail

/// A transaction, or a savepoint inside one. It leases its connection: until it ends, the connection itself answers
/// every call with a `usage_error`.
///
/// BEGIN (or SAVEPOINT) is not sent by itself: it travels with the first statement, under the same Sync, so that
/// nothing can run outside the transaction, and a transaction without statements sends nothing.
///
/// @par Lifetime       Destroyed unfinished it is rolled back, before the connection does anything else; destroying
///                     neither blocks nor throws. It may outlive its `connection` object.
/// @par Thread safety  Call from the connection's strand.
class transaction : public verbs<transaction>, public lease_verbs<transaction>
{
public:
    transaction(transaction&&) noexcept = default;
    transaction& operator=(transaction&& other) noexcept;
    ~transaction();

    /// Ends the transaction and keeps its effects. Success is what ReadyForQuery says, not CommandComplete.
    /// @throws transaction_rolled_back  A statement had failed, so the server rolled back; carries that first error.
    /// @throws commit_outcome_unknown   The connection was lost after COMMIT was written.
    /// @throws server_error             The commit itself was refused (a deferred constraint, a serialization failure);
    ///                                  the transaction is rolled back.
    /// @throws usage_error              It has ended already, or an inner transaction is still open.
    /// @par Cancellation  As every verb; whether it was committed is then unknown to the caller.
    [[nodiscard]] asio::awaitable<void> commit();

    /// Ends the transaction and undoes its effects; of a savepoint, those since the savepoint.
    /// @throws usage_error  It has ended already, or an inner transaction is still open.
    [[nodiscard]] asio::awaitable<void> rollback();

    /// Starts a savepoint. Until it ends, this transaction answers every call with a `usage_error`.
    [[nodiscard]] asio::awaitable<transaction> begin();

    /// Runs `block(inner)` in a savepoint: released when it returns, rolled back to on any exception, which goes on.
    /// @param block  `asio::awaitable<R>(tusk::transaction&)`; it is copied or moved in.
    /// @returns What the block returned.
    /// @throws transaction_rolled_back  The block returned although a statement of it had failed.
    template <class F>
    [[nodiscard]] auto with_transaction(F&& block) -> std::invoke_result_t<F&, transaction&>
    {
        detail::refuse_miscompiled<F>();
        return detail::run_block<transaction>(begin(), std::forward<F>(block));
    }

    /// A view on which every call has a deadline; see `connection::with_timeout`.
    [[nodiscard]] timed<verbs, lease_verbs> with_timeout(std::chrono::steady_clock::duration timeout) const
    {
        return timed<verbs, lease_verbs>{detail::timed_target(target(), timeout)};
    }

private:
    template <class>
    friend class verbs;
    template <class>
    friend class lease_verbs;
    friend struct detail::take_transaction;
    friend struct detail::transaction_access;

    explicit transaction(detail::target at) noexcept : at_{std::move(at)} {}
    [[nodiscard]] const detail::target& target() const;

    detail::target at_;
};

} // namespace tusk
