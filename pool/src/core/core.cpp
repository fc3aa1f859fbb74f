#include "core/core.hpp"

#include <algorithm>

namespace tusk::pooling {

namespace {

void add_to_wake(work& todo, waiter& whom) noexcept
{
    whom.next = nullptr;
    (todo.last_to_wake != nullptr ? todo.last_to_wake->next : todo.to_wake) = &whom;
    todo.last_to_wake = &whom;
}

} // namespace

core::core(const limits& bounds, std::uint64_t seed)
    : bounds_{bounds},
      random_{static_cast<std::minstd_rand::result_type>(seed)},
      backoff_{bounds.backoff_first, bounds.backoff_most, bounds.connect_concurrency}
{
    slots_.reserve(std::min<std::size_t>(bounds.cap, 64));
}

void core::move_to(slot& which, slot::state to) noexcept
{
    --count_of(which.now);
    ++count_of(to);
    which.now = to;
}

bool core::has_live() const noexcept
{
    return count_of(slot::state::leased) + count_of(slot::state::idle) + count_of(slot::state::checking) != 0;
}

// ---- Callers.

slot* core::acquire(waiter& asks, time_point now, work& todo)
{
    asks.since = now;
    if (shut_) {
        asks.now = waiter::state::closed;
        return nullptr;
    }
    if (slot* idle = try_acquire(asks.who, now, todo))
        return idle;
    // While nothing lives and nothing may be tried yet, waiting would only end in what is known already.
    if (backoff_.is_down() && now < backoff_.not_before() && !has_live() && count_of(slot::state::opening) == 0 &&
        (bounds_.fail_fast || last_error_for_good_)) {
        asks.now = waiter::state::down;
        asks.why = last_error_;
        ++counters_.failed_by_connect;
        return nullptr;
    }
    if (waiters_.size() >= bounds_.max_waiters) {
        asks.now = waiter::state::full;
        ++counters_.refused_full;
        return nullptr;
    }
    asks.now = waiter::state::queued;
    if (waiters_.empty())
        earliest_deadline_ = never;
    waiters_.push_back(asks);
    earliest_deadline_ = std::min(earliest_deadline_, asks.deadline);
    serve(now, todo);
    return nullptr;
}

slot* core::try_acquire(const std::source_location& who, time_point now, work& todo)
{
    // Whoever waits comes first, and one who waits for an answer to a ping waits, too.
    slot* idle = shut_ || !waiters_.empty() || verifying_ != 0 ? nullptr : take_idle(now, todo);
    if (idle != nullptr) {
        lease(*idle, who, now);
        ++counters_.acquired_at_once;
    }
    return idle;
}

bool core::cancel(waiter& asks)
{
    if (asks.now != waiter::state::queued)
        return false;
    waiters_.remove(asks);
    asks.now = waiter::state::outside;
    ++counters_.cancelled;
    if (waiters_.empty())
        backoff_.calm();
    return true;
}

void core::lease(slot& which, const std::source_location& who, time_point now) noexcept
{
    move_to(which, slot::state::leased);
    which.leased = now;
    which.who = who;
    which.leak_reported = false;
    ++counters_.acquired;
}

void core::note_wait(const waiter& of, time_point now) noexcept
{
    const duration waited = now - of.since;
    counters_.wait_total += waited;
    counters_.wait_max = std::max(counters_.wait_max, waited);
    const auto bucket = std::ranges::lower_bound(pool_counters::wait_bounds, waited);
    ++counters_.waits[static_cast<std::size_t>(bucket - pool_counters::wait_bounds.begin())];
}

void core::grant(waiter& to, slot& which, time_point now, work& todo)
{
    waiters_.remove(to);
    note_wait(to, now);
    lease(which, to.who, now);
    to.now = waiter::state::granted;
    to.given = &which;
    add_to_wake(todo, to);
    if (waiters_.empty())
        backoff_.calm();
}

void core::refuse(waiter& whom, waiter::state how, time_point now, work& todo)
{
    waiters_.remove(whom);
    note_wait(whom, now);
    whom.now = how;
    add_to_wake(todo, whom);
    if (waiters_.empty())
        backoff_.calm();
}

void core::dismiss_waiters(waiter::state how, const std::exception_ptr& why, time_point now, work& todo)
{
    while (waiter* each = waiters_.front()) {
        each->why = why;
        refuse(*each, how, now, todo);
    }
}

// ---- The idle set.

close_reason core::reason_to_close(const slot& which, time_point now) const noexcept
{
    if (shut_)
        return close_reason::disposed;
    if (which.generation != generation_)
        return close_reason::invalidated;
    if (which.expires <= now)
        return close_reason::lifetime;
    if (bounds_.recycle != duration::zero() && now - which.opened > bounds_.recycle)
        return close_reason::lifetime;
    return close_reason::none;
}

bool core::needs_verification(const slot& which, time_point now) const noexcept
{
    return which.verified != suspicion_ || (bounds_.pre_ping && now - which.used > bounds_.ping_threshold);
}

slot* core::take_idle(time_point now, work& todo)
{
    while (slot* found = bounds_.lifo ? idle_.newest() : idle_.oldest()) {
        idle_.remove(*found);
        const close_reason why = reason_to_close(*found, now);
        if (why != close_reason::none) {
            close(*found, why, todo);
            continue;
        }
        if (!needs_verification(*found, now))
            return found;
        // Its caller waits in the queue, not for this one, but for whichever comes first.
        move_to(*found, slot::state::checking);
        found->verifying = true;
        ++verifying_;
        found->next = todo.to_verify;
        todo.to_verify = found;
        return nullptr;
    }
    return nullptr;
}

/// Gives idle connections to those who wait: one that needs a ping first is pinged, as many at a time as there are
/// callers for them.
void core::serve(time_point now, work& todo)
{
    while (waiters_.size() > verifying_ && !idle_.empty())
        if (slot* found = take_idle(now, todo))
            grant(*waiters_.front(), *found, now, todo);
}

// ---- Slots.

void core::end_verification(slot& of) noexcept
{
    if (!of.verifying)
        return;
    of.verifying = false;
    --verifying_;
}

void core::close(slot& gone, close_reason why, work& todo)
{
    move_to(gone, slot::state::closing);
    gone.reason = why;
    last_reason_ = why;
    ++counters_.closed[static_cast<std::size_t>(why)];
    gone.next = todo.to_close;
    todo.to_close = &gone;
}

void core::close_idle(close_reason why, work& todo)
{
    while (slot* each = idle_.oldest()) {
        idle_.remove(*each);
        close(*each, why, todo);
    }
}

void core::hold(slot& back, time_point now)
{
    ++counters_.released;
    ++counters_.resets;
    counters_.use_total += now - back.leased;
    move_to(back, slot::state::checking);
}

void core::give_back(slot& back, time_point now, work& todo)
{
    if (back.now == slot::state::leased) {
        ++counters_.released;
        counters_.use_total += now - back.leased;
    }
    if (back.verifying)
        back.verified = suspicion_;
    end_verification(back);
    back.used = now;
    const close_reason why = reason_to_close(back, now);
    if (why != close_reason::none) {
        close(back, why, todo);
    } else if (slots_.size() > bounds_.cap || (waiters_.empty() && idle_.size() >= bounds_.size)) {
        close(back, close_reason::surplus, todo);
    } else if (waiter* first = waiters_.front()) {
        grant(*first, back, now, todo);
    } else {
        move_to(back, slot::state::idle);
        idle_.push_newest(back);
    }
}

void core::discard(slot& gone, close_reason why, time_point now, work& todo)
{
    if (gone.now == slot::state::leased) {
        ++counters_.released;
        counters_.use_total += now - gone.leased;
    }
    end_verification(gone);
    close(gone, why, todo);
    serve(now, todo);
}

void core::died(slot& gone, close_reason why, time_point now, work& todo)
{
    // One suspicion for a whole cohort: those that die of the same cause were verified before it, too.
    if (gone.verified == suspicion_)
        ++suspicion_;
    discard(gone, why, now, todo);
}

void core::closed(slot& gone, time_point /*now*/)
{
    --count_of(gone.now);
    slots_[gone.index] = slots_.back();
    slots_[gone.index]->index = gone.index;
    slots_.pop_back();
}

// ---- The whole.

void core::resize(std::size_t size, std::size_t cap, time_point now, work& todo)
{
    bounds_.size = size;
    bounds_.cap = cap;
    static_cast<void>(now);
    while (!idle_.empty() && (idle_.size() > size || slots_.size() - count_of(slot::state::closing) > cap)) {
        slot& oldest = *idle_.oldest();
        idle_.remove(oldest);
        close(oldest, close_reason::surplus, todo);
    }
}

void core::invalidate(time_point now, work& todo)
{
    static_cast<void>(now);
    ++generation_;
    close_idle(close_reason::invalidated, todo);
}

void core::shut(time_point now, work& todo)
{
    if (shut_)
        return;
    shut_ = true;
    dismiss_waiters(waiter::state::closed, nullptr, now, todo);
    close_idle(close_reason::disposed, todo);
}

pool_status core::status() const noexcept
{
    pool_status told;
    told.size = bounds_.size;
    told.cap = bounds_.cap == limits::unlimited ? 0 : bounds_.cap;
    told.idle = count_of(slot::state::idle);
    told.leased = count_of(slot::state::leased);
    told.opening = count_of(slot::state::opening);
    told.checking = count_of(slot::state::checking);
    told.closing = count_of(slot::state::closing);
    told.overflow = slots_.size() > bounds_.size ? slots_.size() - bounds_.size : 0;
    told.waiting = waiters_.size();
    told.is_closed = shut_;
    return told;
}

const slot* core::oldest_lease() const noexcept
{
    const slot* oldest = nullptr;
    for (const slot* each : slots_)
        if (each->now == slot::state::leased && (oldest == nullptr || each->leased < oldest->leased))
            oldest = each;
    return oldest;
}

} // namespace tusk::pooling
