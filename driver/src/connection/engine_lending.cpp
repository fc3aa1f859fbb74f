// A connection that belongs to a pool: it is lent, taken back, cleaned, and asked whether it lives.
#include "connection/close.hpp"
#include "connection/engine.hpp"
#include "connection/engine_scope.hpp"
#include "connection/reset.hpp"

#include <tusk/driver/detail/lending.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/sqlstate.hpp>

#include <asio/error.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace tusk::detail {

namespace {

/// After such a command a parameter of the same text can be of another type.
bool changes_parameters(std::string_view tag)
{
    return tag.starts_with("ALTER ") || tag.starts_with("DROP ") || tag.starts_with("CREATE ");
}

} // namespace

connection engine::lend()
{
    add_handle();
    return connection{target{shared_from_this(), nullptr, lease_.number()}};
}

lent_state engine::take_back(reset_policy policy)
{
    lease_.end();
    if (state_ != state::open || is_shared())
        return lent_state::broken;
    if (top_) {
        std::shared_ptr<transaction_level> outermost = top_;
        while (outermost->outer)
            outermost = outermost->outer;
        abandon_level(outermost);
    }
    if (holder_ != nullptr) // a stream or COPY that outlives its lease
        holder_->let_go(*this);
    while (inbox_.is_awaited())
        release(request_ptr{&inbox_.waiting().front()},
                failure{std::make_exception_ptr(
                    operation_aborted{"the connection went back to its pool while a notification was waited for"})});
    if (state_ != state::open) // the rollback could not be written
        return lent_state::broken;
    // A posted flush counts: nothing of it may run any more when another thread takes the connection.
    const bool pending = !in_flight_.empty() || !waiting_.empty() || !parked_.empty() || flush_posted_ ||
                         more_posted_ || reading_ || writing_ || recovering_;
    const bool clean = !pending && status() == 'I';
    switch (policy) {
    case reset_policy::none: return clean ? lent_state::clean : lent_state::broken;
    case reset_policy::rollback: return clean ? lent_state::clean : lent_state::dirty;
    case reset_policy::automatic: return clean && !session_touched_ ? lent_state::clean : lent_state::dirty;
    case reset_policy::always:
    case reset_policy::discard_all: break;
    }
    return lent_state::dirty;
}

/// Nothing was asked of it since it was lent, so all is as it was then: nothing is pending, and nobody else looks at
/// it.
bool engine::take_back_unused(reset_policy policy) noexcept
{
    if (policy == reset_policy::always || policy == reset_policy::discard_all || !lease_.end_unused())
        return false;
    return is_open() && status() == 'I' && !session_touched_;
}

void engine::share(shared_knowledge& with)
{
    knowledge_ = with.of(place_);
    types_.share({knowledge_, &knowledge_->types});
}

void engine::note_command(std::string_view tag)
{
    types_.note_command(tag);
    if (knowledge_ && changes_parameters(tag))
        knowledge_->guesses.forget();
}

bool engine::poll_alive()
{
    // Called from inside a completion: what was there has just been read.
    while (!in_handler_ && state_ == state::open && !reading_ && in_flight_.empty()) {
        const auto room = input_.prepare();
        asio::error_code error;
        const std::size_t count = stream_->read_some(room, error);
        if (error == asio::error::would_block || error == asio::error::try_again)
            break;
        const handler_scope scope{*this};
        if (error) {
            fail(error == asio::error::eof ? "the server closed it unexpectedly" : error.message());
        } else {
            input_.commit(count);
            process_all(); // notices and changed settings are taken, a goodbye ends it
        }
        deliver_completed();
    }
    return state_ == state::open;
}

void engine::drop(const std::string& reason)
{
    const std::shared_ptr<engine> keep = shared_from_this();
    if (in_handler_) {
        fail(reason); // the end of the handler tells who waits
        return;
    }
    const handler_scope scope{*this};
    fail(reason);
    deliver_completed();
}

void engine::close_now() noexcept
{
    try {
        shut();
    } catch (...) {
        // No memory to say goodbye with: the socket closes when the last share of the engine goes.
        return;
    }
}

void engine::submit_for_lender(request_ptr what)
{
    what->at_home = true;
    submit(std::move(what));
}

void engine::note_refusal(const operation& by)
{
    // A transaction can be read-only by its own wish; on a standby every one is.
    if (by.last_error->sqlstate == sqlstate::read_only_sql_transaction && parameter("in_hot_standby") != "off")
        refused_by_standby_ = true;
}

// ---- The lender's handle.

lent_connection::lent_connection(connection taken) noexcept : own_{std::move(taken)}
{
    // Handles of the first lease differ from the lender's, too.
    static_cast<void>(engine::of(own_)->take_back(reset_policy::none));
}

connection lent_connection::lend() const { return engine::of(own_)->lend(); }

target lent_connection::target_of_lease() const
{
    const std::shared_ptr<engine>& at = engine::of(own_);
    return target{at, nullptr, at->lease().number()};
}

bool lent_connection::is_alive() { return engine::of(own_)->poll_alive(); }

bool lent_connection::take_back_unused(reset_policy policy) noexcept
{
    return engine::of(own_)->take_back_unused(policy);
}

void lent_connection::share(shared_knowledge& with) { engine::of(own_)->share(with); }

std::shared_ptr<shared_knowledge> make_shared_knowledge() { return std::make_shared<shared_knowledge>(); }

lent_state lent_connection::take_back(reset_policy policy) { return engine::of(own_)->take_back(policy); }

bool lent_connection::resets_session(reset_policy policy) const noexcept
{
    return policy == reset_policy::always || policy == reset_policy::discard_all ||
           (policy == reset_policy::automatic && engine::of(own_)->is_session_touched());
}

void lent_connection::accept_session() noexcept { engine::of(own_)->session_was_reset(); }

bool lent_connection::is_open() const noexcept { return engine::of(own_)->is_open(); }

bool lent_connection::was_closed_by_user() const noexcept { return engine::of(own_)->was_told_to_close(); }

bool lent_connection::was_refused_by_standby() const { return engine::of(own_)->was_refused_by_standby(); }

void lent_connection::close_now() noexcept { engine::of(own_)->close_now(); }

void lent_connection::drop(const std::string& reason) { engine::of(own_)->drop(reason); }

request_ptr lent_connection::make_ping() const { return detail::make_ping(target{engine::of(own_), nullptr}); }

request_ptr lent_connection::make_reset(reset_policy policy) const
{
    const std::shared_ptr<engine>& at = engine::of(own_);
    return detail::make_reset(target{at, nullptr}, policy, resets_session(policy));
}

request_ptr lent_connection::make_goodbye() const { return make_close(target{engine::of(own_), nullptr}); }

void lent_connection::hand_in(request_ptr what)
{
    const std::shared_ptr<engine> at = engine::of(own_);
    at->submit_for_lender(std::move(what));
}

} // namespace tusk::detail
