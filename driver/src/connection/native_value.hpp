#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/detail/native_form.hpp>
#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/oid.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tusk::detail {

/// Writes an integer of the value's bytes behind its length.
template <class Bits>
bool write_native_bits(byte_writer& out, const void* value)
{
    Bits bits{};
    std::memcpy(&bits, value, sizeof bits);
    std::byte* place = out.extend(sizeof(std::int32_t) + sizeof bits);
    store_big_endian(place, static_cast<std::int32_t>(sizeof bits));
    store_big_endian(place + sizeof(std::int32_t), bits);
    return true;
}

inline bool write_native_text(byte_writer& out, std::string_view text)
{
    if (text.size() > longest_native_text)
        return false;
    const std::size_t mark = out.size();
    std::byte* place = out.extend(sizeof(std::int32_t) + text.size());
    store_big_endian(place, static_cast<std::int32_t>(text.size()));
    if (copy_text(place + sizeof(std::int32_t), text.data(), text.size()))
        return true;
    out.truncate(mark);
    return false;
}

/// Writes a value with its length where it travels as it lies in memory. @returns False where it does not: then its
/// codec writes it.
inline bool write_native(byte_writer& out, const parameter& what, oid type)
{
    const parameter_operations& of = *what.operations;
    if (of.native_type != type)
        return false;
    switch (of.native) {
    case native_form::none: return false;
    case native_form::two_bytes: return write_native_bits<std::uint16_t>(out, what.value);
    case native_form::four_bytes: return write_native_bits<std::uint32_t>(out, what.value);
    case native_form::eight_bytes: return write_native_bits<std::uint64_t>(out, what.value);
    case native_form::boolean: return write_native_bits<std::uint8_t>(out, what.value);
    case native_form::text: return write_native_text(out, *static_cast<const std::string*>(what.value));
    case native_form::text_view: return write_native_text(out, *static_cast<const std::string_view*>(what.value));
    }
    return false;
}

} // namespace tusk::detail
