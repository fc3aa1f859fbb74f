#include <tusk/driver/detail/shared_block.hpp>

#include <tusk/driver/detail/huge_pages.hpp>

#include <memory>
#include <new>

namespace tusk::detail {

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
        free_huge(block->bytes);
    ::operator delete(block);
}

} // namespace tusk::detail
