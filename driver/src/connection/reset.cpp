#include "connection/reset.hpp"

#include "connection/engine.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/error.hpp>

#include <exception>
#include <utility>

namespace tusk::detail {

namespace {

/// A stray CancelRequest can hit a ROLLBACK, so it is repeated; that it hits this many in a row is not an accident.
constexpr unsigned most_rollbacks = 16;

/// DISCARD ALL without what would cost the next user something: prepared statements and their plans stay.
/// @see PostgreSQL documentation, "DISCARD".
constexpr std::string_view session_reset =
    "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL; UNLISTEN *; "
    "SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

} // namespace

staging ping_operation::stage(engine& at)
{
    protocol::write_sync(at.out());
    return staging::staged;
}

staging reset_operation::stage(engine& at)
{
    // What to say depends on what became of everything before.
    if (at.has_in_flight())
        return staging::wait;
    if (at.status() != 'I') {
        sent_ = flight::rollback;
        protocol::write_query(at.out(), "ROLLBACK");
    } else if (std::exchange(session_, false)) {
        sent_ = flight::session;
        protocol::write_query(at.out(), policy_ == reset_policy::discard_all ? "DISCARD ALL" : session_reset);
    } else {
        return staging::finished;
    }
    reply.expect(protocol::step::script);
    return staging::staged;
}

void reset_operation::receive(engine& /*at*/, protocol::event what, const protocol::backend_message& message)
{
    if (what != protocol::event::error)
        return;
    const failure because = server_failure(message, {});
    if (sent_ == flight::session)
        refuse(because);
}

bool reset_operation::settle(engine& at, char status)
{
    if (sent_ == flight::session) {
        if (!why) {
            at.session_was_reset();
            if (policy_ == reset_policy::discard_all)
                at.statements().clear();
        }
        return true;
    }
    if (status != 'I' && ++rollbacks_ >= most_rollbacks) {
        refuse(failure{std::make_exception_ptr(connection_error{"a transaction could not be rolled back"})});
        return true;
    }
    return status == 'I' && !session_;
}

request_ptr make_ping(target where) { return request_ptr{new ping_operation{std::move(where)}}; }

request_ptr make_reset(target where, reset_policy policy, bool session)
{
    return request_ptr{new reset_operation{std::move(where), policy, session}};
}

} // namespace tusk::detail
