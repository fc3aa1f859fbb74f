#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/error_code.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace tusk::detail {

/// Runs an action when time is up, unless it is destroyed before: the action closes what is being waited for, and the
/// wait ends with an error. (Racing the wait against a timer with `operator||` would swallow that error.) Made and
/// destroyed on its executor.
class deadline
{
public:
    /// @param after  Zero: never.
    deadline(const asio::any_io_executor& executor, std::chrono::steady_clock::duration after,
             std::function<void()> action)
        : timer_{executor}, shared_{std::make_shared<state>(std::move(action))}
    {
        if (after == std::chrono::steady_clock::duration::zero())
            return;
        timer_.expires_after(after);
        timer_.async_wait([shared = shared_](const asio::error_code& cancelled) {
            // A timer that expired is not stopped by its destruction any more, so the action itself is taken away.
            if (cancelled || !shared->action)
                return;
            shared->passed = true;
            std::exchange(shared->action, nullptr)();
        });
    }
    deadline(const deadline&) = delete;
    deadline& operator=(const deadline&) = delete;
    ~deadline() { shared_->action = nullptr; }

    [[nodiscard]] bool passed() const noexcept { return shared_->passed; }

private:
    struct state {
        explicit state(std::function<void()> what) : action{std::move(what)} {}
        std::function<void()> action;
        bool passed = false;
    };

    asio::steady_timer timer_;
    std::shared_ptr<state> shared_;
};

} // namespace tusk::detail
