#pragma once

#include "core/slot.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <source_location>

namespace tusk::pooling {

/// A caller that wants a connection. A node of the queue itself, so that waiting allocates nothing and leaving the
/// queue is one step.
struct waiter {
    enum class state : std::uint8_t {
        outside, ///< Not in the queue, and never was; or it left.
        queued,
        granted,   ///< `given` is its own.
        timed_out, ///< `deadline` passed.
        full,      ///< The queue had reached its bound.
        down,      ///< No connection can be made; `why` tells.
        closed,    ///< The pool is closed.
    };

    waiter* next = nullptr;
    waiter* previous = nullptr;
    state now = state::outside;
    slot* given = nullptr;
    std::exception_ptr why;
    time_point since{};
    time_point deadline = never;
    std::source_location who;
};

/// Strictly first in, first out.
class waiter_queue
{
public:
    [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] waiter* front() const noexcept { return head_; }

    void push_back(waiter& added) noexcept;
    void remove(waiter& gone) noexcept;

private:
    waiter* head_ = nullptr;
    waiter* tail_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace tusk::pooling
