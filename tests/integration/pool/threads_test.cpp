// One pool, many threads. Run under ThreadSanitizer this is the proof that they may share it.

#include "pool_testing.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_future.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <future>
#include <random>
#include <thread>
#include <vector>

namespace {

using namespace tusk::test;

constexpr int threads = 4;

/// An execution context that many threads run.
class many_threads
{
public:
    many_threads()
    {
        for (int i = 0; i < threads; ++i)
            threads_.emplace_back([this] { io.run(); });
    }
    many_threads(const many_threads&) = delete;
    many_threads& operator=(const many_threads&) = delete;
    ~many_threads()
    {
        guard_.reset();
        for (std::thread& each : threads_)
            each.join();
    }

    /// Runs so many coroutines side by side; each starts on a strand of its own.
    template <class Body>
    void run(int count, Body body)
    {
        std::vector<std::future<void>> all;
        for (int i = 0; i < count; ++i)
            all.push_back(asio::co_spawn(asio::make_strand(io), body(i), asio::use_future));
        for (auto& each : all) {
            if (each.wait_for(hang_limit) != std::future_status::ready)
                throw std::runtime_error{"a coroutine hangs"};
            each.get();
        }
    }

    asio::io_context io;

private:
    asio::executor_work_guard<asio::io_context::executor_type> guard_ = asio::make_work_guard(io);
    std::vector<std::thread> threads_;
};

TEST(pool_threads, many_threads_share_a_pool)
{
    std::atomic<std::int64_t> sum = 0;
    many_threads context;
    const tusk::pool pool{context.io.get_executor(), server().url(), exactly(4, 30s)};
    context.run(32, [&](int number) -> asio::awaitable<void> {
        for (int i = 0; i < 20; ++i) {
            switch ((number + i) % 4) {
            case 0: sum += co_await pool.query_one<int>("SELECT $1::int", 1); break;
            case 1: {
                tusk::pooled_connection conn = co_await pool.acquire();
                sum += co_await conn->query_one<int>("SELECT 1");
                EXPECT_TRUE(conn->is_open());
                EXPECT_EQ(conn->transaction_status(), 'I');
                break;
            }
            case 2:
                sum += co_await pool.with_transaction([](tusk::transaction& tx) -> asio::awaitable<int> {
                    co_return co_await tx.query_one<int>("SELECT 1");
                });
                break;
            default: {
                // Left open: the pool puts it in order.
                tusk::pooled_connection conn = co_await pool.acquire();
                tusk::transaction tx = co_await conn->begin();
                sum += co_await tx.query_one<int>("SELECT 1");
            }
            }
        }
    });
    EXPECT_EQ(sum, 32 * 20);
    const tusk::pool_counters counted = pool.counters();
    EXPECT_EQ(counted.acquired, 32U * 20);
    EXPECT_LE(counted.connects_started, 4U);
}

TEST(pool_threads, cancelled_callers_dead_backends_and_resets_at_once)
{
    many_threads context;
    tusk::pool_options options = exactly(4, 30s);
    options.pre_ping = true;
    options.ping_threshold = 1ms;
    options.idle_timeout = 20ms;
    options.reset_timeout = 5s;
    options.on_connect = [](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("SET application_name = 'threads'");
    };
    const tusk::pool pool{context.io.get_executor(), server().url(), options};
    std::atomic<int> answered = 0;
    context.run(24, [&](int number) -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor; // a strand
        std::minstd_rand random{static_cast<unsigned>(number + 1)};
        for (int i = 0; i < 15; ++i) {
            asio::cancellation_signal stop;
            bool ended = false;
            const unsigned kind = static_cast<unsigned>(random()) % 8;
            const auto work = [&]() -> asio::awaitable<void> {
                tusk::pooled_connection conn = co_await pool.acquire();
                switch (kind) {
                case 0: co_await conn->execute("SELECT pg_terminate_backend(pg_backend_pid())"); break;
                case 1: co_await conn->execute("SET work_mem = '1234kB'"); break;
                case 2: co_await conn->execute("BEGIN"); break;
                case 3: conn.discard(); break;
                case 4: co_await conn->execute("SELECT pg_sleep(0.005)"); break;
                default: co_await conn->execute("SELECT 1");
                }
            };
            asio::co_spawn(executor, work(),
                           asio::bind_cancellation_slot(stop.slot(), [&](const auto&) { ended = true; }));
            co_await pause(std::chrono::microseconds{random() % 6000});
            if (random() % 2 == 0)
                stop.emit(asio::cancellation_type::terminal);
            while (!ended)
                co_await pause(1ms);
            ++answered;
        }
    });
    EXPECT_EQ(answered, 24 * 15);
    context.run(1, [&](int) -> asio::awaitable<void> {
        co_await expect_usable_in_the_end(pool);
        co_await eventually([&] { return pool.status().leased == 0 && pool.status().checking == 0; });
    });
    const tusk::pool_counters counted = pool.counters();
    EXPECT_EQ(counted.acquired, counted.released);
}

TEST(pool_threads, status_resize_and_dispose_from_anywhere)
{
    many_threads context;
    for (int round = 0; round < 5; ++round) {
        tusk::pool_options options = exactly(4, 30s);
        options.min_idle = 2;
        const tusk::pool pool{context.io.get_executor(), server().url(), options};
        std::atomic<bool> over = false;
        std::thread watcher{[&] {
            std::size_t size = 1;
            while (!over) {
                EXPECT_LE(pool.status().leased, 6U);
                static_cast<void>(to_prometheus(pool.status(), pool.counters(), "p"));
                static_cast<void>(pool.leases());
                pool.resize(1 + size++ % 4, 2);
                if (size % 50 == 0)
                    pool.invalidate();
                std::this_thread::sleep_for(100us);
            }
        }};
        context.run(16, [&](int) -> asio::awaitable<void> {
            for (int i = 0; i < 10; ++i)
                co_await expect_usable(pool);
        });
        over = true;
        watcher.join();
        context.run(2, [&](int number) -> asio::awaitable<void> {
            if (number == 0)
                co_await pool.dispose(30s);
            else
                co_await pool.dispose();
        });
        context.run(
            1, [&](int) -> asio::awaitable<void> { co_await eventually([&] { return pool.status().total() == 0; }); });
    }
}

TEST(pool_threads, destroyed_while_others_work)
{
    many_threads context;
    for (int round = 0; round < 10; ++round) {
        auto pool = std::make_unique<tusk::pool>(context.io.get_executor(), server().url(), exactly(3, 30s));
        std::vector<std::future<void>> all;
        const auto work = [](asio::awaitable<tusk::pooled_connection> acquiring) -> asio::awaitable<void> {
            try {
                tusk::pooled_connection conn = co_await std::move(acquiring);
                co_await expect_usable(*conn);
            } catch (const tusk::pool_closed&) {
                co_return; // it waited
            }
        };
        for (int i = 0; i < 8; ++i)
            all.push_back(asio::co_spawn(asio::make_strand(context.io), work(pool->acquire()), asio::use_future));
        std::this_thread::sleep_for(std::chrono::milliseconds{round * 2});
        pool.reset();
        for (auto& each : all)
            each.get();
    }
}

} // namespace
