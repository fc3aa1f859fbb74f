#pragma once

#include <tusk/driver/connection.hpp>
#include <tusk/pool/close_reason.hpp>
#include <tusk/pool/lease_report.hpp>

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace tusk {

/// Which idle connection is handed out.
enum class pool_order {
    lifo, ///< The one that was used last: few stay warm, the others age and go.
    fifo, ///< The one that was used longest ago: the work is spread.
};

/// What is put back before somebody else gets a connection. A transaction that was left open is rolled back in every
/// case, and the connection is handed out only when the server has said that it is gone.
enum class pool_reset {
    /// The session is reset where command tags show that it was changed: SET, RESET, LISTEN, LOAD, DO, CALL, temporary
    /// objects, `execute_script`. What a function does inside a SELECT does not show: `set_config('x', 'y', false)` of
    /// a setting that the server does not report, `pg_advisory_lock()`. Use `always` where such things are done.
    automatic,
    rollback, ///< Nothing but the transaction.
    always,   ///< Settings, role, LISTEN, advisory locks, cursors, temporary tables, sequences; no prepared statements.
    discard_all, ///< DISCARD ALL: also every prepared statement.
    none,        ///< Nothing is sent; a connection that is left in a transaction is closed.
};

/// How a pool behaves. For `tusk::pool pool{executor, url, {.size = 5}}`; names and defaults are SQLAlchemy's where it
/// has them. A duration of zero means "off".
struct pool_options { // NOLINT(clang-analyzer-optin.performance.Padding): the order is for those who write it
    using duration = std::chrono::steady_clock::duration;

    std::size_t size = 5;  ///< Connections that are kept.
    int max_overflow = 10; ///< Connections beyond, under pressure; they are closed when they are not needed.
                           ///< -1: unlimited.
    duration timeout = std::chrono::seconds{30}; ///< How long `acquire` waits; 0: for ever.
    duration recycle{};    ///< A connection older than this is replaced when it would be handed out.
    bool pre_ping = false; ///< Ask an idle connection whether it lives before it is handed out: one round trip, or
                           ///< none where it was used within `ping_threshold`. One whose end has already arrived is
                           ///< never handed out, ping or no ping.

    std::size_t min_idle = 0; ///< Connections kept ready beyond those in use, up to the cap. Keeps the execution
                              ///< context busy while one of them is missing.
    duration max_lifetime = std::chrono::minutes{30}; ///< A connection older than this goes when it is returned or
                                                      ///< would be handed out.
    double lifetime_jitter = 0.25; ///< Each lifetime is shortened by a random part, up to this one: what was opened
                                   ///< together does not go together. 0 to 1.
    duration idle_timeout{};     ///< An idle connection goes after this time. The pool then keeps its execution context
                                 ///< busy while it has more than `min_idle` idle ones.
    std::size_t max_waiters = 0; ///< Callers beyond so many are refused at once; 0: unlimited.
    pool_order order = pool_order::lifo;

    std::size_t connect_concurrency = 4;                     ///< Connections being made at a time.
    duration connect_timeout = std::chrono::seconds{30};     ///< For one attempt, over all addresses.
    duration backoff_first = std::chrono::milliseconds{100}; ///< After a failed attempt the next one waits for a random
                                                             ///< time up to this; the bound doubles ...
    duration backoff_most = std::chrono::seconds{10};        ///< ... up to here.
    bool fail_fast = false; ///< While the server cannot be reached and no connection lives, callers are told so after
                            ///< one failed attempt. Without it they wait for `timeout`. (A refusal that will not go
                            ///< away, like a wrong password, is always told at once.)

    duration ping_threshold = std::chrono::seconds{1}; ///< What was used within this time is not pinged.
    duration ping_timeout = std::chrono::seconds{1};   ///< For the answer to a ping.

    pool_reset reset = pool_reset::automatic;
    duration reset_timeout = std::chrono::seconds{1}; ///< For what its last user left running, the rollback and the
                                                      ///< reset. Past it the connection is dropped.
    duration close_timeout = std::chrono::seconds{5}; ///< For the server to hang up after a goodbye. A connection
                                                      ///< counts against the cap as long.

    duration leak_threshold{}; ///< A lease that lasts longer is reported to `on_leak`, once.

    /// Each connection has a strand of its own, and the pool a lock: both may be used from any thread. Without it,
    /// everything runs on the pool's executor, which must be a strand or a context that one thread runs.
    bool thread_safe = true;

    /// Asked for the password before each attempt to connect, for passwords that expire.
    std::function<asio::awaitable<std::string>()> password = {};
    /// Runs on each new connection before anybody gets it, and again after its session was reset. What it throws counts
    /// as a failed attempt.
    std::function<asio::awaitable<void>(connection&)> on_connect = {};
    /// Runs before a connection is handed out, on the caller's thread. What it throws reaches the caller.
    std::function<void(connection&)> on_acquire = {};
    /// Runs when a connection comes back, on its executor. A connection for which it throws is closed.
    std::function<void(connection&)> on_release = {};
    /// Runs when a connection is closed. It must not throw.
    std::function<void(close_reason)> on_close = {};
    /// Runs when a lease has lasted for `leak_threshold`. It must not throw.
    std::function<void(const lease_report&)> on_leak = {};
};

} // namespace tusk
