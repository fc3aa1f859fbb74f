// The map of entities by their keys: whatever keys come, in whatever order they come and go.
#include "unit_of_work/identity_map.hpp"

#include <tusk/driver/byte_writer.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using tusk::orm::detail::entity_record;
using tusk::orm::detail::identity_map;

namespace {

template <class Int>
std::string key_of(Int value)
{
    tusk::byte_writer out;
    out.put(value);
    return {reinterpret_cast<const char*>(out.bytes().data()), out.size()};
}

/// Keys as they come: numbered one by one, by steps that are powers of two, at random, and those that are no integers.
std::vector<std::pair<std::string_view, std::vector<std::string>>> kinds_of_keys(std::size_t count)
{
    std::vector<std::pair<std::string_view, std::vector<std::string>>> kinds(6);
    std::mt19937_64 random{7};
    for (std::size_t i = 0; i < count; ++i) {
        kinds[0].second.push_back(key_of(static_cast<std::int64_t>(i) - 100));
        kinds[1].second.push_back(key_of(static_cast<std::int64_t>(i) << 3));
        kinds[2].second.push_back(key_of(static_cast<std::int64_t>(i) << 40));
        kinds[3].second.push_back(key_of(static_cast<std::int64_t>(random())));
        kinds[4].second.push_back(key_of(static_cast<std::int32_t>(i)));
        kinds[5].second.push_back("a key in words, the number " + std::to_string(i));
    }
    constexpr std::string_view names[]{"one by one", "multiples of 8", "high bits", "random", "int4", "text"};
    for (std::size_t i = 0; i < kinds.size(); ++i)
        kinds[i].first = names[i];
    return kinds;
}

} // namespace

TEST(orm_identity_map, finds_what_was_inserted_and_not_erased)
{
    constexpr std::size_t count = 3000;
    for (const auto& [kind, keys] : kinds_of_keys(count)) {
        SCOPED_TRACE(kind);
        std::mt19937 random{11};
        std::deque<entity_record> entities(count);
        std::vector<bool> is_in(count);
        std::size_t size = 0;
        identity_map map;
        for (std::size_t i = 0; i < count; ++i)
            entities[i].key = keys[i];
        const auto check = [&](std::size_t i) { ASSERT_EQ(map.find(keys[i]), is_in[i] ? &entities[i] : nullptr) << i; };
        for (std::size_t step = 0; step < 4 * count; ++step) {
            const std::size_t i = step < count ? step : random() % count; // first all of them, in order
            if (is_in[i])
                map.erase(entities[i]);
            else
                map.insert(entities[i]);
            size += is_in[i] ? std::size_t(-1) : 1;
            is_in[i] = !is_in[i];
            ASSERT_EQ(map.size(), size);
            check(i);
            check(random() % count);
        }
        for (std::size_t i = 0; i < count; ++i)
            check(i);
    }
}

TEST(orm_identity_map, erases_nothing_but_the_entity_itself)
{
    identity_map map;
    entity_record here;
    entity_record other;
    here.key = other.key = key_of(std::int64_t{1});
    map.erase(other);
    map.insert(here);
    map.erase(other);
    EXPECT_EQ(map.find(here.key), &here);
    EXPECT_EQ(map.size(), 1U);
}

TEST(orm_identity_map, what_was_expected_need_not_come)
{
    identity_map map;
    map.expect(1'000'000);
    std::deque<entity_record> entities(100);
    for (std::size_t i = 0; i < entities.size(); ++i) {
        entities[i].key = key_of(i);
        map.insert(entities[i]);
    }
    for (const entity_record& each : entities)
        EXPECT_EQ(map.find(each.key), &each);
}
