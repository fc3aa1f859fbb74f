#include "connection/operation.hpp"

#include "connection/engine.hpp"
#include "protocol/error_response.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace tusk::detail {

[[gnu::hot]] request::~request() { drop_handler(); }

[[gnu::hot]] void operation::check(engine& at) { at.check_level(to.level.get()); }

void operation::receive(engine& /*at*/, protocol::event what, const protocol::backend_message& message)
{
    if (what == protocol::event::error)
        refuse(server_failure(message, {}));
}

void operation::receive_rows(const arrived_rows& /*run*/) {}

bool operation::settle(engine& /*at*/, char /*status*/) { return true; }

void operation::lose(const std::string& reason, bool written)
{
    if (why)
        return;
    why = failure{std::make_exception_ptr(connection_error{
        written ? fmt::format("the connection was lost while the {} was on its way, and whether it took effect is not "
                              "known: {}",
                              name(), reason)
                : fmt::format("the connection is closed, and nothing of the {} was sent: {}", name(), reason),
        !written})};
}

failure operation::out_of_time() const
{
    const char* what_of_it = progress == phase::joined && can_be_cancelled()
                                 ? "what was sent of it may still take effect"
                             : progress != phase::staged ? "nothing of it was sent"
                             : next != nullptr           ? "it may still take effect, since others wait behind it"
                             : can_be_cancelled()        ? "the server is asked to cancel it"
                                                         : "it may still take effect";
    return failure{std::make_exception_ptr(timeout_error{fmt::format(
        "the {} did not finish before its deadline: {}; the connection stays usable", name(), what_of_it)})};
}

void operation::refuse(failure because)
{
    if (!why)
        why = std::move(because);
}

failure operation::server_failure(const protocol::backend_message& message, std::string_view sql)
{
    last_error = std::make_shared<const error_fields>(protocol::parse_error_response(message.body));
    return failure{last_error, std::string{sql}, {}};
}

[[gnu::hot]] void operation::stage_closes(engine& into)
{
    const auto& closing = into.statements().closing();
    if (closing.empty())
        return;
    reply.expect(protocol::step::close, static_cast<unsigned>(closing.size()));
    for (const std::string& each : closing)
        protocol::write_close_statement(into.out(), each);
}

void operation::stage_levels(engine& into)
{
    std::vector<transaction_level*> unsent;
    for (auto level = to.level; level && level->now == transaction_level::state::unsent; level = level->outer) {
        unsent.push_back(level.get());
    }
    closes_gate = true;
    for (auto level = unsent.rbegin(); level != unsent.rend(); ++level) {
        stage_command(into, (*level)->start_sql);
        (*level)->unanswered = 1;
        if ((*level)->settings_sql.empty())
            continue;
        stage_command(into, (*level)->settings_sql);
        (*level)->unanswered = 2;
    }
}

void operation::stage_command(engine& into, std::string_view sql)
{
    protocol::write_parse(into.out(), {}, sql, {});
    protocol::write_bind_nothing(into.out(), {});
    protocol::write_execute(into.out());
    reply.expect(protocol::step::command);
}

void operation::note_levels_sent() noexcept
{
    for (auto level = to.level; level && level->now == transaction_level::state::unsent; level = level->outer)
        level->now = transaction_level::state::sent;
}

void operation::level_started()
{
    // They were sent from the outside in, and are confirmed in that order.
    transaction_level* outermost = nullptr;
    for (auto level = to.level; level; level = level->outer)
        if (level->unanswered != 0)
            outermost = level.get();
    if (outermost == nullptr)
        return;
    --outermost->unanswered;
    outermost->now = transaction_level::state::open;
}

void operation::note_level_status(char status)
{
    for (auto level = to.level; level; level = level->outer)
        level->unanswered = 0;
    for (auto level = to.level; level && level->now == transaction_level::state::sent; level = level->outer) {
        level->now = transaction_level::state::not_started;
        level->first_error = why;
    }
    if (why.fields() != nullptr && !to.level->first_error)
        to.level->first_error = why;
    if (status == 'I')
        for (auto level = to.level; level; level = level->outer)
            if (level->now == transaction_level::state::open)
                level->now = transaction_level::state::ended_by_sql;
}

void operation::fail_level() const
{
    if (to.level->now == transaction_level::state::ended_by_sql)
        throw usage_error{"the transaction was ended by a statement of its own: use commit() and rollback() of the "
                          "transaction object instead of SQL, and begin a new one"};
    throw usage_error{fmt::format("the transaction could not be started, so nothing can run in it; roll it back and "
                                  "begin a new one ({})",
                                  to.level->first_error.message())};
}

} // namespace tusk::detail
