#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/oid.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

namespace tusk {

/// Reads one non-null value. Throws `decode_error` where the bytes are not a value of the type.
template <class T>
using decode_function = T (*)(std::span<const std::byte> bytes);

/// How a value of a C++ type is written for one server type: in which format, and by which function.
/// A plan without a function means that the C++ type does not fit the server type.
template <class T>
struct encode_plan {
    using function = void (*)(const T& value, byte_writer& out);

    function write = nullptr;
    format as = format::binary;
};

/// How a C++ type travels: the customisation point of the driver. A specialisation gives
///
///     static constexpr std::string_view name;          // the C++ type in messages: "std::int64_t"
///     static constexpr std::string_view fits;          // server types that fit it, in messages: "bigint, integer"
///     static decode_function<T> decoder(oid type, format as) noexcept;   // nullptr: does not fit
///     static encode_plan<T> encoder(oid type) noexcept;                  // no function: does not fit
///
/// Both functions are asked once per statement and column or parameter, not per value. `type` 0 means that the
/// server has not said (a statement sent in one flight); only text fits that. NULL never reaches a codec:
/// `std::optional<T>` handles it. `write` throws `encode_error` for a value out of the server type's range;
/// the driver adds which parameter it was.
template <class T>
struct codec;

/// A C++ type that has a codec.
template <class T>
concept has_codec = requires(oid type, format as) {
    { codec<T>::name } -> std::convertible_to<std::string_view>;
    codec<T>::decoder(type, as);
    codec<T>::encoder(type);
};

} // namespace tusk
