#pragma once

#include "allocation/counted_allocations.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>

namespace bench {

/// Reports how many allocations an iteration makes.
class allocation_count
{
public:
    explicit allocation_count(benchmark::State& state) : state_{&state}, before_{tusk::test::counted_allocations()} {}
    allocation_count(const allocation_count&) = delete;
    allocation_count& operator=(const allocation_count&) = delete;
    ~allocation_count()
    {
        const std::size_t made = tusk::test::counted_allocations() - before_;
        state_->counters["allocations"] =
            benchmark::Counter(static_cast<double>(made), benchmark::Counter::kAvgIterations);
    }

private:
    benchmark::State* state_;
    std::size_t before_;
};

} // namespace bench
