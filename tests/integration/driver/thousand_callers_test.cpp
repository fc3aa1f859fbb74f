// A thousand coroutines on one connection, of which every tenth is cancelled at random: the others never notice.

#include "callers.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <ranges>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace tusk::test;

constexpr int crowd = 1000;

/// What became of all of them.
struct tally {
    std::atomic<int> answered = 0;
    std::atomic<int> cancelled = 0;
    std::atomic<int> wrong = 0;
    std::atomic<int> hit_by_a_cancel = 0; ///< 57014 for somebody who was not cancelled.

    [[nodiscard]] int ended() const { return answered + cancelled + wrong + hit_by_a_cancel; }
};

/// The verb of the caller of that number, whose answer is its number.
asio::awaitable<int> ask(tusk::connection& conn, int number)
{
    switch (number % 4) {
    case 0: return conn.query_one<int>("SELECT $1::int FROM pg_sleep(0.0001)", number);
    case 1: return conn.query_one<int>(fmt::format("SELECT $1::int -- {}", number % 50), number);
    case 2: return conn.query_one<int>(fmt::format("SELECT {}", number));
    default: return conn.query_one<int>("SELECT $1::int", number);
    }
}

/// Spawns one caller on an executor, and cancels it after a while where it is one of those.
void spawn(const asio::any_io_executor& where, asio::awaitable<int> verb, int number,
           std::optional<std::chrono::microseconds> cancel_after, tally& came)
{
    struct caller {
        explicit caller(const asio::any_io_executor& at) : timer{at} {}
        asio::cancellation_signal signal;
        asio::steady_timer timer;
    };
    const auto self = std::make_shared<caller>(where);
    const bool may_be_cancelled = cancel_after.has_value();
    asio::co_spawn(where, std::move(verb),
                   asio::bind_cancellation_slot(self->signal.slot(), [self, number, may_be_cancelled, &came](
                                                                         const std::exception_ptr& why, int answer) {
                       self->timer.cancel();
                       if (!why)
                           ++(answer == number ? came.answered : came.wrong);
                       else if (may_be_cancelled && is_a<tusk::operation_aborted>(why))
                           ++came.cancelled;
                       else if (is_a<tusk::query_canceled>(why))
                           ++came.hit_by_a_cancel;
                       else
                           ++came.wrong;
                   }));
    if (cancel_after) {
        self->timer.expires_after(*cancel_after);
        self->timer.async_wait([self](const asio::error_code& too_late) {
            if (!too_late)
                self->signal.emit(asio::cancellation_type::terminal);
        });
    }
}

