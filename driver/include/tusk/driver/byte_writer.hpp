#pragma once

#include <tusk/driver/detail/big_endian.hpp>

#include <concepts>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace tusk {

/// A growing byte buffer that writes PostgreSQL's wire integers (big-endian).
///
/// Everything the driver sends is written through it, and so is what a user's `codec` encodes.
/// @par Thread safety  None; one writer belongs to one thread at a time.
class byte_writer
{
public:
    byte_writer() = default;

    /// Appends one big-endian integer. The width is that of `Int`: name it, so that nothing narrows silently.
    template <std::integral Int>
    void put(Int value)
    {
        detail::store_big_endian(extend(sizeof(Int)), value);
    }

    /// Appends raw bytes.
    void put_bytes(std::span<const std::byte> bytes)
    {
        if (!bytes.empty())
            std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
    }

    /// Appends text without a terminator.
    void put_text(std::string_view text) { put_bytes(std::as_bytes(std::span{text})); }

    /// Appends text and a zero byte. The caller has made sure that `text` holds no zero byte.
    void put_cstring(std::string_view text)
    {
        put_text(text);
        *extend(1) = std::byte{0};
    }

    /// Overwrites the integer at `position`, which must have been written before.
    template <std::integral Int>
    void patch(std::size_t position, Int value)
    {
        detail::store_big_endian(data_.get() + position, value);
    }

    /// Makes room for `count` bytes at the end and returns their address; the caller fills them.
    std::byte* extend(std::size_t count)
    {
        if (capacity_ - size_ < count)
            grow(count);
        std::byte* place = data_.get() + size_;
        size_ += count;
        return place;
    }

    /// Where the next bytes go: `capacity() - size()` of them have room.
    [[nodiscard]] std::byte* room() noexcept { return data_.get() + size_; }
    /// Takes bytes in that were written to `room()`.
    void commit(std::size_t count) noexcept { size_ += count; }

    /// Forgets everything from `size` on; what failed half-way is taken back with it.
    void truncate(std::size_t size) noexcept { size_ = size; }
    void clear() noexcept { size_ = 0; }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_.get(), size_}; }

    /// Gives memory above `limit` back once a large message is gone.
    void shrink(std::size_t limit);

private:
    void grow(std::size_t count);

    std::unique_ptr<std::byte[]> data_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

} // namespace tusk
