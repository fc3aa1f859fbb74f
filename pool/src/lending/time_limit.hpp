#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/error_code.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace tusk::detail {

/// Runs an action on an executor when time is up, unless it is destroyed before. Made and destroyed on that executor.
class time_limit
{
public:
    /// @param after  Zero: never.
    time_limit(const asio::any_io_executor& executor, std::chrono::steady_clock::duration after,
               std::function<void()> action)
        : timer_{executor}, shared_{std::make_shared<state>()}
    {
        if (after == std::chrono::steady_clock::duration::zero())
            return;
        shared_->action = std::move(action);
        timer_.expires_after(after);
        timer_.async_wait([shared = shared_](const asio::error_code& cancelled) {
            // A timer that expired is not stopped by its destruction any more, so the action itself is taken away.
            if (cancelled || !shared->action)
                return;
            shared->passed = true;
            std::exchange(shared->action, nullptr)();
        });
    }
    time_limit(const time_limit&) = delete;
    time_limit& operator=(const time_limit&) = delete;
    ~time_limit() { shared_->action = nullptr; }

    [[nodiscard]] bool passed() const noexcept { return shared_->passed; }

private:
    struct state {
        std::function<void()> action;
        bool passed = false;
    };

    asio::steady_timer timer_;
    std::shared_ptr<state> shared_;
};

} // namespace tusk::detail
