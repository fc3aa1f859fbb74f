// Geometry through the server and back. What the server prints for a double depends on its version, so the types'
// own text is compared in the unit tests.

#include "support/round_trip.hpp"

namespace {

using namespace tusk::test;

TEST(types_geometry, of_two_numbers_or_three)
{
    expect_journeys<tusk::point>("point",
                                 {"(0,0)", "(1,2.5)", "(-0,1e300)", "(5e-324,-1.7976931348623157e308)",
                                  "(Infinity,-Infinity)", "(NaN,0.1)", "(0.30000000000000004,1e-7)"},
                                 own_text::other);
    expect_journeys<tusk::line>("line", {"{1,-1,0}", "{0,1,5}", "{0.1,0.2,-1e300}", "{-1,0,Infinity}", "[(0,0),(1,1)]"},
                                own_text::other);
    expect_journeys<tusk::circle>("circle", {"<(0,0),0>", "<(1.5,-2),3>", "<(1e300,NaN),Infinity>"}, own_text::other);
}

TEST(types_geometry, of_two_points)
{
    expect_journeys<tusk::lseg>("lseg", {"[(0,0),(1,1)]", "[(1,1),(0,0)]", "[(NaN,0.1),(Infinity,-0)]"},
                                own_text::other);
    expect_journeys<tusk::box>(
        "box", {"(1,1),(0,0)", "(0,0),(1,1)", "(0,1),(1,0)", "(-1.5,2),(3,-4.25)", "(7,7),(7,7)"}, own_text::other);
}

TEST(types_geometry, of_many_points)
{
    std::string many = "((0,0)";
    for (int i = 1; i != 2'000; ++i)
        many += ",(" + std::to_string(i) + ".5,-" + std::to_string(i) + ")";
    many += ")";
    expect_journeys<tusk::path>("path",
                                {"((0,0))", "[(0,0)]", "((0,0),(1,1),(2,0))", "[(0,0),(1,1),(2,0)]",
                                 "[(NaN,1e-300),(Infinity,-Infinity)]", many},
                                own_text::other);
    expect_journeys<tusk::polygon>("polygon", {"((0,0))", "((0,0),(1,1),(2,0))", "((-1.25,1e10),(0,-0))", many},
                                   own_text::other);
}

} // namespace
