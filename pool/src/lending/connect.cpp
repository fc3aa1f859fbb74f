// Connecting and closing: the pool's own tasks, each with a time limit.
#include "lending/home.hpp"
#include "lending/pool_state.hpp"

#include <tusk/driver/connect.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/server_error.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/co_spawn.hpp>

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace tusk::detail {

namespace {

/// Trying again will not help: the password is wrong, the database does not exist, the options contradict each other.
bool is_for_good(const std::exception_ptr& failed)
{
    try {
        std::rethrow_exception(failed);
    } catch (const server_error& said) {
        return said.sqlstate().starts_with("28") || said.sqlstate() == "3D000";
    } catch (const authentication_error&) {
        return true;
    } catch (const usage_error&) {
        return true;
    } catch (...) {
        return false;
    }
}

} // namespace

void pool_state::start_open(pool_place& place)
{
    at_home(place, [self = shared_from_this(), &place] {
        if (self->is_shut()) {
            // Whoever shut it may have asked this one to stop before it could hear.
            self->connected(place, std::make_exception_ptr(operation_aborted{"the pool was closed"}));
            return;
        }
        place.limit.emplace(place.executor, self->options_.connect_timeout,
                            [stop = place.stop_connecting] { stop->emit(asio::cancellation_type::terminal); });
        auto done = [self, &place, stop = place.stop_connecting](const std::exception_ptr& failed) {
            behind_engine(*self, place, [self, &place, stop, failed] { self->connected(place, failed); });
        };
        asio::co_spawn(place.executor, connect(self, place),
                       asio::bind_cancellation_slot(place.stop_connecting->slot(), std::move(done)));
    });
}

asio::awaitable<void> pool_state::connect(std::shared_ptr<pool_state> self, pool_place& place)
{
    connect_options where = self->where_;
    if (self->options_.password)
        where.password = co_await self->options_.password();
    connection made = co_await tusk::connect(std::move(where));
    if (self->options_.on_connect)
        co_await self->options_.on_connect(made);
    place.backend_pid = made.backend_pid();
    place.conn.emplace(std::move(made));
    place.conn->share(*self->knowledge_);
    place.conn->accept_session();
}

void pool_state::connected(pool_place& place, std::exception_ptr failed)
{
    const bool too_late = place.limit && place.limit->passed();
    place.limit.reset();
    if (failed && too_late)
        failed = std::make_exception_ptr(
            timeout_error{fmt::format("no connection could be made within {} s (connect_timeout of the pool)",
                                      std::chrono::duration<double>(options_.connect_timeout).count())});
    const bool for_good = failed && is_for_good(failed);
    decide([&](pooling::time_point now, pooling::work& todo) {
        if (failed)
            core_.open_failed(place, failed, for_good, now, todo);
        else
            core_.opened(place, now, todo);
    });
}

/// The lock is not held.
void pool_state::stop_connecting()
{
    std::vector<std::shared_ptr<pool_place>> opening;
    {
        const std::lock_guard guard{mutex_};
        for (pooling::slot* each : core_.slots())
            if (each->now == pooling::slot::state::opening)
                opening.push_back(static_cast<pool_place*>(each)->itself);
    }
    for (const std::shared_ptr<pool_place>& each : opening)
        at_home(*each, [stop = each->stop_connecting] { stop->emit(asio::cancellation_type::terminal); });
}

void pool_state::start_close(pool_place& place)
{
    if (!place.conn) {
        closed(place);
        return;
    }
    if (destroyed_) {
        at_home(place, [self = shared_from_this(), &place] {
            place.conn->close_now();
            self->closed(place);
        });
        return;
    }
    at_home(place, [self = shared_from_this(), &place] {
        place.limit.emplace(place.executor, self->options_.close_timeout,
                            [&place] { place.conn->drop("the server did not hang up in time"); });
        place.conn->close([self, &place](bool) { self->closed(place); });
    });
}

void pool_state::closed(pool_place& place)
{
    place.limit.reset();
    const close_reason why = place.reason;
    const std::shared_ptr<pool_place> last = std::move(place.itself);
    decide([&](pooling::time_point now, pooling::work&) { core_.closed(place, now); });
    if (options_.on_close)
        options_.on_close(why);
}

} // namespace tusk::detail
