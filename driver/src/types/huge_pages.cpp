#include <tusk/driver/detail/huge_pages.hpp>

#include <sys/mman.h>

#include <new>

namespace tusk::detail {

std::byte* allocate_huge(std::size_t size)
{
    void* memory = ::operator new(size, std::align_val_t{huge_page});
#ifdef MADV_HUGEPAGE
    ::madvise(memory, size, MADV_HUGEPAGE); // where it is refused, small pages do
#endif
    return static_cast<std::byte*>(memory);
}

void free_huge(std::byte* memory) noexcept { ::operator delete(memory, std::align_val_t{huge_page}); }

} // namespace tusk::detail
