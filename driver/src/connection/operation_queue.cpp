#include "connection/operation_queue.hpp"

#include <utility>

namespace tusk::detail {

namespace {

// The queue's share of an operation is a reference that no request_ptr object holds meanwhile.
operation* keep_share(request_ptr what) noexcept { return static_cast<operation*>(what.release()); }

} // namespace

operation_queue::operation_queue(operation_queue&& other) noexcept
    : head_{std::exchange(other.head_, nullptr)}, tail_{std::exchange(other.tail_, nullptr)}
{
}

operation_queue::~operation_queue()
{
    while (!empty())
        pop_front();
}

[[gnu::hot]] void operation_queue::push_back(request_ptr what) noexcept
{
    operation* added = keep_share(std::move(what));
    added->next = nullptr;
    (tail_ != nullptr ? tail_->next : head_) = added;
    tail_ = added;
}

void operation_queue::push_front(request_ptr what) noexcept
{
    operation* added = keep_share(std::move(what));
    added->next = head_;
    head_ = added;
    if (tail_ == nullptr)
        tail_ = added;
}

[[gnu::hot]] request_ptr operation_queue::pop_front() noexcept
{
    operation* first = head_;
    head_ = std::exchange(first->next, nullptr);
    if (head_ == nullptr)
        tail_ = nullptr;
    return request_ptr::adopt(first);
}

bool operation_queue::remove(const operation& what) noexcept
{
    operation* before = nullptr;
    for (operation* each = head_; each != nullptr; before = each, each = each->next) {
        if (each != &what)
            continue;
        (before != nullptr ? before->next : head_) = each->next;
        if (tail_ == each)
            tail_ = before;
        each->next = nullptr;
        request_ptr::adopt(each).reset();
        return true;
    }
    return false;
}

void operation_queue::splice_front(operation_queue& other) noexcept
{
    if (other.empty())
        return;
    other.tail_->next = head_;
    if (tail_ == nullptr)
        tail_ = other.tail_;
    head_ = other.head_;
    other.head_ = other.tail_ = nullptr;
}

} // namespace tusk::detail
