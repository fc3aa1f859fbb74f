#pragma once

#include <asio/awaitable.hpp>

#include <memory>
#include <source_location>

namespace tusk {

class engine;

namespace detail {
class engine_state;
class test_state;
} // namespace detail

/// A transaction for a test, in which the code under test commits as often as it likes and nothing remains.
///
///     tusk::test_transaction outer = co_await tusk::test_transaction::begin(engine);
///     co_await code_under_test(outer.engine());      // its sessions' transactions are savepoints
///     co_await outer.rollback();
///
/// The sessions on it share one connection: from its first statement to its commit or rollback a session has it alone,
/// and others wait for their turn. A commit checks deferred constraints. The README lists what is not simulated.
///
/// @par Lifetime       Destroyed unfinished it is rolled back, without blocking or throwing.
/// @par Thread safety  It and its sessions run on one strand.
class test_transaction
{
public:
    /// Takes a connection of the engine and begins.
    /// @throws tusk::error  As any session's first statement.
    [[nodiscard]] static asio::awaitable<test_transaction>
    begin(const tusk::engine& on, std::source_location who = std::source_location::current());

    test_transaction(test_transaction&&) noexcept = default;
    test_transaction& operator=(test_transaction&& other) noexcept;
    ~test_transaction();

    /// An engine whose sessions are on this transaction.
    [[nodiscard]] tusk::engine engine() const;

    /// Undoes everything. Sessions that are still on it have lost their transaction.
    [[nodiscard]] asio::awaitable<void> rollback();

private:
    friend class session;

    explicit test_transaction(std::shared_ptr<detail::engine_state> bound) noexcept;
    [[nodiscard]] const std::shared_ptr<detail::engine_state>& bound() const;

    std::shared_ptr<detail::engine_state> bound_;
};

} // namespace tusk
