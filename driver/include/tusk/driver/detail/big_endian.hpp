#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace tusk::detail {

template <std::unsigned_integral Bits>
constexpr Bits byte_swapped(Bits value) noexcept
{
    if constexpr (sizeof(Bits) == 8)
        return __builtin_bswap64(value);
    else if constexpr (sizeof(Bits) == 4)
        return __builtin_bswap32(value);
    else if constexpr (sizeof(Bits) == 2)
        return __builtin_bswap16(value);
    else
        return value;
}

/// Reads one integer in network order; the caller has checked that its bytes are there.
template <std::integral Int>
Int load_big_endian(const std::byte* place) noexcept
{
    std::make_unsigned_t<Int> bits{};
    std::memcpy(&bits, place, sizeof bits);
    if constexpr (std::endian::native == std::endian::little)
        bits = byte_swapped(bits);
    return static_cast<Int>(bits);
}

/// Writes one integer in network order.
template <std::integral Int>
void store_big_endian(std::byte* place, Int value) noexcept
{
    auto bits = static_cast<std::make_unsigned_t<Int>>(value);
    if constexpr (std::endian::native == std::endian::little)
        bits = byte_swapped(bits);
    std::memcpy(place, &bits, sizeof bits);
}

} // namespace tusk::detail
