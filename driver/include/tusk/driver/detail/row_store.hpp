#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace tusk::detail {

/// The bytes of a result's rows, and where each row starts.
///
/// Rows are appended in runs as they come from the socket: one copy a run, no allocation a row. The first bytes and
/// rows live inside the object, so that a point select needs no block of its own. Addresses never change, so the
/// object itself is not movable.
class row_store
{
public:
    row_store() = default;
    row_store(const row_store&) = delete;
    row_store& operator=(const row_store&) = delete;

    /// Appends a run of DataRow messages (with type and length), all complete.
    /// @param columns  How many fields each row must have.
    /// @throws protocol_error  A row does not have that layout.
    void append(std::span<const std::byte> run, std::size_t columns);

    /// Appends one row that came without a message of its own: a field count, and the fields.
    /// @throws protocol_error  It does not have that layout.
    void append_row(std::span<const std::byte> row, std::size_t columns);

    /// Forgets the rows and keeps the largest block of memory for the next ones.
    void clear() noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// The first field of a row; `position` must be below `size()`.
    const std::byte* operator[](std::size_t position) const noexcept { return index_[position]; }

private:
    std::byte* place_for(std::size_t size);
    void add_to_index(const std::byte* row)
    {
        if (size_ == index_capacity_)
            grow_index();
        index_[size_++] = row;
    }
    void grow_index();

    static constexpr std::size_t first_block_size = 256;
    static constexpr std::size_t first_row_count = 4;
    std::array<std::byte, first_block_size> first_block_;
    std::array<const std::byte*, first_row_count> first_rows_;
    std::vector<std::unique_ptr<std::byte[]>> blocks_;
    std::unique_ptr<const std::byte*[]> long_index_;

    std::byte* free_ = first_block_.data();
    std::size_t room_ = first_block_size;
    std::size_t next_block_ = 4096;
    std::size_t last_block_ = first_block_size;

    const std::byte** index_ = first_rows_.data();
    std::size_t size_ = 0;
    std::size_t index_capacity_ = first_row_count;
};

} // namespace tusk::detail
