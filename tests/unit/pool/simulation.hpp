#pragma once

#include "core/core.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace tusk::test {

using namespace std::chrono_literals;

/// A pool without connections: the core, a clock that stands still until it is moved, and a server that takes as long
/// for everything as it is told.
class simulation
{
public:
    using slot = pooling::slot;
    using waiter = pooling::waiter;
    using duration = pooling::duration;

    struct caller : waiter {
        bool answered = false;
        std::function<void(caller&)> then; ///< Called with the answer.
    };

    explicit simulation(const pooling::limits& bounds, unsigned seed = 1) : core{bounds, seed} { settle(); }

    // ---- What the server is like.

    duration connect_time = 10ms;
    duration close_time = 1ms;
    duration ping_time = 1ms;
    std::exception_ptr refusal; ///< Why connecting fails, if it does.
    bool refuses_for_good = false;
    bool answers_pings = true;

    // ---- Callers.

    /// Asks for a connection. The answer is in it, now or later.
    caller& ask(duration timeout = duration::zero(), std::function<void(caller&)> then = {})
    {
        caller& added = *callers_.emplace_back(std::make_unique<caller>());
        added.then = std::move(then);
        added.deadline = timeout == duration::zero() ? pooling::never : now + timeout;
        pooling::work todo;
        slot* got = core.acquire(added, now, todo);
        if (got != nullptr) {
            added.now = waiter::state::granted;
            added.given = got;
        }
        if (added.now != waiter::state::queued)
            answer(added);
        settle(todo);
        return added;
    }

    void give_back(caller& by)
    {
        pooling::work todo;
        core.give_back(*std::exchange(by.given, nullptr), now, todo);
        settle(todo);
    }

    void die(caller& by)
    {
        pooling::work todo;
        core.died(*std::exchange(by.given, nullptr), close_reason::lost, now, todo);
        settle(todo);
    }

    bool cancel(caller& asks)
    {
        const bool was_queued = core.cancel(asks);
        settle();
        return was_queued;
    }

    template <class Function>
    void change(Function&& function)
    {
        pooling::work todo;
        function(todo);
        settle(todo);
    }

    // ---- Time.

    void pass(duration length)
    {
        const pooling::time_point end = now + length;
        for (;;) {
            pooling::time_point next = core.next_due(now);
            if (!events_.empty())
                next = std::min(next, events_.begin()->first);
            if (next > end)
                break;
            now = std::max(now, next);
            if (!events_.empty() && events_.begin()->first <= now) {
                const auto event = events_.extract(events_.begin());
                event.mapped()();
            }
            pooling::work todo;
            core.tick(now, todo);
            settle(todo);
        }
        now = end;
    }
    void at(duration later, std::function<void()> event) { events_.emplace(now + later, std::move(event)); }

    pooling::time_point now = pooling::time_point{} + 1h;
    pooling::core core;
    std::size_t most_connections = 0;
    std::size_t most_opening = 0;
    std::vector<pooling::time_point> connects; ///< When each attempt began.

private:
    void settle(pooling::work todo = {})
    {
        while (waiter* each = todo.to_wake) {
            todo.to_wake = each->next;
            answer(static_cast<caller&>(*each));
        }
        while (slot* each = todo.to_close) {
            todo.to_close = each->next;
            at(close_time, [this, each] { end(*each); });
        }
        while (slot* each = todo.to_verify) {
            todo.to_verify = each->next;
            ++core.counters().pings;
            at(ping_time, [this, each] { change([&](pooling::work& next) { verdict(*each, next); }); });
        }
        while (core.wants_connection(now)) {
            slot& fresh = *slots_.emplace_back(std::make_unique<slot>());
            core.begin_open(fresh, now);
            connects.push_back(now);
            at(connect_time, [this, &fresh] { change([&](pooling::work& next) { connected(fresh, next); }); });
        }
        const auto status = core.status();
        most_connections = std::max(most_connections, status.total());
        most_opening = std::max(most_opening, status.opening);
    }
    void answer(caller& whom)
    {
        if (std::exchange(whom.answered, true))
            throw std::logic_error{"a caller was answered twice"};
        if (whom.then)
            whom.then(whom);
    }
    void connected(slot& fresh, pooling::work& todo)
    {
        if (refusal)
            core.open_failed(fresh, refusal, refuses_for_good, now, todo);
        else
            core.opened(fresh, now, todo);
    }
    void verdict(slot& asked, pooling::work& todo)
    {
        if (answers_pings)
            core.give_back(asked, now, todo);
        else
            core.died(asked, close_reason::ping_failed, now, todo);
    }
    void end(slot& gone)
    {
        core.closed(gone, now);
        settle();
    }

    std::multimap<pooling::time_point, std::function<void()>> events_;
    std::deque<std::unique_ptr<caller>> callers_;
    std::deque<std::unique_ptr<slot>> slots_;
};

inline pooling::limits bounds_of(std::size_t size, std::size_t overflow = 0)
{
    pooling::limits bounds;
    bounds.size = size;
    bounds.cap = size + overflow;
    bounds.backoff_first = 100ms;
    bounds.backoff_most = 10s;
    return bounds;
}

inline std::exception_ptr refusal() { return std::make_exception_ptr(std::runtime_error{"refused"}); }

/// A pool that has this many idle connections.
inline void warm_up(simulation& pool, std::size_t count)
{
    std::vector<simulation::caller*> all;
    for (std::size_t i = 0; i < count; ++i)
        all.push_back(&pool.ask());
    pool.pass(1s);
    for (simulation::caller* each : all)
        pool.give_back(*each);
    pool.pass(1s);
    ASSERT_EQ(pool.core.status().idle, count);
}

inline bool has(const simulation::caller& whom) { return whom.given != nullptr; }

} // namespace tusk::test
