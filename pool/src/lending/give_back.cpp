// What happens to a connection between two users: put in order after the one, asked whether it lives before the other.
#include "lending/home.hpp"
#include "lending/pool_state.hpp"

#include <asio/co_spawn.hpp>
#include <asio/dispatch.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace tusk::detail {

namespace {

reset_policy policy_of(const pool_options& options)
{
    switch (options.reset) {
    case pool_reset::automatic: return reset_policy::automatic;
    case pool_reset::rollback: return reset_policy::rollback;
    case pool_reset::always: return reset_policy::always;
    case pool_reset::discard_all: return reset_policy::discard_all;
    case pool_reset::none: break;
    }
    return reset_policy::none;
}

} // namespace

void pool_state::give_back(pool_place& place, bool unwanted) noexcept
{
    try {
        // Nobody but this thread has looked at it: no need to go to its strand.
        if (!unwanted && !options_.on_release && place.conn->take_back_unused(policy_of(options_)))
            decide([&](pooling::time_point now, pooling::work& todo) { core_.give_back(place, now, todo); });
        else if (options_.thread_safe)
            asio::dispatch(place.executor,
                           [self = shared_from_this(), &place, unwanted] { self->take_back(place, unwanted); });
        else
            take_back(place, unwanted);
    } catch (...) {
        // No memory to take it back with: it stays leased, and its session goes with the pool.
        return;
    }
}

void pool_state::take_back(pool_place& place, bool unwanted)
{
    lent_connection& conn = *place.conn;
    if (options_.on_release && conn.is_open()) {
        try {
            options_.on_release(conn.own());
        } catch (...) {
            unwanted = true;
        }
    }
    const lent_state came = conn.take_back(policy_of(options_));
    if (!conn.is_open() && !conn.was_closed_by_user()) {
        report_death(place, close_reason::lost);
        return;
    }
    if (came == lent_state::broken || unwanted) {
        const close_reason why = unwanted || !conn.is_open() ? close_reason::discarded : close_reason::reset_failed;
        decide([&](pooling::time_point now, pooling::work& todo) { core_.discard(place, why, now, todo); });
        return;
    }
    if (conn.was_refused_by_standby()) {
        // Its server is not the primary any more, and so is that of every other connection.
        decide([&](pooling::time_point now, pooling::work& todo) {
            core_.discard(place, close_reason::invalidated, now, todo);
            core_.invalidate(now, todo);
        });
        return;
    }
    if (came == lent_state::dirty) {
        decide([&](pooling::time_point now, pooling::work&) { core_.hold(place, now); });
        start_reset(place);
        return;
    }
    decide([&](pooling::time_point now, pooling::work& todo) { core_.give_back(place, now, todo); });
}

/// It ended by itself, in this step or before it.
void pool_state::report_death(pool_place& place, close_reason otherwise)
{
    const bool is_open = place.conn->is_open();
    decide([&](pooling::time_point now, pooling::work& todo) {
        if (is_open)
            core_.discard(place, otherwise, now, todo);
        else
            core_.died(place, otherwise, now, todo);
    });
}

// ---- Reset.

void pool_state::start_reset(pool_place& place)
{
    const reset_policy policy = policy_of(options_);
    place.goes_back_to_setup = options_.on_connect && place.conn->resets_session(policy);
    place.limit.emplace(place.executor, options_.reset_timeout,
                        [&place] { place.conn->drop("what its last user left behind could not be ended in time"); });
    place.conn->reset(policy, [self = shared_from_this(), &place](bool succeeded) {
        behind_engine(*self, place, [self, &place, succeeded] { self->reset_done(place, succeeded); });
    });
}

void pool_state::reset_done(pool_place& place, bool succeeded)
{
    if (succeeded && std::exchange(place.goes_back_to_setup, false)) {
        set_up_again(place);
        return;
    }
    const bool too_late = place.limit && place.limit->passed();
    place.limit.reset();
    if (succeeded && place.conn->is_open()) {
        decide([&](pooling::time_point now, pooling::work& todo) { core_.give_back(place, now, todo); });
    } else if (too_late) {
        decide([&](pooling::time_point now, pooling::work& todo) {
            core_.discard(place, close_reason::reset_failed, now, todo);
        });
    } else {
        report_death(place, place.conn->is_open() ? close_reason::reset_failed : close_reason::lost);
    }
}

/// The reset has taken away what `on_connect` had set.
void pool_state::set_up_again(pool_place& place)
{
    asio::co_spawn(place.executor, options_.on_connect(place.conn->own()),
                   [self = shared_from_this(), &place](const std::exception_ptr& failed) {
                       place.conn->accept_session();
                       const bool succeeded = !failed;
                       behind_engine(*self, place, [self, &place, succeeded] { self->reset_done(place, succeeded); });
                   });
}

// ---- Ping.

void pool_state::start_verify(pool_place& place)
{
    at_home(place, [self = shared_from_this(), &place] {
        if (!place.conn->is_alive()) {
            self->found_dead(place);
            return;
        }
        {
            const std::lock_guard guard{self->mutex_};
            ++self->core_.counters().pings;
        }
        // A ping must not eat up what the caller is ready to wait.
        auto limit = self->options_.ping_timeout;
        if (self->options_.timeout != pool_options::duration::zero())
            limit = std::min(limit, self->options_.timeout / 4);
        place.limit.emplace(place.executor, limit, [&place] { place.conn->drop("it did not answer a ping in time"); });
        place.conn->ping([self, &place](bool succeeded) {
            behind_engine(*self, place, [self, &place, succeeded] { self->ping_done(place, succeeded); });
        });
    });
}

void pool_state::found_dead(pool_place& place)
{
    decide([&](pooling::time_point now, pooling::work& todo) {
        ++core_.counters().found_dead;
        core_.died(place, close_reason::lost, now, todo);
    });
}

void pool_state::ping_done(pool_place& place, bool succeeded)
{
    place.limit.reset();
    decide([&](pooling::time_point now, pooling::work& todo) {
        if (succeeded) {
            core_.give_back(place, now, todo);
        } else {
            ++core_.counters().pings_failed;
            core_.died(place, close_reason::ping_failed, now, todo);
        }
    });
}

} // namespace tusk::detail
