#include <tusk/driver/error.hpp>
#include <tusk/driver/uuid.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <concepts>
#include <string>
#include <unordered_set>

using tusk::uuid;

namespace {

constexpr std::string_view canonical = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";

TEST(uuid, is_a_regular_ordered_value)
{
    static_assert(std::regular<uuid> && std::totally_ordered<uuid>);
    static_assert(uuid{}.is_nil());
    static_assert(!uuid::parse(canonical).is_nil());
    static_assert(uuid{} < uuid::parse(canonical));
    EXPECT_LT(uuid::parse("7fffffff-ffff-ffff-ffff-ffffffffffff"), uuid::parse("80000000-0000-0000-0000-000000000000"))
        << "bytes compare unsigned";
    EXPECT_LT(uuid::parse("00000000-0000-0000-0000-000000000001"), uuid::parse("00000000-0000-0000-0000-000000000100"));
}

TEST(uuid, prints_as_postgresql_does)
{
    EXPECT_EQ(to_string(uuid::parse(canonical)), canonical);
    EXPECT_EQ(to_string(uuid{}), "00000000-0000-0000-0000-000000000000");
    EXPECT_EQ(fmt::format("<{:>38}>", uuid::parse(canonical)), "<  a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11>");
}

TEST(uuid, reads_every_form_that_postgresql_reads)
{
    constexpr uuid expected = uuid::parse(canonical);
    for (const char* text : {"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
                             "a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
                             "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}"})
        EXPECT_EQ(uuid::parse(text), expected) << text;
}

TEST(uuid, refuses_other_text)
{
    for (const char* text : {"", "{", "}", "{}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
                             "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g",
                             "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
                             "-a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0eebc999c0b4ef8bb6d6bb9bd380a11-",
                             "a0-eebc999c0b4ef8bb6d6bb9bd380a11", "a0eebc99--9c0b4ef8bb6d6bb9bd380a11",
                             " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99_9c0b_4ef8_bb6d_6bb9bd380a11"}) {
        EXPECT_FALSE(uuid::try_parse(text).has_value()) << text;
        EXPECT_THROW(uuid::parse(text), tusk::decode_error) << text;
    }
}

TEST(uuid, hashes_by_value)
{
    std::unordered_set<uuid> values;
    for (int i = 0; i != 100; ++i) {
        values.insert(uuid::parse(fmt::format("{:032x}", i)));
        values.insert(uuid::parse(fmt::format("{:032x}", i)));
    }
    EXPECT_EQ(values.size(), 100U);
    EXPECT_NE(std::hash<uuid>{}(uuid{}), std::hash<uuid>{}(uuid::parse(canonical)));
}

} // namespace
