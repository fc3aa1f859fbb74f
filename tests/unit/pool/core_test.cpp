#include "simulation.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace {

using namespace tusk::test;
using state = tusk::pooling::waiter::state;

TEST(pool_core, hands_out_in_the_order_of_asking)
{
    simulation pool{bounds_of(1)};
    auto& first = pool.ask();
    pool.pass(1s);
    ASSERT_TRUE(has(first));
    std::vector<int> order;
    std::vector<simulation::caller*> callers;
    for (int i = 0; i < 5; ++i)
        callers.push_back(&pool.ask(0s, [&order, i](auto&) { order.push_back(i); }));
    pool.give_back(first);
    for (auto* each : callers) {
        ASSERT_TRUE(has(*each));
        pool.give_back(*each);
    }
    EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4}));
    EXPECT_EQ(pool.connects.size(), 1U);
}

TEST(pool_core, a_newcomer_does_not_overtake_one_who_waits_for_a_ping)
{
    auto bounds = bounds_of(2);
    bounds.pre_ping = true;
    bounds.ping_threshold = 10s;
    bounds.lifo = false; // the older one needs a ping, the newer one does not
    simulation pool{bounds};
    warm_up(pool, 2);
    pool.pass(9s);
    auto& user = pool.ask();
    pool.give_back(user);
    pool.pass(2s);
    auto& early = pool.ask();
    auto& late = pool.ask();
    EXPECT_FALSE(has(late) && !has(early));
    pool.pass(1s);
    EXPECT_TRUE(has(early));
    EXPECT_TRUE(has(late));
}

TEST(pool_core, takes_the_newest_idle_one_or_the_oldest)
{
    for (const bool lifo : {true, false}) {
        auto bounds = bounds_of(3);
        bounds.lifo = lifo;
        simulation pool{bounds};
        std::array<simulation::caller*, 3> users{&pool.ask(), &pool.ask(), &pool.ask()};
        pool.pass(1s);
        std::array<tusk::pooling::slot*, 3> slots{};
        for (std::size_t i = 0; i < 3; ++i) {
            slots[i] = users[i]->given;
            pool.give_back(*users[i]);
        }
        EXPECT_EQ(pool.ask().given, lifo ? slots[2] : slots[0]);
    }
}

TEST(pool_core, overflow_is_opened_under_pressure_and_closed_when_idle)
{
    simulation pool{bounds_of(2, 2)};
    std::vector<simulation::caller*> users;
    for (int i = 0; i < 6; ++i)
        users.push_back(&pool.ask());
    pool.pass(1s);
    EXPECT_EQ(pool.core.status().leased, 4U);
    EXPECT_EQ(pool.core.status().overflow, 2U);
    EXPECT_EQ(pool.core.status().waiting, 2U);
    for (auto* each : users)
        if (has(*each))
            pool.give_back(*each);
    for (auto* each : users)
        if (has(*each))
            pool.give_back(*each);
    pool.pass(1s);
    EXPECT_EQ(pool.core.status().idle, 2U);
    EXPECT_EQ(pool.core.status().total(), 2U);
    EXPECT_EQ(pool.most_connections, 4U);
}

TEST(pool_core, max_waiters_bounds_the_queue)
{
    auto bounds = bounds_of(1);
    bounds.max_waiters = 2;
    simulation pool{bounds};
    pool.ask();
    pool.pass(1s);
    EXPECT_EQ(pool.ask().now, state::queued);
    EXPECT_EQ(pool.ask().now, state::queued);
    EXPECT_EQ(pool.ask().now, state::full);
    EXPECT_EQ(pool.core.counters().refused_full, 1U);
}

TEST(pool_core, min_idle_is_kept_ready)
{
    auto bounds = bounds_of(5);
    bounds.min_idle = 3;
    simulation pool{bounds};
    pool.pass(1s);
    EXPECT_EQ(pool.core.status().idle, 3U);
    pool.ask();
    pool.pass(1s);
    EXPECT_EQ(pool.core.status().idle, 3U);
}

