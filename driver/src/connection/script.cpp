#include "connection/script.hpp"

#include "connection/engine.hpp"
#include "connection/statement.hpp"
#include "protocol/backend.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/error.hpp>

#include <exception>
#include <utility>

namespace tusk::detail {

request_ptr make_script(const target& to, std::string_view sql)
{
    if (sql.find('\0') != std::string_view::npos)
        throw usage_error{"the script contains a zero byte, which PostgreSQL cannot take"};
    return request_ptr{new script_operation{to, sql}};
}

void script_operation::check(engine& at)
{
    operation::check(at);
    check_level_usable();
}

staging script_operation::stage(engine& at)
{
    check_level_usable();
    closes_gate = false;
    if (to.level && to.level->now == transaction_level::state::unsent) {
        stage_unsent_levels(at);
        protocol::write_sync(at.out());
        levels_sent();
        return staging::staged;
    }
    stage_closes(at);
    protocol::write_query(at.out(), sql_);
    reply.expect(protocol::step::script);
    at.statements().closing().clear();
    at.touch_session();
    sent_ = true;
    return staging::staged;
}

void script_operation::receive(engine& at, protocol::event what, const protocol::backend_message& message)
{
    switch (what) {
    case protocol::event::columns:
        current().columns = with_types(*protocol::parse_row_description(message.body), at.types());
        break;
    case protocol::event::complete: {
        const std::string_view tag = protocol::parse_command_complete(message.body);
        if (reply.current() == protocol::step::command) {
            level_started();
            break;
        }
        if (tag == "DISCARD ALL" || tag == "DEALLOCATE ALL")
            at.statements().clear();
        at.note_command(tag);
        end_result(tag);
        break;
    }
    case protocol::event::empty: end_result({}); break;
    case protocol::event::copy_in:
        refuse(failure{std::make_exception_ptr(
            usage_error{"COPY ... FROM STDIN cannot be run in a script: nobody would carry its data"})});
        at.refuse_copy_in(*this, false);
        break;
    case protocol::event::copy_out:
        refuse(failure{std::make_exception_ptr(
            usage_error{"COPY ... TO STDOUT cannot be run in a script: nobody would take its data"})});
        break;
    case protocol::event::error: refuse(server_failure(message, sql_)); break;
    case protocol::event::none:
    case protocol::event::parameters:
    case protocol::event::no_columns:
    case protocol::event::rows:
    case protocol::event::data:
    case protocol::event::suspended:
    case protocol::event::ready: break;
    }
}

result_data& script_operation::current()
{
    if (!current_)
        current_ = std::make_unique<result_data>();
    return *current_;
}

void script_operation::end_result(std::string_view tag)
{
    current().tag = command_tag{tag};
    if (!abandoned)
        results.emplace_back(std::move(current_));
    current_.reset();
}

void script_operation::receive_rows(const arrived_rows& run)
{
    current().rows.append(run, current().column_span().size());
}

bool script_operation::settle(engine& /*at*/, char status)
{
    note_transaction_status(status);
    return sent_ || why || abandoned;
}

} // namespace tusk::detail
