#pragma once

#include "core/core.hpp"
#include "lending/acquisition.hpp"
#include "lending/place.hpp"

#include <tusk/driver/connect_options.hpp>
#include <tusk/pool/lease_report.hpp>
#include <tusk/pool/options.hpp>
#include <tusk/pool/pool.hpp>
#include <tusk/pool/pooled_connection.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

namespace tusk::detail {

/// A lock that a pool on one thread leaves out.
class optional_mutex
{
public:
    explicit optional_mutex(bool needed) noexcept : needed_{needed} {}
    void lock()
    {
        if (needed_)
            mutex_.lock();
    }
    void unlock()
    {
        if (needed_)
            mutex_.unlock();
    }

private:
    std::mutex mutex_;
    bool needed_;
};

/// The pool itself: carries out with real connections what the core decides. Shared by the pool object, its leases and
/// what it has going on, so that they may end in any order.
///
/// The core is asked under the lock; what it wants done is done after it, each thing on its connection's executor.
class pool_state final : public std::enable_shared_from_this<pool_state>
{
public:
    pool_state(const asio::any_io_executor& executor, connect_options where, pool_options options);

    pool_state(const pool_state&) = delete;
    pool_state& operator=(const pool_state&) = delete;
    ~pool_state();

    /// Opens what `min_idle` wants.
    void start();

    // ---- Lending (acquire.cpp, give_back.cpp).

    static asio::awaitable<pooled_connection> acquire(std::shared_ptr<pool_state> self, pool_options::duration timeout,
                                                      std::source_location who);
    [[nodiscard]] std::optional<pooled_connection> try_acquire(const std::source_location& who);
    /// @param unwanted  It is to be closed.
    void give_back(pool_place& place, bool unwanted) noexcept;
    static target target_of(const pooled_connection& lease);

    /// For callers in the queue.
    void enqueue(acquisition& caller);
    /// @returns Whether it was still in the queue.
    bool dequeue(acquisition& caller);

    // ---- The whole (shutdown.cpp, report.cpp).

    void dispose();
    /// The pool object is gone.
    void destroy() noexcept;
    static asio::awaitable<pool_disposal> dispose(std::shared_ptr<pool_state> self, pool_options::duration grace);
    void resize(std::size_t size, int max_overflow);
    void invalidate();

    [[nodiscard]] pool_status status();
    [[nodiscard]] pool_counters counters();
    [[nodiscard]] std::vector<lease_report> leases();
    [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }
    [[nodiscard]] const pool_options& options() const noexcept { return options_; }

private:
    class alarm;

    /// Asks the core, under the lock, and does what it wants done.
    template <class Function>
    void decide(Function&& function)
    {
        errands todo;
        {
            const std::lock_guard guard{mutex_};
            const pooling::time_point now = clock::now();
            function(now, todo.core);
            plan(now, todo);
        }
        run(todo);
    }

    using clock = std::chrono::steady_clock;
    struct errands {
        pooling::work core;
        pooling::slot* to_open = nullptr;
        bool set_alarm = false;
        bool drained = false;
    };

    [[nodiscard]] bool is_shut();
    void plan(pooling::time_point now, errands& todo);
    void run(errands& todo);
    void run_slowly(errands& todo);
    /// On the connection's executor: at once where that is where we are.
    template <class Function>
    void at_home(const pool_place& place, Function&& function);
    /// On the connection's executor, and not from inside the engine's own handler: another thread may have the
    /// connection before that handler is at its end.
    template <class Function>
    static void behind_engine(const pool_state& of, const pool_place& place, Function&& function);

    pool_place* take_idle(const std::source_location& who);
    bool confirm(pool_place& place, pooling::time_point now);
    static pooled_connection hand_out(std::shared_ptr<pool_state> self, pool_place& place);

    void take_back(pool_place& place, bool unwanted);
    void start_reset(pool_place& place);
    void reset_done(pool_place& place, bool succeeded);
    void set_up_again(pool_place& place);
    void start_verify(pool_place& place);
    void ping_done(pool_place& place, bool succeeded);
    void found_dead(pool_place& place);
    void report_death(pool_place& place, close_reason otherwise);

    void start_open(pool_place& place);
    static asio::awaitable<void> connect(std::shared_ptr<pool_state> self, pool_place& place);
    void connected(pool_place& place, std::exception_ptr failed);
    void stop_connecting();

    void start_close(pool_place& place);
    void closed(pool_place& place);

    void set_alarm();
    void on_alarm();
    void on_discarded() noexcept;
    void wake_drained();

    asio::any_io_executor executor_;
    asio::any_io_executor home_; ///< Where the timer lives.
    connect_options where_;
    pool_options options_;
    std::shared_ptr<shared_knowledge> knowledge_;

    optional_mutex mutex_; ///< Guards what follows, up to the timer.
    pooling::core core_;
    pooling::time_point alarm_set_for_ = pooling::never;
    std::vector<std::weak_ptr<asio::steady_timer>> drain_timers_;
    std::atomic<bool> destroyed_{false};

    std::unique_ptr<asio::steady_timer> timer_; ///< Belongs to `home_`.
};

/// What a timeout error tells about the pool; the lock is held.
[[nodiscard]] std::string describe(const pooling::core& core, pooling::time_point now);

} // namespace tusk::detail
