#include <tusk/driver/listener.hpp>

#include <tusk/driver/connect.hpp>
#include <tusk/driver/connection.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/identifier.hpp>
#include <tusk/driver/server_error.hpp>
#include <tusk/driver/sqlstate.hpp>

#include <asio/cancellation_type.hpp>
#include <asio/error_code.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <random>
#include <set>
#include <utility>

namespace tusk {

namespace detail {

namespace {

using clock = std::chrono::steady_clock;

void check_channel(std::string_view name) { static_cast<void>(identifier{name}); }

/// A server that starts, stops or is full is another one in a moment.
bool passes_by_waiting(const server_error& said)
{
    const std::string_view state = said.sqlstate();
    return state == sqlstate::cannot_connect_now || state == sqlstate::admin_shutdown ||
           state == sqlstate::crash_shutdown || state.starts_with("53");
}

} // namespace

/// Shared by the listener and the coroutines that work for it.
struct listener_state {
    connect_options where;
    std::set<std::string> wanted;
    listener_options how;

    std::optional<connection> conn;
    std::set<std::string> heard; ///< What the connection listens to.
    std::optional<notifications_lost> lost;
    unsigned failures = 0; ///< In a row.
    clock::time_point since;
    asio::steady_timer* pause = nullptr; ///< Somebody waits before the next attempt.
    bool is_awaited = false;
    bool closed = false;
    std::minstd_rand dice{std::random_device{}()};

    void check_open() const
    {
        if (closed)
            throw usage_error{"the listener was closed: make a new one"};
    }

    [[nodiscard]] bool is_listening() const noexcept { return conn && conn->is_open() && heard == wanted; }

    void close() noexcept
    {
        closed = true;
        conn.reset();
        if (pause != nullptr)
            pause->cancel();
    }

    /// The connection is gone, or no use any more.
    void disconnect(const std::string& reason, std::exception_ptr cause)
    {
        // Connected for long, so that was not the beginning of a row of failures; connected again at once.
        failures = clock::now() - since > how.longest_backoff ? 0 : failures + 1;
        conn.reset();
        heard.clear();
        if (!lost) // the first reason is the one that counts
            lost = notifications_lost{"notifications may have been lost: " + reason, std::move(cause)};
    }

    /// What has to be said to the server, so that it notifies of what is wanted and of nothing else.
    [[nodiscard]] std::string differences() const
    {
        std::string sql;
        for (const std::string& each : wanted)
            if (!heard.contains(each))
                sql += fmt::format("LISTEN {};", identifier{each}.sql());
        for (const std::string& each : heard)
            if (!wanted.contains(each))
                sql += fmt::format("UNLISTEN {};", identifier{each}.sql());
        return sql;
    }

