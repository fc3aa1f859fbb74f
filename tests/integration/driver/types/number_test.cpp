// Integers, floating point, truth and money through the server and back.

#include "support/round_trip.hpp"

#include <cstdint>

namespace {

using namespace tusk::test;

TEST(types_number, truth) { expect_journeys<bool>("boolean", {"true", "false", "yes", "0"}); }

TEST(types_number, integers)
{
    expect_journeys<std::int16_t>("smallint", {"0", "1", "-1", "32767", "-32768", "255", "256"});
    expect_journeys<std::int32_t>("integer", {"0", "1", "-1", "2147483647", "-2147483648", "65536", "16777216"});
    expect_journeys<std::int64_t>("bigint", {"0", "1", "-1", "9223372036854775807", "-9223372036854775808",
                                             "4294967296", "-4294967297", "9007199254740993"});
}

TEST(types_number, identifiers_are_unsigned)
{
    expect_journeys<std::uint32_t>("oid", {"0", "1", "2147483648", "4294967295"});
    expect_journeys<std::uint32_t>("xid", {"0", "3", "2147483648", "4294967295"});
    expect_journeys<std::uint32_t>("cid", {"0", "3", "2147483648", "4294967295"});
    expect_journeys<std::uint64_t>("xid8", {"0", "3", "9223372036854775808", "18446744073709551615"});
}

TEST(types_number, registered_names_are_identifiers_in_binary)
{
    expect_journeys<std::uint32_t>("regclass", {"pg_class", "pg_catalog.pg_type", "4294967295", "-"});
    expect_journeys<std::uint32_t>("regtype", {"integer", "timestamp with time zone", "text[]"});
    expect_journeys<std::uint32_t>("regproc", {"pg_sleep", "now"});
    expect_journeys<std::uint32_t>("regprocedure", {"pg_sleep(double precision)", "now()"});
    expect_journeys<std::uint32_t>("regoper", {"||/", "|/"});
    expect_journeys<std::uint32_t>("regoperator", {"+(integer,integer)", "-(NONE,integer)"});
    expect_journeys<std::uint32_t>("regnamespace", {"pg_catalog", "public"});
    expect_journeys<std::uint32_t>("regrole", {"postgres"});
    expect_journeys<std::uint32_t>("regcollation", {"\"C\"", "\"POSIX\""});
    expect_journeys<std::uint32_t>("regconfig", {"simple", "english"});
    expect_journeys<std::uint32_t>("regdictionary", {"simple", "english_stem"});
}

TEST(types_number, real)
{
    expect_journeys<float>("real", {"0", "-0", "0.1", "1.5", "-1", "3.4028235e+38", "-3.4028235e+38", "1.1754944e-38",
                                    "1e-45", "16777217", "NaN", "Infinity", "-Infinity", "3.1415927"});
}

TEST(types_number, double_precision)
{
    expect_journeys<double>("double precision",
                            {"0", "-0", "0.1", "0.30000000000000004", "1e15", "1e16", "-1.7976931348623157e+308",
                             "2.2250738585072014e-308", "5e-324", "9007199254740993", "NaN", "Infinity", "-Infinity",
                             "3.141592653589793", "1e-5", "123456.789"});
}

TEST(types_number, money_counts_its_smallest_unit)
{
    expect_journeys<tusk::money>("money",
                                 {"0", "12.34", "-12.34", "1000000", "92233720368547758.07", "-92233720368547758.08"});
}

} // namespace
