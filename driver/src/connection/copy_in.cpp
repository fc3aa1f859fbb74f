#include "connection/copy_in.hpp"

#include "connection/engine.hpp"
#include "connection/statement_operation.hpp"
#include "protocol/backend.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <utility>

namespace tusk::detail {

namespace {

/// Until that much is there to be written, a writer goes on encoding. So much is also worth a write of its own: chunks
/// that wait are copied behind each other.
constexpr std::size_t most_unwritten = 64 * 1024;

/// How long the server may take to notice CopyFail before it is sent a CancelRequest.
constexpr std::chrono::milliseconds usual_drain{50};

} // namespace

// ---- Opening.

staging copy_in_operation::stage(engine& at)
{
    stage_start(at);
    protocol::write_flush(at.out()); // where it is no COPY after all, its answer comes too
    return staging::begun;
}

void copy_in_operation::receive(engine& at, protocol::event what, const protocol::backend_message& message)
{
    switch (what) {
    case protocol::event::columns: columns = protocol::parse_row_description(message.body, format::binary); break;
    case protocol::event::copy_in: receive_start(at, message); break;
    case protocol::event::complete:
        if (reply.current() == protocol::step::command) {
            level_started();
        } else {
            tag_ = command_tag{protocol::parse_command_complete(message.body)};
            if (!opened_)
                refuse(failure{std::make_exception_ptr(usage_error{
                    fmt::format("the statement ({}) is not a COPY ... FROM STDIN; it was executed", tag_.command())})});
        }
        break;
    case protocol::event::empty:
        refuse(failure{std::make_exception_ptr(usage_error{"an empty statement is not a COPY ... FROM STDIN"})});
        break;
    case protocol::event::copy_out:
        refuse(failure{std::make_exception_ptr(usage_error{"COPY ... TO STDOUT gives data: use copy_out"})});
        break;
    case protocol::event::error:
        refuse(server_failure(message, sql()));
        at.end_lease(*this); // its writer may be told before ReadyForQuery, and go on with something else
        break;
    default: break;
    }
    at.write_more_of(*this); // an error, or no COPY: only the Sync is still to come
}

void copy_in_operation::receive_start(engine& at, const protocol::backend_message& message)
{
    byte_reader reader{message.body, "CopyInResponse"};
    const bool binary = reader.take<std::int8_t>() == 1;
    const auto count = reader.take<std::uint16_t>();
    if (asks_for_types() && (!binary || !columns || columns->size() != count)) {
        refuse(failure{std::make_exception_ptr(usage_error{
            fmt::format("the COPY takes {} column(s), but the table has {}: generated columns cannot be copied into, "
                        "so name the columns",
                        count, columns ? columns->size() : 0)})});
        return;
    }
    opened_ = true;
    if (!abandoned)
        at.complete_early(request_ptr{this});
}

// ---- Writing.

bool copy_in_operation::stage_more(engine& at)
{
    const bool given_up = why || (abandoned && opened_);
    if (given_up) {
        // After an error, and where it was no COPY, the server takes no notice of the CopyFail.
        chunks_.clear();
        protocol::write_copy_fail(at.out(), "its writer gave the COPY up");
        protocol::write_sync(at.out());
        return true;
    }
    if (!opened_)
        return false;
    for (byte_writer& chunk : chunks_) {
        if (at.out().empty())
            std::swap(at.out(), chunk);
        else
            at.out().put_bytes(chunk.bytes());
        if (chunk.capacity() > spare_.capacity()) {
            chunk.clear();
            spare_ = std::move(chunk);
        }
    }
    chunks_.clear();
    if (done_) {
        protocol::write_copy_done(at.out());
        protocol::write_sync(at.out());
        return true;
    }
    // A turn of the executor for each chunk, so that its writer gets its own behind everybody else's.
    const bool gave_way = at.unwritten() >= most_unwritten && at.flush_now();
    take_back_memory(at);
    if (!gave_way && flushing_ && !at.is_writing() && at.unwritten() < most_unwritten)
        at.complete(std::move(flushing_));
    return false;
}

/// What has just been written is the next chunk's memory: it is still in the processor's cache. (While a write waits
/// for the socket, its writer waits too. To encode in the meantime would win nothing, for the server has the whole
/// socket to work on, and would take another buffer.)
void copy_in_operation::take_back_memory(engine& at) noexcept
{
    if (at.out().empty() && at.out().capacity() > spare_.capacity())
        std::swap(at.out(), spare_);
}

void copy_in_operation::send(engine& at, byte_writer chunk, request_ptr by)
{
    chunks_.push_back(std::move(chunk));
    if (flushing_) // two coroutines write to it: the data of the first is taken, and the second has to wait
        at.complete(std::move(flushing_));
    flushing_ = std::move(by);
    at.write_more_of(*this);
}

void copy_in_operation::finish(engine& at, byte_writer chunk, request_ptr by)
{
    chunks_.push_back(std::move(chunk));
    finishing_ = std::move(by);
    done_ = true;
    at.write_more_of(*this);
}

// ---- Ending.

bool copy_in_operation::settle(engine& at, char status)
{
    note_transaction_status(status);
    end(at);
    return true;
}

void copy_in_operation::end(engine& at)
{
    ended_ = true;
    at.end_lease(*this);
    for (request_ptr* each : {&flushing_, &finishing_})
        if (*each) {
            operation& waiting = as_operation(*each);
            if (why)
                waiting.refuse(why);
            if (each == &finishing_) {
                waiting.data = std::make_unique<result_data>();
                waiting.data->tag = tag_;
            }
            at.complete(std::move(*each));
        }
}

void copy_in_operation::be_left(engine& at, const failure& because)
{
    flushing_.reset();
    finishing_.reset();
    refuse(because);
    let_go(at);
}

void copy_in_operation::let_go(engine& at)
{
    if (ended_)
        return;
    at.abandon(*this);
}

std::chrono::milliseconds copy_in_operation::drain_time() const noexcept
{
    return opened_ ? usual_drain : std::chrono::milliseconds{};
}

void copy_in_operation::lose(const std::string& reason, bool written)
{
    operation::lose(reason, written);
    end(*to.connection);
}

void copy_in_operation::discard() noexcept
{
    operation::discard();
    for (request_ptr* each : {&flushing_, &finishing_})
        if (*each)
            std::exchange(*each, {})->drop_handler();
}

bool copy_send_operation::join(engine& at)
{
    request_ptr self{this};
    if (copy().why || copy().has_ended()) {
        if (copy().why)
            refuse(copy().why);
        else
            refuse(failure{std::make_exception_ptr(usage_error{"this COPY has ended: open a new one"})});
        at.complete(std::move(self));
    } else if (last_) {
        copy().finish(at, std::move(chunk_), std::move(self));
    } else {
        copy().send(at, std::move(chunk_), std::move(self));
    }
    return true;
}

void copy_send_operation::lose(const std::string& reason, bool /*written*/)
{
    // What the server said before the connection was lost tells more. It is never safe to retry: the COPY has begun.
    if (copy().why)
        refuse(copy().why);
    operation::lose(reason, true);
}

request_ptr make_copy_send(const request_ptr& copy, byte_writer chunk, bool last)
{
    return request_ptr{new copy_send_operation{copy, std::move(chunk), last}};
}

std::shared_ptr<const column_list> copy_columns(const request_ptr& copy)
{
    return static_cast<const copy_in_operation&>(*copy).columns;
}

request_ptr make_copy_in(const target& to, std::string copy, std::string describe)
{
    check_sql(copy);
    return request_ptr{new copy_in_operation{to, std::move(copy), std::move(describe)}};
}

} // namespace tusk::detail
