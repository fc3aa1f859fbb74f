// Dates, times and moments through the server and back. The text is the server's, so that its leap seconds, its zones
// and its eras are read as it means them.

#include "support/round_trip.hpp"

#include <string>
#include <vector>

namespace {

using namespace tusk::test;

TEST(types_date_time, dates)
{
    expect_journeys<tusk::date>("date", {"2000-01-01", "1970-01-01", "1999-12-31", "2024-02-29", "1900-02-28",
                                         "0001-01-01", "0001-12-31 BC", "0044-03-15 BC", "0005-02-29 BC",
                                         "4714-11-24 BC", "5874897-12-31", "9999-12-31", "10000-01-01", "32768-01-01",
                                         "1582-10-10", "January 8, 1999", "infinity", "-infinity", "epoch"});
    expect_journeys<std::chrono::year_month_day>("date", {"2024-02-29", "0001-12-31 BC", "32767-12-31"},
                                                 own_text::other);
    expect_journeys<std::chrono::sys_days>("date", {"2024-02-29", "4714-11-24 BC", "1970-01-01"}, own_text::other);
    expect_journeys<std::chrono::local_days>("date", {"2024-02-29", "4714-11-24 BC"}, own_text::other);
}

const std::vector<std::string> timestamps = {"2000-01-01 00:00:00",
                                             "1999-12-31 23:59:59.999999",
                                             "1970-01-01",
                                             "2016-12-31 23:59:60", // a leap second
                                             "2024-02-29 12:34:56.789",
                                             "2024-02-29 12:34:56.000001",
                                             "0001-01-01 00:00:00",
                                             "0001-12-31 23:59:59 BC",
                                             "0044-03-15 12:00:00.5 BC",
                                             "4714-11-24 00:00:00 BC",
                                             "294276-12-31 23:59:59.999999",
                                             "10000-01-01",
                                             "1883-11-18 12:03:58",
                                             "epoch",
                                             "infinity",
                                             "-infinity",
                                             "2024-12-31 24:00:00"};

TEST(types_date_time, timestamps)
{
    expect_journeys<tusk::timestamp>("timestamp", timestamps);
    expect_journeys<tusk::timestamp>("timestamp(0)", {"2024-02-29 12:34:56.5", "1999-12-31 23:59:59.5"});
    expect_journeys<std::chrono::local_time<std::chrono::microseconds>>(
        "timestamp", {"2000-01-01", "1999-12-31 23:59:59.999999", "4714-11-24 00:00:00 BC"}, own_text::other);
    expect_journeys<std::chrono::local_seconds>("timestamp", {"2000-01-01 00:00:01", "0001-12-31 BC"}, own_text::other);
}

TEST(types_date_time, moments)
{
    expect_journeys<tusk::timestamptz>("timestamptz", timestamps, own_text::same, "SET timezone = 'UTC'");
    expect_journeys<tusk::timestamptz>("timestamptz", {"2024-02-29 12:34:56.789-08", "2024-02-29 12:34:56+05:30"},
                                       own_text::same, "SET timezone = 'UTC'");
    expect_journeys<std::chrono::sys_time<std::chrono::microseconds>>(
        "timestamptz", {"2000-01-01", "1999-12-31 23:59:59.999999"}, own_text::other);
    expect_journeys<std::chrono::sys_seconds>("timestamptz", {"2000-01-01 00:00:01", "0001-12-31 BC"}, own_text::other);
}

TEST(types_date_time, moments_of_other_zones)
{
    // Summer time, half an hour, and the local time of 1883 with its seconds.
    for (const char* zone : {"America/New_York", "Asia/Kolkata", "Pacific/Apia", "Europe/Amsterdam"})
        expect_journeys<tusk::timestamptz>("timestamptz",
                                           {"1883-11-18 12:00:00+00", "1900-01-01", "1937-07-01", "2011-12-31",
                                            "2024-07-01 12:34:56.789", "2016-12-31 23:59:60", "0044-03-15 BC",
                                            "4713-01-01 BC", "294275-12-31", "infinity"},
                                           own_text::other, "SET timezone = '" + std::string{zone} + "'");
}

TEST(types_date_time, times_of_day)
{
    expect_journeys<tusk::time_of_day>("time", {"00:00:00", "23:59:59.999999", "24:00:00", "12:34:56.7",
                                                "00:00:00.000001", "23:59:60", "04:05 PM", "12:00:00.5"});
    expect_journeys<tusk::time_of_day>("time(3)", {"12:34:56.78951", "23:59:59.9999"});
    expect_journeys<tusk::timetz>("timetz", {"00:00:00+00", "23:59:59.999999-15:59:59", "24:00:00+15:59:59",
                                             "12:34:56.7+05:30", "04:05:06-03:30", "23:59:60+01", "12:00:00+00:19:32"});
}

} // namespace
