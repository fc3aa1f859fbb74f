// Intervals through the server and back, in every style that it writes them in.

#include "support/round_trip.hpp"
#include "support/server.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace tusk::test;

const std::vector<std::string> intervals = {"0",
                                            "1 year 2 mons 3 days 04:05:06.789",
                                            "-1 year -2 mons +3 days -04:05:06.789",
                                            "1 mon -1 day",
                                            "-1 mon 1 day",
                                            "1 day -00:00:01",
                                            "-1 day 00:00:01",
                                            "-1 days -02:03:04",
                                            "3 days 14:05:06",
                                            "1 day 04:05:06",
                                            "2 years",
                                            "-2 years",
                                            "11 mons",
                                            "-13 mons",
                                            "30 days",
                                            "1 second",
                                            "-1 second",
                                            "0.000001 seconds",
                                            "-0.000001 seconds",
                                            "-0.5 seconds",
                                            "59.999999 seconds",
                                            "1 minute",
                                            "-1 minute",
                                            "1 hour",
                                            "100 hours",
                                            "-100:59:59.999999",
                                            "178956970 years 7 mons",
                                            "-178956970 years -8 mons",
                                            "2147483647 days",
                                            "1 year 1 second",
                                            "P1Y2M3DT4H5M6.5S",
                                            "1-2",
                                            "@ 1 day ago"};

/// Before PostgreSQL 15 a server does not take these, or writes them so that nobody can read them.
const std::vector<std::string> extremes = {"2562047788:00:54.775807", "-2562047788:00:54.775807", "-2147483648 days",
                                           "178956970 years 2147483647 days 2562047788:00:54.775807"};

bool has_extremes() { return std::stoi(server().run_sql("SHOW server_version_num")) >= 150'000; }

TEST(types_interval, style_postgres) { expect_journeys<tusk::interval>("interval", intervals); }

TEST(types_interval, the_other_styles)
{
    for (const char* style : {"postgres_verbose", "sql_standard", "iso_8601"})
        expect_journeys<tusk::interval>("interval", intervals, own_text::other,
                                        "SET intervalstyle = '" + std::string{style} + "'");
}

TEST(types_interval, extremes_in_every_style)
{
    if (!has_extremes())
        GTEST_SKIP() << "before PostgreSQL 15 the server cannot read and write them";
    expect_journeys<tusk::interval>("interval", extremes);
    for (const char* style : {"postgres_verbose", "sql_standard", "iso_8601"})
        expect_journeys<tusk::interval>("interval", extremes, own_text::other,
                                        "SET intervalstyle = '" + std::string{style} + "'");
    expect_journeys<std::chrono::microseconds>("interval", {"2562047788:00:54.775807"}, own_text::other);
}

TEST(types_interval, of_limited_fields)
{
    expect_journeys<tusk::interval>("interval year to month", {"1 year 2 mons 3 days"});
    expect_journeys<tusk::interval>("interval second(2)", {"1.239 seconds"});
}

TEST(types_interval, durations)
{
    using namespace std::chrono;
    expect_journeys<microseconds>("interval", {"0", "1 hour", "-00:00:00.000001"}, own_text::other);
    expect_journeys<seconds>("interval", {"100:00:01", "-1 second"}, own_text::other);
    expect_journeys<hours>("interval", {"100 hours"}, own_text::other);
    expect_journeys<days>("interval", {"-2147483648 days", "1 day"}, own_text::other);
    expect_journeys<weeks>("interval", {"14 days"}, own_text::other);
    expect_journeys<months>("interval", {"13 mons", "-1 mon"}, own_text::other);
    expect_journeys<years>("interval", {"-2 years"}, own_text::other);
}

} // namespace
