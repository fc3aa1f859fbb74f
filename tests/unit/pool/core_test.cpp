#include "simulation.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <array>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace tusk::test;
using state = tusk::pooling::waiter::state;

std::exception_ptr refusal() { return std::make_exception_ptr(std::runtime_error{"refused"}); }

/// A pool that has this many idle connections.
void warm_up(simulation& pool, std::size_t count)
{
    std::vector<simulation::caller*> all;
    for (std::size_t i = 0; i < count; ++i)
        all.push_back(&pool.ask());
    pool.pass(1s);
    for (simulation::caller* each : all)
        pool.give_back(*each);
    pool.pass(1s);
    ASSERT_EQ(pool.core.status().idle, count);
}

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

// ---- Connecting.

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

// ---- The hard bugs, as far as they are the core's.

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

TEST(pool_report, prometheus_text)
{
    tusk::pool_status status;
    status.idle = 3;
    tusk::pool_counters counters;
    counters.waits[0] = 2;
    counters.waits[8] = 1;
    counters.wait_total = 1500ms;
    const std::string text = tusk::to_prometheus(status, counters, "a\"b");
    for (const char* line : {
             "# TYPE tusk_pool_connections gauge\n",
             "tusk_pool_connections{pool=\"a\\\"b\",state=\"idle\"} 3\n",
             "tusk_pool_wait_seconds_bucket{pool=\"a\\\"b\",le=\"0.001\"} 2\n",
             "tusk_pool_wait_seconds_bucket{pool=\"a\\\"b\",le=\"+Inf\"} 3\n",
             "tusk_pool_wait_seconds_sum{pool=\"a\\\"b\"} 1.5\n",
             "tusk_pool_closed_total{pool=\"a\\\"b\",reason=\"ping_failed\"} 0\n",
         })
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

} // namespace
