#include <tusk/driver/detail/shared_block.hpp>

#include <sys/mman.h>

#include <memory>
#include <new>

namespace tusk::detail {

namespace {

/// What the kernel maps at once where it is asked to: a result of many rows then costs one page fault for each instead
/// of 512.
constexpr std::size_t huge_page = 2048UL * 1024;

std::byte* allocate_huge(std::size_t size)
{
    void* memory = ::operator new(size, std::align_val_t{huge_page});
#ifdef MADV_HUGEPAGE
    ::madvise(memory, size, MADV_HUGEPAGE); // where it is refused, small pages do
#endif
    return static_cast<std::byte*>(memory);
}

} // namespace

shared_block::head* shared_block::make(std::size_t capacity)
{
    if (capacity < huge_page) {
        auto* memory = static_cast<std::byte*>(::operator new(sizeof(head) + capacity));
        return ::new (memory) head{{1}, capacity, memory + sizeof(head)};
    }
    // Its pages are its own, so the head lies elsewhere.
    auto made = std::make_unique<head>(1, capacity, nullptr);
    made->bytes = allocate_huge(capacity);
    return made.release();
}

void shared_block::free(head* block) noexcept
{
    if (block->capacity >= huge_page)
        ::operator delete(block->bytes, std::align_val_t{huge_page});
    ::operator delete(block);
}

} // namespace tusk::detail
