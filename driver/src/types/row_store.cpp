#include <tusk/driver/detail/row_store.hpp>

#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace tusk::detail {

namespace {

constexpr std::size_t header_size = 5; // type and length
constexpr std::uint64_t count_size = sizeof(std::uint16_t);
constexpr std::uint64_t length_size = sizeof(std::uint32_t);
constexpr std::uint64_t null_length = 0xffff'ffff;
constexpr std::uint64_t longest_field = 0x7fff'ffff;
constexpr std::size_t largest_block = 2048UL * 1024;

/// Fewer bytes are copied, for a block of the connection's is larger than what they need.
constexpr std::size_t smallest_held = 128UL * 1024;

[[noreturn]] void fail_layout(std::size_t columns)
{
    throw protocol_error{fmt::format("the server sent a DataRow that does not have the {} fields of its "
                                     "RowDescription, so the connection is closed",
                                     columns)};
}

/// Checks a row from a field on.
/// @param at    Where that field's length is.
/// @param left  How many fields there are from there on.
[[gnu::noinline]] void check_any(const std::byte* body, std::uint64_t size, std::uint64_t at, std::size_t left,
                                 std::size_t columns)
{
    for (; left != 0; --left) {
        if (size - at < length_size)
            fail_layout(columns);
        const std::uint64_t length = load_big_endian<std::uint32_t>(body + at);
        at += length_size;
        if (length <= size - at)
            at += length;
        else if (length != null_length)
            fail_layout(columns);
    }
    if (at != size)
        fail_layout(columns);
}

/// The same for a number of fields that is known when this is compiled, and that are not NULL. (The length of NULL is
/// -1: as an unsigned one it is beyond every row.)
template <std::size_t Left>
[[gnu::always_inline]] inline void check_fields(const std::byte* body, std::uint64_t size, std::uint64_t at,
                                                std::size_t columns)
{
    const std::uint64_t behind = at + length_size + load_big_endian<std::uint32_t>(body + at);
    if constexpr (Left == 1) {
        if (behind != size) [[unlikely]]
            check_any(body, size, at, Left, columns);
    } else {
        // It must leave room for the length of the next one: one comparison tells that it is all there, and that the
        // next length can be read.
        if (behind > size - length_size) [[unlikely]]
            check_any(body, size, at, Left, columns);
        else
            check_fields<Left - 1>(body, size, behind, columns);
    }
}

/// Checks each row once, so that every later access can go without checks, and notes where its fields begin.
/// @tparam Known  How many columns there are; 0 where that is known at run time only.
template <std::size_t Known>
[[gnu::hot]] void index_rows(std::span<const std::byte> run, std::size_t given, row_index& index)
{
    const std::size_t columns = Known != 0 ? Known : given;
    const std::uint64_t smallest = count_size + columns * length_size;
    const std::byte* message = run.data();
    const std::byte* const end = message + run.size();
    while (message != end) {
        const std::byte* const body = message + header_size;
        const std::uint64_t size = load_big_endian<std::uint32_t>(message + 1) - length_size;
        if (size < smallest || load_big_endian<std::uint16_t>(body) != columns) [[unlikely]]
            fail_layout(columns);
        if constexpr (Known != 0)
            check_fields<Known>(body, size, count_size, columns);
        else
            check_any(body, size, count_size, columns, columns);
        index.add(body + count_size);
        message = body + size;
    }
}

/// Usual numbers of columns have a function of their own.
template <std::size_t... Known>
constexpr auto index_functions(std::index_sequence<Known...>)
{
    return std::array{&index_rows<Known>...};
}
constexpr auto index_function = index_functions(std::make_index_sequence<17>());

} // namespace

[[gnu::hot]] void row_store::append(const arrived_rows& run, std::size_t columns)
{
    if (hold(run))
        add(run.bytes, columns);
    else
        append(run.bytes, columns);
}

[[gnu::hot]] void row_store::append(std::span<const std::byte> run, std::size_t columns)
{
    std::byte* const place = place_for(run.size());
    std::memcpy(place, run.data(), run.size());
    add({place, run.size()}, columns);
}

[[gnu::hot]] bool row_store::hold(const arrived_rows& run)
{
    if (!blocks_.empty() && blocks_.back() == run.in)
        return true;
    const std::size_t size = bytes_ + run.bytes.size();
    if (size < std::max(smallest_held, run.in.capacity() / 2))
        return false;
    blocks_.push_back(run.in);
    return true;
}

[[gnu::hot]] void row_store::add(std::span<const std::byte> run, std::size_t columns)
{
    bytes_ += run.size();
    index_function[columns < index_function.size() ? columns : 0](run, columns, index_);
}

std::size_t row_store::note(std::span<const std::byte> bytes, std::size_t columns)
{
    if (bytes.size() < count_size)
        return 0;
    if (load_big_endian<std::uint16_t>(bytes.data()) != columns)
        fail_layout(columns);
    const std::uint64_t size = bytes.size();
    std::uint64_t at = count_size;
    for (std::size_t i = columns; i != 0; --i) {
        if (size - at < length_size)
            return 0;
        const std::uint64_t length = load_big_endian<std::uint32_t>(bytes.data() + at);
        at += length_size;
        if (length <= size - at) [[likely]]
            at += length;
        else if (length <= longest_field)
            return 0;
        else if (length != null_length)
            fail_layout(columns);
    }
    index_.add(bytes.data() + count_size);
    return at;
}

void row_store::clear() noexcept
{
#ifndef NDEBUG
    spoil();
#endif
    index_.clear();
    blocks_.clear();
    bytes_ = 0;
    free_ = own_ ? own_.data() : first_block_.data();
    room_ = own_ ? own_.capacity() : first_block_size;
}

/// Whoever still reads an old row sees that it is gone.
void row_store::spoil() noexcept
{
    // Rows that were only noted lie elsewhere, and have no messages before them.
    if (bytes_ == 0)
        return;
    for (std::size_t i = 0; i != size(); ++i) {
        auto* const fields = const_cast<std::byte*>(index_[i]);
        const auto length = load_big_endian<std::uint32_t>(fields - count_size - length_size);
        std::memset(fields, 0xdd, length - length_size - count_size);
    }
}

[[gnu::hot]] std::byte* row_store::place_for(std::size_t size)
{
    if (size > room_) {
        shared_block larger{std::max(size, next_block_)};
        next_block_ = std::min(next_block_ * 2, largest_block);
        if (own_)
            blocks_.push_back(std::move(own_));
        own_ = std::move(larger);
        free_ = own_.data();
        room_ = own_.capacity();
    }
    std::byte* place = free_;
    free_ += size;
    room_ -= size;
    return place;
}

} // namespace tusk::detail
