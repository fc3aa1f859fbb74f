// How a session ends: closed by us, by the server, by an error, or with its execution context.
#include "connection/close.hpp"
#include "connection/engine.hpp"
#include "connection/engine_scope.hpp"
#include "protocol/frontend.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace tusk::detail {

namespace {

/// How long the server's last bytes are waited for, when nothing more can be said to it.
constexpr std::chrono::seconds last_patience{2};

} // namespace

void engine::fail(const std::string& reason)
{
    if (state_ == state::closed)
        return;
    state_ = state::closed;
    reason_ = reason;
    // Nothing that belongs to the execution context is kept: a handle may live longer.
    stream_->close();
    let_go_of_context();
    if (observer_)
        observe_close();
    while (!in_flight_.empty()) {
        request_ptr each = in_flight_.pop_front();
        as_operation(each).lose(reason, was_written(as_operation(each)));
        finish(std::move(each));
    }
    unpark();
    waiting_.splice_front(inbox_.waiting());
    while (!waiting_.empty()) {
        request_ptr each = waiting_.pop_front();
        as_operation(each).lose(reason, was_written(as_operation(each)));
        finish(std::move(each));
    }
    deadlines_.clear();
}

void engine::let_go_of_context() noexcept
{
    gate_ = nullptr;
    writer_ = nullptr;
    holder_ = nullptr;
    recovering_ = false;
    stream_.reset();
    patience_.reset();
    grace_.reset();
    drain_.reset();
    reopen_ = nullptr;
}

void engine::hang_up()
{
    state_ = state::closing;
    reason_ = "it was closed";
    told_to_close_ = true;
    fail_after_patience("it was closed");
}

void engine::fail_after_patience(std::string reason)
{
    patience_ = std::make_unique<asio::steady_timer>(executor_, last_patience);
    patience_->async_wait([weak = weak_from_this(), reason = std::move(reason)](const asio::error_code& cancelled) {
        const auto self = weak.lock();
        if (!self || cancelled)
            return;
        const handler_scope scope{*self};
        self->fail(reason);
        self->deliver_completed();
    });
}

void engine::shut()
{
    if (state_ != state::open)
        return;
    const auto is_awaited = [](const operation& each) { return each.has_handler() && !each.abandoned; };
    if (in_flight_.any_of(is_awaited) || waiting_.any_of(is_awaited) || parked_.any_of(is_awaited) ||
        pipelines_.any_of(is_awaited)) {
        // Somebody still awaits an answer: the session ends behind it.
        submit(make_close(target{shared_from_this(), nullptr}));
        return;
    }
    // An open transaction is rolled back by the server when it sees the end of the session; a statement that runs
    // would not see it, so it is cancelled.
    const std::shared_ptr<engine> keep = shared_from_this();
    if (!in_flight_.empty() && !cancel_on_its_way_)
        send_cancel_behind();
    if (!writing_ && !write_broken_) {
        protocol::write_terminate(out_);
        flush();
    }
    fail("it was closed");
}

void engine::on_discarded() noexcept
{
    // The execution context is being destroyed with our I/O in it. Callers' coroutines go with it: their frames hold
    // handles to this engine, and this engine holds them, so the ring is cut here.
    if (state_ == state::closed)
        return;
    state_ = state::closed;
    reason_ = "its execution context was destroyed";
    stream_->close();
    let_go_of_context();
    deadlines_.clear();
    unpark();
    waiting_.splice_front(inbox_.waiting());
    operation_queue gone[] = {std::move(pipelines_), std::move(in_flight_), std::move(waiting_), std::move(completed_)};
    for (operation_queue& queue : gone)
        while (!queue.empty())
            as_operation(queue.pop_front()).discard();
    for (const request_ptr& each : std::exchange(completed_early_, {}))
        each->drop_handler();
}

} // namespace tusk::detail
