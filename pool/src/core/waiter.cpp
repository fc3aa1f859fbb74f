#include "core/waiter.hpp"

namespace tusk::pooling {

void waiter_queue::push_back(waiter& added) noexcept
{
    added.next = nullptr;
    added.previous = tail_;
    (tail_ != nullptr ? tail_->next : head_) = &added;
    tail_ = &added;
    ++size_;
}

void waiter_queue::remove(waiter& gone) noexcept
{
    (gone.previous != nullptr ? gone.previous->next : head_) = gone.next;
    (gone.next != nullptr ? gone.next->previous : tail_) = gone.previous;
    gone.next = gone.previous = nullptr;
    --size_;
}

} // namespace tusk::pooling
