#include <tusk/pool/counters.hpp>
#include <tusk/pool/status.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace {

using namespace std::chrono_literals;

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
