// Who uses a session: one caller at a time.
#include "session/session_state.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/session/detail/access.hpp>
#include <tusk/session/detail/use.hpp>

#include <utility>

namespace tusk::detail {

void session_state::enter()
{
    unsigned unused = 0;
    if (use_.compare_exchange_strong(unused, in_use, std::memory_order_acquire))
        return;
    if ((unused & closed) != 0)
        throw usage_error{"this session was destroyed before the call was awaited"};
    throw usage_error{"this session is in use: a call on it has not finished yet. A session does one thing at a time; "
                      "co_await each call before the next one, and give coroutines that run side by side a session "
                      "each"};
}

void session_state::leave() noexcept
{
    end_abandoned();
    if ((use_.fetch_and(~in_use, std::memory_order_acq_rel) & closed) != 0)
        end_for_good();
    else if (has_abandoned_.load(std::memory_order_acquire)) // in this very moment
        try_to_end_abandoned();
}

void session_state::close() noexcept
{
    if ((use_.fetch_or(closed, std::memory_order_acq_rel) & in_use) == 0)
        end_for_good();
}

/// What outlives the session (a savepoint's handle, a call that was never awaited) must not keep its engine: that may
/// not outlive its execution context.
void session_state::end_for_good() noexcept
{
    give_up();
    engine_.reset();
}

void session_state::abandon(savepoint_mark& which) noexcept
{
    which.is_abandoned.store(true, std::memory_order_relaxed);
    has_abandoned_.store(true, std::memory_order_release);
    try_to_end_abandoned();
}

void session_state::try_to_end_abandoned() noexcept
{
    unsigned unused = 0;
    if (use_.compare_exchange_strong(unused, in_use, std::memory_order_acquire))
        leave();
}

void session_state::end_abandoned() noexcept
{
    if (!has_abandoned_.load(std::memory_order_relaxed) || !has_abandoned_.exchange(false, std::memory_order_acq_rel))
        return;
    for (std::size_t i = 1; i < levels_.size(); ++i)
        if (levels_[i].mark->is_abandoned.load(std::memory_order_relaxed))
            rolled_back_to(i);
}

// ---- session_use

bool is_open(const session_state& of) noexcept { return of.is_open(); }

session_use::session_use(std::shared_ptr<session_state> of)
{
    of->enter();
    of_ = std::move(of);
}

session_use& session_use::operator=(session_use&& other) noexcept
{
    if (this != &other) {
        end();
        of_ = std::move(other.of_);
    }
    return *this;
}

void session_use::end() noexcept
{
    if (const std::shared_ptr<session_state> gone = std::exchange(of_, nullptr))
        gone->leave();
}

namespace {

asio::awaitable<void> open_session(std::shared_ptr<session_state> of, std::source_location who)
{
    if (!of->is_open())
        co_await of->engine().open(*of, who);
}

asio::awaitable<transaction*> open_transaction(std::shared_ptr<session_state> of, std::source_location who)
{
    if (!of->is_open())
        co_await of->engine().open(*of, who);
    of->require_sound();
    co_return &of->innermost();
}

} // namespace

asio::awaitable<void> session_use::open(std::source_location who) const { return open_session(of_, who); }

const target& session_use::where() const
{
    of_->require_sound();
    return of_->where();
}

transaction& session_use::innermost() const
{
    of_->require_sound();
    return of_->innermost();
}

void session_use::note(const std::exception_ptr& failed) const noexcept
{
    if (of_)
        of_->note(failure{failed});
}

void session_use::note(const failure& failed) const noexcept
{
    if (of_)
        of_->note(failed);
}

void session_use::fail(const failure& failed) const noexcept
{
    if (of_)
        of_->fail(failed);
}

// ---- session_access

asio::awaitable<tusk::transaction*> session_access::transaction(const session_use& use, std::source_location who)
{
    return open_transaction(use.shared(), who);
}

void session_access::set_observer(const session& of, session_observer* observer) { of.state()->observe(observer); }

sql_text session_access::said(const session& by, std::string_view sql)
{
    const std::string_view comment = by.state()->engine().comment();
    return comment.empty() ? sql_text{sql} : sql_text{sql, comment};
}

} // namespace tusk::detail
