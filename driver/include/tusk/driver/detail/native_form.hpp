#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/detail/fixed_wire.hpp>
#include <tusk/driver/oid.hpp>
#include <tusk/driver/timestamp.hpp>
#include <tusk/driver/timestamptz.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace tusk::detail {

/// How a value lies in memory that travels as it lies there, byte order aside. Such values are written and read in
/// place, without asking their codec; for every other C++ type, and for every other server type, the codec is asked.
enum class native_form : std::uint8_t { none, two_bytes, four_bytes, eight_bytes, boolean, text, text_view };

template <class T>
struct native_wire {
    static constexpr native_form form = native_form::none;
    static constexpr oid type = 0;
};

template <has_fixed_wire T>
struct native_wire<T> {
    static constexpr native_form form = sizeof(T) == 2   ? native_form::two_bytes
                                        : sizeof(T) == 4 ? native_form::four_bytes
                                                         : native_form::eight_bytes;
    static constexpr oid type = fixed_wire<T>::type;
};

template <>
struct native_wire<bool> {
    static constexpr native_form form = native_form::boolean;
    static constexpr oid type = 16;
};

template <>
struct native_wire<std::string> {
    static constexpr native_form form = native_form::text;
    static constexpr oid type = 25;
};
template <>
struct native_wire<std::string_view> {
    static constexpr native_form form = native_form::text_view;
    static constexpr oid type = 25;
};

/// Their only member is what travels.
template <class Time, oid Type>
struct native_time {
    static_assert(sizeof(Time) == sizeof(std::int64_t) && std::is_trivially_copyable_v<Time>);
    static constexpr native_form form = native_form::eight_bytes;
    static constexpr oid type = Type;
};
template <>
struct native_wire<timestamp> : native_time<timestamp, 1114> {
};
template <>
struct native_wire<timestamptz> : native_time<timestamptz, 1184> {
};

/// Copies text, eight bytes at a time. False where it holds a zero byte, which PostgreSQL cannot take.
inline bool copy_text(std::byte* place, const char* text, std::size_t size) noexcept
{
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
    constexpr std::uint64_t highs = 0x8080'8080'8080'8080;
    std::uint64_t zeros = 0;
    for (; size >= sizeof ones; size -= sizeof ones, text += sizeof ones, place += sizeof ones) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, text, sizeof bytes);
        std::memcpy(place, &bytes, sizeof bytes);
        zeros |= (bytes - ones) & ~bytes & highs;
    }
    for (; size != 0; --size, ++text, ++place) {
        if (*text == '\0')
            return false;
        *place = static_cast<std::byte>(*text);
    }
    return zeros == 0;
}

/// What is longer is left to its codec, which copies it faster and says what is wrong with what cannot be sent.
inline constexpr std::size_t longest_native_text = 256;

// ---- Whole rows of such values, for statements and COPYs that send one row after the other.

template <class... T>
inline constexpr bool are_native = ((native_wire<T>::form != native_form::none) && ...);

/// The types for which they travel as they lie; its address names the list.
template <class... T>
inline constexpr std::array<oid, sizeof...(T)> native_types{native_wire<T>::type...};

template <class T>
std::size_t native_size(const T& value) noexcept
{
    if constexpr (native_wire<T>::type == native_wire<std::string>::type)
        return value.size();
    else
        return sizeof(T);
}

/// Writes a value behind its length. @returns Behind it; null where it cannot be written that way.
template <class T>
std::byte* store_native(std::byte* place, const T& value) noexcept
{
    const std::size_t size = native_size(value);
    store_big_endian(place, static_cast<std::int32_t>(size));
    place += sizeof(std::int32_t);
    if constexpr (native_wire<T>::type == native_wire<std::string>::type) {
        if (!copy_text(place, value.data(), size))
            return nullptr;
    } else {
        using bits_type = std::tuple_element_t<(sizeof(T) > 4) + (sizeof(T) > 2) + (sizeof(T) > 1),
                                               std::tuple<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>>;
        bits_type bits{};
        std::memcpy(&bits, &value, sizeof bits);
        store_big_endian(place, bits);
    }
    return place + size;
}

/// Writes values behind their lengths, one after the other.
/// @returns False where one of them cannot be written that way; then nothing was.
template <class... T>
    requires are_native<T...>
bool write_native_row(byte_writer& out, const T&... values)
{
    if (((native_size(values) > longest_native_text) || ...))
        return false;
    const std::size_t mark = out.size();
    std::byte* place = out.extend(((sizeof(std::int32_t) + native_size(values)) + ... + 0));
    if ((((place = store_native(place, values)) != nullptr) && ...)) // NOLINT(bugprone-assignment-in-if-condition)
        return true;
    out.truncate(mark);
    return false;
}

} // namespace tusk::detail
