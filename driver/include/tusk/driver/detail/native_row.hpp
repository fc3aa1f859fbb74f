#pragma once

#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/detail/native_form.hpp>
#include <tusk/driver/oid.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>

namespace tusk::detail {

// Whole rows of values that travel as they lie, for statements and COPYs that send one row after the other.

template <class... T>
inline constexpr bool are_native = ((native_wire<T>::form != native_form::none) && ...);

/// The types for which they travel as they lie; its address names the list.
template <class... T>
inline constexpr std::array<oid, sizeof...(T)> native_types{native_wire<T>::type...};

template <class T>
inline constexpr bool is_native_text = native_wire<T>::type == native_wire<std::string>::type;

/// What they take at most, each behind its length, so that there is one question for room a row.
template <class... T>
inline constexpr std::size_t longest_native_row =
    ((sizeof(std::int32_t) + (is_native_text<T> ? longest_native_text : sizeof(T))) + ... + 0);

/// Writes a value behind its length, at an offset that it moves on.
/// @returns False where it cannot be written that way.
template <class T>
[[gnu::always_inline]] inline bool store_native(std::byte* begin, std::size_t& at, const T& value) noexcept
{
    std::byte* const place = begin + at;
    if constexpr (is_native_text<T>) {
        const std::string_view text{value.data(), value.size()};
        store_big_endian(place, static_cast<std::int32_t>(text.size()));
        at += sizeof(std::int32_t) + text.size();
        return text.size() <= longest_native_text && copy_text(place + sizeof(std::int32_t), text.data(), text.size());
    } else {
        using bits_type = std::tuple_element_t<(sizeof(T) > 4) + (sizeof(T) > 2) + (sizeof(T) > 1),
                                               std::tuple<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>>;
        bits_type bits{};
        std::memcpy(&bits, &value, sizeof bits);
        store_big_endian(place, static_cast<std::int32_t>(sizeof bits));
        store_big_endian(place + sizeof(std::int32_t), bits);
        at += sizeof(std::int32_t) + sizeof bits;
        return true;
    }
}

/// Writes values behind their lengths, one after the other, where `longest_native_row` bytes of room are.
/// @param at  Where the first goes, and then where the last has ended: an offset, so that the rows behind each other
///            depend on each other's lengths alone.
/// @returns False where one of them cannot be written that way.
template <class... T>
    requires are_native<T...>
[[gnu::always_inline]] inline bool store_native_row(std::byte* begin, std::size_t& at, const T&... values) noexcept
{
    return (store_native(begin, at, values) && ...);
}

} // namespace tusk::detail
