// Bugs that pools of years' standing had, as far as the rules alone can have them.
#include "simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <type_traits>
#include <vector>

namespace {

using namespace tusk::test;
using state = tusk::pooling::waiter::state;

TEST(pool_hard_bug, b03_no_waiter_is_lost_between_look_and_enqueue)
{
    // Every order of what can happen between a caller's look and its place in the queue ends with an answer.
    for (int order = 0; order < 64; ++order) {
        SCOPED_TRACE(order);
        simulation pool{bounds_of(1, 1)};
        auto& user = pool.ask();
        pool.pass((order & 1) != 0 ? 1s : 5ms);
        auto& one = pool.ask();
        if ((order & 2) != 0)
            pool.cancel(one);
        pool.pass((order & 4) != 0 ? 10ms : 0ms);
        auto& two = pool.ask();
        if ((order & 8) != 0 && has(user))
            pool.give_back(user);
        if ((order & 16) != 0 && has(one))
            pool.die(one);
        pool.refusal = (order & 32) != 0 ? refusal() : nullptr;
        pool.pass(50ms);
        pool.refusal = nullptr;
        pool.pass(1s);
        if (has(user))
            pool.give_back(user);
        if (has(one))
            pool.give_back(one);
        pool.pass(20s);
        EXPECT_TRUE(two.answered);
    }
}

TEST(pool_hard_bug, b04_waiters_do_not_starve_when_every_returned_connection_is_broken)
{
    simulation pool{bounds_of(2)};
    std::vector<simulation::caller*> users{&pool.ask(), &pool.ask()};
    pool.pass(1s);
    for (int i = 0; i < 10; ++i)
        users.push_back(&pool.ask());
    for (auto* each : users) {
        pool.pass(1s);
        ASSERT_TRUE(has(*each));
        pool.die(*each);
    }
}

TEST(pool_hard_bug, b05_the_pool_refills_however_connecting_failed)
{
    simulation pool{bounds_of(3)};
    pool.refusal = refusal();
    for (int i = 0; i < 3; ++i)
        pool.ask(30s);
    pool.pass(1h);
    EXPECT_EQ(pool.core.counters().timeouts, 3U);
    EXPECT_EQ(pool.core.status().total(), 0U);
    pool.refusal = nullptr;
    auto& asks = pool.ask(30s);
    pool.pass(15s);
    EXPECT_TRUE(has(asks));
}

TEST(pool_hard_bug, b06_a_timeout_of_acquire_loses_no_slot)
{
    simulation pool{bounds_of(1)};
    auto& user = pool.ask();
    pool.pass(1s);
    for (int i = 0; i < 100; ++i) {
        auto& late = pool.ask(50ms);
        pool.pass(60ms);
        EXPECT_EQ(late.now, state::timed_out);
    }
    EXPECT_EQ(pool.core.counters().timeouts, 100U);
    pool.give_back(user);
    EXPECT_EQ(pool.core.status().idle, 1U);
    EXPECT_TRUE(has(pool.ask()));
}

TEST(pool_hard_bug, b08_the_idle_reaper_leaves_what_is_in_use_alone)
{
    auto bounds = bounds_of(2);
    bounds.idle_timeout = 10s;
    simulation pool{bounds};
    warm_up(pool, 2);
    auto& user = pool.ask();
    pool.pass(1h);
    pool.change([&](auto& todo) { pool.core.tick(pool.now, todo); });
    EXPECT_TRUE(has(user));
    EXPECT_EQ(pool.core.status().leased, 1U);
    EXPECT_EQ(pool.core.status().total(), 1U);
}

TEST(pool_hard_bug, b09_dying_connections_count_against_the_cap)
{
    simulation pool{bounds_of(3)};
    pool.close_time = 5s; // the server takes its time to notice
    std::vector<simulation::caller*> users{&pool.ask(), &pool.ask(), &pool.ask()};
    pool.pass(1s);
    for (auto* each : users)
        pool.die(*each);
    auto& asks = pool.ask();
    pool.pass(4s);
    EXPECT_FALSE(has(asks));
    EXPECT_EQ(pool.most_connections, 3U);
    pool.pass(2s);
    EXPECT_TRUE(has(asks));
    EXPECT_EQ(pool.most_connections, 3U);
}

TEST(pool_hard_bug, b10_lifetime_jitter_is_drawn_once_and_spreads_a_cohort)
{
    auto bounds = bounds_of(50);
    bounds.connect_concurrency = 50;
    bounds.max_lifetime = 1000s;
    simulation pool{bounds};
    warm_up(pool, 50);
    std::vector<tusk::pooling::time_point> expiries;
    for (const auto* each : pool.core.slots()) {
        expiries.push_back(each->expires);
        EXPECT_GE(each->expires - each->opened, 750s);
        EXPECT_LE(each->expires - each->opened, 900s);
    }
    const auto [first, last] = std::ranges::minmax(expiries);
    EXPECT_GT(last - first, 60s);
    // Looking at them often does not bring them together.
    for (int i = 0; i < 1000; ++i)
        pool.give_back(pool.ask());
    std::size_t same = 0;
    for (const auto* each : pool.core.slots())
        same += static_cast<std::size_t>(std::ranges::count(expiries, each->expires));
    EXPECT_GE(same, 50U);
}

TEST(pool_hard_bug, b11_time_is_monotonic)
{
    static_assert(std::is_same_v<tusk::pooling::time_point, std::chrono::steady_clock::time_point>);
    static_assert(tusk::pooling::time_point::clock::is_steady);
    // After a suspension of hours nothing is evicted that the bounds do not evict.
    simulation pool{bounds_of(2)};
    warm_up(pool, 2);
    pool.now += 10h;
    EXPECT_TRUE(has(pool.ask()));
    EXPECT_EQ(pool.connects.size(), 2U);
}

TEST(pool_hard_bug, b12_a_wrong_password_is_told_at_once_and_not_retried_in_a_storm)
{
    simulation pool{bounds_of(5)};
    pool.refusal = refusal();
    pool.refuses_for_good = true;
    int told = 0;
    for (int i = 0; i < 10000; ++i) {
        auto& asks = pool.ask(30s, [&](simulation::caller& one) { told += one.why == pool.refusal ? 1 : 0; });
        pool.pass(asks.answered ? 1ms : 11ms);
        EXPECT_EQ(asks.now, state::down);
    }
    EXPECT_EQ(told, 10000);
    EXPECT_LT(pool.connects.size(), 50U);
}

} // namespace
