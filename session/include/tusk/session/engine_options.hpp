#pragma once

#include <tusk/driver/transaction_options.hpp>
#include <tusk/pool/options.hpp>
#include <tusk/session/statement_event.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk {

/// How an engine behaves. For `tusk::engine engine{executor, url, {.pool_size = 5}}`; the first six have SQLAlchemy's
/// names and defaults. A duration of zero means "off".
struct engine_options {
    using duration = std::chrono::steady_clock::duration;

    std::size_t pool_size = 5;                        ///< Connections that are kept.
    int max_overflow = 10;                            ///< Connections beyond, under pressure; -1: unlimited.
    duration pool_timeout = std::chrono::seconds{30}; ///< How long a session waits for a connection; 0: for ever.
    duration pool_recycle{};    ///< A connection older than this is replaced when it would be used.
    bool pool_pre_ping = false; ///< Ask an idle connection whether it lives before it is used.
    bool echo = false;          ///< Every statement is shown when it has ended, with its time.

    /// Takes the lines of `echo`; by default they go to standard error. Called on the connections' threads.
    std::function<void(std::string_view line)> echo_sink = {};
    bool hide_parameters = true; ///< `echo` shows how many parameters there are, not their values.
    /// Is told of every statement when it has ended, on its connection's thread: return soon, and do not throw.
    std::function<void(const statement_event&)> on_statement = {};
    /// Pairs of key and value that every statement of a session carries as a comment, for the server's logs and
    /// statistics: `/*application='shop',route='%2Fcart'*/`. Not for what changes with each request: a statement is
    /// prepared and cached by its text.
    /// @see sqlcommenter
    std::vector<std::pair<std::string, std::string>> sqlcommenter = {};

    /// For transactions whose session says nothing else.
    tusk::isolation isolation = tusk::isolation::server_default;

    // Of the server, for everything that the engine's connections do. In milliseconds; what is shorter counts as one.
    duration statement_timeout{};                   ///< A statement that takes longer is cancelled.
    duration lock_timeout{};                        ///< ... one that waits longer for a lock.
    duration idle_in_transaction_session_timeout{}; ///< A session that does nothing for so long inside a transaction
                                                    ///< is ended by the server.

    /// Everything else about the pool. What has a name above is taken from there.
    pool_options pool{};
};

} // namespace tusk
