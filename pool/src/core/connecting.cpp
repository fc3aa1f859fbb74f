// When a connection is made, and what becomes of the attempt.
#include "core/core.hpp"

#include <random>

namespace tusk::pooling {

std::size_t core::connections_wanted() const noexcept
{
    const std::size_t idle = idle_.size();
    const std::size_t wanted = waiters_.size() + (bounds_.min_idle > idle ? bounds_.min_idle - idle : 0);
    // Those that are being checked will be back before a new one could be there.
    const std::size_t coming = count_of(slot::state::opening) + count_of(slot::state::checking);
    return wanted > coming ? wanted - coming : 0;
}

bool core::wants_connection(time_point now) const noexcept
{
    return !shut_ && connections_wanted() != 0 && slots_.size() < bounds_.cap &&
           count_of(slot::state::opening) < backoff_.allowed_at_once(has_live()) && now >= backoff_.not_before();
}

void core::begin_open(slot& fresh, time_point now)
{
    fresh.index = slots_.size();
    slots_.push_back(&fresh);
    fresh.now = slot::state::opening;
    ++count_of(slot::state::opening);
    fresh.started = now;
    fresh.generation = generation_;
    fresh.verified = suspicion_;
    ++counters_.connects_started;
}

void core::opened(slot& fresh, time_point now, work& todo)
{
    ++counters_.connects_succeeded;
    counters_.connect_total += now - fresh.started;
    backoff_.succeeded();
    last_error_ = nullptr;
    last_error_for_good_ = false;
    fresh.opened = now;
    fresh.expires = never;
    if (bounds_.max_lifetime != duration::zero()) {
        std::uniform_real_distribution<double> part{bounds_.lifetime_jitter * 0.4, bounds_.lifetime_jitter};
        const double shortened = static_cast<double>(bounds_.max_lifetime.count()) * (1.0 - part(random_));
        fresh.expires = after(now, duration{static_cast<duration::rep>(shortened)});
    }
    give_back(fresh, now, todo);
    if (waiters_.empty())
        backoff_.calm();
}

void core::open_failed(slot& fresh, const std::exception_ptr& why, bool for_good, time_point now, work& todo)
{
    ++counters_.connects_failed;
    last_error_ = why;
    last_error_for_good_ = for_good;
    backoff_.failed(now, random_);
    close(fresh, shut_ ? close_reason::disposed : close_reason::connect_failed, todo);
    if ((for_good || bounds_.fail_fast) && !has_live()) {
        counters_.failed_by_connect += waiters_.size();
        dismiss_waiters(waiter::state::down, why, now, todo);
    }
}

} // namespace tusk::pooling
