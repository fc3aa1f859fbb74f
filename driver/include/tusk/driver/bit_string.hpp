#pragma once

#include <fmt/core.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk {

/// A string of bits: a value of PostgreSQL's `bit(n)` and `bit varying(n)`. Any length, not of whole bytes only.
class bit_string
{
public:
    /// No bits.
    bit_string() = default;

    /// `size` bits, all 0.
    explicit bit_string(std::size_t size) : bytes_((size + 7) / 8), size_{size} {}

    /// @param size   The number of bits.
    /// @param bytes  Eight bits each, the first one in the highest place of the first byte; what is beyond `size` is
    ///               dropped.
    /// @throws encode_error  There are fewer bytes than `size` bits take.
    bit_string(std::size_t size, std::span<const std::byte> bytes);

    /// Reads "10110".
    /// @throws decode_error  A character is neither 0 nor 1.
    static bit_string parse(std::string_view text);

    /// The same without an exception: empty where `parse` throws.
    static std::optional<bit_string> try_parse(std::string_view text);

    /// The number of bits.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// One bit, counted from 0 at the left, as in PostgreSQL's `get_bit`. `position` must be less than `size()`.
    [[nodiscard]] bool operator[](std::size_t position) const noexcept
    {
        return (bytes_[position / 8] & mask(position)) != std::byte{0};
    }

    void set(std::size_t position, bool to = true) noexcept
    {
        if (to)
            bytes_[position / 8] |= mask(position);
        else
            bytes_[position / 8] &= ~mask(position);
    }

    /// Eight bits each, the first in the highest place of the first byte; the last byte ends in zeros.
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

    friend bool operator==(const bit_string&, const bit_string&) = default;

private:
    static std::byte mask(std::size_t position) noexcept { return std::byte{0x80} >> (position % 8); }

    std::vector<std::byte> bytes_;
    std::size_t size_ = 0;
};

/// As PostgreSQL prints it: "10110".
[[nodiscard]] std::string to_string(const bit_string& bits);

} // namespace tusk

template <>
struct std::hash<tusk::bit_string> {
    std::size_t operator()(const tusk::bit_string& bits) const noexcept;
};

template <>
struct fmt::formatter<tusk::bit_string> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(const tusk::bit_string& bits, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(bits), context);
    }
};
