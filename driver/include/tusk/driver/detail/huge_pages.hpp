#pragma once

#include <cstddef>

namespace tusk::detail {

/// What the kernel maps at once where it is asked to: whoever touches much new memory then has one page fault for each
/// instead of 512.
inline constexpr std::size_t huge_page = 2048UL * 1024;

/// Memory in huge pages, where the kernel has them.
/// @param size  In bytes, best a multiple of `huge_page`: the last page is used up whole.
/// @throws std::bad_alloc
[[nodiscard]] std::byte* allocate_huge(std::size_t size);
void free_huge(std::byte* memory) noexcept;

} // namespace tusk::detail
