// 200 coroutines, 10 connections, random work, random cancellations, random deaths: nothing leaks and nobody starves.
//
// Short by default; TUSK_SOAK_SECONDS makes it long.

#include "pool_testing.hpp"

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

namespace {

using namespace tusk::test;
using std::chrono::steady_clock;

std::size_t open_descriptors()
{
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, std::filesystem::directory_iterator{}));
}

std::size_t resident_kilobytes()
{
    std::ifstream file{"/proc/self/statm"};
    std::size_t total = 0;
    std::size_t resident = 0;
    file >> total >> resident;
    return resident * 4;
}

/// The sanitizers keep freed memory to themselves for a while, and leaks are what they find themselves.
#if defined(__has_feature)
constexpr bool keeps_what_is_freed = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool keeps_what_is_freed = true;
#else
constexpr bool keeps_what_is_freed = false;
#endif

std::chrono::seconds length()
{
    const char* set = std::getenv("TUSK_SOAK_SECONDS");
    return std::chrono::seconds{set != nullptr ? std::atoi(set) : 5};
}

struct tally {
    std::size_t rounds = 0;
    std::size_t failed = 0;
    std::size_t cancelled = 0;
};

asio::awaitable<void> one_piece_of_work(const tusk::pool& pool, std::minstd_rand& random)
{
    switch (random() % 10) {
    case 0: co_await pool.execute("SET work_mem = '1234kB'"); break;
    case 1: co_await pool.execute("SELECT 1/0"); break;
    case 2: {
        tusk::pooled_connection conn = co_await pool.acquire();
        tusk::transaction tx = co_await conn->begin();
        co_await tx.execute("SELECT $1::text", std::string(random() % 5000, 'x'));
        break; // left open
    }
    case 3:
        co_await pool.with_transaction([](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("CREATE TEMPORARY TABLE soak (id int) ON COMMIT DROP");
            co_await tx.execute("INSERT INTO soak SELECT generate_series(1, 100)");
        });
        break;
    case 4: {
        tusk::pooled_connection conn = co_await pool.acquire();
        if (random() % 16 == 0)
            co_await conn->execute("SELECT pg_terminate_backend(pg_backend_pid())");
        break;
    }
    case 5: co_await pool.execute("SELECT pg_sleep(0.01)"); break;
    default: co_await pool.query_one<int>("SELECT $1::int", 1);
    }
}

asio::awaitable<void> worker(const tusk::pool& pool, unsigned seed, steady_clock::time_point end, tally& told)
{
    const auto executor = co_await asio::this_coro::executor;
    std::minstd_rand random{seed};
    while (steady_clock::now() < end) {
        asio::cancellation_signal stop;
        bool ended = false;
        asio::co_spawn(executor, one_piece_of_work(pool, random),
                       asio::bind_cancellation_slot(stop.slot(), [&](const std::exception_ptr& failed) {
                           ended = true;
                           told.failed += failed ? 1 : 0;
                       }));
        if (random() % 4 == 0) {
            co_await pause(std::chrono::microseconds{random() % 20000});
            told.cancelled += ended ? 0 : 1;
            stop.emit(asio::cancellation_type::terminal);
        }
        while (!ended)
            co_await pause(1ms);
        ++told.rounds;
    }
}

TEST(pool_soak, nothing_leaks_and_nobody_starves)
{
    std::size_t memory_before = 0;
    std::string url = server().url();
    url += url.find('?') == std::string::npos ? "?application_name=soak" : "&application_name=soak";
    const std::size_t descriptors_before = open_descriptors();
    const auto body = [&]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        const tusk::pool pool{executor, url, exactly(10, 60s)};
        for (const bool warming_up : {true, false}) {
            const auto end = steady_clock::now() + (warming_up ? 1s : length());
            tally told;
            int running = 0;
            for (unsigned i = 1; i <= 200; ++i) {
                ++running;
                asio::co_spawn(executor, worker(pool, i, end, told), [&](const std::exception_ptr& failed) {
                    EXPECT_FALSE(failed);
                    --running;
                });
            }
            co_await eventually([&] { return running == 0; }, length() + 60s);
            co_await eventually([&] { return pool.status().idle == pool.status().total(); }, 30s);
            if (warming_up) {
                memory_before = resident_kilobytes();
                continue;
            }
            EXPECT_GT(told.rounds, 200U);
            EXPECT_GT(told.cancelled, 10U);
            RecordProperty("rounds", static_cast<int>(told.rounds));
            RecordProperty("failed", static_cast<int>(told.failed));
            RecordProperty("cancelled", static_cast<int>(told.cancelled));
        }
        const tusk::pool_counters counted = pool.counters();
        EXPECT_EQ(counted.acquired, counted.released);
        EXPECT_EQ(counted.timeouts, 0U);
        EXPECT_LT(counted.wait_max, 20s) << "a waiter starved";
        RecordProperty("wait_max_ms", static_cast<int>(counted.wait_max / 1ms));
        // Backends that were killed take a moment to go.
        co_await until_true("SELECT count(*) <= 10 FROM pg_stat_activity WHERE application_name = 'soak'");
        RecordProperty("memory_grown_kb", static_cast<int>(resident_kilobytes()) - static_cast<int>(memory_before));
        if (!keeps_what_is_freed) {
            EXPECT_LT(resident_kilobytes(), memory_before + 32 * 1024);
        }
        co_await pool.dispose(10s);
        EXPECT_EQ(pool.status().total(), 0U);
    };
    std::exception_ptr failure;
    bool ended = false;
    {
        asio::io_context io;
        asio::co_spawn(io, body(), [&](std::exception_ptr failed) {
            ended = true;
            failure = std::move(failed);
        });
        io.run_for(length() + 180s);
    }
    EXPECT_TRUE(ended);
    if (failure)
        std::rethrow_exception(failure);
    EXPECT_EQ(open_descriptors(), descriptors_before);
}

} // namespace
