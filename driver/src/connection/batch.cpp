#include "connection/batch.hpp"

#include "connection/bind.hpp"
#include "connection/engine.hpp"
#include "connection/statement_operation.hpp"
#include "protocol/backend.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace tusk::detail {

namespace {

/// What is written before somebody else gets a turn, in bytes.
constexpr std::size_t piece = 64 * 1024;

constexpr std::string_view undo = "ROLLBACK TO SAVEPOINT tusk_batch; RELEASE SAVEPOINT tusk_batch";

/// What went wrong on this side, with the element that it is about.
failure local_failure(std::size_t position)
{
    try {
        throw;
    } catch (const encode_error& refused) {
        return failure{std::make_exception_ptr(encode_error{fmt::format(
            "element {} of the batch (counted from 0): {}. Nothing of the batch was kept", position, refused.what())})};
    } catch (const usage_error& refused) {
        return failure{std::make_exception_ptr(usage_error{fmt::format(
            "element {} of the batch (counted from 0): {}. Nothing of the batch was kept", position, refused.what())})};
    } catch (...) {
        return failure{std::current_exception()}; // the caller's own, from its range
    }
}

} // namespace

// ---- Sending.

void batch_operation::check(engine& at)
{
    operation::check(at);
    check_level_usable();
}

staging batch_operation::stage(engine& at)
{
    // Inside a transaction nobody else's statement may get between the savepoint and its end: it would be undone too.
    closes_gate = to.level != nullptr;
    running_ = false;
    if (undoing_) {
        protocol::write_query(at.out(), undo);
        reply.expect(protocol::step::script);
        return staging::staged;
    }
    check_level_usable();
    if (!has_item_ && written_ == 0) {
        try {
            has_item_ = next(item_);
        } catch (...) {
            refuse(local_failure(0));
        }
        if (!has_item_)
            return staging::finished;
    }
    std::vector<std::shared_ptr<statement>> needed = statements(at);
    if (std::ranges::any_of(needed, [](const auto& each) { return each->now == statement::state::preparing; }))
        return staging::parked;
    std::erase_if(needed, [](const auto& each) { return each->now == statement::state::ready; });
    preparing_ = std::move(needed);
    described_ = 0;
    stage_closes(at);
    stage_unsent_levels(at);
    stage_savepoint(at);
    bool complete = true;
    if (prepare(at)) {
        protocol::write_sync(at.out());
    } else {
        running_ = true;
        complete = write_items(at);
    }
    at.statements().closing().clear();
    levels_sent();
    savepoint_was_sent_ = savepoint_;
    for (const auto& each : preparing_)
        each->now = statement::state::preparing;
    return complete ? staging::staged : staging::begun;
}

bool batch_operation::prepare(engine& at)
{
    for (const auto& each : preparing_) {
        protocol::write_parse(at.out(), each->name, each->sql, each->declared);
        protocol::write_describe_statement(at.out(), each->name);
        reply.expect(protocol::step::prepare);
    }
    return !preparing_.empty();
}

void batch_operation::stage_savepoint(engine& at)
{
    if (!to.level || std::exchange(savepoint_, true))
        return;
    stage_command(at, "SAVEPOINT tusk_batch");
}

void batch_operation::write_item(engine& at, const item& what)
{
    write_bind(at.out(), {}, **what.with, what.parameters);
    protocol::write_execute(at.out());
    reply.expect(protocol::step::execute);
}

bool batch_operation::write_items(engine& at)
{
    while (has_item_) {
        if (at.out().size() >= piece)
            return false;
        try {
            write_item(at, item_);
            ++written_;
            has_item_ = next(item_);
        } catch (...) {
            has_item_ = false;
            failed_at(written_);
            refuse(local_failure(written_));
            if (written_ == 0 && progress != phase::staged && !savepoint_was_sent_)
                throw; // nothing of it is on its way
            write_end(at, false);
            return true;
        }
    }
    write_end(at, true);
    return true;
}

bool batch_operation::stage_more(engine& at)
{
    if (reply.failed()) { // the rest would be read and dropped
        protocol::write_sync(at.out());
        return true;
    }
    if (abandoned) {
        write_end(at, false);
        return true;
    }
    return write_items(at);
}

