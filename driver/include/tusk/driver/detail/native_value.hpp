#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/detail/native_form.hpp>
#include <tusk/driver/detail/native_row.hpp>
#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/oid.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace tusk::detail {

/// Whether a value is written behind its length, as in a Bind, or alone.
enum class native_length : bool { none, before };

template <native_length Length>
std::byte* extend_for_native(byte_writer& out, std::size_t size)
{
    if constexpr (Length == native_length::none)
        return out.extend(size);
    std::byte* place = out.extend(sizeof(std::int32_t) + size);
    store_big_endian(place, static_cast<std::int32_t>(size));
    return place + sizeof(std::int32_t);
}

/// The bits that a value lies in, where it travels so.
template <class Bits>
Bits native_bits(const void* value) noexcept
{
    Bits bits{};
    std::memcpy(&bits, value, sizeof bits);
    return bits;
}

template <native_length Length, class Bits>
bool write_native_bits(byte_writer& out, const void* value)
{
    store_big_endian(extend_for_native<Length>(out, sizeof(Bits)), native_bits<Bits>(value));
    return true;
}

template <native_length Length>
bool write_native_text(byte_writer& out, std::string_view text)
{
    if (text.size() > longest_native_text)
        return false;
    const std::size_t mark = out.size();
    if (copy_text(extend_for_native<Length>(out, text.size()), text.data(), text.size()))
        return true;
    out.truncate(mark);
    return false;
}

/// Whether it is known, without writing it, that a value can be written: most can, whatever they are.
inline bool is_surely_writable(const parameter& what, oid type) noexcept
{
    const parameter_operations& of = *what.operations;
    if (of.native == native_form::none || !travels_alike(of.native_type, type))
        return false;
    std::string_view text;
    if (of.native == native_form::text)
        text = *static_cast<const std::string*>(what.value);
    else if (of.native == native_form::text_view)
        text = *static_cast<const std::string_view*>(what.value);
    return text.size() <= longest_native_text && text.find('\0') == std::string_view::npos;
}

/// `store_native` for a value whose C++ type is not known when this is compiled.
inline bool store_native(std::byte* begin, std::size_t& at, const parameter& what, oid type) noexcept
{
    const parameter_operations& of = *what.operations;
    if (!travels_alike(of.native_type, type))
        return false;
    switch (of.native) {
    case native_form::none: return false;
    case native_form::two_bytes: return store_native(begin, at, native_bits<std::uint16_t>(what.value));
    case native_form::four_bytes: return store_native(begin, at, native_bits<std::uint32_t>(what.value));
    case native_form::eight_bytes: return store_native(begin, at, native_bits<std::uint64_t>(what.value));
    case native_form::boolean: return store_native(begin, at, native_bits<std::uint8_t>(what.value));
    case native_form::text: return store_native(begin, at, *static_cast<const std::string*>(what.value));
    case native_form::text_view: return store_native(begin, at, *static_cast<const std::string_view*>(what.value));
    }
    return false;
}

/// Whether two values of one C++ type lie in memory in the same way; nothing where they do not lie there as they
/// travel.
inline std::optional<bool> are_same_bits(const parameter_operations& of, const void* one, const void* other) noexcept
{
    const auto compare = [&](std::size_t size) { return std::memcmp(one, other, size) == 0; };
    switch (of.native) {
    case native_form::none: return std::nullopt;
    case native_form::two_bytes: return compare(sizeof(std::uint16_t));
    case native_form::four_bytes: return compare(sizeof(std::uint32_t));
    case native_form::eight_bytes: return compare(sizeof(std::uint64_t));
    case native_form::boolean: return compare(sizeof(bool));
    case native_form::text: return *static_cast<const std::string*>(one) == *static_cast<const std::string*>(other);
    case native_form::text_view:
        return *static_cast<const std::string_view*>(one) == *static_cast<const std::string_view*>(other);
    }
    return std::nullopt;
}

/// Writes a value where it travels as it lies in memory. @returns False where it does not: then its codec writes it.
template <native_length Length>
bool write_native(byte_writer& out, const parameter& what, oid type)
{
    const parameter_operations& of = *what.operations;
    if (!travels_alike(of.native_type, type))
        return false;
    switch (of.native) {
    case native_form::none: return false;
    case native_form::two_bytes: return write_native_bits<Length, std::uint16_t>(out, what.value);
    case native_form::four_bytes: return write_native_bits<Length, std::uint32_t>(out, what.value);
    case native_form::eight_bytes: return write_native_bits<Length, std::uint64_t>(out, what.value);
    case native_form::boolean: return write_native_bits<Length, std::uint8_t>(out, what.value);
    case native_form::text: return write_native_text<Length>(out, *static_cast<const std::string*>(what.value));
    case native_form::text_view:
        return write_native_text<Length>(out, *static_cast<const std::string_view*>(what.value));
    }
    return false;
}

} // namespace tusk::detail