    [[nodiscard]] clock::duration next_pause()
    {
        if (failures == 0)
            return {};
        const unsigned doublings = std::min(failures - 1, 20U);
        const auto most = std::min<clock::duration>(how.first_backoff * (1U << doublings), how.longest_backoff);
        return most - most / 2 * (dice() % 1000) / 1000;
    }
};

namespace {

/// One attempt, without regard to what failed before.
asio::awaitable<void> connect_and_listen(std::shared_ptr<listener_state> self)
{
    if (!self->conn || !self->conn->is_open()) {
        self->heard.clear();
        connection made = co_await connect(self->where);
        self->check_open();
        self->conn.emplace(std::move(made));
        self->since = clock::now();
    }
    while (self->heard != self->wanted) { // which may change meanwhile
        const std::set<std::string> listening = self->wanted;
        const std::string sql = self->differences();
        co_await self->conn->execute_script(sql);
        self->check_open();
        self->heard = listening;
    }
}

asio::awaitable<void> wait_before_next_attempt(std::shared_ptr<listener_state> self)
{
    const clock::duration length = self->next_pause();
    if (length == clock::duration::zero())
        co_return;
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor, length};
    struct registration {
        explicit registration(listener_state& at, asio::steady_timer& of) noexcept : to{&at} { to->pause = &of; }
        registration(const registration&) = delete;
        registration& operator=(const registration&) = delete;
        ~registration() { to->pause = nullptr; }
        listener_state* to;
    };
    const registration registered{*self, timer};
    asio::error_code cancelled;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    self->check_open();
    if (cancelled)
        throw operation_aborted{"the wait of the listener was cancelled; it can be asked again"};
}

/// Nothing was heard for a while: asks the server whether it is still there.
asio::awaitable<void> check_connection(std::shared_ptr<listener_state> self)
{
    std::exception_ptr failed;
    std::string reason;
    try {
        co_await self->conn->with_timeout(self->how.check_timeout).execute("SELECT 1");
    } catch (const operation_aborted&) {
        throw;
    } catch (const tusk::error& said) {
        reason = said.what();
        failed = std::current_exception();
    }
    self->check_open();
    if (failed)
        self->disconnect(reason, failed);
}

/// One wait: an event, or nothing where the connection has to be looked at.
asio::awaitable<std::optional<listener_event>> hear(std::shared_ptr<listener_state> self)
{
    bool silent = false;
    std::optional<listener_event> event;
    try {
        if (self->how.check_every == std::chrono::milliseconds::zero())
            event.emplace(co_await self->conn->next_notification());
        else
            event.emplace(co_await self->conn->with_timeout(self->how.check_every).next_notification());
    } catch (const timeout_error&) {
        silent = true;
    } catch (const notification_overflow& said) {
        event.emplace(notifications_lost{said.what(), std::current_exception()});
    } catch (const connection_error& said) {
        self->check_open();
        self->disconnect(said.what(), std::current_exception());
    }
    if (silent)
        co_await check_connection(self);
    co_return event;
}

/// Tries until it listens.
asio::awaitable<void> keep_connecting(std::shared_ptr<listener_state> self)
{
    while (!self->is_listening()) {
        if (self->conn && !self->conn->is_open())
            co_await hear(self); // it is told at once why the connection is closed
        if (!self->conn)
            co_await wait_before_next_attempt(self);
        const bool was_connected = self->conn.has_value();
        std::exception_ptr failed;
        std::string reason;
        try {
            co_await connect_and_listen(self);
        } catch (const connection_error& said) {
            reason = said.what();
            failed = std::current_exception();
        } catch (const timeout_error& said) {
            reason = said.what();
            failed = std::current_exception();
        } catch (const server_error& said) {
            if (!passes_by_waiting(said)) {
                ++self->failures;
                throw;
            }
            reason = said.what();
            failed = std::current_exception();
        }
        self->check_open();
        if (!failed)
            continue;
        if (was_connected || self->conn)
            self->disconnect(reason, failed);
        else
            ++self->failures; // there was nothing to lose
    }
}

asio::awaitable<listener_event> next_event(std::shared_ptr<listener_state> self)
{
    self->check_open();
    if (self->is_awaited)
        throw usage_error{"somebody waits for the next event of this listener already: one at a time"};
    struct turn {
        explicit turn(listener_state& at) noexcept : of{&at} { of->is_awaited = true; }
        turn(const turn&) = delete;
        turn& operator=(const turn&) = delete;
        ~turn() { of->is_awaited = false; }
        listener_state* of;
    };
    const turn mine{*self};
    for (;;) {
        co_await keep_connecting(self);
        if (self->lost) {
            listener_event event{std::move(*self->lost)};
            self->lost.reset();
            co_return event;
        }
        std::optional<listener_event> event = co_await hear(self);
        if (event)
            co_return std::move(*event);
    }
}

asio::awaitable<void> start_now(std::shared_ptr<listener_state> self)
{
    self->check_open();
    if (!self->is_listening())
        co_await connect_and_listen(self);
}

asio::awaitable<void> change_channels(std::shared_ptr<listener_state> self, std::string channel, bool add)
{
    self->check_open();
    if (add)
        self->wanted.insert(channel);
    else
        self->wanted.erase(channel);
    if (!self->conn || !self->conn->is_open())
        co_return; // told when it is connected
    try {
        if (add)
            co_await self->conn->listen(channel);
        else
            co_await self->conn->unlisten(channel);
    } catch (const connection_error&) {
        co_return; // whoever awaits `next` finds out, and it is told to the next connection
    }
    if (!self->conn)
        co_return;
    if (add)
        self->heard.insert(channel);
    else
        self->heard.erase(channel);
}

asio::awaitable<void> close_now(std::shared_ptr<listener_state> self)
{
    std::optional<connection> leaving = std::exchange(self->conn, std::nullopt);
    self->close();
    if (leaving)
        co_await leaving->close();
}

} // namespace

} // namespace detail

listener::listener(connect_options where, std::vector<std::string> channels)
    : listener{std::move(where), std::move(channels), listener_options{}}
{
}

listener::listener(connect_options where, std::vector<std::string> channels, const listener_options& how)
    : state_{std::make_shared<detail::listener_state>()}
{
    where.validate();
    if (where.pooling_proxy != pooling_proxy::none)
        throw usage_error{"a listener needs a session of its own, and the proxy (pooling_proxy = transaction) gives it "
                          "to others after every transaction: name the server itself"};
    for (const std::string& each : channels)
        detail::check_channel(each);
    if (how.first_backoff <= std::chrono::milliseconds::zero() || how.longest_backoff < how.first_backoff)
        throw usage_error{"first_backoff must be longer than nothing, and longest_backoff no shorter than that"};
    if (how.check_every < std::chrono::milliseconds::zero() || how.check_timeout <= std::chrono::milliseconds::zero())
        throw usage_error{"check_every must not be negative, and check_timeout longer than nothing"};
    state_->where = std::move(where);
    state_->wanted = {channels.begin(), channels.end()};
    state_->how = how;
}

listener& listener::operator=(listener&& other) noexcept
{
    if (this != &other) {
        if (state_)
            state_->close();
        state_ = std::move(other.state_);
    }
    return *this;
}

listener::~listener()
{
    if (state_)
        state_->close();
}

const std::shared_ptr<detail::listener_state>& listener::state() const
{
    if (!state_)
        throw usage_error{"this listener object was moved from"};
    return state_;
}

asio::awaitable<void> listener::start() { return detail::start_now(state()); }

asio::awaitable<listener_event> listener::next() { return detail::next_event(state()); }

asio::awaitable<void> listener::listen(std::string_view channel)
{
    detail::check_channel(channel);
    return detail::change_channels(state(), std::string{channel}, true);
}

asio::awaitable<void> listener::unlisten(std::string_view channel)
{
    detail::check_channel(channel);
    return detail::change_channels(state(), std::string{channel}, false);
}

bool listener::is_listening() const noexcept { return state_ && state_->is_listening(); }

asio::awaitable<void> listener::close() { return detail::close_now(state()); }

} // namespace tusk
