#include "unit_of_work/column_set.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>

namespace {

using tusk::orm::detail::column_set;

TEST(orm_column_set, holds_as_many_columns_as_a_table_can_have)
{
    constexpr std::array<std::size_t, 8> positions{0, 1, 63, 64, 65, 127, 128, 1599};
    for (const std::size_t column : positions) {
        SCOPED_TRACE(column);
        column_set set;
        EXPECT_TRUE(set.none());
        set.reset(column);
        set.set(column);
        EXPECT_TRUE(set.any());
        for (std::size_t other = 0; other < 1600; ++other)
            EXPECT_EQ(set.test(other), other == column) << other;
        set.reset(column);
        EXPECT_FALSE(set.test(column));
        EXPECT_TRUE(set.none());
    }
}

TEST(orm_column_set, is_equal_to_one_with_the_same_columns_whatever_it_held_before)
{
    column_set small;
    small.set(3);
    column_set once_wide = small;
    EXPECT_TRUE(once_wide == small);
    once_wide.set(700);
    EXPECT_FALSE(once_wide == small);
    EXPECT_FALSE(small == once_wide);
    once_wide.reset(700);
    EXPECT_TRUE(once_wide == small);
    EXPECT_TRUE(small == once_wide);
    small.set(4);
    EXPECT_FALSE(once_wide == small);
    column_set one;
    column_set other;
    one.set(100);
    other.set(101);
    EXPECT_FALSE(one == other);
}

} // namespace
