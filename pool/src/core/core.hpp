#pragma once

#include "core/backoff.hpp"
#include "core/idle_set.hpp"
#include "core/limits.hpp"
#include "core/slot.hpp"
#include "core/time.hpp"
#include "core/waiter.hpp"

#include <tusk/pool/counters.hpp>
#include <tusk/pool/status.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <random>
#include <vector>

namespace tusk::pooling {

/// What is to be done outside, after a call of the core. Slots and waiters are chained by their `next`.
struct work {
    slot* to_close = nullptr;
    slot* to_verify = nullptr;
    waiter* to_wake = nullptr; ///< In the order in which they left the queue.
    waiter* last_to_wake = nullptr;

    [[nodiscard]] bool empty() const noexcept
    {
        return to_close == nullptr && to_verify == nullptr && to_wake == nullptr;
    }
};

/// Who gets which connection, when one is made, and when one goes: every rule of the pool, without I/O, without a clock
/// and without knowing what a connection is.
///
/// A connection that becomes free goes directly to the caller who has waited longest; there is no moment at which a
/// newcomer could take it. So the idle set is empty whenever somebody waits.
/// @par Thread safety  None: whoever holds it locks it.
class core
{
public:
    core(const limits& bounds, std::uint64_t seed);

    // ---- Callers.

    /// @returns A leased slot; or null, and then `asks.now` tells: it is `queued`, or was refused.
    slot* acquire(waiter& asks, time_point now, work& todo);
    /// A leased slot that can be had at once, or null.
    slot* try_acquire(const std::source_location& who, time_point now, work& todo);
    /// @returns Whether it was still in the queue. If not, it has its answer, which is on its way.
    bool cancel(waiter& asks);

    // ---- What becomes of a slot.

    /// A leased or checked slot is fit for the next user.
    void give_back(slot& back, time_point now, work& todo);
    /// A leased slot is being cleaned up; `give_back` or `discard` follows.
    void hold(slot& back, time_point now);
    /// A slot that is not idle any more is to be closed.
    void discard(slot& gone, close_reason why, time_point now, work& todo);
    /// The same, and it died by itself: idle ones of its time are asked before they are used again.
    void died(slot& gone, close_reason why, time_point now, work& todo);
    /// It is gone; its place is free.
    void closed(slot& gone, time_point now);

    // ---- Connecting.

    /// Whether a further connection should be begun now.
    [[nodiscard]] bool wants_connection(time_point now) const noexcept;
    void begin_open(slot& fresh, time_point now);
    void opened(slot& fresh, time_point now, work& todo);
    /// @param for_good  Trying again will not help: who waits is told at once.
    void open_failed(slot& fresh, const std::exception_ptr& why, bool for_good, time_point now, work& todo);

    // ---- Time.

    /// When `tick` has something to do; it may be early, never late.
    [[nodiscard]] time_point next_due(time_point now) const noexcept;
    void tick(time_point now, work& todo);
    /// Somebody's deadline has passed.
    [[nodiscard]] bool has_late_waiter(time_point now) const noexcept
    {
        return !waiters_.empty() && earliest_deadline_ <= now;
    }
    /// Calls `report(slot)` once for each lease that lasts suspiciously long.
    template <class Report>
    void report_leaks(time_point now, Report&& report)
    {
        if (bounds_.leak_threshold == duration::zero())
            return;
        for (slot* each : slots_)
            if (each->now == slot::state::leased && !each->leak_reported &&
                now - each->leased >= bounds_.leak_threshold) {
                each->leak_reported = true;
                ++counters_.leaks_suspected;
                report(*each);
            }
    }

    // ---- The whole.

    void resize(std::size_t size, std::size_t cap, time_point now, work& todo);
    /// No connection that exists now is used again.
    void invalidate(time_point now, work& todo);
    /// Nothing is handed out any more. Connections that are being made are closed when they come.
    void shut(time_point now, work& todo);

    [[nodiscard]] bool has_waiters() const noexcept { return !waiters_.empty(); }
    [[nodiscard]] waiter* first_waiter() const noexcept { return waiters_.front(); }
    [[nodiscard]] bool is_shut() const noexcept { return shut_; }
    [[nodiscard]] pool_status status() const noexcept;
    [[nodiscard]] const pool_counters& counters() const noexcept { return counters_; }
    [[nodiscard]] pool_counters& counters() noexcept { return counters_; }
    [[nodiscard]] const std::vector<slot*>& slots() const noexcept { return slots_; }
    [[nodiscard]] const slot* oldest_lease() const noexcept;
    [[nodiscard]] const std::exception_ptr& last_connect_error() const noexcept { return last_error_; }
    [[nodiscard]] close_reason last_close_reason() const noexcept { return last_reason_; }
    [[nodiscard]] std::size_t cap() const noexcept { return bounds_.cap; }

private:
    std::size_t& count_of(slot::state of) noexcept { return counts_[static_cast<std::size_t>(of)]; }
    [[nodiscard]] std::size_t count_of(slot::state of) const noexcept { return counts_[static_cast<std::size_t>(of)]; }
    void move_to(slot& which, slot::state to) noexcept;
    void lease(slot& which, const std::source_location& who, time_point now) noexcept;
    void grant(waiter& to, slot& which, time_point now, work& todo);
    void refuse(waiter& whom, waiter::state how, time_point now, work& todo);
    void dismiss_waiters(waiter::state how, const std::exception_ptr& why, time_point now, work& todo);
    void close(slot& gone, close_reason why, work& todo);
    void close_idle(close_reason why, work& todo);
    void note_wait(const waiter& of, time_point now) noexcept;
    void serve(time_point now, work& todo);
    void end_verification(slot& of) noexcept;
    [[nodiscard]] slot* take_idle(time_point now, work& todo);
    [[nodiscard]] close_reason reason_to_close(const slot& which, time_point now) const noexcept;
    [[nodiscard]] bool needs_verification(const slot& which, time_point now) const noexcept;
    [[nodiscard]] std::size_t connections_wanted() const noexcept;
    [[nodiscard]] bool has_live() const noexcept;

    limits bounds_;
    std::minstd_rand random_;
    backoff backoff_;
    waiter_queue waiters_;
    idle_set idle_;
    std::vector<slot*> slots_;
    std::size_t counts_[5] = {};
    std::size_t verifying_ = 0;
    unsigned suspicion_ = 0;               ///< Goes up when a connection dies by itself.
    unsigned generation_ = 0;              ///< Goes up when none that exists is to be used again.
    time_point earliest_deadline_ = never; ///< May be earlier than that of any waiter, never later.
    std::exception_ptr last_error_;
    bool last_error_for_good_ = false;
    close_reason last_reason_ = close_reason::none;
    pool_counters counters_;
    bool shut_ = false;
};

} // namespace tusk::pooling
