#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace tusk::detail {

/// What the kernel maps at once where it is asked to: whoever touches much new memory then has one page fault for each
/// instead of 512.
inline constexpr std::size_t huge_page = 2048UL * 1024;

/// Memory in huge pages, where the kernel has them.
/// @param size  In bytes, best a multiple of `huge_page`: the last page is used up whole.
/// @throws std::bad_alloc
[[nodiscard]] std::byte* allocate_huge(std::size_t size);
void free_huge(std::byte* memory) noexcept;

/// For a list that may become long: from half a huge page on it lies in them.
template <class T>
struct huge_allocator {
    using value_type = T;

    huge_allocator() noexcept = default;
    template <class U>
    huge_allocator(const huge_allocator<U>& /*other*/) noexcept
    {
    }

    [[nodiscard]] T* allocate(std::size_t count)
    {
        return is_huge(count) ? reinterpret_cast<T*>(allocate_huge(in_whole_pages(count * element_size)))
                              : std::allocator<T>{}.allocate(count);
    }
    void deallocate(T* memory, std::size_t count) noexcept
    {
        if (is_huge(count))
            free_huge(reinterpret_cast<std::byte*>(memory));
        else
            std::allocator<T>{}.deallocate(memory, count);
    }

    friend bool operator==(const huge_allocator& /*a*/, const huge_allocator& /*b*/) noexcept { return true; }

private:
    static constexpr std::size_t element_size = sizeof(T); // NOLINT(bugprone-sizeof-expression): of pointers too
    static std::size_t in_whole_pages(std::size_t size) noexcept
    {
        return (size + huge_page - 1) / huge_page * huge_page;
    }
    static bool is_huge(std::size_t count) noexcept { return count >= huge_page / 2 / element_size; }
};

template <class T>
using long_vector = std::vector<T, huge_allocator<T>>;

} // namespace tusk::detail
