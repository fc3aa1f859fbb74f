#include "support/query_cases/loading.hpp"

#include <gtest/gtest.h>

namespace {

void expect_text(const tusk::test::query_cases& of)
{
    for (const auto& each : of.all()) {
        SCOPED_TRACE(each.name);
        EXPECT_EQ(each.made.sql, each.expected);
    }
}

TEST(orm_query_text, loading) { expect_text(tusk::test::loading()); }

} // namespace
