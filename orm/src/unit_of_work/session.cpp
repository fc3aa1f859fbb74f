#include <tusk/orm/session.hpp>

#include "unit_of_work/session_state.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/session/engine.hpp>
#include <tusk/session/test_transaction.hpp>

#include <algorithm>
#include <utility>

namespace tusk::orm {

using detail::session_state;

// ---- autoflush_guard

autoflush_guard::autoflush_guard(std::shared_ptr<session_state> of) : of_{std::move(of)} { ++of_->autoflush_is_off; }

autoflush_guard::~autoflush_guard()
{
    if (of_)
        --of_->autoflush_is_off;
}

// ---- session

session::session(const engine& of) : session{tusk::session{of}} {}

session::session(const test_transaction& of) : session{tusk::session{of}} {}

session::session(tusk::session on) : state_{std::make_shared<session_state>(std::move(on))} {}

session& session::operator=(session&& other) noexcept
{
    if (this != &other) {
        const session gone{std::move(*this)};
        state_ = std::move(other.state_);
    }
    return *this;
}

session::~session()
{
    if (state_)
        state_->close();
}

const std::shared_ptr<session_state>& session::state() const
{
    if (!state_)
        throw usage_error{"this session object was moved from"};
    return state_;
}

namespace {

asio::awaitable<void> flush_session(std::shared_ptr<session_state> of)
{
    tusk::detail::session_use use = of->use();
    co_await of->flush(use);
}

} // namespace

asio::awaitable<void> session::flush() { return flush_session(state()); }

asio::awaitable<void> session::begin() { return sql().begin(); }

asio::awaitable<void> session::commit() { return sql().commit(); }

asio::awaitable<void> session::rollback() { return sql().rollback(); }

asio::awaitable<savepoint> session::begin_nested(std::source_location who) { return sql().begin_nested(who); }

tusk::session& session::sql() { return state()->sql(); }

std::size_t session::size() const
{
    const auto is_in_it = [](const detail::entity_record* each) {
        return each->state != detail::entity_state::detached && each->state != detail::entity_state::dead;
    };
    return static_cast<std::size_t>(std::ranges::count_if(state()->store().all(), is_in_it));
}

void session::before_flush(std::function<void()> hook) { state()->told.before_flush.push_back(std::move(hook)); }

void session::after_flush(std::function<void()> hook) { state()->told.after_flush.push_back(std::move(hook)); }

void session::after_commit(std::function<void()> hook) { state()->told.after_commit.push_back(std::move(hook)); }

void session::after_rollback(std::function<void()> hook) { state()->told.after_rollback.push_back(std::move(hook)); }

} // namespace tusk::orm
