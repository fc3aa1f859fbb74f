#pragma once

#include <tusk/driver/detail/awaitable_argument.hpp>

#include <asio/awaitable.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace tusk::detail {

struct take_transaction;

/// Commit on return, rollback on any exception. A coroutine whose parameters are its own copies, so that it can be
/// stored and awaited later; the verbs inside it are one frame each as everywhere.
template <class Transaction, class F, class R = typename std::invoke_result_t<F&, Transaction&>::value_type>
asio::awaitable<R> run_owned_block(asio::awaitable<Transaction> beginning, F block)
{
    Transaction scope = co_await std::move(beginning);
    std::exception_ptr failed;
    if constexpr (std::is_void_v<R>) {
        try {
            co_await block(scope);
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
            value.emplace(co_await block(scope));
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
        // The block's own error tells more. A lost connection shows itself at the next call; a cancelled coroutine
        // cannot await any more, and then the destructor of `scope` leaves the rollback to the engine.
    }
    std::rethrow_exception(failed);
}

template <class Transaction, class F>
auto run_block(asio::awaitable<Transaction> beginning, F&& block)
{
    return run_owned_block<Transaction, std::decay_t<F>>(std::move(beginning), std::forward<F>(block));
}

} // namespace tusk::detail
