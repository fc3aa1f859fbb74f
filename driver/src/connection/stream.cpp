#include "connection/stream.hpp"

#include "connection/bind.hpp"
#include "connection/close_portal.hpp"
#include "connection/engine.hpp"
#include "protocol/backend.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/detail/stream_access.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/row_stream.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tusk::detail {

namespace {

/// What a batch holds before reading stops, and what a fetch aims at, in bytes.
constexpr std::size_t usual_batch = 256 * 1024;

/// Until the size of a row is known.
constexpr std::int32_t first_fetch = 64;
constexpr std::size_t longest_fetch = 1'000'000;

/// How long an abandoned stream is read to its end before the server is asked to stop.
constexpr std::chrono::milliseconds usual_drain{10};

} // namespace

// ---- Opening.

void stream_operation::check(engine& at)
{
    query_operation::check(at);
    if (to.level) {
        portal_ = at.next_portal_name();
        return;
    }
    if (asked_rows_ != 0)
        throw usage_error{"a fetch size needs a transaction: a portal does not outlive its transaction. Open the "
                          "stream on a transaction, or leave the fetch size out"};
    if (at.is_shared())
        throw usage_error{"the connection is shared: a stream would hold up the others; let go of the shared handles "
                          "first, or use a connection of its own"};
    at.take_lease(*this);
}

void stream_operation::write_execution(engine& at)
{
    write_bind(at.out(), portal_, prepared(), parameters());
    protocol::write_execute(at.out(), portal_, is_portal() ? next_fetch() : 0);
    reply.expect(protocol::step::execute);
}

std::int32_t stream_operation::next_fetch() const noexcept
{
    if (asked_rows_ != 0)
        return asked_rows_;
    if (seen_rows_ == 0)
        return first_fetch;
    const std::size_t row = std::max<std::size_t>(1, seen_bytes_ / seen_rows_);
    return static_cast<std::int32_t>(std::clamp<std::size_t>(usual_batch / row, 1, longest_fetch));
}

void stream_operation::open_now(engine& at)
{
    if (std::exchange(opened_, true) || is_portal())
        return; // a portal's first batch ends with ReadyForQuery, and opens it
    at.complete_early(request_ptr{this});
}

// ---- Rows.

void stream_operation::receive(engine& at, protocol::event what, const protocol::backend_message& message)
{
    query_operation::receive(at, what, message);
    if (what == protocol::event::none && reply.is_bound() && !abandoned) {
        // The columns belong to the statement; the stream keeps them for as long as somebody reads it.
        for (auto* each : {&data, &arriving_}) {
            *each = std::make_unique<result_data>();
            (*each)->columns = prepared().columns;
        }
    }
    keep_failure();
}

/// From the first row on it is `next_batch` that tells what goes wrong, even where it came together with the rows.
void stream_operation::keep_failure()
{
    if (!opened_ || is_portal() || abandoned || !why)
        return;
    if (!failed_)
        failed_ = std::move(why);
    why = failure{};
}

void stream_operation::keep_rows(const arrived_rows& run)
{
    const std::size_t before = arriving_->rows.size();
    arriving_->rows.append(run, arriving_->column_span().size());
    arrived_bytes_ += run.bytes.size();
    seen_bytes_ += run.bytes.size();
    seen_rows_ += arriving_->rows.size() - before;
    open_now(*to.connection);
    wake();
    if (!is_portal() && arrived_bytes_ >= usual_batch)
        to.connection->hold_reading(true);
}

void stream_operation::receive_tag(engine& /*at*/, std::string_view tag) { portal_ended(tag); }

void stream_operation::portal_ended(std::string_view tag)
{
    if (data)
        data->tag = command_tag{tag};
    ended_ = is_portal(); // a plain one has ended when ReadyForQuery has come
}

void stream_operation::forget_rows()
{
    data.reset();
    arriving_.reset();
    arrived_bytes_ = 0;
}

bool stream_operation::settle(engine& at, char status)
{
    if (!query_operation::settle(at, status))
        return false;
    if (!is_portal())
        end(at);
    else if (abandoned)
        let_go(at); // the portal may be there, and nobody will read it
    return true;
}

void stream_operation::end(engine& at)
{
    ended_ = true;
    at.hold_reading(false);
    wake();
}

void stream_operation::wake()
{
    if (waiting_)
        to.connection->complete(std::move(waiting_));
}

bool stream_operation::turn()
{
    if (arrived_bytes_ == 0) {
        to.connection->end_lease(*this);
        if (failed_)
            failed_.raise();
        if (why)
            why.raise();
        return false;
    }
    data->rows.clear();
    arriving_->tag = data->tag;
    std::swap(data, arriving_);
    arrived_bytes_ = 0;
    if (!is_portal())
        to.connection->hold_reading(false);
    return true;
}

