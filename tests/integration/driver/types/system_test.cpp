// Bits, and the types of PostgreSQL's own book-keeping, through the server and back.

#include "support/round_trip.hpp"

#include <string>

namespace {

using namespace tusk::test;

TEST(types_system, bits)
{
    expect_journeys<tusk::bit_string>("varbit", {"", "0", "1", "10110", "00000000", "11111111", "111111111",
                                                 "0000000001", std::string(1'000, '1'), "X1F"});
    expect_journeys<tusk::bit_string>("bit(5)", {"10110", "00000", "1", "1111111"});
    expect_journeys<tusk::bit_string>("bit(16)", {"1010101010101010"});
    expect_journeys<tusk::bit_string>("varbit(3)", {"101010", "1"});
}

TEST(types_system, positions_in_the_log)
{
    expect_journeys<tusk::pg_lsn>(
        "pg_lsn", {"0/0", "16/B374D848", "0/1", "1/0", "7FFFFFFF/FFFFFFFF", "80000000/0", "FFFFFFFF/FFFFFFFF", "a/b"});
}

TEST(types_system, positions_in_a_table)
{
    expect_journeys<tusk::tid>("tid", {"(0,0)", "(0,1)", "(42,7)", "(4294967295,65535)"});
}

TEST(types_system, snapshots)
{
    for (const char* type : {"pg_snapshot", "txid_snapshot"})
        expect_journeys<tusk::pg_snapshot>(
            type, {"1:1:", "10:20:", "10:20:10,14,15", "10:20:10,11,12,13,14,15,16,17,18,19",
                   "4294967298:4294967303:4294967299,4294967300", "9223372036854775806:9223372036854775807:"});
}

} // namespace
