#include "core/idle_set.hpp"

namespace tusk::pooling {

void idle_set::push_newest(slot& added) noexcept
{
    added.previous = nullptr;
    added.next = newest_;
    (newest_ != nullptr ? newest_->previous : oldest_) = &added;
    newest_ = &added;
    ++size_;
}

void idle_set::remove(slot& gone) noexcept
{
    (gone.previous != nullptr ? gone.previous->next : newest_) = gone.next;
    (gone.next != nullptr ? gone.next->previous : oldest_) = gone.previous;
    gone.next = gone.previous = nullptr;
    --size_;
}

} // namespace tusk::pooling
