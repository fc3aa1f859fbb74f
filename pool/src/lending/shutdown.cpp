// The end of a pool: disposed of, with or without patience, or just destroyed.
#include "lending/home.hpp"
#include "lending/pool_state.hpp"

#include <tusk/driver/error.hpp>

#include <asio/cancellation_state.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <utility>

namespace tusk::detail {

void pool_state::dispose()
{
    decide([&](pooling::time_point now, pooling::work& todo) { core_.shut(now, todo); });
    stop_connecting();
}

void pool_state::destroy() noexcept
{
    try {
        std::vector<std::shared_ptr<pool_place>> busy;
        decide([&](pooling::time_point now, pooling::work& todo) {
            destroyed_ = true;
            for (pooling::slot* each : core_.slots())
                if (each->now == pooling::slot::state::checking || each->now == pooling::slot::state::closing)
                    busy.push_back(static_cast<pool_place*>(each)->itself);
            core_.shut(now, todo);
            // Nobody else has the idle ones: they are closed here and now, whether or not the context still runs.
            for (pooling::slot* each = todo.to_close; each != nullptr; each = each->next)
                static_cast<pool_place*>(each)->conn->close_now();
        });
        stop_connecting();
        for (const std::shared_ptr<pool_place>& each : busy)
            at_home(*each, [each] {
                if (each->conn)
                    each->conn->drop("its pool was destroyed");
            });
        const auto stop_timer = [self = shared_from_this()] { self->timer_.reset(); };
        if (options_.thread_safe)
            asio::dispatch(home_, stop_timer);
        else
            stop_timer();
    } catch (...) {
        // No memory to say goodbye with: what is left closes with the last share of the pool's state.
        return;
    }
}

asio::awaitable<pool_disposal> pool_state::dispose(std::shared_ptr<pool_state> self, pool_options::duration grace)
{
    self->dispose();
    auto executor = co_await asio::this_coro::executor;
    const auto timer = std::make_shared<asio::steady_timer>(executor, grace);
    bool is_empty = false;
    {
        const std::lock_guard guard{self->mutex_};
        is_empty = self->core_.slots().empty();
        if (!is_empty)
            self->drain_timers_.push_back(timer);
    }
    pool_disposal done;
    if (is_empty)
        co_return done;
    asio::error_code ended;
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ended));
    const auto asked = co_await asio::this_coro::cancellation_state;
    if (asked.cancelled() != asio::cancellation_type::none)
        throw operation_aborted{"disposing of the pool was cancelled; it stays closed"};
    done.leases = self->leases();
    done.forced = done.leases.size();
    std::vector<std::shared_ptr<pool_place>> leased;
    {
        const std::lock_guard guard{self->mutex_};
        for (pooling::slot* each : self->core_.slots())
            if (each->now == pooling::slot::state::leased)
                leased.push_back(static_cast<pool_place*>(each)->itself);
    }
    for (const std::shared_ptr<pool_place>& each : leased)
        self->at_home(*each, [each] {
            each->conn->drop("its pool was disposed of, and the time that was left to its user is over");
        });
    co_return done;
}

void pool_state::wake_drained()
{
    std::vector<std::weak_ptr<asio::steady_timer>> waiting;
    {
        const std::lock_guard guard{mutex_};
        waiting.swap(drain_timers_);
    }
    for (const auto& each : waiting)
        if (const auto timer = each.lock())
            asio::post(timer->get_executor(), [timer] { timer->cancel(); });
}

} // namespace tusk::detail
