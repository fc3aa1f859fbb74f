// Letting go of callers: their deadlines, their cancellation, and what the server is to hear of it.
//
// A cancelled statement is stopped on the server only where that cannot hit anybody else: when nothing that somebody
// still waits for has been written. From then on nothing more is written until the CancelRequest has been delivered
// (its socket's end of stream) and the answer is complete. What does not come to that end within `cancel_grace` costs
// the connection, so that a silent server holds nobody for ever.
#include "connection/cancel_request.hpp"
#include "connection/engine.hpp"
#include "connection/engine_scope.hpp"

#include <tusk/driver/error.hpp>

#include <asio/co_spawn.hpp>
#include <asio/steady_timer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

namespace tusk::detail {

// ---- Deadlines.

[[gnu::hot]] bool engine::set_deadline(operation& what)
{
    using clock = alarm_clock::clock;
    constexpr clock::time_point never = clock::time_point::max();
    if (what.to.timeout != clock::duration::zero())
        what.deadline = clock::now() + what.to.timeout;
    else if (command_timeout_ != clock::duration::zero() && what.can_be_cancelled())
        what.deadline = clock::now() + command_timeout_;
    // A rollback comes after its transaction's time is up, and is given a little of its own.
    if (what.to.level && what.to.level->deadline != never)
        what.deadline =
            std::min(what.deadline, what.is_clean_up() ? std::max(what.to.level->deadline, clock::now()) + cancel_grace_
                                                       : what.to.level->deadline);
    if (what.deadline == never)
        return true;
    if (what.deadline <= clock::now())
        return false;
    keep_deadline(what);
    return true;
}

void engine::keep_deadline(operation& what)
{
    if (!deadlines_.can_ring())
        deadlines_.on_ring([weak = weak_from_this()] {
            if (const auto self = weak.lock())
                self->ring();
        });
    deadlines_.set(what, what.deadline);
}

void engine::ring()
{
    if (state_ == state::closed)
        return;
    const handler_scope scope{*this};
    while (operation* due = deadlines_.next_due())
        expire(*due);
    deadlines_.rearm();
    deliver_completed();
}

void engine::expire(operation& what)
{
    what.deadline = alarm_clock::clock::time_point::max();
    release(request_ptr{&what}, what.out_of_time());
}

// ---- Callers.

void engine::cancel(const request_ptr& what)
{
    operation& given = as_operation(what);
    release(what, failure{std::make_exception_ptr(operation_aborted{
                      fmt::format("the {} was cancelled; the connection stays usable", given.name())})});
}

void engine::release(const request_ptr& what, failure why)
{
    operation& given = as_operation(what);
    if (given.abandoned || !given.has_handler() || given.progress == phase::done)
        return;
    // A refusal that is here already tells more.
    if (!given.why)
        given.why = std::move(why);
    forget_deadline(given);
    given.abandoned = true;
    given.released(*this);
    switch (given.progress) {
    case phase::fresh: // on its way here from another executor
    case phase::done: break;
    case phase::joined:
        given.leave(*this);
        given.ended(*this);
        break;
    case phase::waiting:
        if (given.release_waiting()) {
            end_lease(given);
            given.ended(*this);
            if (!waiting_.remove(given))
                parked_.remove(given);
        }
        break;
    case phase::staged: abandon(given); break; // its answer is read and dropped
    }
    post_delivery(what);
}

void engine::abandon(operation& what)
{
    what.abandoned = true;
    end_lease(what); // who comes next waits behind it
    hold_reading(false);
    consider_recovery();
    write_more_of(what); // how it ends without its caller, where its flight is not complete
    flush_later();
}

// ---- The server.

[[gnu::hot]] void engine::consider_recovery()
{
    if (recovering_ || state_ != state::open || in_flight_.empty())
        return;
    if (!in_flight_.any_of([](const operation& each) { return !each.abandoned; }))
        begin_recovery();
}

void engine::begin_recovery()
{
    recovering_ = true;
    recovered_ = false;
    const std::uint64_t which = ++recovery_;
    grace_ = std::make_unique<asio::steady_timer>(executor_, cancel_grace_);
    grace_->async_wait([weak = weak_from_this(), which](const asio::error_code& cancelled) {
        const auto self = weak.lock();
        if (!self || cancelled || self->recovery_ != which || !self->recovering_)
            return;
        const handler_scope scope{*self};
        self->fail(fmt::format("a cancelled statement did not end within {} ms (cancel_grace), so it was dropped",
                               self->cancel_grace_.count()));
        self->deliver_completed();
    });
    if (!in_flight_.front().can_be_cancelled())
        return;
    const std::chrono::milliseconds first = in_flight_.front().drain_time();
    if (first == std::chrono::milliseconds::zero()) {
        start_cancel();
        return;
    }
    // What is nearly over is read to its end: that costs the server less than a signal from another process.
    drain_ = std::make_unique<asio::steady_timer>(executor_, first);
    drain_->async_wait([weak = weak_from_this(), which](const asio::error_code& cancelled) {
        const auto self = weak.lock();
        if (self && !cancelled && self->recovery_ == which && self->recovering_ && !self->recovered_)
            self->start_cancel();
    });
}

void engine::start_cancel()
{
    if (!reopen_ || session_.cancel_key.empty())
        return;
    cancel_on_its_way_ = true;
    // Once the answer is complete nothing of ours is pending but this, so it is this that has to notice when its
    // execution context is destroyed: whoever waits for the end of the recovery would be kept for ever.
    const std::shared_ptr<bool> is_pending{new bool{true}, [weak = weak_from_this()](const bool* pending) {
                                               if (const auto self = weak.lock(); self && *pending)
                                                   self->on_discarded();
                                               delete pending;
                                           }};
    asio::co_spawn(
        executor_,
        deliver_cancel_request(reopen_, cancel_request(session_.backend_pid, session_.cancel_key), cancel_grace_),
        [weak = weak_from_this(), which = recovery_, is_pending](const std::exception_ptr&) {
            *is_pending = false;
            const auto self = weak.lock();
            if (!self || self->recovery_ != which || self->state_ == state::closed)
                return;
            const handler_scope scope{*self};
            self->cancel_on_its_way_ = false;
            self->end_recovery();
        });
}

void engine::end_recovery()
{
    // What is left in flight has been abandoned as well, and deserves a cancel of its own.
    if (!recovering_ || !recovered_ || cancel_on_its_way_)
        return;
    recovering_ = false;
    grace_.reset();
    drain_.reset();
    consider_recovery();
    pump();
}

void engine::send_cancel_behind() noexcept
{
    try {
        if (reopen_ && !session_.cancel_key.empty() && in_flight_.front().can_be_cancelled())
            asio::co_spawn(executor_,
                           deliver_cancel_request(reopen_, cancel_request(session_.backend_pid, session_.cancel_key),
                                                  cancel_grace_),
                           [](const std::exception_ptr&) {});
    } catch (...) {
        return; // no memory for it: the server notices the end of the session later
    }
}

} // namespace tusk::detail
