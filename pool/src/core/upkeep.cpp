// What time alone brings about: deadlines, ageing, leaks, the next attempt to connect.
#include "core/core.hpp"

#include <algorithm>

namespace tusk::pooling {

time_point core::next_due(time_point now) const noexcept
{
    time_point due = waiters_.empty() ? never : earliest_deadline_;
    if (!shut_ && connections_wanted() != 0 && backoff_.not_before() > now)
        due = std::min(due, backoff_.not_before());
    if (bounds_.idle_timeout != duration::zero() && idle_.size() > bounds_.min_idle)
        due = std::min(due, after(idle_.oldest()->used, bounds_.idle_timeout));
    if (bounds_.leak_threshold != duration::zero())
        for (const slot* each : slots_)
            if (each->now == slot::state::leased && !each->leak_reported)
                due = std::min(due, after(each->leased, bounds_.leak_threshold));
    return due;
}

void core::tick(time_point now, work& todo)
{
    if (earliest_deadline_ <= now) {
        earliest_deadline_ = never;
        for (waiter* each = waiters_.front(); each != nullptr;) {
            waiter& looked_at = *each;
            each = each->next;
            if (looked_at.deadline <= now) {
                ++counters_.timeouts;
                refuse(looked_at, waiter::state::timed_out, now, todo);
            } else {
                earliest_deadline_ = std::min(earliest_deadline_, looked_at.deadline);
            }
        }
    }
    if (bounds_.idle_timeout != duration::zero())
        while (idle_.size() > bounds_.min_idle && after(idle_.oldest()->used, bounds_.idle_timeout) <= now) {
            slot& oldest = *idle_.oldest();
            idle_.remove(oldest);
            close(oldest, close_reason::idle_timeout, todo);
        }
}

} // namespace tusk::pooling
