#include "connection/engine.hpp"

#include "connection/engine_scope.hpp"

#include <tusk/driver/error.hpp>

#include <asio/dispatch.hpp>
#include <asio/post.hpp>

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace tusk::detail {

namespace {

/// How much may be staged and unwritten before further requests wait their turn unencoded.
constexpr std::size_t most_unwritten = 256 * 1024;

failure stale_lease()
{
    return failure{std::make_exception_ptr(
        usage_error{"this connection went back to its pool before the request was made: acquire one for it"})};
}

} // namespace

engine::engine(asio::any_io_executor executor, std::unique_ptr<transport::stream> stream, protocol::framing input,
               protocol::session_facts session, const connect_options& options, transport::reopen reopen)
    : executor_{std::move(executor)},
      stream_{std::move(stream)},
      input_{std::move(input)},
      session_{std::move(session)},
      has_proxy_{options.pooling_proxy != pooling_proxy::none},
      statements_{options.statement_cache_size, options.statement_cache_bytes, !has_proxy_},
      observer_{options.observer},
      deadlines_{executor_},
      inbox_{options.notification_queue_size},
      reopen_{std::move(reopen)},
      cancel_grace_{options.cancel_grace},
      command_timeout_{options.command_timeout},
      status_{session_.transaction_status}
{
    input_.limit(options.max_message_size);
}

engine::~engine() = default;

connection engine::make_connection(std::string place)
{
    place_ = std::move(place);
    add_handle();
    // What came in one piece with the greeting: at worst the server's goodbye.
    const handler_scope scope{*this};
    process_all();
    return connection{target{shared_from_this(), nullptr}};
}

std::string engine::parameter(std::string_view name) const
{
    const auto found = session_.parameters.find(std::string{name});
    return found == session_.parameters.end() ? std::string{} : found->second;
}

// ---- Handing in and letting go.

[[gnu::hot]] void engine::submit(request_ptr what)
{
    operation& given = as_operation(what);
    if (given.abandoned) // cancelled before it got here
        return;
    if (!may_run(given)) {
        finish(std::move(what));
        return;
    }
    const bool idle = in_flight_.empty();
    if (!set_deadline(given)) {
        be_too_late(what);
        go_on(idle);
        return;
    }
    given.progress = phase::joined;
    if (!given.join(*this)) {
        given.progress = phase::waiting;
        waiting_.push_back(std::move(what));
        pump();
    }
    go_on(idle);
}

/// @returns False where it must not, and then it has been told why.
[[gnu::hot]] bool engine::may_run(operation& given)
{
    if (!lease_.use(given.to.lease)) {
        given.why = stale_lease();
        return false;
    }
    if (state_ != state::open) {
        given.lose(reason_, false);
        return false;
    }
    try {
        given.check(*this);
        return true;
    } catch (...) {
        given.why = failure{std::current_exception()};
        return false;
    }
}

/// Its caller is told at once; what must go on without him (the end of a transaction) does.
void engine::be_too_late(const request_ptr& what)
{
    operation& given = as_operation(what);
    given.progress = phase::waiting;
    waiting_.push_back(what);
    release(what, failure{std::make_exception_ptr(timeout_error{fmt::format(
                      "the deadline had passed before the {} began; nothing of it was sent", given.name())})});
    pump();
}

void engine::enqueue(request_ptr what)
{
    const bool idle = in_flight_.empty();
    as_operation(what).abandoned = true;
    as_operation(what).progress = phase::waiting;
    waiting_.push_back(std::move(what));
    pump();
    go_on(idle);
}

[[gnu::hot]] void engine::go_on(bool was_idle)
{
    if (in_handler_)
        return; // its end flushes
    if (was_idle) {
        flush();
        arm_read();
    } else {
        flush_soon();
    }
}

// ---- Staging.

[[gnu::hot]] void engine::pump()
{
    if (writer_ != nullptr)
        write_more();
    while (stage_next()) {}
}

void engine::write_more()
{
    try {
        if (!writer_->stage_more(*this))
            return;
        writer_ = nullptr;
    } catch (const std::exception& broken) {
        // Half a flight is on its way and cannot be completed.
        writer_->refuse(failure{std::current_exception()});
        fail(broken.what());
    }
}

[[gnu::hot]] bool engine::stage_next()
{
    if (waiting_.empty() || gate_ != nullptr || writer_ != nullptr || recovering_ || out_.size() >= most_unwritten ||
        state_ != state::open || (has_proxy_ && !in_flight_.empty()))
        return false;
    operation& head = waiting_.front();
    const std::size_t mark = out_.size();
    const std::uint64_t begin = end_of_staged();
    staging became = staging::finished;
    try {
        became = head.stage(*this);
    } catch (...) {
        out_.truncate(mark);
        head.reply.reset();
        head.refuse(failure{std::current_exception()});
    }
    if (became == staging::wait)
        return false;
    request_ptr moved = waiting_.pop_front();
    switch (became) {
    case staging::begun: writer_ = &head; [[fallthrough]];
    case staging::staged:
        if (!std::exchange(head.was_staged, true)) {
            head.flight_begin = begin;
            if (observer_)
                observe_start(head);
        }
        head.progress = phase::staged;
        if (head.closes_gate)
            gate_ = &head;
        in_flight_.push_back(std::move(moved));
        if (head.closes_gate && head.abandoned)
            consider_recovery();
        break;
    case staging::parked: parked_.push_back(std::move(moved)); break;
    case staging::finished: finish(std::move(moved)); break;
    case staging::wait: break;
    }
    return true;
}

// ---- Completing.

[[gnu::hot]] void engine::finish(request_ptr what)
{
    operation& done = as_operation(what);
    done.progress = phase::done;
    forget_deadline(done);
    if (!done.keeps_lease())
        end_lease(done);
    done.ended(*this);
    if (done.observed)
        observe_end(done);
    if (!done.has_handler() || done.abandoned)
        return;
    if (in_handler_ && done.at_home) {
        completed_.push_back(std::move(what));
        return;
    }
    post_delivery(std::move(what));
}

void engine::end_pipeline(const operation& which)
{
    if (!pipelines_.remove(which) || !pipelines_.empty())
        return;
    const bool idle = in_flight_.empty();
    unpark(); // a close waits for it
    pump();
    go_on(idle);
}

void engine::post_delivery(request_ptr what)
{
    if (!what->at_home && as_operation(what).parts_of() != nullptr) {
        // Behind its parts, which are told on the engine's executor.
        asio::post(executor_, [given = std::move(what)]() mutable { post_to_caller(std::move(given)); });
        return;
    }
    post_to_caller(std::move(what));
}

void engine::post_to_caller(request_ptr what)
{
    const asio::any_io_executor& to = what->at_home ? what->to.connection->executor_ : what->executor;
    asio::post(to, [given = std::move(what)]() mutable {
        auto* deliver = given->deliver_;
        if (given->has_handler())
            deliver(std::move(given));
    });
}

void engine::complete_early(request_ptr what)
{
    forget_deadline(as_operation(what));
    if (in_handler_ && what->at_home)
        completed_early_.push_back(std::move(what));
    else
        post_delivery(std::move(what));
}

[[gnu::hot]] void engine::deliver_completed()
{
    // What these callers do next may complete others early, so the list is walked anew each time.
    while (!completed_early_.empty()) {
        request_ptr next = std::move(completed_early_.front());
        completed_early_.erase(completed_early_.begin());
        auto* deliver = next->deliver_;
        if (next->has_handler())
            deliver(std::move(next));
    }
    while (!completed_.empty()) {
        request_ptr next = completed_.pop_front();
        auto* deliver = next->deliver_;
        if (next->has_handler()) // what opens and ends within one read has told its caller early
            deliver(std::move(next));
    }
}

// ---- From any executor to the engine's own.

namespace {

void submit_from_elsewhere(request_ptr what)
{
    engine& to = *what->to.connection;
    to.note_foreign_caller();
    asio::dispatch(to.executor(), [given = std::move(what)]() mutable {
        engine& at = *given->to.connection;
        at.submit(std::move(given));
    });
}

} // namespace

[[gnu::hot]] void submit(request_ptr what, const asio::any_io_executor& executor)
{
    engine& to = *what->to.connection;
    what->at_home = executor == to.executor();
    if (!what->at_home)
        what->executor = executor;
    // Whoever has the connection now must not be disturbed, not even by looking at it.
    if (!to.lease().use(what->to.lease)) {
        as_operation(what).why = stale_lease();
        engine::post_to_caller(std::move(what));
        return;
    }
    if (what->at_home) {
        to.submit(std::move(what));
        return;
    }
    submit_from_elsewhere(std::move(what));
}

void cancel(const request_ptr& what)
{
    engine& to = *what->to.connection;
    if (what->at_home) {
        to.cancel(what);
        return;
    }
    asio::dispatch(to.executor(), [given = what] { given->to.connection->cancel(given); });
}

} // namespace tusk::detail
