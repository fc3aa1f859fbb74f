#include "support/query_cases/conditions.hpp"

#include <gtest/gtest.h>

namespace {

void expect_text(const tusk::test::query_cases& of)
{
    for (const auto& each : of.all()) {
        SCOPED_TRACE(each.name);
        EXPECT_EQ(each.made.sql, each.expected);
    }
}

TEST(orm_query_text, comparisons) { expect_text(tusk::test::comparisons()); }
TEST(orm_query_text, types_of_postgres) { expect_text(tusk::test::types_of_postgres()); }

} // namespace
