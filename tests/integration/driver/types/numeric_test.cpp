// Exact numbers through the server and back.

#include "support/round_trip.hpp"

#include <string>
#include <vector>

namespace {

using tusk::numeric;
using namespace tusk::test;

TEST(types_numeric, small_and_plain_ones)
{
    expect_journeys<numeric>(
        "numeric",
        {"0",          "0.0",       "0.00000",     "1",          "-1",          "10",           "9999",
         "10000",      "10001",     "-10000.0001", "0.1",        "0.0001",      "0.00001",      "-0.00010",
         "1.50",       "1.5000000", "123456789",   "1234567890", "99999999",    "100000000",    "3.14159265358979",
         "12345.6789", "-0.5",      "5000",        "50000000",   "0.5000",      "0.05000000",   "0.000000000001",
         "1e10",       "1e-10",     "-1e-20",      "1.23e5",     "1234567.890", "0.10000000001"});
}

TEST(types_numeric, long_ones)
{
    const std::string nines(1'000, '9');
    expect_journeys<numeric>("numeric", {"99999999999999999999999999999999", // eight groups, the last inline
                                         "999999999999999999999999999999999",
                                         "0.00000000000000000000000000000000000000000000000000000000000001",
                                         "18446744073709551616.18446744073709551616", nines, "-" + nines + "." + nines,
                                         "1" + std::string(500, '0') + "1"});
}

TEST(types_numeric, at_the_limits_of_the_type)
{
    const std::string widest(131'072, '9');
    const std::string finest = "0." + std::string(16'382, '0') + "1";
    expect_journeys<numeric>("numeric", {"1e131071", "-1e131071", widest, finest, "-" + finest,
                                         widest + "." + std::string(16'383, '9'), "1." + std::string(16'383, '0')});
}

TEST(types_numeric, what_is_not_finite) { expect_journeys<numeric>("numeric", {"NaN", "Infinity", "-Infinity"}); }

TEST(types_numeric, with_a_scale_in_the_type)
{
    expect_journeys<numeric>("numeric(10,3)", {"1", "1.2345", "-1234567.8", "0"});
    expect_journeys<numeric>("numeric(40,0)", {"1e39", "-0.4"});
}

} // namespace
