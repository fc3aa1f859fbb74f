#pragma once

#include <tusk/driver/detail/awaitable_argument.hpp>
#include <tusk/session/savepoint.hpp>

#include <asio/awaitable.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

namespace tusk::detail {

class session_state;

asio::awaitable<void> begin_transaction(std::shared_ptr<session_state> on);
asio::awaitable<void> commit_transaction(std::shared_ptr<session_state> on);
asio::awaitable<void> roll_back_transaction(std::shared_ptr<session_state> on);
asio::awaitable<savepoint> begin_savepoint(std::shared_ptr<session_state> on, std::source_location who);

/// What `run_block` makes of a session: the same words as a savepoint has.
class whole_transaction
{
public:
    explicit whole_transaction(std::shared_ptr<session_state> on) noexcept : on_{std::move(on)} {}
    [[nodiscard]] asio::awaitable<void> commit() const { return commit_transaction(on_); }
    [[nodiscard]] asio::awaitable<void> rollback() const { return roll_back_transaction(on_); }

private:
    std::shared_ptr<session_state> on_;
};

/// Runs the block, then commits; on any exception rolls back. `Scope` outlives it.
template <class Scope, class F, class R = typename std::invoke_result_t<F&>::value_type>
asio::awaitable<R> run_in(Scope& scope, F& block)
{
    std::exception_ptr failed;
    if constexpr (std::is_void_v<R>) {
        try {
            co_await block();
        } catch (...) {
            failed = std::current_exception();
        }
        if (!failed) {
            co_await scope.commit();
            co_return;
        }
    } else {
        std::optional<R> value;
        try {
            value.emplace(co_await block());
        } catch (...) {
            failed = std::current_exception();
        }
        if (!failed) {
            co_await scope.commit();
            co_return std::move(*value);
        }
    }
    try {
        co_await scope.rollback();
    } catch (...) { // NOLINT(bugprone-empty-catch)
        // The block's own error tells more. A cancelled coroutine cannot await any more, and then the destructors of
        // savepoint and session leave the rollback to the engine.
    }
    std::rethrow_exception(failed);
}

// Coroutines whose parameters are their own copies, so that they can be stored and awaited later.

template <class F, class R = typename std::invoke_result_t<F&>::value_type>
asio::awaitable<R> run_begun(std::shared_ptr<session_state> on, F block)
{
    co_await begin_transaction(on);
    const whole_transaction scope{std::move(on)};
    co_return co_await run_in(scope, block);
}

template <class F, class R = typename std::invoke_result_t<F&>::value_type>
asio::awaitable<R> run_nested(std::shared_ptr<session_state> on, F block, std::source_location who)
{
    savepoint scope = co_await begin_savepoint(std::move(on), who);
    co_return co_await run_in(scope, block);
}

/// A session of its own for the block.
template <class Session, class F, class R = typename std::invoke_result_t<F&, Session&>::value_type>
asio::awaitable<R> run_with_own(Session scope, F block)
{
    auto run = [&]() -> asio::awaitable<R> { return block(scope); };
    co_return co_await run_in(scope, run);
}

} // namespace tusk::detail
