// Where entities lie: each in a place of its own, for as long as it is there.
#include "unit_of_work/slab.hpp"

#include <tusk/driver/detail/address_sanitizer.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <set>
#include <utility>
#include <vector>

using tusk::orm::detail::slab;

namespace {

using shape = std::pair<std::size_t, std::size_t>; // size, alignment

class orm_slab : public testing::TestWithParam<shape>
{
protected:
    [[nodiscard]] std::size_t size() const { return GetParam().first; }
    [[nodiscard]] std::size_t alignment() const { return GetParam().second; }
};

} // namespace

TEST_P(orm_slab, every_place_is_somebodys_own)
{
    struct used {
        std::byte* place;
        std::byte filled_with;
    };
    slab memory{size(), alignment()};
    std::vector<used> all;
    std::mt19937 random{3};
    const auto take = [&] {
        auto* const place = static_cast<std::byte*>(memory.allocate());
        ASSERT_EQ(reinterpret_cast<std::uintptr_t>(place) % alignment(), 0U);
        all.push_back({place, static_cast<std::byte>(random())});
        std::memset(place, std::to_integer<int>(all.back().filled_with), size());
    };
    const auto give_back = [&](std::size_t which) {
        const used gone = all[which];
        for (std::size_t i = 0; i < size(); ++i)
            ASSERT_EQ(gone.place[i], gone.filled_with);
        memory.deallocate(gone.place);
        all[which] = all.back();
        all.pop_back();
    };
    for (int round = 0; round < 3; ++round) {
        while (all.size() < 3000)
            take();
        for (int i = 0; i < 3000; ++i) {
            give_back(random() % all.size());
            take();
        }
        while (!all.empty())
            give_back(random() % all.size());
    }
}

INSTANTIATE_TEST_SUITE_P(sizes, orm_slab,
                         testing::Values(shape{1, 1}, shape{24, 8}, shape{192, 8}, shape{192, 128}, shape{5000, 16}));

TEST(orm_slab_memory, what_is_taken_and_given_back_over_and_over_takes_no_more_places_than_are_in_use_at_once)
{
    slab memory{48, 8};
    void* const kept = memory.allocate();
    std::set<void*> places;
    for (int i = 0; i < 20'000; ++i) {
        void* const place = memory.allocate();
        places.insert(place);
        memory.deallocate(place);
    }
    memory.deallocate(kept);
    EXPECT_EQ(places.size(), tusk::detail::under_address_sanitizer ? 20'000U : 1U);
}

TEST(orm_slab_memory, takes_up_as_much_again_when_all_was_given_back)
{
    slab memory{48, 8};
    for (int round = 0; round < 2; ++round) {
        std::set<void*> places;
        for (int i = 0; i < 20'000; ++i) // into pieces of every size
            EXPECT_TRUE(places.insert(memory.allocate()).second);
        for (void* each : places)
            memory.deallocate(each);
    }
}

TEST(orm_slab_memory, holds_objects_that_are_larger_than_a_huge_page)
{
    constexpr std::size_t size = 3 * 1024 * 1024;
    slab memory{size, 8};
    auto* const one = static_cast<std::byte*>(memory.allocate());
    auto* const other = static_cast<std::byte*>(memory.allocate());
    one[size - 1] = other[size - 1] = std::byte{1};
    EXPECT_GE(static_cast<std::size_t>(std::abs(one - other)), size);
    memory.deallocate(one);
    memory.deallocate(other);
}
