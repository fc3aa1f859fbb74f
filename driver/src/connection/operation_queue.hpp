#pragma once

#include "connection/operation.hpp"

#include <tusk/driver/detail/request.hpp>

namespace tusk::detail {

/// A first-in, first-out queue that threads through the operations themselves and owns a share of each.
class operation_queue
{
public:
    operation_queue() = default;
    operation_queue(operation_queue&& other) noexcept;
    operation_queue& operator=(operation_queue&&) = delete;
    ~operation_queue();

    [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }
    [[nodiscard]] operation& front() const noexcept { return *head_; }

    void push_back(request_ptr what) noexcept;
    void push_front(request_ptr what) noexcept;

    /// @returns The share that the queue held.
    request_ptr pop_front() noexcept;

    /// Takes one out of the middle; false where it is not in this queue.
    bool remove(const operation& what) noexcept;

    /// Puts everything of `other` in front of what is here, in its order.
    void splice_front(operation_queue& other) noexcept;

    template <class Function>
    bool any_of(Function&& matches) const
    {
        for (const operation* each = head_; each != nullptr; each = each->next)
            if (matches(*each))
                return true;
        return false;
    }

private:
    operation* head_ = nullptr;
    operation* tail_ = nullptr;
};

} // namespace tusk::detail
