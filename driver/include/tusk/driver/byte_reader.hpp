#pragma once

#include <tusk/driver/detail/big_endian.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

namespace tusk {

/// The bounds-checked cursor through which every received byte is read.
///
/// Reading past the end throws `decode_error` and names what was being read, so no length from a peer is ever trusted.
/// @par Lifetime       Views: valid as long as the bytes given to the constructor.
/// @par Thread safety  None; one reader belongs to one thread at a time.
class byte_reader
{
public:
    /// @param bytes    What to read.
    /// @param subject  Names the message or type in errors; must outlive the reader (a literal).
    byte_reader(std::span<const std::byte> bytes, std::string_view subject) noexcept
        : position_{bytes.data()}, end_{bytes.data() + bytes.size()}, subject_{subject}
    {
    }

    /// Takes one big-endian integer.
    /// @throws decode_error  Fewer bytes are left than `Int` has.
    template <std::integral Int>
    Int take()
    {
        require(sizeof(Int));
        const Int value = detail::load_big_endian<Int>(position_);
        position_ += sizeof(Int);
        return value;
    }

    /// Takes the next `count` bytes.
    /// @throws decode_error  Fewer bytes are left.
    std::span<const std::byte> take_bytes(std::size_t count)
    {
        require(count);
        std::span<const std::byte> taken{position_, count};
        position_ += count;
        return taken;
    }

    /// Takes text up to a zero byte, which is consumed and not part of the view.
    /// @throws decode_error  There is no zero byte.
    std::string_view take_cstring();

    /// Takes all that is left.
    std::span<const std::byte> take_rest() noexcept
    {
        std::span<const std::byte> rest{position_, end_};
        position_ = end_;
        return rest;
    }

    [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - position_); }

    /// @throws decode_error  Something is left that nobody asked for.
    void expect_end() const
    {
        if (left() != 0) [[unlikely]]
            fail_rest();
    }

private:
    void require(std::size_t count) const
    {
        if (left() < count) [[unlikely]]
            fail_short(count);
    }
    [[noreturn, gnu::cold]] void fail_short(std::size_t count) const;
    [[noreturn, gnu::cold]] void fail_unterminated() const;
    [[noreturn, gnu::cold]] void fail_rest() const;

    const std::byte* position_;
    const std::byte* end_;
    std::string_view subject_;
};

} // namespace tusk
