// The blocks that requests and results lie in: kept by the thread that gave them back, and never by two at once.
#include <tusk/driver/detail/result_data.hpp>
#include <tusk/driver/detail/spare_memory.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <set>
#include <thread>
#include <utility>
#include <vector>

using namespace tusk::detail;

TEST(spare_memory, every_block_that_is_in_use_is_another_one)
{
    for (int round = 0; round < 3; ++round) {
        std::set<void*> results;
        std::vector<std::pair<void*, std::size_t>> requests;
        for (const std::size_t size : {1UL, 200UL, usual_request, usual_request + 1, 100'000UL, 200UL}) {
            requests.emplace_back(allocate_request(size), size);
            std::memset(requests.back().first, 0xab, size);
            results.insert(allocate_result(sizeof(result_data)));
        }
        std::set<void*> places;
        for (const auto& [block, size] : requests)
            places.insert(block);
        EXPECT_EQ(places.size(), requests.size());
        EXPECT_EQ(results.size(), requests.size());
        for (const auto& [block, size] : requests)
            deallocate_request(block, size);
        for (void* each : results)
            deallocate_result(each);
    }
}

TEST(spare_memory, more_blocks_than_are_kept_come_and_go)
{
    std::set<void*> blocks;
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < 3 * most_spare_blocks; ++i) {
            void* const block = allocate_request(200);
            std::memset(block, 0xab, 200);
            EXPECT_TRUE(blocks.insert(block).second);
        }
        for (void* each : blocks)
            deallocate_request(each, 200);
        blocks.clear();
    }
}

TEST(spare_memory, a_small_block_that_was_given_back_holds_the_largest_usual_request)
{
    void* const small = allocate_request(1);
    deallocate_request(small, 1);
    void* const large = allocate_request(usual_request);
    std::memset(large, 0xab, usual_request); // the address sanitizer sees where it ends
    deallocate_request(large, usual_request);
}

TEST(spare_memory, may_be_given_back_by_another_thread_than_took_it)
{
    void* request = allocate_request(100);
    void* result = allocate_result(sizeof(result_data));
    std::thread{[=] {
        deallocate_request(request, 100);
        deallocate_result(result);
    }}.join(); // with the thread goes what it has kept
    std::thread{[&] {
        request = allocate_request(100);
        result = allocate_result(sizeof(result_data));
    }}.join();
    deallocate_request(request, 100);
    deallocate_result(result);
}
