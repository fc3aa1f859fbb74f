#include "connection/engine.hpp"

#include "connection/close.hpp"
#include "connection/transaction.hpp"
#include "protocol/error_response.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/error.hpp>

#include <asio/dispatch.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace tusk::detail {

namespace {

/// How much may be staged and unwritten before further requests wait their turn unencoded.
constexpr std::size_t most_unwritten = 256 * 1024;
constexpr std::size_t usual_buffer = 64 * 1024;
/// How long the server's last bytes are waited for, when nothing more can be said to it.
constexpr std::chrono::seconds last_patience{2};

bool is_fatal(const error_fields* words) noexcept
{
    return words != nullptr && (words->severity_nonlocalized == "FATAL" || words->severity_nonlocalized == "PANIC");
}

operation& as_operation(const request_ptr& what) noexcept { return static_cast<operation&>(*what); }

} // namespace

/// While one of the engine's I/O handlers runs, what callers stage is held back, so that everything that a batch of
/// answers sets off goes out in one write. The destructor does it even when a caller's coroutine throws out of here.
class engine::handler_scope
{
public:
    explicit handler_scope(engine& of) noexcept : of_{&of} { of.in_handler_ = true; }
    handler_scope(const handler_scope&) = delete;
    handler_scope& operator=(const handler_scope&) = delete;
    ~handler_scope()
    {
        of_->in_handler_ = false;
        // A caller threw out of its completion: the others still get theirs, from the executor.
        while (!of_->completed_.empty())
            of_->finish(of_->completed_.pop_front());
        of_->flush();
        of_->arm_read();
    }

private:
    engine* of_;
};

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

// ---- Handing in and letting go.

void engine::submit(request_ptr what)
{
    operation& given = as_operation(what);
    if (given.abandoned) // cancelled before it got here
        return;
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
    case phase::fresh: // on its way here from another executor
    case phase::staged: given.abandoned = true; break;
    case phase::waiting:
        given.abandoned = true;
        if (given.release_waiting() && !waiting_.remove(given))
            parked_.remove(given);
        break;
    case phase::done: return;
    }
    post_delivery(what);
}

/// Destructors of handles must not throw, and what they leave to do is done on the engine's executor. That is where
/// they are called, unless the engine has a strand that its callers do not run on. (Nothing is dispatched without
/// need: while an execution context is being destroyed, that would keep the engine longer than the context's sockets.)
template <class Function>
void engine::run_at_home(Function&& function) noexcept
{
    try {
        if (has_foreign_callers_.load(std::memory_order_relaxed))
            asio::dispatch(executor_, std::forward<Function>(function));
        else
            function();
    } catch (...) {
        // No memory to say goodbye with: the socket closes when the last share of the engine goes.
        return;
    }
}

void engine::drop_handle() noexcept
{
    if (handles_.fetch_sub(1, std::memory_order_acq_rel) == 1)
        run_at_home([self = shared_from_this()] { self->shut(); });
}

void engine::add_share()
{
    check_level(nullptr);
    shares_.fetch_add(1, std::memory_order_relaxed);
    add_handle();
}

void engine::drop_share() noexcept
{
    shares_.fetch_sub(1, std::memory_order_relaxed);
    drop_handle();
}

void engine::drop_level(std::shared_ptr<transaction_level> level) noexcept
{
    if (!level->finished)
        run_at_home([self = shared_from_this(), gone = std::move(level)] { self->abandon_level(gone); });
    drop_handle();
}

void engine::abandon_level(const std::shared_ptr<transaction_level>& level)
{
    if (level->finished || state_ != state::open)
        return;
    request_ptr rollback = make_rollback(target{shared_from_this(), level});
    as_operation(rollback).progress = phase::waiting;
    waiting_.push_back(std::move(rollback));
    leave_level(*level); // and the inner ones: handles that outlive it find their level finished
    pump();
    if (in_handler_)
        return;
    flush();
    arm_read();
}

// ---- Transactions.

void engine::leave_level(const transaction_level& level)
{
    for (std::shared_ptr<transaction_level> each = top_; each; each = each->outer) {
        each->finished = true;
        if (each.get() == &level) {
            top_ = each->outer;
            return;
        }
    }
}

