#include "connection/batch.hpp"

#include "connection/bind.hpp"
#include "connection/engine.hpp"
#include "connection/session_change.hpp"
#include "connection/statement_operation.hpp"
#include "protocol/backend.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/detail/parameter_source.hpp>
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
    if (const staging asked = look_up_types(at, needed); asked != staging::finished)
        return asked;
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

/// Asks for what is not known of the statements' types. `finished` where there is nothing to wait for.
staging batch_operation::look_up_types(engine& at, const std::vector<std::shared_ptr<statement>>& of)
{
    std::vector<oid> unknown;
    for (const auto& each : of) {
        if (each->now != statement::state::ready || !each->lacks_types(at.types()))
            continue;
        if (at.types().is_being_asked)
            return staging::parked;
        const std::vector<oid> its = each->unknown_types(at.types());
        // What was asked for and not found stays unknown: its values travel as text or bytes.
        if (its.empty() || looked_up_) {
            each->attach_types(at.types());
            continue;
        }
        unknown.insert(unknown.end(), its.begin(), its.end());
    }
    if (unknown.empty())
        return staging::finished;
    std::ranges::sort(unknown);
    unknown.erase(std::ranges::unique(unknown).begin(), unknown.end());
    auto asking = std::make_unique<type_lookup>(std::move(unknown));
    asking->stage(at.out(), reply);
    lookup_ = std::move(asking);
    at.types().is_being_asked = true;
    return staging::staged;
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
    if (!to.level || !has_own_savepoint() || std::exchange(savepoint_, true))
        return;
    stage_command(at, "SAVEPOINT tusk_batch");
}

void batch_operation::write_item(engine& at, const item& what)
{
    const statement& with = **what.with;
    protocol::step answer = protocol::step::execute;
    if (!with.is_named() && parsed_ != &with) {
        // Its preparation may have met another session than this flight will: the types that it found are declared.
        protocol::write_parse(at.out(), {}, with.sql, with.parameter_types);
        protocol::write_describe_statement(at.out(), {});
        parsed_ = &with;
        answer = protocol::step::run;
    }
    write_bind(at.out(), {}, with, what.from != nullptr ? what.from->current() : what.parameters);
    protocol::write_execute(at.out());
    reply.expect(answer);
}

/// Writes those that can be written in one loop, from the current one on.
/// @returns Whether there were any.
bool batch_operation::write_alike(engine& at)
{
    const statement& with = **item_.with;
    if (item_.from == nullptr || (!with.is_named() && parsed_ != &with) || with.now != statement::state::ready ||
        !with.parameter_infos.empty())
        return false;
    const std::size_t before = written_;
    const auto expect_answers = [&] {
        if (written_ != before)
            reply.expect(protocol::step::execute, static_cast<unsigned>(written_ - before));
    };
    try {
        has_item_ = item_.from->write_rows(at.out(), frame_of(with), with.parameter_types, piece, written_);
    } catch (...) { // the caller's own, from its range
        expect_answers();
        throw;
    }
    expect_answers();
    return written_ != before;
}

bool batch_operation::write_items(engine& at)
{
    while (has_item_) {
        if (at.out().size() >= piece)
            return false;
        try {
            if (write_alike(at))
                continue;
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
    if (to.level && !has_own_savepoint()) {
        spoiled_ = !keep;
        if (spoiled_)
            stage_command(at, "ROLLBACK TO SAVEPOINT tusk_there_is_none");
    } else if (to.level) {
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
    if (lookup_) {
        if (what == protocol::event::error)
            lookup_->receive_error(server_failure(message, {}));
        return;
    }
    switch (what) {
    case protocol::event::parameters:
        if (!running_)
            preparing_[described_]->parameter_types = protocol::parse_parameter_description(message.body);
        break;
    case protocol::event::columns:
        receive_description(at, protocol::parse_row_description(message.body, format::binary));
        break;
    case protocol::event::no_columns: receive_description(at, nullptr); break;
    case protocol::event::complete:
        if (reply.current() == protocol::step::command)
            level_started();
        else if (!undoing_)
            receive_execution(at, message);
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

void batch_operation::receive_rows(const arrived_rows& run)
{
    if (lookup_)
        lookup_->receive_rows(run);
    else
        receive_rows_of(answered_, run);
}

void batch_operation::receive_execution(engine& at, const protocol::backend_message& message)
{
    // Thousands of elements have the same answer, of which there is nothing new to learn.
    const std::string_view complete{reinterpret_cast<const char*>(message.body.data()), message.body.size()};
    if (!last_complete_.empty() && complete == last_complete_) {
        receive_tag_of(answered_++, complete.substr(0, complete.size() - 1));
        return;
    }
    const std::string_view tag = protocol::parse_command_complete(message.body);
    at.note_command(tag);
    const statement& of = statement_at(answered_);
    if (changes_session(tag, of.sql, of.columns == nullptr))
        at.touch_session();
    if (tag.starts_with("INSERT ") || tag.starts_with("UPDATE ") || tag.starts_with("DELETE "))
        last_complete_ = complete;
    else
        last_complete_.clear();
    receive_tag_of(answered_++, tag);
}

void batch_operation::receive_usual(std::size_t count)
{
    answered_ += count;
    receive_same_tag(count);
}

void batch_operation::receive_description(engine& at, std::shared_ptr<const column_list> columns)
{
    if (running_) {
        statement_at(answered_).describe(std::move(columns));
        return;
    }
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
    if (undoing_ || (spoiled_ && answered_ == written_))
        return;
    std::string remedy;
    bool forget_what_is_gone = false;
    if (reply.failed_at_end()) {
        if (running_ && answered_ != 0)
            remedy = fmt::format("behind element {} of the batch (counted from 0); nothing of the batch was kept",
                                 answered_ - 1);
    } else if (reply.current() == protocol::step::execute || reply.current() == protocol::step::run) {
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

/// The statements take over what is known when they are staged again.
bool batch_operation::settle_lookup(engine& at, char status)
{
    at.types().is_being_asked = false;
    at.unpark();
    looked_up_ = true;
    const failure refused = std::exchange(lookup_, nullptr)->finish(at.types());
    if (refused && status == 'E')
        refuse(refused);
    if (!why && !abandoned)
        return false;
    return settle(at, status);
}

bool batch_operation::settle(engine& at, char status)
{
    if (lookup_)
        return settle_lookup(at, status);
    if (undoing_ || !to.level || !has_own_savepoint()) {
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
