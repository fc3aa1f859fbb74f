// What time brings about, and what the pool tells about itself.
#include "lending/pool_state.hpp"

#include <tusk/pool/error.hpp>

#include <asio/dispatch.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <utility>

namespace tusk {

namespace {

double seconds(std::chrono::steady_clock::duration length) { return std::chrono::duration<double>(length).count(); }

} // namespace

std::string to_string(const lease_report& lease)
{
    return fmt::format("{}:{} ({}), {:.3g} s ago, backend {}", lease.where.file_name(), lease.where.line(),
                       lease.where.function_name(), seconds(lease.age), lease.backend_pid);
}

namespace detail {

namespace {

std::string message_of(const std::exception_ptr& why)
{
    try {
        std::rethrow_exception(why);
    } catch (const std::exception& said) {
        return said.what();
    } catch (...) {
        return "an error of a foreign type";
    }
}

lease_report report_of(const pooling::slot& slot, pooling::time_point now)
{
    lease_report told;
    told.where = slot.who;
    told.age = now - slot.leased;
    told.backend_pid = static_cast<const pool_place&>(slot).backend_pid;
    return told;
}

} // namespace

std::string describe(const pooling::core& core, pooling::time_point now)
{
    const pool_status status = core.status();
    std::string text = to_string(status);
    if (const pooling::slot* oldest = core.oldest_lease())
        fmt::format_to(std::back_inserter(text), "\n  the oldest lease was taken by {}",
                       to_string(report_of(*oldest, now)));
    if (core.last_connect_error())
        fmt::format_to(std::back_inserter(text), "\n  connecting failed: {}", message_of(core.last_connect_error()));
    if (core.last_close_reason() != close_reason::none)
        fmt::format_to(std::back_inserter(text), "\n  the last connection was closed because of: {}",
                       to_string(core.last_close_reason()));
    text += core.last_connect_error()
                ? "\n  make the server reachable, or raise the timeout to outlast its absence"
                : "\n  release connections sooner, or raise size, max_overflow or the timeout of the pool";
    return text;
}

/// The timer's handler. One that is destroyed without having been called tells that the execution context goes away.
class pool_state::alarm
{
public:
    explicit alarm(std::shared_ptr<pool_state> of) noexcept : of_{std::move(of)} {}
    alarm(alarm&&) noexcept = default;
    alarm& operator=(alarm&&) = delete;
    ~alarm()
    {
        if (of_)
            of_->on_discarded();
    }

    /// The timer is to be set.
    void operator()()
    {
        const std::shared_ptr<pool_state> of = std::move(of_);
        pooling::time_point when;
        {
            const std::lock_guard guard{of->mutex_};
            when = of->alarm_set_for_;
        }
        if (when == pooling::never || of->destroyed_) {
            of->timer_.reset();
            return;
        }
        if (!of->timer_)
            of->timer_ = std::make_unique<asio::steady_timer>(of->home_);
        of->timer_->expires_at(when); // ends an earlier wait
        of->timer_->async_wait(alarm{of});
    }

    /// Time is up.
    void operator()(const asio::error_code& cancelled)
    {
        const std::shared_ptr<pool_state> of = std::move(of_);
        if (!cancelled)
            of->on_alarm();
    }

private:
    std::shared_ptr<pool_state> of_;
};

void pool_state::set_alarm()
{
    if (options_.thread_safe)
        asio::dispatch(home_, alarm{shared_from_this()});
    else
        alarm{shared_from_this()}();
}

void pool_state::on_alarm()
{
    std::vector<lease_report> leaks;
    decide([&](pooling::time_point now, pooling::work& todo) {
        alarm_set_for_ = pooling::never;
        std::string text;
        pool_status status;
        if (core_.has_late_waiter(now)) {
            text = describe(core_, now);
            status = core_.status();
        }
        core_.tick(now, todo);
        for (pooling::waiter* each = todo.to_wake; each != nullptr; each = each->next)
            if (each->now == pooling::waiter::state::timed_out)
                each->why = std::make_exception_ptr(
                    pool_timeout{fmt::format("no connection became free within {:.3g} s. The pool: {}",
                                             seconds(now - each->since), text),
                                 status, core_.last_connect_error()});
        core_.report_leaks(now, [&](const pooling::slot& slot) { leaks.push_back(report_of(slot, now)); });
    });
    if (options_.on_leak)
        for (const lease_report& each : leaks)
            options_.on_leak(each);
}

/// Callers in the queue are coroutines that this pool holds, and that may hold the pool: the ring is cut here.
void pool_state::on_discarded() noexcept
{
    try {
        for (;;) {
            acquisition* caller = nullptr;
            {
                const std::lock_guard guard{mutex_};
                caller = static_cast<acquisition*>(core_.first_waiter());
                if (caller == nullptr)
                    return;
                core_.cancel(*caller);
            }
            caller->abandon();
        }
    } catch (...) {
        return; // a lock that cannot be taken
    }
}

pool_status pool_state::status()
{
    const std::lock_guard guard{mutex_};
    return core_.status();
}

pool_counters pool_state::counters()
{
    const std::lock_guard guard{mutex_};
    return core_.counters();
}

std::vector<lease_report> pool_state::leases()
{
    std::vector<lease_report> told;
    const std::lock_guard guard{mutex_};
    const pooling::time_point now = clock::now();
    for (const pooling::slot* each : core_.slots())
        if (each->now == pooling::slot::state::leased)
            told.push_back(report_of(*each, now));
    std::ranges::sort(told, [](const lease_report& a, const lease_report& b) { return a.age > b.age; });
    return told;
}

} // namespace detail

} // namespace tusk
