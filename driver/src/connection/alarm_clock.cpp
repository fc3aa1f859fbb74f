#include "connection/alarm_clock.hpp"

#include <asio/error_code.hpp>

namespace tusk::detail {

void alarm_clock::set(operation& whose, clock::time_point when)
{
    entries_.emplace(when, &whose);
    if (when < armed_for_)
        arm(when);
}

void alarm_clock::forget(operation& whose, clock::time_point when) noexcept
{
    entries_.erase({when, &whose});
    if (entries_.empty() && timer_) {
        timer_->cancel();
        armed_for_ = clock::time_point::max();
    }
}

operation* alarm_clock::next_due()
{
    if (entries_.empty() || entries_.begin()->first > clock::now())
        return nullptr;
    operation* due = entries_.begin()->second;
    entries_.erase(entries_.begin());
    return due;
}

void alarm_clock::rearm()
{
    armed_for_ = clock::time_point::max();
    if (!entries_.empty())
        arm(entries_.begin()->first);
}

void alarm_clock::arm(clock::time_point when)
{
    if (!timer_)
        timer_ = std::make_unique<asio::steady_timer>(executor_);
    armed_for_ = when;
    timer_->expires_at(when);
    timer_->async_wait([ring = ring_](const asio::error_code& cancelled) {
        if (!cancelled)
            ring();
    });
}

void alarm_clock::clear() noexcept
{
    entries_.clear();
    timer_.reset();
    armed_for_ = clock::time_point::max();
}

} // namespace tusk::detail
