#include "counted_allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> calls{0};

} // namespace

void* operator new(std::size_t size)
{
    calls.fetch_add(1, std::memory_order_relaxed);
    if (void* block = std::malloc(size))
        return block;
    throw std::bad_alloc{};
}
void* operator new(std::size_t size, std::align_val_t alignment)
{
    calls.fetch_add(1, std::memory_order_relaxed);
    const auto boundary = static_cast<std::size_t>(alignment);
    if (void* block = std::aligned_alloc(boundary, (size + boundary - 1) / boundary * boundary))
        return block;
    throw std::bad_alloc{};
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t /*size*/) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t /*alignment*/) noexcept { std::free(block); }
void operator delete(void* block, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept { std::free(block); }

std::size_t tusk::test::counted_allocations() noexcept { return calls; }