// ---- Fetching.

void stream_operation::write_fetch(byte_writer& out) const { protocol::write_execute(out, portal_, next_fetch()); }

void stream_operation::fetch_failed(const failure& because)
{
    refuse(because);
    ended_ = true;
}

// ---- Ending early.

void stream_operation::check_reader() const
{
    if (reader_ != nullptr)
        throw usage_error{"somebody waits for the next batch of this stream already: let one coroutine read it"};
}

void stream_operation::wait(next_batch_operation& with)
{
    waiting_ = request_ptr{&with};
    // Nobody looks at the last batch any more, and what it lies in can be read into again.
    if (data)
        data->rows.clear();
}

void stream_operation::be_left(engine& at, const failure& because)
{
    waiting_.reset();
    refuse(because);
    let_go(at);
}

void stream_operation::let_go(engine& at)
{
    if (is_portal()) {
        // It goes with its transaction by itself.
        if (!std::exchange(ended_, true) && !to.level->finished)
            at.enqueue(make_close_portal(to, portal_));
        return;
    }
    at.end_lease(*this);
    if (!ended_)
        at.abandon(*this);
}

std::chrono::milliseconds stream_operation::drain_time() const noexcept
{
    return opened_ ? usual_drain : std::chrono::milliseconds{};
}

void stream_operation::lose(const std::string& reason, bool written)
{
    if (!failed_)
        query_operation::lose(reason, written);
    keep_failure();
    ended_ = true;
    wake();
}

void stream_operation::discard() noexcept
{
    query_operation::discard();
    if (waiting_)
        std::exchange(waiting_, {})->drop_handler();
}

// ---- The next batch.

void next_batch_operation::check(engine& at)
{
    stream().check_reader();
    if (stream().has_news())
        return;
    if (stream().is_portal())
        at.check_holder(); // a fetch cannot pass an open COPY
    // A fetch may run while an inner transaction is open; the server knows which portals live.
    if (to.level && to.level->finished)
        throw usage_error{"the transaction of this stream has ended, and the stream with it: read a stream to its end "
                          "before you end its transaction"};
}

bool next_batch_operation::join(engine& at)
{
    stream().read_by(this);
    if (stream().has_news()) {
        at.complete(request_ptr{this});
        return true;
    }
    if (stream().is_portal())
        return false;
    stream().wait(*this);
    return true;
}

void next_batch_operation::ended(engine& /*at*/) noexcept
{
    if (stream().reader() == this)
        stream().read_by(nullptr);
}

void next_batch_operation::lose(const std::string& reason, bool /*written*/)
{
    // Rows that had come, and what the server said last, are handed out all the same. It is never safe to retry: the
    // statement has run.
    if (!stream().has_news())
        operation::lose(reason, true);
}

void next_batch_operation::leave(engine& at) { stream().be_left(at, why); }

staging next_batch_operation::stage(engine& at)
{
    stage_closes(at);
    stream().write_fetch(at.out());
    reply.expect(protocol::step::fetch);
    protocol::write_sync(at.out());
    at.statements().closing().clear();
    return staging::staged;
}

void next_batch_operation::receive(engine& /*at*/, protocol::event what, const protocol::backend_message& message)
{
    if (what == protocol::event::complete)
        stream().portal_ended(protocol::parse_command_complete(message.body));
    else if (what == protocol::event::error)
        stream().fetch_failed(server_failure(message, stream().sql()));
}

bool next_batch_operation::settle(engine& at, char status)
{
    if (stream().why)
        refuse(stream().why);
    note_transaction_status(status);
    if (!abandoned && stream().has_rows())
        why = failure{}; // the rows come first; the next call tells it
    if (abandoned)
        stream().be_left(at, why);
    return true;
}

// ---- For the verbs.

request_ptr make_next_batch(const request_ptr& stream)
{
    return request_ptr{new next_batch_operation{stream->to, stream}};
}

bool take_batch::from(request& done) { return static_cast<next_batch_operation&>(done).stream().turn(); }

row_stream take_stream::from(request& done)
{
    auto& opened = static_cast<stream_operation&>(done);
    opened.to.connection->add_handle();
    return row_stream{request_ptr{&opened}};
}

void set_fetch_size(const request_ptr& stream, std::int32_t rows)
{
    if (rows <= 0)
        throw usage_error{"a fetch size must be at least 1"};
    static_cast<stream_operation&>(*stream).fetch(rows);
}

} // namespace tusk::detail
