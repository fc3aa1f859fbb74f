#pragma once

#include <cstddef>
#include <vector>

namespace tusk::orm::detail {

/// Memory for objects of one size, at addresses that never change: they lie side by side in large pieces, and a place
/// that was given back is the next to be given out. (Not so under the address sanitizer, which is to see who comes too
/// late. The allocator's own way took 390 of the 2,513 instructions that an entity took to be loaded.)
///
/// Pieces grow with what is in use, from a page to huge ones. They go when nothing is in use any more, but for the
/// first.
/// @par Thread safety  One strand.
class slab
{
public:
    /// @param size       Of an object, in bytes.
    /// @param alignment  A power of two.
    slab(std::size_t size, std::size_t alignment) noexcept;
    slab(const slab&) = delete;
    slab& operator=(const slab&) = delete;
    ~slab();

    /// @throws std::bad_alloc  There is no memory; nothing has changed.
    [[nodiscard]] void* allocate();
    /// Its object has been destroyed.
    void deallocate(void* place) noexcept;

private:
    /// A place that nobody uses.
    struct vacancy {
        vacancy* next;
    };
    struct piece {
        std::byte* begin;
        std::size_t size;
    };

    void grow();
    void begin_with(const piece& first) noexcept;
    void free_from(std::size_t position) noexcept;

    std::size_t alignment_; ///< Of a piece.
    std::size_t size_;      ///< Of a place.
    std::size_t in_use_ = 0;
    vacancy* vacant_ = nullptr;
    std::byte* untouched_ = nullptr; ///< Where the last piece has not been used yet.
    std::byte* end_ = nullptr;       ///< ... and where it ends.
    std::vector<piece> pieces_;
};

} // namespace tusk::orm::detail
