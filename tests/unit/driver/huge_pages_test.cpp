#include <tusk/driver/detail/huge_pages.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

using tusk::detail::huge_page;
using tusk::detail::long_vector;

TEST(huge_pages, a_long_vector_keeps_what_it_holds_while_it_grows_into_them)
{
    long_vector<std::string> list;
    constexpr std::size_t count = 3 * huge_page / sizeof(std::string);
    for (std::size_t i = 0; i < count; ++i)
        list.push_back("a text that lies elsewhere, number " + std::to_string(i));
    const long_vector<std::string> copy = list;
    const long_vector<std::string> moved = std::move(list);
    EXPECT_EQ(moved, copy);
    for (std::size_t i = 0; i < count; i += 997)
        ASSERT_EQ(moved[i], "a text that lies elsewhere, number " + std::to_string(i));
}

TEST(huge_pages, a_long_list_begins_with_one)
{
    long_vector<std::uint64_t> list;
    list.reserve(huge_page / sizeof(std::uint64_t));
    list.push_back(1);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(list.data()) % huge_page, 0U);
}
