#pragma once

#include <cstddef>

/// Memory of requests and results. Whoever asks one thing after the other, or a hundred in a pipeline, needs blocks of
/// the same two sizes again and again: each thread keeps some of either kind that were given back, so that a query from
/// the cache allocates nothing.
/// @par Thread safety  Any thread may give back what another one has taken.
namespace tusk::detail {

/// What a request mostly needs at most, with its SQL and its arguments, in bytes.
inline constexpr std::size_t usual_request = 1024;

/// So many of a kind.
inline constexpr std::size_t most_spare_blocks = 128;

/// @throws std::bad_alloc
[[nodiscard]] void* allocate_request(std::size_t size);
/// @param size  As it was asked for.
void deallocate_request(void* block, std::size_t size) noexcept;

/// @param size  Always the same.
/// @throws std::bad_alloc
[[nodiscard]] void* allocate_result(std::size_t size);
void deallocate_result(void* block) noexcept;

} // namespace tusk::detail
