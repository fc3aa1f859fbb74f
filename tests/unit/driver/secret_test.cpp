#include "protocol/secret.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace {

using tusk::protocol::secret_text;

TEST(secret, wiping_a_string_overwrites_its_memory)
{
    for (const std::size_t size : {std::size_t{5}, std::size_t{100}}) { // inside the object, and outside
        std::string text(size, 'x');
        tusk::protocol::wipe(text);
        EXPECT_TRUE(text.empty());
        EXPECT_EQ(std::count(text.data(), text.data() + size, 'x'), 0); // the capacity is still there
    }
}

TEST(secret, moving_leaves_nothing_behind)
{
    secret_text first{"hunter2"};
    secret_text second{std::move(first)};
    EXPECT_EQ(second.view(), "hunter2");
    EXPECT_TRUE(first.empty()); // NOLINT: that is the question
    secret_text third{"older"};
    third = std::move(second);
    EXPECT_EQ(third.view(), "hunter2");
    EXPECT_TRUE(second.empty()); // NOLINT: that is the question
}

TEST(secret, is_empty_after_wiping)
{
    secret_text text{"hunter2"};
    text.wipe();
    EXPECT_TRUE(text.empty());
    text.wipe();
    EXPECT_TRUE(text.empty());
}

} // namespace