TEST(pool_core, idle_ones_go_after_idle_timeout_down_to_min_idle)
{
    auto bounds = bounds_of(4);
    bounds.idle_timeout = 10s;
    bounds.min_idle = 1;
    simulation pool{bounds};
    warm_up(pool, 4);
    pool.pass(8s);
    EXPECT_EQ(pool.core.status().idle, 4U);
    pool.pass(5s);
    EXPECT_EQ(pool.core.status().idle, 1U);
    EXPECT_EQ(pool.core.counters().closed[static_cast<std::size_t>(tusk::close_reason::idle_timeout)], 3U);
}

TEST(pool_core, a_lifetime_ends_when_the_connection_is_returned_and_before_it_is_handed_out)
{
    auto bounds = bounds_of(1);
    bounds.max_lifetime = 100s;
    bounds.lifetime_jitter = 0;
    simulation pool{bounds};
    auto& user = pool.ask();
    pool.pass(200s);
    EXPECT_TRUE(has(user)) << "nobody takes it away from its user";
    pool.give_back(user);
    EXPECT_EQ(pool.core.status().idle, 0U);
    auto& next = pool.ask();
    pool.pass(1s);
    pool.give_back(next);
    pool.pass(200s);
    auto& last = pool.ask();
    EXPECT_FALSE(has(last)) << "the idle one is too old";
    pool.pass(1s);
    EXPECT_TRUE(has(last));
    EXPECT_EQ(pool.connects.size(), 3U);
}

TEST(pool_core, recycle_replaces_an_old_connection_when_it_is_asked_for)
{
    auto bounds = bounds_of(1);
    bounds.recycle = 60s;
    simulation pool{bounds};
    warm_up(pool, 1);
    pool.pass(30s);
    auto& young = pool.ask();
    EXPECT_TRUE(has(young));
    pool.give_back(young);
    pool.pass(60s);
    pool.ask();
    pool.pass(1s);
    EXPECT_EQ(pool.connects.size(), 2U);
}

TEST(pool_core, pings_only_what_was_idle_for_longer_than_the_threshold)
{
    auto bounds = bounds_of(1);
    bounds.pre_ping = true;
    bounds.ping_threshold = 1s;
    simulation pool{bounds};
    warm_up(pool, 1);
    pool.give_back(pool.ask());
    pool.pass(900ms);
    pool.give_back(pool.ask());
    EXPECT_EQ(pool.core.counters().pings, 0U);
    pool.pass(2s);
    auto& asks = pool.ask();
    EXPECT_FALSE(has(asks));
    pool.pass(10ms);
    EXPECT_TRUE(has(asks));
    EXPECT_EQ(pool.core.counters().pings, 1U);
    EXPECT_EQ(pool.connects.size(), 1U);
}

TEST(pool_core, one_death_makes_the_idle_ones_of_its_time_suspect)
{
    simulation pool{bounds_of(4)};
    warm_up(pool, 4);
    auto& user = pool.ask();
    pool.die(user);
    auto& second = pool.ask();
    EXPECT_FALSE(has(second));
    pool.pass(100ms);
    EXPECT_TRUE(has(second));
    EXPECT_EQ(pool.core.counters().pings, 1U);
    // What has answered is trusted again.
    pool.give_back(second);
    EXPECT_TRUE(has(pool.ask()));
    EXPECT_EQ(pool.core.counters().pings, 1U);
}

TEST(pool_core, dead_idle_ones_are_replaced_without_any_caller_failing)
{
    simulation pool{bounds_of(4)};
    warm_up(pool, 4);
    pool.answers_pings = false;
    auto& user = pool.ask();
    pool.die(user);
    auto& asks = pool.ask(1s);
    pool.pass(500ms);
    EXPECT_TRUE(has(asks));
    EXPECT_EQ(pool.core.counters().timeouts, 0U);
}

TEST(pool_core, cancelling_leaves_the_queue_at_once)
{
    simulation pool{bounds_of(1)};
    auto& user = pool.ask();
    pool.pass(1s);
    auto& gone = pool.ask();
    auto& stays = pool.ask();
    EXPECT_TRUE(pool.cancel(gone));
    pool.give_back(user);
    EXPECT_FALSE(has(gone));
    EXPECT_TRUE(has(stays));
    EXPECT_FALSE(pool.cancel(stays)) << "its connection is on the way to it: it is the caller's to give back";
}

