#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the tests of codecs share: values go through a codec as through the driver, bytes are written in hexadecimal.
namespace codec_testing {

inline std::vector<std::byte> from_hex(std::string_view hex)
{
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(static_cast<std::byte>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16)));
    return bytes;
}

inline std::string to_hex(std::span<const std::byte> bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const std::byte byte : bytes) {
        hex += digits[std::to_integer<std::size_t>(byte >> 4)];
        hex += digits[std::to_integer<std::size_t>(byte & std::byte{15})];
    }
    return hex;
}

inline std::string to_chars(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class T>
bool decodes(tusk::oid type, tusk::format as)
{
    return tusk::codec<T>::decoder(type, as) != nullptr;
}

template <class T>
bool encodes(tusk::oid type)
{
    return tusk::codec<T>::encoder(type).write != nullptr;
}

template <class T>
T decode(std::span<const std::byte> bytes, tusk::oid type, tusk::format as)
{
    const auto decoder = tusk::codec<T>::decoder(type, as);
    if (decoder == nullptr)
        throw std::logic_error{"the C++ type does not fit the server type"};
    return decoder(bytes);
}

/// Not for types that borrow: the bytes are gone when it returns.
template <class T>
T decode_hex(std::string_view hex, tusk::oid type)
{
    return decode<T>(from_hex(hex), type, tusk::format::binary);
}

template <class T>
T decode_text(std::string_view text, tusk::oid type)
{
    return decode<T>(std::as_bytes(std::span{text}), type, tusk::format::text);
}

template <class T>
tusk::byte_writer encode(const T& value, tusk::oid type)
{
    const tusk::encode_plan<T> plan = tusk::codec<T>::encoder(type);
    if (plan.write == nullptr)
        throw std::logic_error{"the C++ type does not fit the server type"};
    tusk::byte_writer out;
    plan.write(value, out);
    return out;
}

/// The bytes of a value that must go out in binary.
template <class T>
std::string encode_hex(const T& value, tusk::oid type)
{
    EXPECT_EQ(tusk::codec<T>::encoder(type).as, tusk::format::binary);
    return to_hex(encode(value, type).bytes());
}

/// The characters of a value that must go out in text.
template <class T>
std::string encode_text(const T& value, tusk::oid type)
{
    EXPECT_EQ(tusk::codec<T>::encoder(type).as, tusk::format::text);
    return to_chars(encode(value, type).bytes());
}

/// Sends a value out and reads it back with the same codec.
template <class T>
T round_trip(const T& value, tusk::oid type)
{
    const tusk::byte_writer out = encode(value, type);
    return decode<T>(out.bytes(), type, tusk::codec<T>::encoder(type).as);
}

/// Every other length than the right one is refused, from empty to well beyond it.
template <class T>
void expect_exact_length(tusk::oid type, std::size_t right)
{
    const auto decoder = tusk::codec<T>::decoder(type, tusk::format::binary);
    ASSERT_NE(decoder, nullptr);
    for (std::size_t length = 0; length <= right + 16; ++length) {
        const std::vector<std::byte> bytes(length);
        if (length == right)
            EXPECT_NO_THROW(decoder(bytes)) << length;
        else
            EXPECT_THROW(decoder(bytes), tusk::decode_error) << length;
    }
}

} // namespace codec_testing
