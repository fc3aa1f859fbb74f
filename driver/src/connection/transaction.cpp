#include "connection/transaction.hpp"

#include "connection/engine.hpp"
#include "protocol/backend.hpp"
#include "protocol/error_response.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/detail/transaction_access.hpp>
#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

namespace tusk::detail {

namespace {

/// A stray CancelRequest can hit a ROLLBACK, so it is repeated; that it hits this many in a row is not an accident.
constexpr unsigned most_tries = 16;

} // namespace

// ---- Begin.

begin_operation::~begin_operation()
{
    // Nobody took the handle: the caller was cancelled meanwhile.
    if (opened)
        to.connection->drop_level(std::move(opened));
}

void begin_operation::check(engine& at)
{
    operation::check(at);
    if (to.level)
        check_level_usable();
    else if (at.is_shared())
        throw usage_error{"the connection is shared: a transaction would hold up the others; let go of the shared "
                          "handles first, or use a connection of its own"};
    else if (!at.has_in_flight() && at.status() != 'I')
        throw usage_error{"the connection is in a transaction that was begun with SQL: end it with SQL first"};
    auto level = std::make_shared<transaction_level>();
    level->outer = to.level;
    level->depth = to.level ? to.level->depth + 1 : 1;
    level->deadline = to.level ? to.level->deadline : std::chrono::steady_clock::time_point::max();
    if (to.timeout != std::chrono::steady_clock::duration::zero())
        level->deadline = std::min(level->deadline, std::chrono::steady_clock::now() + to.timeout);
    level->start_sql = to.level ? fmt::format("SAVEPOINT {}", level->savepoint()) : start_sql_;
    level->settings_sql = settings_sql_;
    at.add_handle();
    opened = level;
    at.enter_level(std::move(level));
}

staging begin_operation::stage(engine& /*at*/) { return staging::finished; }

transaction take_transaction::from(request& done)
{
    auto& begun = static_cast<begin_operation&>(done);
    return transaction{target{begun.to.connection, std::exchange(begun.opened, nullptr)}};
}

request_ptr make_begin(target where, const transaction_options& options)
{
    return make_begin(std::move(where), options, {});
}

request_ptr make_begin(target where, const transaction_options& options, std::string settings)
{
    return request_ptr{new begin_operation{std::move(where), options.begin_statement(), std::move(settings)}};
}

request_ptr make_savepoint(target where) { return make_savepoint(std::move(where), {}); }

request_ptr make_savepoint(target where, std::string settings)
{
    return request_ptr{new begin_operation{std::move(where), {}, std::move(settings)}};
}

// ---- End.

request_ptr make_commit(target where)
{
    return request_ptr{new end_operation{std::move(where), end_operation::wish::commit}};
}

request_ptr make_rollback(target where)
{
    return request_ptr{new end_operation{std::move(where), end_operation::wish::rollback}};
}

request_ptr make_commit_of_all(target where)
{
    return request_ptr{
        new end_operation{std::move(where), end_operation::wish::commit, end_operation::inner::ended_too}};
}

request_ptr make_rollback_of_all(target where)
{
    return request_ptr{
        new end_operation{std::move(where), end_operation::wish::rollback, end_operation::inner::ended_too}};
}

void end_operation::check(engine& at)
{
    if (inner_ == inner::refused)
        operation::check(at);
    else
        at.check_level_open(*to.level);
    at.leave_level(*to.level);
}

staging end_operation::stage(engine& at)
{
    // What to say depends on what became of everything before, a request that its caller abandoned included.
    if (at.has_in_flight())
        return staging::wait;
    using state = transaction_level::state;
    switch (to.level->now) {
    case state::unsent: return staging::finished;
    case state::not_started:
        if (wanted_ == wish::commit)
            refuse_as_rolled_back();
        return staging::finished;
    case state::ended_by_sql:
        if (wanted_ == wish::commit)
            check_level_usable();
        return staging::finished;
    case state::sent:
    case state::open: break;
    }
    if (at.status() == 'I') {
        // There is nothing to end any more, and nothing that says it was committed.
        if (wanted_ == wish::commit)
            refuse_as_rolled_back();
        return staging::finished;
    }
    const std::string command = next_command(at.status());
    protocol::write_query(at.out(), command);
    reply.expect(protocol::step::script);
    return staging::staged;
}

std::string end_operation::next_command(char status)
{
    committing_ = wanted_ == wish::commit && tries_ == 0;
    if (!is_savepoint())
        return committing_ ? "COMMIT" : "ROLLBACK";
    const std::string savepoint = to.level->savepoint();
    // RELEASE is refused in a failed transaction: there the savepoint is rolled back to, and the caller is told.
    if (committing_ && status == 'E') {
        committing_ = false;
        refuse_as_rolled_back();
    }
    return committing_ ? fmt::format("RELEASE SAVEPOINT {}", savepoint)
                       : fmt::format("ROLLBACK TO SAVEPOINT {0}; RELEASE SAVEPOINT {0}", savepoint);
}

void end_operation::refuse_as_rolled_back()
{
    const failure& first = to.level->first_error;
    refuse(failure{std::make_exception_ptr(transaction_rolled_back{
        first ? fmt::format("the {} was rolled back instead of committed, because an earlier statement of it had "
                            "failed: {}",
                            is_savepoint() ? "inner transaction" : "transaction", first.message())
              : std::string{"the transaction was rolled back instead of committed"},
        first ? first.exception() : nullptr})});
}

void end_operation::receive(engine& /*at*/, protocol::event what, const protocol::backend_message& message)
{
    if (what == protocol::event::complete && committing_ && !is_savepoint()) {
        said_rolled_back_ = protocol::parse_command_complete(message.body) == "ROLLBACK";
    } else if (what == protocol::event::error) {
        const failure because = server_failure(message, is_savepoint() ? "RELEASE SAVEPOINT" : "COMMIT");
        // The end of the session can come after the commit and before its answer.
        ended_by_server_ = protocol::is_fatal(*last_error);
        if (committing_ && !ended_by_server_)
            refuse(because);
    }
}

bool end_operation::has_ended(char status) const noexcept
{
    if (status == 'I')
        return true;
    return is_savepoint() && !reply.failed();
}

bool end_operation::settle(engine& at, char status)
{
    ++tries_;
    if (said_rolled_back_)
        refuse_as_rolled_back();
    if (has_ended(status))
        return true;
    if (tries_ < most_tries)
        return false; // the commit or the rollback was refused: the level must end all the same
    at.fail("a transaction could not be rolled back");
    return true;
}

failure end_operation::out_of_time() const
{
    if (!committing_ || progress != phase::staged || is_savepoint())
        return operation::out_of_time();
    return failure{std::make_exception_ptr(commit_outcome_unknown{
        "the deadline passed after COMMIT was sent and before its answer, and whether it took effect is not known"})};
}

bool end_operation::release_waiting()
{
    // Nothing of it was sent, and its caller will never hear of a commit: so there is none.
    wanted_ = wish::rollback;
    return false;
}

void end_operation::lose(const std::string& reason, bool written)
{
    const bool answered = reply.failed() && !ended_by_server_;
    if (committing_ && written && !is_savepoint() && !answered && !said_rolled_back_) {
        why = failure{std::make_exception_ptr(commit_outcome_unknown{fmt::format(
            "the connection was lost after COMMIT was sent, and whether it took effect is not known: {}", reason)})};
        return;
    }
    operation::lose(reason, written);
}

// ---- What is known of it.

failure first_error(const target& of)
{
    for (const transaction_level* each = of.level.get(); each != nullptr; each = each->outer.get())
        if (each->first_error)
            return each->first_error;
    return {};
}

bool has_failed(const target& of) noexcept { return of.connection->status() == 'E'; }

bool is_lost(const target& of) noexcept { return !of.connection->is_open(); }

bool was_started(const target& of) noexcept { return of.level->now != transaction_level::state::unsent; }

} // namespace tusk::detail
