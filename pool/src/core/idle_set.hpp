#pragma once

#include "core/slot.hpp"

#include <cstddef>

namespace tusk::pooling {

/// The connections that wait for work, by the time of their last use. Taking the newest keeps a small set warm and
/// lets the others age; taking the oldest spreads the work.
class idle_set
{
public:
    [[nodiscard]] bool empty() const noexcept { return newest_ == nullptr; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] slot* newest() const noexcept { return newest_; }
    [[nodiscard]] slot* oldest() const noexcept { return oldest_; }

    void push_newest(slot& added) noexcept;
    void remove(slot& gone) noexcept;

private:
    slot* newest_ = nullptr; ///< `next` leads to the older one.
    slot* oldest_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace tusk::pooling
