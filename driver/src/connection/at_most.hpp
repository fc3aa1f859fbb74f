#pragma once

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace tusk::detail {

/// What `at_most` waits for, shared by whoever comes first and whoever comes late.
template <class T>
struct errand {
    explicit errand(const asio::any_io_executor& executor) : ended{executor} {}

    asio::steady_timer ended; ///< Expires with the time limit, and is cancelled when the result is there.
    asio::cancellation_signal stop;
    std::optional<T> result;
    std::exception_ptr failed;
    bool over = false;
};

/// Waits for something that may not let itself be stopped, until a point in time and no longer than the caller does.
///
/// A lookup of a name blocks a thread, and a callback belongs to the program: both can go on after the caller has been
/// released, so the work must own all that it uses. It is told to stop (terminal cancellation).
/// @param until  `time_point::max()`: no limit.
/// @returns nothing where time is up, or where the caller was cancelled.
/// @throws whatever the work throws in time.
template <class T>
asio::awaitable<std::optional<T>> at_most(std::chrono::steady_clock::time_point until, asio::awaitable<T> work)
{
    auto executor = co_await asio::this_coro::executor;
    auto shared = std::make_shared<errand<T>>(executor);
    shared->ended.expires_at(until);
    asio::co_spawn(executor, std::move(work),
                   asio::bind_cancellation_slot(shared->stop.slot(), [shared](std::exception_ptr failed, T result) {
                       shared->over = true;
                       shared->failed = std::move(failed);
                       if (!shared->failed)
                           shared->result.emplace(std::move(result));
                       shared->ended.cancel();
                   }));
    if (!shared->over) {
        asio::error_code ignored;
        co_await shared->ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (!shared->over)
        shared->stop.emit(asio::cancellation_type::terminal);
    if (shared->failed)
        std::rethrow_exception(shared->failed);
    co_return std::move(shared->result);
}

} // namespace tusk::detail
