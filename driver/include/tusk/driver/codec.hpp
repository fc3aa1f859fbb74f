#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/oid.hpp>
#include <tusk/driver/server_type.hpp>

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

    explicit operator bool() const noexcept { return write != nullptr; }
};

/// How a C++ type travels: the customisation point of the driver. A specialisation gives
///
///     static constexpr std::string_view name;          // the C++ type in messages: "std::int64_t"
///     static constexpr std::string_view fits;          // server types that fit it, in messages: "bigint, integer"
///     static decode_function<T> decoder(server_type type, format as) noexcept;  // nullptr: does not fit
///     static encode_plan<T> encoder(server_type type) noexcept;                 // no function: does not fit
///
/// Both functions are asked once per statement and column or parameter, not per value. A codec of built-in types may
/// take an `oid` in place of the `server_type`; one of an extension's type compares `type.name()`. A domain never
/// reaches a codec: it is asked for the type that the domain is made of. `type` 0 means that the server has not said (a
/// statement sent in one flight); only text fits that. NULL never reaches a codec either: `std::optional<T>` handles
/// it. `write` throws `encode_error` for a value out of the server type's range; the driver adds which parameter it
/// was.
///
/// Arrays, ranges and composites of the type come for free. What they return in place of the two plans is an object
/// that is used alike and holds the plans of its parts.
template <class T>
struct codec;

/// A C++ type that has a codec.
template <class T>
concept has_codec = requires(server_type type, format as) {
    { codec<T>::name } -> std::convertible_to<std::string_view>;
    codec<T>::decoder(type, as);
    codec<T>::encoder(type);
};

namespace detail {

/// What a codec gives to read with: for a scalar a bare function, for a container an object that holds its parts'.
template <class T>
using decoder_of = decltype(codec<T>::decoder(server_type{}, format{}));
template <class T>
using encoder_of = decltype(codec<T>::encoder(server_type{}));

template <class T>
decoder_of<T> ask_decoder(server_type type, format as)
{
    return codec<T>::decoder(type.base(), as);
}

template <class T>
encoder_of<T> ask_encoder(server_type type)
{
    return codec<T>::encoder(type.base());
}

/// For a part of a container, whose parts all travel in one format: a plan that decides by the value does not fit.
template <class T>
encoder_of<T> ask_part_encoder(server_type type)
{
    auto plan = ask_encoder<T>(type);
    if constexpr (requires { plan.is_uniform(); })
        if (!plan.is_uniform())
            return {};
    return plan;
}

/// The format of one value: most plans have one for all of them.
template <class Plan, class T>
format format_of(const Plan& plan, const T& value)
{
    if constexpr (requires { plan.format_of(value); })
        return plan.format_of(value);
    else
        return plan.as;
}

} // namespace detail

} // namespace tusk
