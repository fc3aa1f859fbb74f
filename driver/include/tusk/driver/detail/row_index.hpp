#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace tusk::detail {

/// Where rows start.
///
/// In chunks of the same size, so that a long index grows without being copied; only the first chunk grows to that
/// size. The first entries live inside the object.
class row_index
{
public:
    row_index() = default;
    row_index(const row_index&) = delete;
    row_index& operator=(const row_index&) = delete;

    void add(const std::byte* row)
    {
        if (next_ == end_) [[unlikely]]
            grow();
        *next_++ = row;
    }

    /// Keeps its memory.
    void clear() noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return before_ + static_cast<std::size_t>(next_ - begin_); }

    /// `position` must be below `size()`.
    const std::byte* operator[](std::size_t position) const noexcept
    {
        return position < rows_a_chunk ? first_[position]
                                       : others_[position / rows_a_chunk - 1][position % rows_a_chunk];
    }

private:
    void grow();

    static constexpr std::size_t rows_a_chunk = 8192;
    static constexpr std::size_t rows_inside = 4;
    std::array<const std::byte*, rows_inside> inside_;
    const std::byte** first_ = inside_.data();
    std::size_t first_capacity_ = rows_inside;
    // The chunk that is being filled.
    const std::byte** begin_ = first_;
    const std::byte** next_ = first_;
    const std::byte** end_ = first_ + rows_inside;
    std::size_t before_ = 0; ///< Rows in the chunks before it.
    std::unique_ptr<const std::byte*[]> grown_first_;
    std::vector<std::unique_ptr<const std::byte*[]>> others_;
};

} // namespace tusk::detail
