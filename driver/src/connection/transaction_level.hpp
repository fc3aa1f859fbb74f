#pragma once

#include <tusk/driver/failure.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace tusk::detail {

/// A transaction (depth 1) or a savepoint in it. Belongs to the engine's strand.
struct transaction_level {
    enum class state {
        unsent,      ///< Its BEGIN or SAVEPOINT travels with its first statement.
        sent,        ///< … and is on its way.
        open,        ///< The server confirmed it.
        not_started, ///< The server refused it: nothing may run in it.
        ended_by_sql ///< A statement of its own (COMMIT, ROLLBACK) ended it behind our back.
    };

    std::shared_ptr<transaction_level> outer; ///< Null for the transaction itself.
    unsigned depth = 1;
    std::string start_sql;
    /// A statement without rows that follows the first one: settings for the time of the level. Empty for none.
    std::string settings_sql;
    /// How many of these two have been sent and not been answered.
    unsigned unanswered = 0;
    state now = state::unsent;
    /// When everything in it must be done; the largest value for no such time.
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
    /// Its handle has asked for its end, or is gone.
    bool finished = false;
    /// The first refusal since it started: what a commit that became a rollback reports.
    failure first_error;

    [[nodiscard]] std::string savepoint() const { return "tusk_" + std::to_string(depth); }

    /// A statement may run in it, or has run.
    [[nodiscard]] bool usable() const noexcept { return now != state::not_started && now != state::ended_by_sql; }
};

} // namespace tusk::detail
