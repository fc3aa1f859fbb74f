#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>

namespace bench {

/// How often operator new was called in this program.
[[nodiscard]] std::size_t allocations() noexcept;

/// Reports how many allocations an iteration makes.
class allocation_count
{
public:
    explicit allocation_count(benchmark::State& state) : state_{&state}, before_{allocations()} {}
    allocation_count(const allocation_count&) = delete;
    allocation_count& operator=(const allocation_count&) = delete;
    ~allocation_count()
    {
        state_->counters["allocations"] =
            benchmark::Counter(static_cast<double>(allocations() - before_), benchmark::Counter::kAvgIterations);
    }

private:
    benchmark::State* state_;
    std::size_t before_;
};

} // namespace bench