void engine::check_level(const transaction_level* level) const
{
    if (level == nullptr) {
        if (top_)
            throw usage_error{"the connection is held by an open transaction: run the statement on the transaction "
                              "object, or end the transaction first"};
        return;
    }
    if (level->finished)
        throw usage_error{"this transaction has ended: begin a new one"};
    if (top_.get() != level)
        throw usage_error{"an inner transaction is open: run the statement on it, or end it first"};
}

// ---- Staging and writing.

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
            head.flight_end = staged_total_;
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

void engine::flush()
{
    if (writing_ || out_.empty() || write_broken_ || state_ == state::closed)
        return;
    asio::error_code error;
    const std::size_t count = stream_->write_some(out_.bytes(), error);
    written_total_ += count;
    if (count == out_.size()) {
        out_.clear();
        out_.shrink(usual_buffer);
        return;
    }
    if (error && error != asio::error::would_block && error != asio::error::try_again) {
        fail_write(error);
        return;
    }
    std::swap(out_, sending_);
    sent_ = count;
    writing_ = true;
    stream_->start_write(sending_.bytes().subspan(sent_), shared_from_this());
}

void engine::fail_write(const asio::error_code& error)
{
    // The read side may still hold the server's last words; it ends the connection, or our patience does.
    write_broken_ = true;
    if (!patience_)
        fail_after_patience(error.message());
}

void engine::flush_soon()
{
    if (flush_posted_ || out_.empty() || writing_)
        return;
    flush_posted_ = true;
    // One turn of the executor collects what other callers stage meanwhile; no timer is involved.
    asio::post(executor_, [self = shared_from_this()] {
        self->flush_posted_ = false;
        self->flush();
        self->arm_read();
    });
}

void engine::on_written(const asio::error_code& error, std::size_t count)
{
    if (state_ == state::closed)
        return;
    written_total_ += count;
    sent_ += count;
    writing_ = false;
    if (error) {
        fail_write(error);
        arm_read();
        return;
    }
    if (sent_ < sending_.size()) {
        writing_ = true;
        stream_->start_write(sending_.bytes().subspan(sent_), shared_from_this());
        return;
    }
    sending_.clear();
    sending_.shrink(usual_buffer);
    const handler_scope scope{*this};
    pump();
    deliver_completed();
}

// ---- Reading.

void engine::arm_read()
{
    if (reading_ || state_ == state::closed || (in_flight_.empty() && state_ == state::open && !write_broken_))
        return;
    reading_ = true;
    stream_->start_read(input_.prepare(), shared_from_this());
}

void engine::on_read(const asio::error_code& error, std::size_t count)
{
    reading_ = false;
    if (state_ == state::closed)
        return;
    const handler_scope scope{*this};
    if (error) {
        if (state_ == state::closing)
            fail("it was closed");
        else if (error == asio::error::eof)
            fail("the server closed it unexpectedly");
        else
            fail(error.message());
    } else {
        input_.commit(count);
        process_all();
    }
    deliver_completed();
}

void engine::process_all()
{
    const auto break_off = [this](std::exception_ptr because, const std::string& reason) {
        if (!in_flight_.empty())
            in_flight_.front().refuse(failure{std::move(because)});
        fail(reason);
    };
    try {
        process();
    } catch (const decode_error& malformed) {
        const protocol_error broken{
            fmt::format("the server sent a malformed message ({}), so the connection is closed", malformed.what())};
        break_off(std::make_exception_ptr(broken), broken.what());
    } catch (const std::exception& broken) {
        break_off(std::current_exception(), broken.what());
    }
}

void engine::process()
{
    while (state_ != state::closed) {
        const auto message = input_.next();
        if (!message)
            return;
        switch (message->type) {
        case 'N': // NoticeResponse
        case 'A': // NotificationResponse
            break;
        case 'S': note_parameter(*message); break;
        default:
            // What comes before a byte of the first request was written cannot be about that request.
            if (in_flight_.empty() || !was_written(in_flight_.front()))
                receive_unasked(*message);
            else
                receive(in_flight_.front(), *message);
        }
    }
}

void engine::receive(operation& to, const protocol::backend_message& message)
{
    if (message.type == 'D' && to.reply.in_rows()) {
        const auto run = input_.run_from(message);
        if (!to.abandoned)
            to.receive_rows(run);
        return;
    }
    const protocol::event what = to.reply.accept(message);
    to.receive(*this, what, message);
    if (what == protocol::event::ready)
        settle_front(message);
    else if (what == protocol::event::error && is_fatal(to.last_error.get()))
        fail(failure{to.last_error, {}, {}}.message()); // the server hangs up after it; nothing else comes
}

