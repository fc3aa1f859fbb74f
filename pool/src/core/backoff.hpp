#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <random>

namespace tusk::pooling {

/// How eagerly connections may be made: after a failure not before a random delay whose bound doubles (so that many
/// clients of one server do not come back together), one at a time while the server is down, and then 1, 2, 4, ...
class backoff
{
public:
    /// @param first  The bound of the first delay.
    /// @param most   What the bound grows to.
    /// @param k      Most attempts at a time.
    backoff(duration first, duration most, std::size_t k) noexcept : first_{first}, most_{most}, most_at_once_{k} {}

    template <class Random>
    void failed(time_point now, Random& random)
    {
        bound_ = is_down_ ? (bound_ < most_ / 2 ? bound_ * 2 : most_) : (first_ < most_ ? first_ : most_);
        is_down_ = true;
        recovering_ = true;
        at_once_ = 1;
        std::uniform_int_distribution<duration::rep> any{0, bound_.count()};
        not_before_ = after(now, duration{any(random)});
    }

    void succeeded() noexcept
    {
        at_once_ = is_down_ ? 1 : (at_once_ * 2 < most_at_once_ ? at_once_ * 2 : most_at_once_);
        if (at_once_ >= most_at_once_)
            recovering_ = false;
        is_down_ = false;
        not_before_ = time_point{};
    }

    /// Nobody waits any more: the next burst begins with one attempt again.
    void calm() noexcept { at_once_ = 1; }

    /// @param has_live  There are connections in use or idle. A pool that has none starts with all that is allowed.
    [[nodiscard]] std::size_t allowed_at_once(bool has_live) const noexcept
    {
        return is_down_ ? 1 : (has_live || recovering_ ? at_once_ : most_at_once_);
    }

    [[nodiscard]] bool is_down() const noexcept { return is_down_; }
    [[nodiscard]] time_point not_before() const noexcept { return not_before_; }

private:
    duration first_;
    duration most_;
    std::size_t most_at_once_;
    duration bound_{};
    time_point not_before_{};
    std::size_t at_once_ = 1;
    bool is_down_ = false;
    bool recovering_ = false;
};

} // namespace tusk::pooling
