#pragma once

#include "pool_testing.hpp"

#include <asio/any_io_executor.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::test {

/// Opens so many connections and gives them back.
inline asio::awaitable<std::vector<std::int32_t>> fill(const pool& of, std::size_t count)
{
    std::vector<pooled_connection> all;
    std::vector<std::int32_t> pids;
    while (all.size() < count) {
        all.push_back(co_await of.acquire());
        pids.push_back(all.back()->backend_pid());
    }
    co_return pids;
}

/// Many callers, each with one statement after the other, until they are told to stop; and what became of them.
class load
{
public:
    using clock = std::chrono::steady_clock;

    explicit load(const pool& of, std::string_view sql = "SELECT 1") : pool_{&of}, sql_{sql} {}

    /// For each statement; what takes longer counts as lost on its way. None without it.
    void limit_statements(std::chrono::milliseconds limit) { limit_ = limit; }

    void start(const asio::any_io_executor& executor, int callers)
    {
        for (int i = 0; i < callers; ++i)
            begin(executor, work());
        begin(executor, count_connects());
    }

    /// From here on it is counted.
    void disturb()
    {
        const pool_counters now = pool_->counters();
        disturbed_ = last_success_ = clock::now();
        longest_gap = {};
        connects_before_ = now.connects_started;
        pings_before_ = now.pings;
        acquired_before_ = now.acquired;
        lost_in_flight = not_sent = failed_otherwise = 0;
        most_connects_a_second = 0;
        succeeded_since = 0;
    }

    /// Waits until all is well again, stops, and writes down what it cost.
    asio::awaitable<void> recover(std::string_view what)
    {
        co_await eventually([&] { return clock::now() > disturbed_ + 1s && succeeded_since > 200; }, 60s);
        stopped_ = true;
        co_await eventually([&] { return running_ == 0; }, 30s);
        const pool_counters now = pool_->counters();
        connects = now.connects_started - connects_before_;
        const auto note = [&](const char* name, std::uint64_t value) {
            testing::Test::RecordProperty(std::string{what} + "_" + name, std::to_string(value));
        };
        note("lost_in_flight", lost_in_flight);
        note("not_sent", not_sent);
        note("failed_otherwise", failed_otherwise);
        note("recovery_ms", static_cast<std::uint64_t>(longest_gap / 1ms));
        note("connects", connects);
        note("most_connects_a_second", most_connects_a_second);
        note("pings", now.pings - pings_before_);
        note("acquired", now.acquired - acquired_before_);
    }

    std::size_t succeeded = 0;
    std::size_t succeeded_since = 0;
    std::size_t lost_in_flight = 0; ///< The statement had been sent: nobody can help that.
    /// The server went away after the connection was handed out and before the statement was written. The pool cannot
    /// know then; the error says that it is safe to ask again, which these callers do.
    std::size_t not_sent = 0;
    std::size_t failed_otherwise = 0;
    std::string failure; ///< The last of those.
    std::uint64_t connects = 0;
    std::uint64_t most_connects_a_second = 0;
    clock::duration longest_gap{}; ///< Without any success.

private:
    void begin(const asio::any_io_executor& executor, asio::awaitable<void> what)
    {
        ++running_;
        asio::co_spawn(executor, std::move(what), [this](const std::exception_ptr& failed) {
            EXPECT_FALSE(failed);
            --running_;
        });
    }

    void note_success()
    {
        const auto now = clock::now();
        longest_gap = std::max(longest_gap, now - last_success_);
        last_success_ = now;
        ++succeeded;
        ++succeeded_since;
    }

    asio::awaitable<void> work()
    {
        while (!stopped_) {
            bool acquired = false;
            bool safe = false;
            std::string said;
            try {
                pooled_connection conn = co_await pool_->acquire();
                acquired = true;
                if (limit_ == 0ms)
                    co_await conn->execute(sql_);
                else
                    co_await conn->with_timeout(limit_).execute(sql_);
                note_success();
                continue;
            } catch (const connection_error& lost) {
                said = lost.what();
                safe = lost.safe_to_retry();
            } catch (const std::exception& other) {
                said = other.what();
            }
            if (acquired) {
                ++(safe ? not_sent : lost_in_flight);
            } else {
                ++failed_otherwise;
                failure = said;
            }
            co_await pause(1ms);
        }
    }

    asio::awaitable<void> count_connects()
    {
        std::deque<std::uint64_t> last; // one for each 50 ms of the last second
        while (!stopped_) {
            last.push_back(pool_->counters().connects_started);
            if (last.size() > 20)
                last.pop_front();
            most_connects_a_second = std::max(most_connects_a_second, last.back() - last.front());
            co_await pause(50ms);
        }
    }

    const pool* pool_;
    std::string sql_;
    std::chrono::milliseconds limit_{0};
    clock::time_point disturbed_;
    clock::time_point last_success_;
    std::uint64_t connects_before_ = 0;
    std::uint64_t pings_before_ = 0;
    std::uint64_t acquired_before_ = 0;
    bool stopped_ = false;
    int running_ = 0;
};

} // namespace tusk::test
