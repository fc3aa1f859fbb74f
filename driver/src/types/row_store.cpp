#include <tusk/driver/detail/row_store.hpp>

#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace tusk::detail {

namespace {

constexpr std::size_t header_size = 5; // type and length
constexpr std::size_t largest_block = 256 * 1024;

[[noreturn]] void fail_layout(std::size_t columns)
{
    throw protocol_error{fmt::format("the server sent a DataRow that does not have the {} fields of its "
                                     "RowDescription, so the connection is closed",
                                     columns)};
}

/// Checks one row once, so that every later access can go without checks.
void check_layout(const std::byte* body, const std::byte* end, std::size_t columns)
{
    if (end - body < 2 || load_big_endian<std::uint16_t>(body) != columns) [[unlikely]]
        fail_layout(columns);
    const std::byte* field = body + sizeof(std::uint16_t);
    auto left = static_cast<std::size_t>(end - field);
    for (std::size_t i = columns; i != 0; --i) {
        if (left < sizeof(std::uint32_t)) [[unlikely]]
            fail_layout(columns);
        const auto length = load_big_endian<std::uint32_t>(field);
        field += sizeof length;
        left -= sizeof length;
        // The length of NULL is -1: as an unsigned one it is beyond every row.
        if (length <= left) [[likely]] {
            field += length;
            left -= length;
        } else if (length != 0xffff'ffff) {
            fail_layout(columns);
        }
    }
    if (left != 0) [[unlikely]]
        fail_layout(columns);
}

} // namespace

void row_store::append(std::span<const std::byte> run, std::size_t columns)
{
    const std::byte* message = place_for(run.size());
    std::memcpy(const_cast<std::byte*>(message), run.data(), run.size());
    const std::byte* const end = message + run.size();
    while (message != end) {
        const std::byte* body = message + header_size;
        message += 1 + load_big_endian<std::uint32_t>(message + 1);
        check_layout(body, message, columns);
        add_to_index(body + sizeof(std::uint16_t));
    }
}

void row_store::append_row(std::span<const std::byte> row, std::size_t columns)
{
    check_layout(row.data(), row.data() + row.size(), columns);
    std::byte* place = place_for(row.size());
    std::memcpy(place, row.data(), row.size());
    add_to_index(place + sizeof(std::uint16_t));
}

void row_store::clear() noexcept
{
    size_ = 0;
    if (blocks_.empty()) {
        free_ = first_block_.data();
        room_ = first_block_size;
        return;
    }
    if (blocks_.size() > 1) {
        std::swap(blocks_.front(), blocks_.back());
        blocks_.resize(1);
    }
    free_ = blocks_.front().get();
    room_ = last_block_;
#ifndef NDEBUG
    std::memset(free_, 0xdd, room_); // whoever still reads an old row sees that it is gone
#endif
}

std::byte* row_store::place_for(std::size_t size)
{
    if (size > room_) {
        const std::size_t block = std::max(size, next_block_);
        next_block_ = std::min(next_block_ * 2, largest_block);
        blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(block));
        free_ = blocks_.back().get();
        room_ = last_block_ = block;
    }
    std::byte* place = free_;
    free_ += size;
    room_ -= size;
    return place;
}

void row_store::grow_index()
{
    const std::size_t capacity = std::max<std::size_t>(64, index_capacity_ * 2);
    auto longer = std::make_unique_for_overwrite<const std::byte*[]>(capacity);
    std::copy_n(index_, size_, longer.get());
    long_index_ = std::move(longer);
    index_ = long_index_.get();
    index_capacity_ = capacity;
}

} // namespace tusk::detail