asio::awaitable<void> send_the_crowd(tusk::connection& conn, std::vector<asio::any_io_executor> where, tally& came,
                                     unsigned seed)
{
    std::minstd_rand dice{seed};
    for (int i = 0; i < crowd; ++i) {
        std::optional<std::chrono::microseconds> limit;
        if (dice() % 10 == 0)
            limit = std::chrono::microseconds{dice() % 60'000};
        spawn(where[static_cast<std::size_t>(i) % where.size()], ask(conn, i), i, limit, came);
        if (i % 100 == 99) // they do not all come at once
            co_await pause(2ms);
    }
    const auto limit = std::chrono::steady_clock::now() + hang_limit / 2;
    while (came.ended() < crowd && std::chrono::steady_clock::now() < limit)
        co_await pause(5ms);
}

void expect_all_answered(const tally& came)
{
    EXPECT_EQ(came.ended(), crowd) << "somebody hangs";
    EXPECT_EQ(came.wrong, 0);
    EXPECT_EQ(came.hit_by_a_cancel, 0);
    EXPECT_GE(came.answered, crowd * 8 / 10);
}

TEST(thousand_callers, one_in_ten_is_cancelled)
{
    int cancelled = 0;
    for (unsigned seed = 1; seed <= 3; ++seed)
        run_connected([&](tusk::connection& conn) -> asio::awaitable<void> {
            tally came;
            const asio::any_io_executor executor = co_await asio::this_coro::executor;
            const std::vector<asio::any_io_executor> here(1, executor);
            const std::int32_t pid = conn.backend_pid();
            co_await send_the_crowd(conn, here, came, seed);
            expect_all_answered(came);
            cancelled += came.cancelled;
            co_await expect_usable(conn);
            EXPECT_EQ(conn.backend_pid(), pid);
            EXPECT_EQ(conn.transaction_status(), 'I');
        });
    EXPECT_GT(cancelled, 0) << "nobody was cancelled, so nothing was proved";
}

TEST(thousand_callers, on_a_strand_of_several_threads)
{
    asio::io_context io;
    auto home = asio::make_strand(io);
    tally came;
    bool ended = false;
    std::exception_ptr thrown;
    asio::co_spawn(
        home,
        [&]() -> asio::awaitable<void> {
            tusk::connection conn = co_await tusk::connect(server().url());
            // At home, on other strands, and on none at all: each verb is made here and awaited there.
            std::vector<asio::any_io_executor> where;
            where.emplace_back(home);
            for (int i = 0; i < 4; ++i)
                where.emplace_back(asio::make_strand(io));
            where.emplace_back(home);
            co_await send_the_crowd(conn, where, came, 7);
            co_await expect_usable(conn);
        },
        [&](std::exception_ptr why) {
            ended = true;
            thrown = std::move(why);
        });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] { io.run_for(hang_limit); });
    for (std::thread& each : threads)
        each.join();
    EXPECT_TRUE(ended);
    EXPECT_EQ(message_of(thrown), "");
    expect_all_answered(came);
}

TEST(thousand_callers, pipelines_and_batches_of_several_strands)
{
    asio::io_context io;
    auto home = asio::make_strand(io);
    std::atomic<int> good = 0;
    std::atomic<int> ended = 0;
    constexpr int count = 60;
    const auto work = [&](tusk::pipeline batch, tusk::pipeline whole, asio::awaitable<tusk::result> many,
                          int number) -> asio::awaitable<void> {
        auto first = batch.query_one<int>("SELECT $1::int", number);
        auto broken = batch.execute("SELECT 1 / $1", 0);
        auto last = batch.query_one<int>("SELECT $1::int + 1", number);
        co_await batch.run();
        auto all = whole.query_one<int>("SELECT $1::int + 2", number);
        auto nothing = whole.execute("SELECT 1 / $1", number % 2);
        bool refused = false;
        try {
            co_await whole.run();
        } catch (const tusk::division_by_zero&) {
            refused = true;
        }
        const tusk::result rows = co_await std::move(many);
        if (first.get() == number && broken.failed() && last.get() == number + 1 && refused == (number % 2 == 0) &&
            all.failed() == refused && nothing.failed() == refused && rows.size() == 50)
            ++good;
    };
    asio::co_spawn(
        home,
        [&]() -> asio::awaitable<void> {
            tusk::connection conn = co_await tusk::connect(server().url());
            for (int i = 0; i < count; ++i) {
                const asio::any_io_executor where =
                    i % 3 == 0 ? asio::any_io_executor{home} : asio::any_io_executor{asio::make_strand(io)};
                asio::co_spawn(where,
                               work(conn.pipeline(), conn.atomic_pipeline(),
                                    conn.query_many("SELECT $1::int", std::views::iota(0, 50)), i),
                               [&](const std::exception_ptr& why) {
                                   EXPECT_EQ(message_of(why), "");
                                   ++ended;
                               });
            }
            const auto limit = std::chrono::steady_clock::now() + hang_limit / 2;
            while (ended < count && std::chrono::steady_clock::now() < limit)
                co_await pause(5ms);
        },
        [&](const std::exception_ptr& why) { EXPECT_EQ(message_of(why), ""); });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] { io.run_for(hang_limit); });
    for (std::thread& each : threads)
        each.join();
    EXPECT_EQ(ended, count);
    EXPECT_EQ(good, count);
}

} // namespace