TEST(pool_core, a_deadline_goes_with_its_caller)
{
    simulation pool{bounds_of(1)};
    auto& user = pool.ask();
    pool.pass(1s);
    pool.cancel(pool.ask(10s));
    EXPECT_EQ(pool.core.next_due(pool.now), tusk::pooling::never) << "a timer would keep the context busy";
    auto& late = pool.ask(20s);
    EXPECT_EQ(pool.core.next_due(pool.now), late.deadline);
    EXPECT_TRUE(has(user));
}

TEST(pool_core, a_connection_that_nobody_waits_for_any_more_joins_the_idle_ones)
{
    simulation pool{bounds_of(1)};
    auto& asks = pool.ask();
    pool.cancel(asks);
    pool.pass(1s);
    EXPECT_EQ(pool.core.status().idle, 1U);
}

TEST(pool_core, resize_closes_what_is_too_much_and_lets_more_in)
{
    simulation pool{bounds_of(4)};
    warm_up(pool, 4);
    auto& user = pool.ask();
    pool.change([&](auto& todo) { pool.core.resize(1, 1, pool.now, todo); });
    pool.pass(1s);
    EXPECT_EQ(pool.core.status().total(), 1U);
    auto& waits = pool.ask();
    EXPECT_FALSE(has(waits));
    pool.change([&](auto& todo) { pool.core.resize(2, 2, pool.now, todo); });
    pool.pass(1s);
    EXPECT_TRUE(has(waits));
    EXPECT_TRUE(has(user));
}

TEST(pool_core, invalidate_replaces_every_connection)
{
    simulation pool{bounds_of(2)};
    warm_up(pool, 2);
    auto& user = pool.ask();
    pool.change([&](auto& todo) { pool.core.invalidate(pool.now, todo); });
    EXPECT_EQ(pool.core.status().idle, 0U);
    pool.give_back(user);
    pool.pass(1s);
    EXPECT_EQ(pool.core.status().total(), 0U);
}

TEST(pool_core, shut_dismisses_waiters_and_closes_what_comes_back)
{
    simulation pool{bounds_of(2)};
    warm_up(pool, 2);
    auto& user = pool.ask();
    auto& other = pool.ask();
    auto& waits = pool.ask();
    pool.change([&](auto& todo) { pool.core.shut(pool.now, todo); });
    EXPECT_EQ(waits.now, state::closed);
    EXPECT_EQ(pool.ask().now, state::closed);
    pool.give_back(user);
    pool.give_back(other);
    pool.pass(1s);
    EXPECT_EQ(pool.core.status().total(), 0U);
}

TEST(pool_core, reports_each_leak_once)
{
    auto bounds = bounds_of(2);
    bounds.leak_threshold = 10s;
    simulation pool{bounds};
    warm_up(pool, 1);
    pool.ask();
    int reports = 0;
    const auto look = [&] { pool.core.report_leaks(pool.now, [&](auto&) { ++reports; }); };
    pool.now += 9s;
    look();
    EXPECT_EQ(reports, 0);
    pool.now += 2s;
    EXPECT_LE(pool.core.next_due(pool.now), pool.now);
    look();
    look();
    EXPECT_EQ(reports, 1);
    EXPECT_GT(pool.core.next_due(pool.now), pool.now);
}

TEST(pool_core, waits_are_counted_in_the_histogram)
{
    simulation pool{bounds_of(1)};
    auto& user = pool.ask(); // 10 ms for the connect
    pool.pass(1s);
    pool.ask();
    pool.pass(700ms);
    pool.give_back(user);
    const auto& counters = pool.core.counters();
    EXPECT_EQ(counters.waits[2], 1U); // up to 20 ms
    EXPECT_EQ(counters.waits[5], 1U); // up to 2 s
    EXPECT_EQ(counters.wait_max, 700ms);
    EXPECT_EQ(counters.wait_total, 710ms);
}

} // namespace