void engine::receive_unasked(const protocol::backend_message& message)
{
    if (message.type != 'E')
        throw protocol_error{fmt::format("the server sent a message of type 0x{:02x} that nobody had asked for, so the "
                                         "connection is closed",
                                         static_cast<unsigned char>(message.type))};
    const failure words{std::make_shared<const error_fields>(protocol::parse_error_response(message.body)), {}, {}};
    fail(words.message());
}

void engine::note_parameter(const protocol::backend_message& message)
{
    byte_reader reader{message.body, "ParameterStatus"};
    const std::string_view name = reader.take_cstring();
    const std::string_view value = reader.take_cstring();
    reader.expect_end();
    if (name == "client_encoding" && value != "UTF8")
        throw protocol_error{fmt::format("client_encoding was changed to {}, but tusk reads and writes UTF-8 only, so "
                                         "the connection is closed: do not set client_encoding",
                                         value)};
    session_.parameters.insert_or_assign(std::string{name}, std::string{value});
}

void engine::settle_front(const protocol::backend_message& message)
{
    byte_reader reader{message.body, "ReadyForQuery"};
    const char status = reader.take<char>();
    reader.expect_end();
    if (status != 'I' && status != 'T' && status != 'E')
        throw protocol_error{"the server sent a ReadyForQuery with an unknown transaction status, so the connection is "
                             "closed"};
    status_ = status;
    request_ptr answered = in_flight_.pop_front();
    operation& done = as_operation(answered);
    if (gate_ == &done)
        gate_ = nullptr;
    const bool finished = done.settle(*this, status_);
    done.reply.reset();
    if (finished) {
        finish(std::move(answered));
    } else {
        done.progress = phase::waiting;
        waiting_.push_front(std::move(answered));
    }
    statements_.trim();
    pump();
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

// ---- The end.

bool engine::was_written(const operation& what) const noexcept
{
    return what.was_staged && written_total_ > what.flight_begin;
}

void engine::fail(const std::string& reason)
{
    if (state_ == state::closed)
        return;
    state_ = state::closed;
    reason_ = reason;
    gate_ = nullptr;
    // Nothing that belongs to the execution context is kept: a handle may live longer.
    stream_->close();
    stream_.reset();
    patience_.reset();
    while (!in_flight_.empty()) {
        request_ptr each = in_flight_.pop_front();
        as_operation(each).lose(reason, was_written(as_operation(each)));
        finish(std::move(each));
    }
    unpark();
    while (!waiting_.empty()) {
        request_ptr each = waiting_.pop_front();
        as_operation(each).lose(reason, was_written(as_operation(each)));
        finish(std::move(each));
    }
}

void engine::give_up(const std::string& reason) { fail(reason); }

void engine::hang_up()
{
    state_ = state::closing;
    reason_ = "it was closed";
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
    if (in_flight_.any_of(is_awaited) || waiting_.any_of(is_awaited) || parked_.any_of(is_awaited)) {
        // Somebody still awaits an answer: the session ends behind it.
        submit(make_close(target{shared_from_this(), nullptr}));
        return;
    }
    // An open transaction is rolled back by the server when it sees the end of the session.
    const std::shared_ptr<engine> keep = shared_from_this();
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
    stream_.reset();
    patience_.reset();
    unpark();
    operation_queue gone[] = {std::move(in_flight_), std::move(waiting_), std::move(completed_)};
    for (operation_queue& queue : gone)
        while (!queue.empty())
            queue.pop_front()->drop_handler();
}

std::string engine::parameter(std::string_view name) const
{
    const auto found = session_.parameters.find(std::string{name});
    return found == session_.parameters.end() ? std::string{} : found->second;
}

void engine::refuse_copy_in(operation& by, bool extended)
{
    if (&by != &in_flight_.front() || by.next != nullptr) {
        // What was written behind it arrived in the middle of the COPY: the server takes it for garbage.
        throw protocol_error{"a statement started COPY FROM STDIN with other requests behind it, so the connection is "
                             "closed"};
    }
    const std::size_t mark = out_.size();
    protocol::write_copy_fail(out_, "the statement was not run by a COPY verb");
    if (extended)
        protocol::write_sync(out_);
    staged_total_ += out_.size() - mark;
    by.flight_end = staged_total_;
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
