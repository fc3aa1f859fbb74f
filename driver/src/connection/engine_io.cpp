// The engine's two loops: what is staged goes out, and what comes in is given to the operation that it answers.
#include "connection/engine.hpp"
#include "connection/engine_scope.hpp"
#include "protocol/error_response.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/error.hpp>

#include <asio/error.hpp>
#include <asio/post.hpp>

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace tusk::detail {

namespace {

/// What the write buffers keep of the memory that a large request needed.
constexpr std::size_t usual_buffer = 64 * 1024;

} // namespace

// ---- Writing.

[[gnu::hot]] void engine::flush()
{
    if (writing_ || out_.empty() || write_broken_ || state_ == state::closed)
        return;
    asio::error_code error;
    const std::size_t count = stream_->write_some(out_.bytes(), error);
    written_total_ += count;
    if (count == out_.size()) {
        out_.clear();
        // While somebody has more to write, the memory is needed again at once, and giving it back each time costs more
        // than the writing (measured: four fifths of a COPY's time).
        if (writer_ == nullptr)
            out_.shrink(usual_buffer);
        if (writer_ != nullptr)
            write_soon();
        return;
    }
    write_rest(count, error);
}

/// Not all of it went at once.
void engine::write_rest(std::size_t sent, const asio::error_code& error)
{
    if (error && error != asio::error::would_block && error != asio::error::try_again) {
        fail_write(error);
        return;
    }
    std::swap(out_, sending_);
    sent_ = sent;
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

void engine::write_soon()
{
    // All of it went at once, so there is nobody to call back: the rest is written in the next turn.
    if (more_posted_ || !writer_->has_more())
        return;
    more_posted_ = true;
    asio::post(executor_, [self = shared_from_this()] {
        self->more_posted_ = false;
        if (self->state_ == state::closed)
            return;
        const handler_scope scope{*self};
        self->pump();
        self->deliver_completed();
    });
}

void engine::hold_reading(bool held)
{
    reading_held_ = held;
    if (!held && !in_handler_)
        arm_read();
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
    sent_ = 0;
    if (writer_ == nullptr)
        sending_.shrink(usual_buffer);
    if (out_.empty())
        std::swap(out_, sending_); // what was read last is the first to be written to
    const handler_scope scope{*this};
    pump();
    deliver_completed();
}

// ---- Reading.

[[gnu::hot]] void engine::arm_read()
{
    if (reading_ || reading_held_ || state_ == state::closed)
        return;
    if (in_flight_.empty() && !inbox_.is_awaited() && state_ == state::open && !write_broken_)
        return;
    reading_ = true;
    stream_->start_read(input_.prepare(), shared_from_this());
}

[[gnu::hot]] void engine::on_read(const asio::error_code& error, std::size_t count)
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

[[gnu::hot]] void engine::process_all()
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

[[gnu::hot]] void engine::process()
{
    while (state_ != state::closed) {
        if (take_whole_answer())
            continue;
        const auto message = input_.next();
        if (!message)
            return;
        switch (message->type) {
        case 'N': // NoticeResponse
            if (observer_)
                observe_notice(*message);
            break;
        case 'A':
            if (request_ptr waited = inbox_.receive(*message))
                finish(std::move(waited));
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

/// What most statements are answered by arrives at once and is taken at once, without a step of the state machine for
/// each message.
[[gnu::hot]] bool engine::take_whole_answer()
{
    if (in_flight_.empty())
        return false;
    operation& to = in_flight_.front();
    if (!to.takes_whole_answers || to.observed || to.reply.executions_to_come() == 0 || !was_written(to))
        return false;
    const bool is_last = to.reply.is_one_execution();
    protocol::execution_answer answer;
    if (!input_.next_execution(answer, is_last))
        return false;
    if (is_last)
        to.reply.accept_execution();
    else
        to.reply.accept_executions(1);
    if (!answer.rows.empty() && !to.abandoned)
        to.receive_rows({answer.rows, input_.region()});
    to.receive(*this, protocol::event::complete, answer.complete);
    if (is_last)
        settle_front(answer.ready);
    else
        receive_usual(to);
    return true;
}

[[gnu::hot]] void engine::receive(operation& to, const protocol::backend_message& message)
{
    if (to.observed)
        to.observed->bytes += message.body.size() + 5;
    if (message.type == 'D' && to.reply.in_rows()) {
        const auto run = input_.run_from(message);
        if (to.observed) // the rest of the run
            to.observed->bytes += run.size() - message.body.size() - 5;
        input_.expect_to_be_kept(to.keeps_rows());
        if (!to.abandoned)
            to.receive_rows({run, input_.region()});
        return;
    }
    if (message.type == 'd' && to.reply.in_copy_out()) {
        const auto run = input_.run_from(message);
        if (!to.abandoned)
            to.receive_data(run);
        return;
    }
    const protocol::event what = to.reply.accept(message);
    to.receive(*this, what, message);
    if (what == protocol::event::error && to.last_error)
        note_refusal(to);
    if (what == protocol::event::complete)
        receive_usual(to);
    if (what == protocol::event::ready)
        settle_front(message);
    else if (what == protocol::event::error && to.last_error && protocol::is_fatal(*to.last_error))
        fail(failure{to.last_error, {}, {}}.message()); // the server hangs up after it; nothing else comes
}

void engine::receive_usual(operation& to)
{
    const std::size_t most = to.reply.executions_to_come();
    if (most == 0)
        return;
    const std::span<const std::byte> usual = to.usual_answer();
    if (usual.empty())
        return;
    const std::size_t count = input_.take_repeated(usual, most);
    to.reply.accept_executions(count);
    if (to.observed)
        to.observed->bytes += count * usual.size();
    to.receive_usual(count);
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
    touch_session(); // set_config() and functions change it, too, and no command tag tells
    session_.parameters.insert_or_assign(std::string{name}, std::string{value});
}

[[gnu::hot]] void engine::settle_front(const protocol::backend_message& message)
{
    byte_reader reader{message.body, "ReadyForQuery"};
    const char status = reader.take<char>();
    reader.expect_end();
    if (status != 'I' && status != 'T' && status != 'E')
        throw protocol_error{"the server sent a ReadyForQuery with an unknown transaction status, so the connection is "
                             "closed"};
    status_.store(status, std::memory_order_relaxed);
    types_.note_status(status);
    request_ptr answered = in_flight_.pop_front();
    operation& done = as_operation(answered);
    if (gate_ == &done)
        gate_ = nullptr;
    if (writer_ == &done)
        throw protocol_error{"the server ended an answer before the request for it was complete, so the connection is "
                             "closed"};
    const bool finished = done.settle(*this, status_);
    done.reply.reset();
    if (finished) {
        finish(std::move(answered));
    } else {
        done.progress = phase::waiting;
        waiting_.push_front(std::move(answered));
    }
    statements_.trim();
    if (in_flight_.empty())
        input_.rest();
    if (recovering_) {
        recovered_ = true;
        end_recovery();
    } else {
        consider_recovery();
    }
    pump();
}

void engine::refuse_copy_in(operation& by, bool extended)
{
    if (&by != &in_flight_.front() || by.next != nullptr) {
        // What was written behind it arrived in the middle of the COPY: the server takes it for garbage.
        throw protocol_error{"a statement started COPY FROM STDIN with other requests behind it, so the connection is "
                             "closed"};
    }
    protocol::write_copy_fail(out_, "the statement was not run by a COPY verb");
    if (extended)
        protocol::write_sync(out_);
}

} // namespace tusk::detail
