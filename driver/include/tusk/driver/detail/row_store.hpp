#pragma once

#include <tusk/driver/detail/row_index.hpp>
#include <tusk/driver/detail/shared_block.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace tusk::detail {

/// A run of DataRow messages (with type and length), all complete, and the block that it has arrived in.
struct arrived_rows {
    std::span<const std::byte> bytes;
    const shared_block& in;
};

/// The bytes of a result's rows, and where each row starts.
///
/// Rows are appended in runs as they come from the socket: one copy a run, no allocation a row. Where there are many,
/// they are not even copied: the store holds the block that they arrived in. The first bytes and rows live inside the
/// object, so that a point select needs no block of its own. Addresses never change, so the object itself is not
/// movable.
class row_store
{
public:
    row_store() = default;
    row_store(const row_store&) = delete;
    row_store& operator=(const row_store&) = delete;

    /// @param columns  How many fields each row must have.
    /// @throws protocol_error  A row does not have that layout.
    void append(const arrived_rows& run, std::size_t columns);

    /// The same for messages that lie anywhere: they are copied.
    void append(std::span<const std::byte> run, std::size_t columns);

    /// Notes a row that came without a message of its own, a field count and the fields, and that stays where it is.
    /// @param bytes  Begin with the row, and may go on behind it.
    /// @returns How many bytes it takes; 0 where it is not all there, and then it is not noted.
    /// @throws protocol_error  It does not have that layout.
    std::size_t note(std::span<const std::byte> bytes, std::size_t columns);

    /// Forgets the rows, lets go of what it holds, and keeps the largest block of its own for the next ones.
    void clear() noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }

    /// The first field of a row; `position` must be below `size()`.
    const std::byte* operator[](std::size_t position) const noexcept { return index_[position]; }

private:
    bool hold(const arrived_rows& run);
    std::byte* place_for(std::size_t size);
    void add(std::span<const std::byte> run, std::size_t columns);
    void spoil() noexcept;

    static constexpr std::size_t first_block_size = 256;
    std::array<std::byte, first_block_size> first_block_;
    std::byte* free_ = first_block_.data();
    std::size_t room_ = first_block_size;
    std::size_t next_block_ = 4096;
    shared_block own_;                 ///< What is being filled; none while `first_block_` is.
    std::vector<shared_block> blocks_; ///< Full ones, and those that rows arrived in.
    std::size_t bytes_ = 0;            ///< Of all rows.
    row_index index_;
};

} // namespace tusk::detail
