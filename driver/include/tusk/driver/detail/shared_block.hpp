#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace tusk::detail {

/// A block of memory that several hold: the connection that reads into it, and results whose rows lie in it.
///
/// It goes with its last holder. What one of them has written and shown to the others stays as it is while they hold
/// it.
/// @par Thread safety  As `std::shared_ptr`.
class shared_block
{
public:
    shared_block() noexcept = default;
    /// @param capacity  In bytes. They are not written.
    explicit shared_block(std::size_t capacity) : head_{make(capacity)} {}
    shared_block(const shared_block& other) noexcept : head_{other.head_}
    {
        if (head_ != nullptr)
            head_->holders.fetch_add(1, std::memory_order_relaxed);
    }
    shared_block(shared_block&& other) noexcept : head_{std::exchange(other.head_, nullptr)} {}
    shared_block& operator=(shared_block other) noexcept
    {
        std::swap(head_, other.head_);
        return *this;
    }
    ~shared_block()
    {
        if (head_ != nullptr && head_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1)
            free(head_);
    }

    explicit operator bool() const noexcept { return head_ != nullptr; }
    friend bool operator==(const shared_block&, const shared_block&) noexcept = default;

    [[nodiscard]] std::byte* data() const noexcept { return head_->bytes; }
    [[nodiscard]] std::size_t capacity() const noexcept { return head_->capacity; }

    /// Nobody else holds it, so that it can be written anew.
    [[nodiscard]] bool is_alone() const noexcept { return head_->holders.load(std::memory_order_acquire) == 1; }

private:
    struct alignas(std::max_align_t) head {
        std::atomic<std::size_t> holders;
        std::size_t capacity;
        std::byte* bytes;
    };
    static head* make(std::size_t capacity);
    static void free(head* block) noexcept;

    head* head_ = nullptr;
};

} // namespace tusk::detail
