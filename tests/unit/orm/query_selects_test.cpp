#include "support/query_cases/selects.hpp"

#include <gtest/gtest.h>

namespace {

void expect_text(const tusk::test::query_cases& of)
{
    for (const auto& each : of.all()) {
        SCOPED_TRACE(each.name);
        EXPECT_EQ(each.made.sql, each.expected);
    }
}

TEST(orm_query_text, selects) { expect_text(tusk::test::selects()); }
TEST(orm_query_text, aliases_and_subqueries) { expect_text(tusk::test::aliases_and_subqueries()); }

} // namespace
