// When connections are made, and how many at a time.
#include "simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace {

using namespace tusk::test;
using state = tusk::pooling::waiter::state;

TEST(pool_core, a_burst_waits_for_the_pool_and_not_for_its_own_connects)
{
    // 5 idle connections, room for 50, and 50 callers at once; connecting costs 150 ms, a query 2.
    simulation pool{bounds_of(50)};
    pool.connect_time = 150ms;
    warm_up(pool, 5);
    int done = 0;
    for (int i = 0; i < 50; ++i)
        pool.ask(0s, [&](simulation::caller& one) {
            pool.at(2ms, [&] {
                ++done;
                pool.give_back(one);
            });
        });
    pool.pass(1s);
    EXPECT_EQ(done, 50);
    EXPECT_LE(pool.most_connections, 6U);
}

TEST(pool_core, a_cold_pool_opens_as_many_at_once_as_it_may)
{
    auto bounds = bounds_of(10);
    bounds.connect_concurrency = 4;
    simulation pool{bounds};
    for (int i = 0; i < 10; ++i)
        pool.ask();
    EXPECT_EQ(pool.core.status().opening, 4U);
    pool.pass(1s);
    EXPECT_EQ(pool.core.status().leased, 10U);
    EXPECT_LE(pool.most_opening, 4U);
}

TEST(pool_core, one_attempt_at_a_time_while_the_server_is_down_and_a_slow_start_after)
{
    auto bounds = bounds_of(20);
    bounds.connect_concurrency = 8;
    simulation pool{bounds};
    pool.refusal = refusal();
    for (int i = 0; i < 20; ++i)
        pool.ask();
    pool.pass(1s);
    pool.most_opening = 0;
    pool.connects.clear();
    pool.pass(60s);
    EXPECT_EQ(pool.most_opening, 1U);
    EXPECT_LT(pool.connects.size(), 60U) << "a storm";
    EXPECT_GT(pool.connects.size(), 5U);
    EXPECT_EQ(pool.core.status().waiting, 20U);
    pool.refusal = nullptr;
    while (pool.core.status().leased == 0)
        pool.pass(1ms);
    EXPECT_EQ(pool.core.status().opening, 1U);
    pool.pass(10ms);
    EXPECT_EQ(pool.core.status().opening, 2U);
    pool.pass(60s);
    EXPECT_EQ(pool.core.status().leased, 20U);
}

TEST(pool_core, delays_between_attempts_grow_and_differ_between_clients)
{
    std::vector<std::size_t> attempts;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        simulation pool{bounds_of(1), seed};
        pool.refusal = refusal();
        pool.ask();
        pool.pass(20s);
        attempts.push_back(pool.connects.size());
        EXPECT_LT(attempts.back(), 60U);
    }
    EXPECT_GT(std::ranges::max(attempts), std::ranges::min(attempts));
}

TEST(pool_core, fail_fast_tells_everybody_after_one_failed_probe)
{
    auto bounds = bounds_of(4);
    bounds.fail_fast = true;
    simulation pool{bounds};
    pool.refusal = refusal();
    auto& first = pool.ask();
    auto& second = pool.ask();
    pool.pass(11ms);
    EXPECT_EQ(first.now, state::down);
    EXPECT_EQ(second.now, state::down);
    EXPECT_EQ(first.why, pool.refusal);
}

} // namespace
