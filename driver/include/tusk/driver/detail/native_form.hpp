#pragma once

#include <tusk/driver/detail/fixed_wire.hpp>
#include <tusk/driver/oid.hpp>
#include <tusk/driver/timestamp.hpp>
#include <tusk/driver/timestamptz.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
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

/// Whether what travels for the one type as it lies in memory does so for the other too: strings do for varchar.
constexpr bool travels_alike(oid native, oid type) noexcept
{
    constexpr oid varchar = 1043;
    return native == type || (type == varchar && native == native_wire<std::string>::type);
}

/// Copies a word of text. @returns Bits where a byte of it is zero.
template <class Word>
std::uint64_t copy_word(std::byte* place, const char* text) noexcept
{
    constexpr auto ones = static_cast<Word>(0x0101'0101'0101'0101);
    constexpr auto highs = static_cast<Word>(0x8080'8080'8080'8080);
    Word bytes{};
    std::memcpy(&bytes, text, sizeof bytes);
    std::memcpy(place, &bytes, sizeof bytes);
    return static_cast<Word>(static_cast<Word>(bytes - ones) & static_cast<Word>(~bytes) & highs);
}

/// Copies text of one to two words by its first and its last one, which may overlap.
template <class Word>
std::uint64_t copy_ends(std::byte* place, const char* text, std::size_t size) noexcept
{
    const std::size_t last = size - sizeof(Word);
    return copy_word<Word>(place, text) | copy_word<Word>(place + last, text + last);
}

/// Copies text of more than two of the longest words. @returns Bits where a byte of it is zero.
inline std::uint64_t copy_long_text(std::byte* place, const char* text, std::size_t size) noexcept
{
    using word = std::uint64_t;
    word zeros = copy_ends<word>(place, text, size);
    for (std::size_t at = sizeof(word); at < size - sizeof(word); at += sizeof(word))
        zeros |= copy_word<word>(place + at, text + at);
    return zeros;
}

/// Copies text, by words and not by bytes. @returns False where it holds a zero byte, which PostgreSQL cannot take.
[[gnu::always_inline]] inline bool copy_text(std::byte* place, const char* text, std::size_t size) noexcept
{
    if (size > 2 * sizeof(std::uint64_t))
        return copy_long_text(place, text, size) == 0;
    if (size >= sizeof(std::uint64_t))
        return copy_ends<std::uint64_t>(place, text, size) == 0;
    if (size >= sizeof(std::uint32_t))
        return copy_ends<std::uint32_t>(place, text, size) == 0;
    if (size >= sizeof(std::uint16_t))
        return copy_ends<std::uint16_t>(place, text, size) == 0;
    return size == 0 || copy_word<std::uint8_t>(place, text) == 0;
}

/// What is longer is left to its codec, which copies it faster and says what is wrong with what cannot be sent.
inline constexpr std::size_t longest_native_text = 256;

} // namespace tusk::detail
