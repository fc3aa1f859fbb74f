#pragma once

#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/oid.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace tusk::detail {

/// C++ types that are a server type's binary form, byte order aside: whole arrays of them are read and written in one
/// loop, without a call an element.
template <class T>
struct fixed_wire {
    static constexpr oid type = 0;
};

template <std::signed_integral Int>
    requires(sizeof(Int) >= 2 && !std::is_same_v<Int, wchar_t>)
struct fixed_wire<Int> {
    static constexpr oid type = sizeof(Int) == 2 ? 21 : sizeof(Int) == 4 ? 23 : 20;
    static Int load(const std::byte* at) noexcept { return load_big_endian<Int>(at); }
    static void store(std::byte* at, Int value) noexcept { store_big_endian(at, value); }
};

template <std::floating_point Floating>
    requires(sizeof(Floating) <= 8)
struct fixed_wire<Floating> {
    using bits = std::conditional_t<sizeof(Floating) == 4, std::uint32_t, std::uint64_t>;
    static constexpr oid type = sizeof(Floating) == 4 ? 700 : 701;
    static Floating load(const std::byte* at) noexcept { return std::bit_cast<Floating>(load_big_endian<bits>(at)); }
    static void store(std::byte* at, Floating value) noexcept { store_big_endian(at, std::bit_cast<bits>(value)); }
};

template <class T>
concept has_fixed_wire = fixed_wire<T>::type != 0;

} // namespace tusk::detail
