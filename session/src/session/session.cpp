#include <tusk/session/session.hpp>

#include "session/session_state.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/session/detail/access.hpp>
#include <tusk/session/engine.hpp>
#include <tusk/session/test_transaction.hpp>

#include <utility>

namespace tusk {

using detail::session_state;
using detail::session_use;

session::session(const tusk::engine& of) : state_{std::make_shared<session_state>(of.state())} {}

session::session(const test_transaction& of) : state_{std::make_shared<session_state>(of.bound())} {}

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

detail::sql_text session::said(const detail::called_sql& sql) const
{
    return detail::session_access::said(*this, sql.text);
}

// ---- The transaction.

asio::awaitable<void> session::begin() { return detail::begin_transaction(state()); }

asio::awaitable<void> session::commit() { return detail::commit_transaction(state()); }

asio::awaitable<void> session::rollback() { return detail::roll_back_transaction(state()); }

asio::awaitable<savepoint> session::begin_nested(std::source_location who)
{
    return detail::begin_savepoint(state(), who);
}

bool session::in_transaction() const noexcept { return state_ && state_->has_begun(); }

std::size_t session::nesting() const noexcept { return state_ ? state_->depth() : 0; }

// ---- What it is like.

namespace {

template <class T>
asio::awaitable<void> wish(std::shared_ptr<session_state> on, T detail::transaction_wishes::* what, T value)
{
    const session_use use{on};
    if (on->is_open())
        throw usage_error{"what a transaction is like must be said before its first statement; commit() or rollback() "
                          "first, or use another session"};
    on->wishes().*what = value;
    co_return;
}

asio::awaitable<void> set_parameter(std::shared_ptr<session_state> on, std::string name, std::string value)
{
    const session_use use{on};
    if (!on->is_open()) {
        on->wishes().settings.emplace_back(std::move(name), std::move(value));
        co_return;
    }
    on->names_set().push_back(name);
    co_await detail::run_within<command_tag, detail::take_tag>(
        use, detail::make_query(detail::target{}, "SELECT pg_catalog.set_config($1, $2, true)", std::move(name),
                                std::move(value)));
}

} // namespace

asio::awaitable<void> session::set_isolation(isolation level)
{
    return wish(state(), &detail::transaction_wishes::level, level);
}

asio::awaitable<void> session::set_read_only(bool read_only)
{
    return wish(state(), &detail::transaction_wishes::mode, read_only ? access::read_only : access::read_write);
}

asio::awaitable<void> session::set_deferrable(bool wait)
{
    return wish(state(), &detail::transaction_wishes::wait, wait ? deferrable::yes : deferrable::no);
}

asio::awaitable<void> session::set(std::string_view name, std::string_view value)
{
    detail::check_setting(name, value);
    return set_parameter(state(), std::string{name}, std::string{value});
}

// ---- Besides.

namespace {

asio::awaitable<pipeline> make_pipeline_on(std::shared_ptr<session_state> on, bool is_atomic, std::source_location who)
{
    const session_use use{std::move(on)};
    co_await use.open(who);
    co_return is_atomic ? use.innermost().atomic_pipeline() : use.innermost().pipeline();
}

asio::awaitable<connection*> connection_of(std::shared_ptr<session_state> on, std::source_location who)
{
    const session_use use{on};
    co_await use.open(who);
    co_return &on->link();
}

} // namespace

asio::awaitable<pipeline> session::pipeline(std::source_location who) { return make_pipeline_on(state(), false, who); }

asio::awaitable<pipeline> session::atomic_pipeline(std::source_location who)
{
    return make_pipeline_on(state(), true, who);
}

asio::awaitable<tusk::connection*> session::connection(std::source_location who) { return connection_of(state(), who); }

void session::after_commit(std::function<void()> what) { state()->call_after_commit(std::move(what)); }

void session::after_rollback(std::function<void()> what) { state()->call_after_rollback(std::move(what)); }

std::unordered_map<std::string, std::any>& session::info() { return state()->info(); }

} // namespace tusk
