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

} // namespace

engine::engine(asio::any_io_executor executor, std::unique_ptr<transport::stream> stream, protocol::framing input,
               protocol::session_facts session, const connect_options& options)
    : executor_{std::move(executor)},
      stream_{std::move(stream)},
      input_{std::move(input)},
      session_{std::move(session)},
      statements_{options.statement_cache_size, options.statement_cache_bytes},
      status_{session_.transaction_status}
{
    input_.limit(options.max_message_size);
}

engine::~engine() = default;

connection engine::make_connection()
{
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

void engine::submit(request_ptr what)
{
    operation& given = as_operation(what);
    if (given.abandoned) // cancelled before it got here
        return;
    if (given.to.lease != 0 && given.to.lease != lease_) {
        given.why = failure{std::make_exception_ptr(
            usage_error{"this connection went back to its pool before the request was made: acquire one for it"})};
        finish(std::move(what));
        return;
    }
    if (state_ != state::open) {
        given.lose(reason_, false);
        finish(std::move(what));
        return;
    }
    try {
        given.check(*this);
    } catch (...) {
        given.why = failure{std::current_exception()};
        finish(std::move(what));
        return;
    }
    const bool idle = in_flight_.empty();
    given.progress = phase::waiting;
    waiting_.push_back(std::move(what));
    pump();
    if (in_handler_)
        return; // its end flushes
    if (idle) {
        flush();
        arm_read();
    } else {
        flush_soon();
    }
}

void engine::cancel(const request_ptr& what)
{
    operation& given = as_operation(what);
    if (given.abandoned || !given.has_handler())
        return;
    given.why = failure{std::make_exception_ptr(
        operation_aborted{fmt::format("the {} was cancelled; the connection stays usable", given.name())})};
    switch (given.progress) {
    case phase::fresh:                                 // on its way here from another executor
    case phase::staged: given.abandoned = true; break; // its answer is read and dropped
    case phase::waiting:
        given.abandoned = true;
        if (given.release_waiting() && !waiting_.remove(given))
            parked_.remove(given);
        break;
    case phase::done: return;
    }
    post_delivery(what);
}

// ---- Staging.

void engine::pump()
{
    while (!waiting_.empty() && gate_ == nullptr && out_.size() < most_unwritten && state_ == state::open) {
        operation& head = waiting_.front();
        const std::size_t mark = out_.size();
        const std::uint64_t begin = staged_total_;
        staging became = staging::finished;
        try {
            became = head.stage(*this);
        } catch (...) {
            out_.truncate(mark);
            head.reply.reset();
            head.why = failure{std::current_exception()};
        }
        if (became == staging::wait)
            return;
        request_ptr moved = waiting_.pop_front();
        switch (became) {
        case staging::staged:
            staged_total_ += out_.size() - mark;
            if (!std::exchange(head.was_staged, true))
                head.flight_begin = begin;
            head.progress = phase::staged;
            if (head.closes_gate)
                gate_ = &head;
            in_flight_.push_back(std::move(moved));
            break;
        case staging::parked: parked_.push_back(std::move(moved)); break;
        case staging::finished: finish(std::move(moved)); break;
        case staging::wait: break;
        }
    }
}

// ---- Completing.

void engine::finish(request_ptr what)
{
    operation& done = as_operation(what);
    done.progress = phase::done;
    if (!done.has_handler() || done.abandoned)
        return;
    if (in_handler_ && done.at_home) {
        completed_.push_back(std::move(what));
        return;
    }
    post_delivery(std::move(what));
}

void engine::post_delivery(request_ptr what)
{
    const asio::any_io_executor& to = what->at_home ? executor_ : what->executor;
    asio::post(to, [given = std::move(what)]() mutable {
        auto* deliver = given->deliver_;
        if (given->has_handler())
            deliver(std::move(given));
    });
}

void engine::deliver_completed()
{
    while (!completed_.empty()) {
        request_ptr next = completed_.pop_front();
        auto* deliver = next->deliver_;
        deliver(std::move(next));
    }
}

// ---- From any executor to the engine's own.

void submit(request_ptr what, const asio::any_io_executor& executor)
{
    engine& to = *what->to.connection;
    what->at_home = executor == to.executor();
    if (what->at_home) {
        to.submit(std::move(what));
        return;
    }
    what->executor = executor;
    to.note_foreign_caller();
    asio::dispatch(to.executor(), [given = std::move(what)]() mutable {
        engine& at = *given->to.connection;
        at.submit(std::move(given));
    });
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
