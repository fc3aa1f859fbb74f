// The caller's way to a connection.
#include "lending/acquisition.hpp"
#include "lending/pool_state.hpp"

#include <tusk/pool/detail/run.hpp>
#include <tusk/pool/error.hpp>

#include <asio/async_result.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace tusk::detail {

namespace {

/// What came back this recently has just been heard of: not even its socket is looked at. (A look costs a system call.
/// It pays even where a connection goes from hand to hand: with many callers on one thread a turn lasts long enough for
/// a server to die in it.)
constexpr std::chrono::microseconds just_used{20};

asio::awaitable<void> wait_for(acquisition& caller)
{
    return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [](auto handler, acquisition* who) { who->begin(std::move(handler)); }, asio::use_awaitable, &caller);
}

} // namespace

// ---- A caller in the queue.

acquisition::~acquisition()
{
    if (now == state::granted && given != nullptr)
        pool_->give_back(static_cast<pool_place&>(*given), false);
}

void acquisition::ask() { pool_->enqueue(*this); }

void acquisition::cancel()
{
    if (pool_->dequeue(*this))
        complete();
}

void acquisition::complete()
{
    // Destroyed uncalled, the handler takes the caller's frame along.
    struct delivery {
        std::unique_ptr<kept_base> handler;
        asio::cancellation_slot slot;
        void operator()()
        {
            if (slot.is_connected())
                slot.clear(); // it names a caller that goes now
            const std::unique_ptr<kept_base> last = std::move(handler);
            last->call();
        }
    };
    asio::post(executor_, delivery{std::move(handler_), slot_});
}

void acquisition::abandon() { const std::unique_ptr<kept_base> last = std::move(handler_); }

pool_place& acquisition::take()
{
    switch (now) {
    case state::granted: break;
    case state::timed_out:
    case state::down: std::rethrow_exception(why);
    case state::full:
        throw pool_overloaded{fmt::format("{} callers wait for a connection already, as many as max_waiters allows",
                                          pool_->options().max_waiters)};
    case state::closed:
        throw pool_closed{"the pool is closed: it was disposed of or destroyed, and hands out no connection any more"};
    case state::outside:
    case state::queued: throw operation_aborted{"waiting for a connection was cancelled; the pool is as it was"};
    }
    return static_cast<pool_place&>(*std::exchange(given, nullptr));
}

void pool_state::enqueue(acquisition& caller)
{
    decide([&](pooling::time_point now, pooling::work& todo) {
        pooling::slot* got = core_.acquire(caller, now, todo);
        if (got != nullptr) {
            caller.now = pooling::waiter::state::granted;
            caller.given = got;
        }
        // Answered at once, it was never in the queue; whoever leaves the queue is in the list already.
        if (caller.now != pooling::waiter::state::queued && todo.last_to_wake != &caller) {
            caller.next = todo.to_wake;
            todo.to_wake = &caller;
        }
    });
}

bool pool_state::dequeue(acquisition& caller)
{
    bool was_queued = false;
    decide([&](pooling::time_point, pooling::work&) { was_queued = core_.cancel(caller); });
    return was_queued;
}

// ---- Acquiring.

asio::awaitable<pooled_connection> pool_state::acquire(std::shared_ptr<pool_state> self, pool_options::duration timeout,
                                                       std::source_location who)
{
    if (pool_place* idle = self->take_idle(who))
        co_return hand_out(std::move(self), *idle);
    const pooling::time_point deadline =
        timeout == pool_options::duration::zero() ? pooling::never : pooling::after(clock::now(), timeout);
    for (;;) {
        acquisition caller{self};
        caller.who = who;
        caller.deadline = deadline;
        co_await wait_for(caller);
        pool_place& given = caller.take();
        if (self->confirm(given, clock::now()))
            co_return hand_out(std::move(self), given);
    }
}

std::optional<pooled_connection> pool_state::try_acquire(const std::source_location& who)
{
    pool_place* idle = take_idle(who);
    if (idle == nullptr)
        return std::nullopt;
    return hand_out(shared_from_this(), *idle);
}

pool_place* pool_state::take_idle(const std::source_location& who)
{
    for (;;) {
        pooling::slot* idle = nullptr;
        decide([&](pooling::time_point now, pooling::work& todo) { idle = core_.try_acquire(who, now, todo); });
        if (idle == nullptr)
            return nullptr;
        auto& place = static_cast<pool_place&>(*idle);
        if (confirm(place, place.leased))
            return &place;
    }
}

/// Whether it is alive, as far as can be told without asking the server. The place is ours alone.
bool pool_state::confirm(pool_place& place, pooling::time_point now)
{
    if (now - place.used < just_used || place.conn->is_alive())
        return true;
    decide([&](pooling::time_point later, pooling::work& todo) {
        ++core_.counters().found_dead;
        core_.died(place, close_reason::lost, later, todo);
    });
    return false;
}

pooled_connection pool_state::hand_out(std::shared_ptr<pool_state> self, pool_place& place)
{
    const auto& on_acquire = self->options_.on_acquire;
    pooled_connection lease{std::move(self), place, place.conn->lend()};
    if (on_acquire)
        on_acquire(*lease);
    return lease;
}

target pool_state::target_of(const pooled_connection& lease) { return lease.place_->conn->target_of_lease(); }

asio::awaitable<pooled_connection> acquire_from(std::shared_ptr<pool_state> pool, std::source_location who)
{
    const pool_options::duration timeout = pool->options().timeout;
    return pool_state::acquire(std::move(pool), timeout, who);
}

target target_of(const pooled_connection& lease) { return pool_state::target_of(lease); }

} // namespace tusk::detail