void batch_operation::write_end(engine& at, bool keep)
{
    if (to.level) {
        if (!keep)
            stage_command(at, "ROLLBACK TO SAVEPOINT tusk_batch");
        stage_command(at, "RELEASE SAVEPOINT tusk_batch");
    } else if (!keep) {
        stage_command(at, "ROLLBACK");
    }
    protocol::write_sync(at.out());
}

bool batch_operation::release_waiting()
{
    // Between its flights the savepoint is open.
    undoing_ = undoing_ || savepoint_was_sent_;
    return !undoing_;
}

// ---- Receiving.

void batch_operation::receive(engine& at, protocol::event what, const protocol::backend_message& message)
{
    switch (what) {
    case protocol::event::parameters:
        preparing_[described_]->parameter_types = protocol::parse_parameter_description(message.body);
        break;
    case protocol::event::columns:
        receive_description(at, protocol::parse_row_description(message.body, format::binary));
        break;
    case protocol::event::no_columns: receive_description(at, nullptr); break;
    case protocol::event::complete:
        if (reply.current() == protocol::step::command)
            level_started();
        else if (reply.current() == protocol::step::execute)
            receive_tag_of(answered_++, protocol::parse_command_complete(message.body));
        break;
    case protocol::event::empty: receive_tag_of(answered_++, {}); break;
    case protocol::event::copy_in:
        throw protocol_error{"a batch started a COPY FROM STDIN, which nobody can feed, so the connection is closed"};
    case protocol::event::copy_out:
        refuse(failure{std::make_exception_ptr(usage_error{"COPY ... TO STDOUT cannot be part of a batch"})});
        break;
    case protocol::event::error: receive_error(at, message); break;
    case protocol::event::none:
    case protocol::event::rows:
    case protocol::event::data:
    case protocol::event::suspended:
    case protocol::event::ready: break;
    }
}

void batch_operation::receive_rows(std::span<const std::byte> run) { receive_rows_of(answered_, run); }

void batch_operation::receive_description(engine& at, std::shared_ptr<const column_list> columns)
{
    preparing_[described_++]->describe(std::move(columns));
    at.unpark();
}

void batch_operation::receive_error(engine& at, const protocol::backend_message& message)
{
    std::string sql;
    for (std::size_t i = described_; i < preparing_.size(); ++i) {
        preparing_[i]->now = statement::state::broken;
        at.statements().drop(*preparing_[i]);
    }
    at.unpark();
    if (undoing_)
        return;
    std::string remedy;
    bool forget_what_is_gone = false;
    if (reply.current() == protocol::step::execute) {
        failed_at(answered_);
        remedy = fmt::format("element {} of the batch (counted from 0); nothing of the batch was kept", answered_);
        forget_what_is_gone = !reply.is_bound();
    } else if (reply.current() == protocol::step::prepare) {
        failed_to_prepare(*preparing_[described_]);
        sql = preparing_[described_]->sql;
    }
    static_cast<void>(server_failure(message, {})); // keeps the server's words in last_error
    // What the server refused comes before what could not be encoded behind it.
    why = failure{last_error, std::move(sql), std::move(remedy)};
    if (forget_what_is_gone && is_statement_gone(why)) {
        // The elements cannot be asked for twice, so it is the next batch that finds it prepared anew.
        statement& gone = statement_at(answered_);
        at.statements().drop(gone);
        gone.now = statement::state::broken;
    }
    at.write_more_of(*this);
}

bool batch_operation::settle(engine& /*at*/, char status)
{
    if (undoing_ || !to.level) {
        savepoint_ = savepoint_was_sent_ = false;
        note_transaction_status(status);
        if (undoing_ || why || abandoned || running_)
            return true;
        return false; // prepared: now the executions
    }
    if (!why && !abandoned && !running_) {
        note_transaction_status(status);
        return false;
    }
    // A failed transaction, or a savepoint that an abandoned batch left open, is brought back to where it was.
    if (status == 'E' || (abandoned && !running_ && status == 'T')) {
        undoing_ = true;
        return false;
    }
    savepoint_ = savepoint_was_sent_ = false;
    note_transaction_status(status);
    return true;
}

} // namespace tusk::detail
