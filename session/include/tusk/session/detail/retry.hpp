#pragma once

#include <tusk/driver/detail/awaitable_argument.hpp>
#include <tusk/session/detail/block.hpp>
#include <tusk/session/retry_options.hpp>

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace tusk::detail {

class engine_state;

/// Counts attempts, and decides whether there is another one.
class retrying
{
public:
    /// @throws usage_error  There is to be no attempt at all.
    explicit retrying(const retry_options& options);

    /// Waits until the next attempt is due.
    /// @param failed  What the last one met.
    /// @throws           What it met, where that is not for a retry; `retry_exhausted` where there is no further one.
    [[nodiscard]] asio::awaitable<void> again(std::exception_ptr failed);

private:
    [[nodiscard]] std::chrono::steady_clock::duration next_wait() const;

    retry_options options_;
    std::chrono::steady_clock::time_point begun_;
    std::size_t made_ = 1;
};

/// Each attempt has a session of its own.
/// @param make  Gives it: `Session()`.
template <class Session, class Make, class F, class R = typename std::invoke_result_t<F&, Session&>::value_type>
asio::awaitable<R> retry_with(Make make, retry_options options, F block)
{
    retrying attempts{options};
    for (;;) {
        std::exception_ptr failed;
        if constexpr (std::is_void_v<R>) {
            try {
                co_await run_with_own<Session>(make(), std::ref(block));
            } catch (...) {
                failed = std::current_exception();
            }
            if (!failed)
                co_return;
        } else {
            std::optional<R> value;
            try {
                value.emplace(co_await run_with_own<Session>(make(), std::ref(block)));
            } catch (...) {
                failed = std::current_exception();
            }
            if (!failed)
                co_return std::move(*value);
        }
        co_await attempts.again(std::move(failed));
    }
}

} // namespace tusk::detail
