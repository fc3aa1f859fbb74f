#include "connection/engine.hpp"
#include "connection/transaction.hpp"

#include <tusk/driver/connection.hpp>
#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/shared_connection.hpp>
#include <tusk/driver/transaction.hpp>

#include <chrono>
#include <utility>

namespace tusk {

namespace {

void require(const detail::target& at, const char* what)
{
    if (!at.connection)
        throw usage_error{what};
}

void drop_connection(detail::target& at) noexcept
{
    if (at.connection)
        std::exchange(at.connection, nullptr)->drop_handle();
}

} // namespace

detail::target detail::timed_target(const target& of, std::chrono::steady_clock::duration timeout)
{
    if (timeout <= std::chrono::steady_clock::duration::zero())
        throw usage_error{"a timeout must be longer than nothing"};
    target made = of;
    made.timeout = timeout;
    return made;
}

// ---- connection

connection& connection::operator=(connection&& other) noexcept
{
    if (this != &other) {
        drop_connection(at_);
        at_ = std::move(other.at_);
    }
    return *this;
}

connection::~connection() { drop_connection(at_); }

[[gnu::hot]] const detail::target& connection::target() const
{
    require(at_, "this connection object was moved from");
    return at_;
}

shared_connection connection::share() { return shared_connection{target()}; }

bool connection::is_open() const noexcept { return at_.connection && at_.connection->is_open(); }

std::string connection::parameter(std::string_view name) const { return target().connection->parameter(name); }

std::int32_t connection::backend_pid() const { return target().connection->backend_pid(); }

char connection::transaction_status() const { return target().connection->status(); }

asio::any_io_executor connection::get_executor() const { return target().connection->executor(); }

// ---- shared_connection

shared_connection::shared_connection(detail::target at) : at_{std::move(at)} { at_.connection->add_share(at_.lease); }

shared_connection::shared_connection(const shared_connection& other) : shared_connection{other.target()} {}

shared_connection& shared_connection::operator=(shared_connection other) noexcept
{
    std::swap(at_, other.at_);
    return *this;
}

shared_connection::~shared_connection()
{
    if (at_.connection)
        std::exchange(at_.connection, nullptr)->drop_share();
}

const detail::target& shared_connection::target() const
{
    require(at_, "this shared_connection object was moved from");
    return at_;
}

// ---- transaction

transaction& transaction::operator=(transaction&& other) noexcept
{
    if (this != &other) {
        transaction gone{std::move(at_)};
        at_ = std::move(other.at_);
    }
    return *this;
}

transaction::~transaction()
{
    if (at_.connection)
        std::exchange(at_.connection, nullptr)->drop_level(std::exchange(at_.level, nullptr));
}

const detail::target& transaction::target() const
{
    require(at_, "this transaction object was moved from");
    return at_;
}

asio::awaitable<void> transaction::commit() { return detail::await_nothing(detail::make_commit(target())); }

asio::awaitable<void> transaction::rollback() { return detail::await_nothing(detail::make_rollback(target())); }

asio::awaitable<transaction> transaction::begin()
{
    return detail::await_value<transaction, detail::take_transaction>(detail::make_savepoint(target()));
}

} // namespace tusk
