#include "connection/query.hpp"

#include "connection/bind.hpp"
#include "connection/engine.hpp"
#include "connection/remedy.hpp"
#include "connection/session_change.hpp"
#include "protocol/backend.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/driver/sqlstate.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <utility>

namespace tusk::detail {

namespace {

constexpr std::size_t most_parameters = 65535;

std::size_t aligned(std::size_t size, std::size_t alignment) { return (size + alignment - 1) / alignment * alignment; }

void check_text(std::string_view sql)
{
    if (sql.find('\0') != std::string_view::npos)
        throw usage_error{"the SQL text contains a zero byte, which PostgreSQL cannot take; pass such data as a bytea "
                          "parameter"};
}

void check_count(std::size_t count)
{
    if (count > most_parameters)
        throw usage_error{fmt::format("{} parameters are more than the {} that one statement can have; pass arrays and "
                                      "unnest() them, or use several statements",
                                      count, most_parameters)};
}

bool is_statement_gone(const failure& why)
{
    const error_fields* fields = why.fields();
    return fields != nullptr &&
           (fields->sqlstate == sqlstate::invalid_sql_statement_name ||
            (fields->sqlstate == sqlstate::feature_not_supported && fields->routine == "RevalidateCachedQuery"));
}

/// CALL, of all that returns rows, is the one that can commit in between.
bool is_call(std::string_view sql)
{
    constexpr std::string_view word = "call";
    const std::size_t begin = skip_blank(sql);
    return std::ranges::equal(sql.substr(begin, word.size()), word,
                              [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

failure copy_refusal(std::string_view what)
{
    return failure{std::make_exception_ptr(
        usage_error{fmt::format("{} cannot be run as a plain statement: nobody would carry its data", what)})};
}

bool lacks_binary_output(const failure& why)
{
    const error_fields* fields = why.fields();
    return fields != nullptr && fields->sqlstate == sqlstate::undefined_function &&
           fields->routine == "getTypeBinaryOutputInfo";
}

} // namespace

// ---- Making one.

query_block::query_block(const target& to, std::string_view sql, std::size_t parameter_count, std::size_t size,
                         std::size_t alignment)
{
    check_text(sql);
    check_count(parameter_count);
    // Behind the object: the arguments, their descriptions, the text.
    const std::size_t at_arguments = aligned(sizeof(query_operation), alignof(std::max_align_t));
    const std::size_t at_parameters = aligned(at_arguments + size, alignof(parameter));
    const std::size_t at_text = at_parameters + parameter_count * sizeof(parameter);
    if (alignment > alignof(std::max_align_t))
        throw usage_error{"a parameter type is over-aligned; pass it by a plain type"};
    const std::size_t extra = at_text + sql.size() - sizeof(query_operation);

    void* block = query_operation::operator new(sizeof(query_operation), extra);
    auto* bytes = static_cast<std::byte*>(block);
    arguments_ = bytes + at_arguments;
    auto* first = reinterpret_cast<parameter*>(bytes + at_parameters);
    std::uninitialized_default_construct_n(first, parameter_count);
    parameters_ = {first, parameter_count};
    auto* text = reinterpret_cast<char*>(bytes + at_text);
    std::memcpy(text, sql.data(), sql.size());
    made_ = request_ptr{::new (block) query_operation{to, {text, sql.size()}, parameters_, arguments_}};
}

request_ptr query_block::finish(void (*destroy)(void*)) &&
{
    static_cast<query_operation&>(*made_).destroy_arguments_with(destroy);
    return std::move(made_);
}

request_ptr make_query(const target& to, std::string_view sql, const parameters& list)
{
    check_count(list.size());
    query_block block{to, sql, 0, 0, 1};
    request_ptr made = std::move(block).finish(nullptr);
    static_cast<query_operation&>(*made).refer_to(list);
    return made;
}

query_operation::~query_operation()
{
    if (destroy_arguments_ != nullptr)
        destroy_arguments_(arguments_);
}

void query_operation::refer_to(const tusk::parameters& list)
{
    list_ = list;
    parameters_ = list_.view();
}

// ---- Sending.

void query_operation::check(engine& at)
{
    operation::check(at);
    check_level_usable();
}

std::vector<oid> query_operation::declared_types() const
{
    std::vector<oid> declared;
    for (std::size_t i = 0; i < parameters_.size(); ++i)
        if (const oid type = parameters_[i].operations->declared(parameters_[i].value)) {
            declared.resize(i + 1);
            declared[i] = type;
        }
    return declared;
}

bool query_operation::needs_no_types() const
{
    return std::ranges::all_of(parameters_, [](const parameter& each) {
        return each.operations->fits_any_type || each.operations->declared(each.value) != 0;
    });
}

staging query_operation::stage(engine& at)
{
    check_level_usable();
    if (!statement_ || statement_->now == statement::state::broken)
        statement_ = at.statements().get(sql_, declared_types());
    preparing_ = executing_ = refused_at_bind_ = false;
    closes_gate = false;
    switch (statement_->now) {
    case statement::state::preparing: return staging::parked;
    case statement::state::ready:
        stage_closes(at);
        stage_unsent_levels(at);
        stage_bind(at);
        break;
    case statement::state::fresh:
    case statement::state::broken: stage_prepare(at); break;
    }
    if (executing_)
        protocol::write_execute_and_sync(at.out());
    else
        protocol::write_sync(at.out());
    // Nothing throws from here on: what was only written becomes true.
    at.statements().closing().clear();
    levels_sent();
    if (preparing_)
        statement_->now = statement::state::preparing;
    return staging::staged;
}

void query_operation::stage_prepare(engine& at)
{
    preparing_ = true;
    stage_closes(at);
    stage_unsent_levels(at);
    try {
        protocol::write_parse(at.out(), statement_->name, sql_, statement_->declared);
        protocol::write_describe_statement(at.out(), statement_->name);
        reply.expect(protocol::step::prepare);
        // In a transaction a column that has no binary form would abort it, so there the columns are looked at first.
        if (!to.level && needs_no_types() && !statement_->distrusts_unlisted_types)
            stage_bind(at);
    } catch (...) {
        at.statements().drop(*statement_);
        throw;
    }
}

void query_operation::stage_bind(engine& at)
{
    executing_ = true;
    write_bind(at.out(), *statement_, parameters_);
    reply.expect(protocol::step::execute);
}

// ---- Receiving.

void query_operation::receive(engine& at, protocol::event what, const protocol::backend_message& message)
{
    switch (what) {
    case protocol::event::parameters:
        statement_->parameter_types = protocol::parse_parameter_description(message.body);
        break;
    case protocol::event::columns:
        statement_->describe(protocol::parse_row_description(message.body, format::binary));
        at.unpark();
        break;
    case protocol::event::no_columns:
        statement_->describe(nullptr);
        at.unpark();
        break;
    case protocol::event::complete:
        if (reply.current() == protocol::step::command)
            level_started();
        else
            receive_tag(at, message);
        break;
    case protocol::event::copy_in:
        refuse(copy_refusal("COPY ... FROM STDIN"));
        at.refuse_copy_in(*this, true);
        break;
    case protocol::event::copy_out: refuse(copy_refusal("COPY ... TO STDOUT")); break;
    case protocol::event::error: receive_error(at, message); break;
    case protocol::event::none:
    case protocol::event::rows:
    case protocol::event::empty:
    case protocol::event::suspended:
    case protocol::event::ready: break;
    }
}

void query_operation::receive_tag(engine& at, const protocol::backend_message& message)
{
    const std::string_view tag = protocol::parse_command_complete(message.body);
    if (tag == "DISCARD ALL" || tag == "DEALLOCATE ALL")
        at.statements().clear();
    if (changes_session(tag, sql_, statement_->columns == nullptr))
        at.touch_session();
    if (!abandoned)
        rows().tag = command_tag{tag};
}

result_data& query_operation::rows()
{
    if (!data) {
        data = std::make_unique_for_overwrite<result_data>(); // its inline blocks need no zeroing
        data->columns = statement_->columns;
    }
    return *data;
}

void query_operation::receive_rows(std::span<const std::byte> run)
{
    if (!statement_->columns)
        throw protocol_error{"the server sent rows for a statement that it had described as returning none, so the "
                             "connection is closed"};
    rows().rows.append(run, statement_->columns->size());
}

void query_operation::receive_error(engine& at, const protocol::backend_message& message)
{
    const bool parse_failed = reply.current() == protocol::step::prepare;
    if (preparing_ && statement_->now != statement::state::ready) {
        statement_->now = statement::state::broken;
        at.statements().drop(*statement_);
        at.unpark(); // the next one tries its own Parse
    }
    // A statement that was sent in one flight with too few or too many parameters: say it in our own words.
    if (executing_ && preparing_ && !parse_failed && parameters_.size() != statement_->parameter_types.size()) {
        refuse(failure{std::make_exception_ptr(wrong_parameter_count(*statement_, parameters_.size()))});
        return;
    }
    const failure because = server_failure(message, sql_);
    refused_at_bind_ = executing_ && !parse_failed && !reply.is_bound();
    if (refused_at_bind_ && is_statement_gone(because)) {
        at.statements().drop(*statement_);
        statement_->now = statement::state::broken;
    }
    std::string remedy = refused_at_bind_ ? remedy_for_value(*last_error, statement_->parameter_types)
                                          : remedy_for_type(*last_error, sql_);
    refuse(failure{last_error, std::string{sql_}, std::move(remedy)});
}

bool query_operation::settle(engine& /*at*/, char status)
{
    note_transaction_status(status);
    if (why && can_run_again(status)) {
        ran_again_ = true;
        if (statement_->now != statement::state::broken) {
            statement_->distrusts_unlisted_types = true;
            statement_->describe(statement_->columns);
        }
        why = failure{};
        data.reset();
        return false;
    }
    const bool done = why || executing_ || abandoned;
    if (done)
        statement_.reset(); // the cache may forget it now
    return done;
}

/// Outside a transaction, where nothing of it has happened, it is run once more: with a statement that is prepared
/// anew, or with text for what has no binary form. (A procedure may have committed before its result was refused.)
bool query_operation::can_run_again(char status) const
{
    if (ran_again_ || abandoned || to.level || status != 'I')
        return false;
    return refused_at_bind_ ? statement_->now == statement::state::broken : lacks_binary_output(why) && !is_call(sql_);
}

} // namespace tusk::detail
