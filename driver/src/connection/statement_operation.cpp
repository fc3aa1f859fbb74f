#include "connection/statement_operation.hpp"

#include "connection/bind.hpp"
#include "connection/engine.hpp"
#include "connection/prepare.hpp"
#include "connection/remedy.hpp"
#include "connection/session_change.hpp"
#include "connection/sql_text.hpp"
#include "protocol/backend.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/driver/sqlstate.hpp>

#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

namespace tusk::detail {

namespace {

/// A type of a parameter was dropped, or is made of other fields than it was when it was looked up.
bool is_type_gone(const failure& why)
{
    const error_fields* fields = why.fields();
    return fields != nullptr &&
           (fields->sqlstate == sqlstate::internal_error || fields->sqlstate == sqlstate::undefined_object ||
            fields->routine == "record_recv" || fields->routine == "record_in");
}

/// CALL, of all that returns rows, is the one that can commit in between.
bool is_call(std::string_view sql) { return has_word(sql, skip_blank(sql), "call"); }

failure copy_refusal(std::string_view what, std::string_view verb)
{
    return failure{std::make_exception_ptr(usage_error{
        fmt::format("{} cannot be run as a plain statement: nobody would carry its data; use {}", what, verb)})};
}

bool lacks_binary_output(const failure& why)
{
    const error_fields* fields = why.fields();
    return fields != nullptr && fields->sqlstate == sqlstate::undefined_function &&
           fields->routine == "getTypeBinaryOutputInfo";
}

} // namespace

bool is_statement_gone(const failure& why)
{
    const error_fields* fields = why.fields();
    if (fields == nullptr)
        return false;
    if (fields->sqlstate == sqlstate::feature_not_supported)
        return fields->routine == "RevalidateCachedQuery";
    // The type of a parameter was dropped; its name may be that of another type by now. (Internal errors are not
    // translated.)
    if (fields->sqlstate == sqlstate::internal_error)
        return fields->message.starts_with("cache lookup failed for type");
    return fields->sqlstate == sqlstate::invalid_sql_statement_name || fields->sqlstate == sqlstate::undefined_object;
}

[[gnu::hot]] void check_sql(std::string_view sql)
{
    if (sql.find('\0') != std::string_view::npos)
        throw usage_error{"the SQL text contains a zero byte, which PostgreSQL cannot take; pass such data as a bytea "
                          "parameter"};
}

// ---- Sending.

[[gnu::hot]] void statement_operation::check(engine& at)
{
    operation::check(at);
    check_level_usable();
}

[[gnu::hot]] staging statement_operation::stage(engine& at)
{
    check_level_usable();
    if (!statement_ || statement_->now == statement::state::broken)
        statement_ = at.statements().get(sql_, declared_types());
    preparing_ = executing_ = described_ = refused_at_bind_ = guessed_ = false;
    closes_gate = false;
    if ((executed_ || wants_types_ || (statement_->now == statement::state::ready && statement_->is_named())) &&
        statement_->lacks_types(at.types())) {
        if (const staging asked = look_up_types(at); asked != staging::finished)
            return asked;
    }
    if (executed_)
        return staging::finished;
    switch (statement_->now) {
    // In a pipeline what comes behind must not overtake it, so there the whole queue waits.
    case statement::state::preparing: return ordered_ ? staging::wait : staging::parked;
    case statement::state::ready:
        if (prepare_only_) {
            prepared_now(statement_);
            return staging::finished;
        }
        stage_described(at);
        break;
    case statement::state::fresh:
    case statement::state::broken: stage_prepare(at); break;
    }
    if (executing_ || statement_->is_named())
        protocol::write_sync(at.out());
    else
        protocol::write_flush(at.out()); // the statement would not outlive a Sync where a proxy hands sessions round
    // Nothing throws from here on: what was only written becomes true.
    at.statements().closing().clear();
    levels_sent();
    if (preparing_)
        statement_->now = statement::state::preparing;
    if (ordered_ && !executing_)
        closes_gate = true;
    return executing_ || statement_->is_named() ? staging::staged : staging::begun;
}

/// @returns `finished` where there is nothing to wait for.
staging statement_operation::look_up_types(engine& at)
{
    if (at.types().is_being_asked)
        return staging::parked;
    if (stage_lookup(at)) {
        closes_gate = ordered_;
        return staging::staged;
    }
    if (std::exchange(wants_types_, false))
        statement_ = at.statements().get(sql_, declared_types());
    return staging::finished;
}

/// With the description from the cache. Where a value does not fit it, a type of the database may have become another
/// one since, or the search path may mean another: then the statement is described once more.
[[gnu::hot]] void statement_operation::stage_described(engine& at)
{
    const std::size_t mark = at.out().size();
    try {
        stage_closes(at);
        stage_unsent_levels(at);
        stage_execution(at);
    } catch (const encode_error&) {
        if (described_now_ || !statement_->has_unlisted_types)
            throw;
        at.out().truncate(mark);
        describe_again(at);
    }
}

void statement_operation::describe_again(engine& at)
{
    reply.reset();
    executing_ = closes_gate = false;
    at.types().forget();
    at.statements().drop(*statement_);
    statement_->now = statement::state::broken;
    statement_ = at.statements().get(sql_, declared_types());
    stage_prepare(at);
}

/// Asks for what is not known of the statement's types. False where all is known: then there is nothing to wait for.
bool statement_operation::stage_lookup(engine& at)
{
    std::vector<oid> unknown = statement_->unknown_types(at.types());
    if (unknown.empty()) {
        statement_->attach_types(at.types());
        if (auto* columns = columns_of_rows(); columns != nullptr && executed_)
            *columns = with_types(**columns, at.types());
        return false;
    }
    auto asking = std::make_unique<type_lookup>(std::move(unknown));
    asking->stage(at.out(), reply);
    lookup_ = std::move(asking);
    at.types().is_being_asked = true;
    return true;
}

request_ptr statement_operation::make_preparation(engine& at, std::set<const statement*>& seen)
{
    // A Parse that is refused fails a transaction, and with it what comes before that statement: there each statement
    // is prepared when its turn comes.
    if (to.level || needs_no_types())
        return {};
    std::vector<oid> declared = declared_types();
    const auto found = at.statements().get(sql_, declared);
    if (found->now == statement::state::ready)
        statement_ = found; // it need not be looked for again
    if (found->now != statement::state::fresh || !found->is_named() || !seen.insert(found.get()).second)
        return {};
    return request_ptr{new prepare_operation{to, std::string{sql_}, std::move(declared)}};
}

void statement_operation::stage_prepare(engine& at)
{
    preparing_ = true;
    if (stage_guessed(at))
        return;
    try {
        write_prepare(at, statement_->declared);
        // In a transaction a column that has no binary form would abort it, so there the columns are looked at first.
        if (!to.level && needs_no_types() && !statement_->distrusts_unlisted_types)
            stage_execution(at);
    } catch (...) {
        at.statements().drop(*statement_);
        throw;
    }
}

void statement_operation::write_prepare(engine& at, std::span<const oid> types)
{
    stage_closes(at);
    stage_unsent_levels(at);
    protocol::write_parse(at.out(), statement_->name, sql_, types);
    protocol::write_describe_statement(at.out(), statement_->name);
    reply.expect(protocol::step::prepare);
}

/// All of it in one flight, with the parameter types that another connection was told. Not in a transaction, which a
/// wrong one would fail.
/// @returns Whether it was done.
bool statement_operation::stage_guessed(engine& at)
{
    parameter_guesses* const told = at.guesses();
    if (told == nullptr || distrusts_guess_ || ordered_ || to.level || at.status() != 'I' || !can_run_unseen() ||
        needs_no_types() || statement_->distrusts_unlisted_types)
        return false;
    statement_->parameter_types = told->find(sql_, statement_->declared);
    const bool is_usable = !statement_->parameter_types.empty() &&
                           statement_->parameter_types.size() == parameter_count() &&
                           statement_->unknown_types(at.types()).empty(); // how to write those would have to be asked
    const std::size_t mark = at.out().size();
    try {
        if (is_usable) {
            statement_->attach_types(at.types());
            write_prepare(at, statement_->parameter_types);
            stage_execution(at);
            guessed_ = true;
            return true;
        }
    } catch (const encode_error&) {
        // The value fits what the server says now, or it is the server's type that the error is to name.
        at.out().truncate(mark);
        reply.reset();
        executing_ = false;
        told->drop(sql_, statement_->declared);
    }
    statement_->parameter_types.clear();
    statement_->parameter_infos.clear();
    return false;
}

void statement_operation::tell_parameters(engine& at) const
{
    if (guessed_ || to.level || at.status() != 'I' || statement_->parameter_types.empty() || needs_no_types())
        return;
    if (parameter_guesses* others = at.guesses())
        others->learn(sql_, statement_->declared, statement_->parameter_types);
}

[[gnu::hot]] void statement_operation::stage_execution(engine& at)
{
    executing_ = true;
    write_execution(at);
}

bool statement_operation::stage_more(engine& at)
{
    if (!described_ && !reply.failed())
        return false;
    wants_types_ = !why && lacks_types_unnamed(at);
    if (!why && !abandoned && !prepare_only_ && !wants_types_) {
        const std::size_t mark = at.out().size();
        try {
            stage_execution(at);
        } catch (...) {
            at.out().truncate(mark);
            executing_ = false;
            refuse(failure{std::current_exception()});
        }
    }
    protocol::write_sync(at.out());
    return true;
}

/// An unnamed statement does not outlive the question for its types: that is asked in between, and then the statement
/// is prepared again, wherever that is. What was asked for and not found stays unknown.
bool statement_operation::lacks_types_unnamed(engine& at)
{
    if (prepare_only_ || statement_->is_named() || !statement_->lacks_types(at.types()) ||
        (needs_no_types() && !to.level))
        return false;
    if (!statement_->unknown_types(at.types()).empty())
        return true;
    statement_->attach_types(at.types());
    return false;
}

// ---- Receiving.

[[gnu::hot]] std::size_t statement_operation::column_count() const
{
    if (!statement_->columns)
        throw protocol_error{"the server sent rows for a statement that it had described as returning none, so the "
                             "connection is closed"};
    return statement_->columns->size();
}

[[gnu::hot]] void statement_operation::receive_rows(const arrived_rows& run)
{
    if (lookup_)
        lookup_->receive_rows(run);
    else
        keep_rows(run);
}

[[gnu::hot]] void statement_operation::receive(engine& at, protocol::event what,
                                               const protocol::backend_message& message)
{
    if (!lookup_ && what == protocol::event::complete && reply.current() != protocol::step::command)
        receive_completion(at, message);
    else
        receive_other(at, what, message);
}

/// CommandComplete of the statement itself.
[[gnu::hot]] void statement_operation::receive_completion(engine& at, const protocol::backend_message& message)
{
    const std::string_view tag = protocol::parse_command_complete(message.body);
    if (!tells_of_rows(tag, statement_->columns == nullptr))
        note_command(at, tag);
    receive_tag(at, tag);
}

void statement_operation::note_command(engine& at, std::string_view tag) const
{
    if (tag == "DISCARD ALL" || tag == "DEALLOCATE ALL")
        at.statements().clear();
    at.note_command(tag);
    if (changes_session(tag, sql_, statement_->columns == nullptr))
        at.touch_session();
}

void statement_operation::receive_other(engine& at, protocol::event what, const protocol::backend_message& message)
{
    if (lookup_) {
        if (what == protocol::event::error)
            lookup_->receive_error(server_failure(message, sql_));
        return;
    }
    switch (what) {
    case protocol::event::parameters:
        statement_->parameter_types = protocol::parse_parameter_description(message.body);
        break;
    case protocol::event::columns:
        receive_columns(at, protocol::parse_row_description(message.body, format::binary));
        break;
    case protocol::event::no_columns: receive_columns(at, nullptr); break;
    case protocol::event::complete: level_started(); break;
    case protocol::event::copy_in:
        refuse(copy_refusal("COPY ... FROM STDIN", "copy_into or copy_in"));
        at.refuse_copy_in(*this, true);
        break;
    case protocol::event::copy_out: refuse(copy_refusal("COPY ... TO STDOUT", "copy_out")); break;
    case protocol::event::error: receive_error(at, message); break;
    case protocol::event::none:
    case protocol::event::rows:
    case protocol::event::data:
    case protocol::event::empty:
    case protocol::event::suspended:
    case protocol::event::ready: break;
    }
}

void statement_operation::receive_columns(engine& at, std::shared_ptr<const column_list> columns)
{
    statement_->describe(std::move(columns));
    tell_parameters(at);
    at.unpark();
    described_ = described_now_ = true;
    at.write_more_of(*this);
}

void statement_operation::receive_error(engine& at, const protocol::backend_message& message)
{
    const bool parse_failed = reply.current() == protocol::step::prepare;
    if (preparing_ && statement_->now != statement::state::ready) {
        statement_->now = statement::state::broken;
        at.statements().drop(*statement_);
        at.unpark(); // the next one tries its own Parse
    }
    at.write_more_of(*this);
    if (guessed_ && (parse_failed || !reply.is_bound())) {
        // Nothing was executed. Whether the guess was at fault is seen without it.
        distrusts_guess_ = true;
        if (at.guesses() != nullptr)
            at.guesses()->drop(sql_, statement_->declared);
        at.statements().drop(*statement_);
        statement_->now = statement::state::broken;
    }
    // A statement that was sent in one flight with too few or too many parameters: say it in our own words.
    if (executing_ && preparing_ && !parse_failed && parameter_count() != statement_->parameter_types.size()) {
        refuse(failure{std::make_exception_ptr(wrong_parameter_count(*statement_, parameter_count()))});
        return;
    }
    const failure because = server_failure(message, sql_);
    refused_at_bind_ = executing_ && !parse_failed && !reply.is_bound();
    if (refused_at_bind_ && (is_statement_gone(because) || (statement_->has_unlisted_types && is_type_gone(because)))) {
        at.types().forget();
        at.statements().drop(*statement_);
        statement_->now = statement::state::broken;
    }
    std::string remedy = refused_at_bind_ ? remedy_for_value(*last_error, statement_->parameter_types)
                                          : remedy_for_type(*last_error, sql_);
    refuse(failure{last_error, std::string{sql_}, std::move(remedy)});
}

[[gnu::hot]] bool statement_operation::settle(engine& at, char status)
{
    if (lookup_)
        return settle_lookup(at, status);
    note_transaction_status(status);
    if (why && run_again(at, status))
        return false;
    if (!why && !abandoned && executing_ && columns_of_rows() != nullptr && statement_->lacks_types(at.types())) {
        executed_ = true;
        return false;
    }
    const bool done = why || executing_ || abandoned || prepare_only_;
    if (done && prepare_only_ && !why)
        prepared_now(statement_);
    if (done && !observed)
        statement_.reset(); // the cache may forget it now
    return done;
}

/// It was refused. @returns Whether it runs once more.
bool statement_operation::run_again(engine& at, char status)
{
    if (!refused_at_bind_ && statement_->now == statement::state::ready && lacks_binary_output(why)) {
        // Whoever runs it next asks for text: its own caller, where it can be run again at once.
        statement_->distrusts_unlisted_types = true;
        statement_->describe(statement_->columns);
    }
    if (!can_run_again(at, status))
        return false;
    ran_again_ = true;
    why = failure{};
    forget_rows();
    return true;
}

/// Without an answer the statement runs all the same, and its values are reachable as bytes and text; only a
/// transaction that the refusal has failed cannot go on.
bool statement_operation::settle_lookup(engine& at, char status)
{
    at.types().is_being_asked = false;
    at.unpark();
    const failure refused = std::exchange(lookup_, nullptr)->finish(at.types());
    if (refused && status == 'E')
        refuse(refused);
    note_transaction_status(status);
    statement_->attach_types(at.types());
    if (auto* columns = columns_of_rows(); columns != nullptr && executed_)
        *columns = with_types(**columns, at.types());
    const bool done = why || executed_ || abandoned;
    if ((done && !observed) || std::exchange(wants_types_, false))
        statement_.reset();
    return done;
}

/// Outside a transaction, where nothing of it has happened, it is run once more: with a statement that is prepared
/// anew, or with text for what has no binary form. (A procedure may have committed before its result was refused.)
/// What a pipeline has in flight behind it has happened by now, so there it would come out of its order.
bool statement_operation::can_run_again(const engine& at, char status) const
{
    if (ran_again_ || abandoned || to.level || status != 'I' || (ordered_ && at.has_in_flight()))
        return false;
    if (guessed_ && distrusts_guess_)
        return true;
    return refused_at_bind_ ? statement_->now == statement::state::broken : lacks_binary_output(why) && !is_call(sql_);
}

} // namespace tusk::detail
