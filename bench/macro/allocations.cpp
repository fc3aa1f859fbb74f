// Counts allocations of everything in the program: C++, libpq and OpenSSL alike end in malloc. What is counted goes on
// to the C library under its other name.

#include "workload.hpp"

#include <cstddef>

extern "C" {
// NOLINTBEGIN: the C library's own names
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
// NOLINTEND
}

namespace {

// Read and written without a lock: a contender's work has one thread, and a lock would cost more than malloc.
std::uint64_t calls = 0;

void count() noexcept { __atomic_store_n(&calls, __atomic_load_n(&calls, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED); }

} // namespace

extern "C" {
void* malloc(std::size_t size)
{
    count();
    return __libc_malloc(size);
}
void* calloc(std::size_t members, std::size_t size)
{
    count();
    return __libc_calloc(members, size);
}
void* realloc(void* block, std::size_t size)
{
    count();
    return __libc_realloc(block, size);
}
}

std::uint64_t bench::allocations() noexcept { return calls; }
