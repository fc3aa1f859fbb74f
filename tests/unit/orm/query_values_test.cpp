#include "support/query_cases/values.hpp"

#include <gtest/gtest.h>

namespace {

void expect_text(const tusk::test::query_cases& of)
{
    for (const auto& each : of.all()) {
        SCOPED_TRACE(each.name);
        EXPECT_EQ(each.made.sql, each.expected);
    }
}

TEST(orm_query_text, values) { expect_text(tusk::test::values()); }
TEST(orm_query_text, aggregates) { expect_text(tusk::test::aggregates()); }

} // namespace
