#include "connection/copy_out.hpp"

#include "connection/engine.hpp"
#include "protocol/backend.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/copy_reader.hpp>
#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/detail/copy_access.hpp>
#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <utility>

namespace tusk::detail {

namespace {

constexpr std::size_t usual_batch = 256 * 1024;
constexpr std::chrono::milliseconds usual_drain{10};
constexpr std::size_t header_size = 5; // of a CopyData message

} // namespace

// ---- Opening.

staging copy_out_operation::stage(engine& at)
{
    stage_start(at);
    protocol::write_sync(at.out());
    batch_ = std::make_shared<copy_batch>();
    return staging::staged;
}

void copy_out_operation::receive(engine& at, protocol::event what, const protocol::backend_message& message)
{
    switch (what) {
    case protocol::event::columns:
        batch_->columns = protocol::parse_row_description(message.body, format::binary);
        break;
    case protocol::event::copy_out: {
        byte_reader reader{message.body, "CopyOutResponse"};
        batch_->binary = reader.take<std::int8_t>() == 1;
        batch_->column_count = reader.take<std::uint16_t>();
        opened_ = true;
        if (!abandoned)
            at.complete_early(request_ptr{this});
        break;
    }
    case protocol::event::complete:
        if (reply.current() == protocol::step::command) {
            level_started();
        } else {
            batch_->tag = command_tag{protocol::parse_command_complete(message.body)};
            if (!opened_)
                refuse(failure{std::make_exception_ptr(usage_error{fmt::format(
                    "the statement ({}) is not a COPY ... TO STDOUT; it was executed", batch_->tag.command())})});
        }
        break;
    case protocol::event::empty:
        refuse(failure{std::make_exception_ptr(usage_error{"an empty statement is not a COPY ... TO STDOUT"})});
        break;
    case protocol::event::copy_in:
        refuse(
            failure{std::make_exception_ptr(usage_error{"COPY ... FROM STDIN wants data: use copy_into or copy_in"})});
        at.refuse_copy_in(*this, true);
        break;
    case protocol::event::error:
        refuse(server_failure(message, sql()));
        keep_failure();
        break;
    default: break;
    }
}

/// Once its handle is given out it is `next_batch` that tells what goes wrong, even where it came together with data.
void copy_out_operation::keep_failure()
{
    if (!opened_ || abandoned || !why)
        return;
    if (!failed_)
        failed_ = std::move(why);
    why = failure{};
}

// ---- Data.

void copy_out_operation::receive_data(std::span<const std::byte> run)
{
    while (!run.empty()) {
        const std::size_t size = 1 + std::size_t{load_big_endian<std::uint32_t>(run.data() + 1)};
        arriving_.put_bytes(run.subspan(header_size, size - header_size));
        run = run.subspan(size);
    }
    wake();
    if (arriving_.size() >= usual_batch)
        to.connection->hold_reading(true);
}

bool copy_out_operation::turn()
{
    if (arriving_.empty()) {
        to.connection->end_lease(*this);
        if (failed_)
            failed_.raise();
        if (why)
            why.raise();
        return false;
    }
    std::swap(batch_->bytes, arriving_);
    arriving_.clear();
    batch_->is_indexed = false;
    batch_->has_header = !std::exchange(turned_, true);
    to.connection->hold_reading(false);
    return true;
}

void copy_out_operation::check_reader() const
{
    if (waiting_)
        throw usage_error{"somebody waits for the next batch of this COPY already: let one coroutine read it"};
}

void copy_out_operation::wait(copy_batch_operation& with) { waiting_ = request_ptr{&with}; }

void copy_out_operation::wake()
{
    if (waiting_)
        to.connection->complete(std::move(waiting_));
}

// ---- Ending.

bool copy_out_operation::settle(engine& at, char status)
{
    if (to.level && failed_.fields() != nullptr && !to.level->first_error)
        to.level->first_error = failed_;
    note_transaction_status(status);
    end(at);
    return true;
}

void copy_out_operation::end(engine& at)
{
    ended_ = true;
    at.hold_reading(false);
    wake();
}

void copy_out_operation::be_left(engine& at, const failure& because)
{
    waiting_.reset();
    refuse(because);
    let_go(at);
}

void copy_out_operation::let_go(engine& at)
{
    at.end_lease(*this);
    if (!ended_)
        at.abandon(*this);
}

std::chrono::milliseconds copy_out_operation::drain_time() const noexcept
{
    return opened_ ? usual_drain : std::chrono::milliseconds{};
}

void copy_out_operation::lose(const std::string& reason, bool written)
{
    if (!failed_)
        operation::lose(reason, written);
    keep_failure();
    ended_ = true;
    wake();
}

void copy_out_operation::discard() noexcept
{
    operation::discard();
    if (waiting_)
        std::exchange(waiting_, {})->drop_handler();
}

bool copy_batch_operation::join(engine& at)
{
    if (copy().has_news())
        at.complete(request_ptr{this});
    else
        copy().wait(*this);
    return true;
}

void copy_batch_operation::lose(const std::string& reason, bool /*written*/)
{
    // Data that had come, and what the server said last, are handed out all the same. It is never safe to retry: the
    // COPY has run.
    if (!copy().has_news())
        operation::lose(reason, true);
}

// ---- For the verbs.

request_ptr make_copy_out(const target& to, std::string copy, std::string describe)
{
    return request_ptr{new copy_out_operation{to, std::move(copy), std::move(describe)}};
}

request_ptr make_copy_batch(const request_ptr& copy) { return request_ptr{new copy_batch_operation{copy->to, copy}}; }

bool take_copy_batch::from(request& done) { return static_cast<copy_batch_operation&>(done).copy().turn(); }

copy_reader take_copy_reader::from(request& done)
{
    auto& opened = static_cast<copy_out_operation&>(done);
    opened.to.connection->add_handle();
    return copy_reader{request_ptr{&opened}, opened.batch()};
}

} // namespace tusk::detail
