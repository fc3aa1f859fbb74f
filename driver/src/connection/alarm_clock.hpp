#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <utility>

namespace tusk::detail {

class operation;

/// The deadlines of one connection's callers, by one timer. It costs nothing while nobody has a deadline, and is
/// silent as soon as nobody has one any more, so that it keeps no execution context alive.
class alarm_clock
{
public:
    using clock = std::chrono::steady_clock;

    explicit alarm_clock(const asio::any_io_executor& executor) : executor_{executor} {}

    /// What is called on the executor when a deadline has passed; it asks `next_due` for the operations and then
    /// calls `rearm`. It may come when the clock is gone, so it must not hold on to the clock's owner by address.
    void on_ring(std::function<void()> ring) { ring_ = std::move(ring); }
    [[nodiscard]] bool can_ring() const noexcept { return static_cast<bool>(ring_); }

    void set(operation& whose, clock::time_point when);

    void forget(operation& whose, clock::time_point when) noexcept;

    /// One operation whose time is up, already forgotten; null where there is none.
    operation* next_due();

    /// Starts the timer again for what is left.
    void rearm();

    void clear() noexcept;

private:
    void arm(clock::time_point when);

    asio::any_io_executor executor_;
    std::function<void()> ring_;
    std::set<std::pair<clock::time_point, operation*>> entries_;
    std::unique_ptr<asio::steady_timer> timer_;
    clock::time_point armed_for_ = clock::time_point::max();
};

} // namespace tusk::detail
