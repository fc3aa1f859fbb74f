#include "lending/pool_state.hpp"

#include <tusk/driver/error.hpp>

#include <asio/strand.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

namespace tusk::detail {

namespace {

/// How long a timer that nobody needs any more may keep the execution context busy.
constexpr std::chrono::milliseconds shortest_alarm{50};

std::size_t cap_of(std::size_t size, int max_overflow)
{
    if (size == 0)
        throw usage_error{"a pool of size 0 keeps no connection: set size to 1 or more (max_overflow = -1 makes a pool "
                          "without a limit)"};
    if (max_overflow < -1)
        throw usage_error{"max_overflow is the number of connections beyond size; -1 stands for no limit"};
    return max_overflow == -1 ? pooling::limits::unlimited : size + static_cast<std::size_t>(max_overflow);
}

void check(const pool_options& options)
{
    using duration = pool_options::duration;
    const duration all[] = {options.timeout,        options.recycle,       options.max_lifetime,
                            options.idle_timeout,   options.backoff_first, options.backoff_most,
                            options.ping_timeout,   options.reset_timeout, options.ping_threshold,
                            options.leak_threshold, options.close_timeout, options.connect_timeout};
    if (std::ranges::any_of(all, [](duration each) { return each < duration::zero(); }))
        throw usage_error{"a duration in the options of a pool is negative; 0 turns it off"};
    if (options.lifetime_jitter < 0 || options.lifetime_jitter > 1)
        throw usage_error{"lifetime_jitter is a part of max_lifetime, from 0 to 1"};
    if (options.connect_concurrency == 0)
        throw usage_error{"with a connect_concurrency of 0 no connection would ever be made; set it to 1 or more"};
}

pooling::limits limits_of(const pool_options& options)
{
    check(options);
    pooling::limits bounds;
    bounds.size = options.size;
    bounds.cap = cap_of(options.size, options.max_overflow);
    bounds.min_idle = std::min(options.min_idle, options.size);
    if (options.max_waiters != 0)
        bounds.max_waiters = options.max_waiters;
    bounds.connect_concurrency = options.connect_concurrency;
    bounds.lifo = options.order == pool_order::lifo;
    bounds.fail_fast = options.fail_fast;
    bounds.pre_ping = options.pre_ping;
    bounds.recycle = options.recycle;
    bounds.max_lifetime = options.max_lifetime;
    bounds.lifetime_jitter = options.lifetime_jitter;
    bounds.idle_timeout = options.idle_timeout;
    bounds.ping_threshold = options.ping_threshold;
    bounds.leak_threshold = options.leak_threshold;
    bounds.backoff_first = options.backoff_first;
    bounds.backoff_most = options.backoff_most;
    return bounds;
}

} // namespace

pool_state::pool_state(const asio::any_io_executor& executor, connect_options where, pool_options options)
    : executor_{executor},
      home_{options.thread_safe ? asio::any_io_executor{asio::make_strand(executor)} : executor},
      where_{std::move(where)},
      options_{std::move(options)},
      knowledge_{make_shared_knowledge()},
      mutex_{options_.thread_safe},
      core_{limits_of(options_), std::random_device{}()}
{
    where_.validate();
}

pool_state::~pool_state()
{
    // What was going on went with its execution context.
    std::vector<std::shared_ptr<pool_place>> left;
    for (pooling::slot* each : core_.slots())
        left.push_back(std::move(static_cast<pool_place*>(each)->itself));
}

void pool_state::start()
{
    decide([](pooling::time_point, pooling::work&) {});
}

void pool_state::plan(pooling::time_point now, errands& todo)
{
    while (core_.wants_connection(now)) {
        auto fresh = std::make_shared<pool_place>();
        fresh->executor = options_.thread_safe ? asio::any_io_executor{asio::make_strand(executor_)} : executor_;
        fresh->stop_connecting = std::make_shared<asio::cancellation_signal>();
        core_.begin_open(*fresh, now);
        fresh->next = todo.to_open;
        todo.to_open = fresh.get();
        fresh->itself = std::move(fresh);
    }
    pooling::time_point due = core_.next_due(now);
    // While callers wait the timer is set, for a short time only, again and again: it costs them nothing, it lets go of
    // the context soon after the last of them, and it notices when the context goes away with them.
    if (core_.has_waiters())
        due = std::min(due, now + shortest_alarm);
    const bool is_moot =
        due == pooling::never && alarm_set_for_ != pooling::never && alarm_set_for_ - now > shortest_alarm;
    if (due < alarm_set_for_ || is_moot) {
        alarm_set_for_ = due;
        todo.set_alarm = true;
    }
    todo.drained = core_.slots().empty() && !drain_timers_.empty();
}

bool pool_state::is_shut()
{
    const std::lock_guard guard{mutex_};
    return core_.is_shut();
}

void pool_state::run(errands& todo)
{
    if (todo.core.empty() && todo.to_open == nullptr && !todo.set_alarm && !todo.drained)
        return;
    run_slowly(todo);
}

void pool_state::run_slowly(errands& todo)
{
    while (pooling::waiter* each = todo.core.to_wake) {
        todo.core.to_wake = each->next;
        static_cast<acquisition*>(each)->complete();
    }
    while (pooling::slot* each = todo.core.to_verify) {
        todo.core.to_verify = each->next;
        start_verify(static_cast<pool_place&>(*each));
    }
    while (pooling::slot* each = todo.core.to_close) {
        todo.core.to_close = each->next;
        start_close(static_cast<pool_place&>(*each));
    }
    while (pooling::slot* each = todo.to_open) {
        todo.to_open = each->next;
        start_open(static_cast<pool_place&>(*each));
    }
    if (todo.set_alarm)
        set_alarm();
    if (todo.drained)
        wake_drained();
}

void pool_state::resize(std::size_t size, int max_overflow)
{
    const std::size_t cap = cap_of(size, max_overflow);
    decide([&](pooling::time_point now, pooling::work& todo) { core_.resize(size, cap, now, todo); });
}

void pool_state::invalidate()
{
    decide([&](pooling::time_point now, pooling::work& todo) { core_.invalidate(now, todo); });
}

} // namespace tusk::detail
