#pragma once

#include <tusk/driver/codecs.hpp>
#include <tusk/driver/error.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>

/// What the fuzz targets of codecs share.
namespace tusk::test {

/// Reads arbitrary bytes as `T`: a value, or a `decode_error`. What was read is written again, and must be readable.
template <class T>
void decode_arbitrary(const std::uint8_t* data, std::size_t size, server_type type, format as)
{
    const auto decode = detail::ask_decoder<T>(type, as);
    if (!decode)
        std::abort(); // the target would test nothing
    std::optional<T> value;
    try {
        value.emplace(decode(std::as_bytes(std::span{data, size})));
    } catch (const decode_error&) { // what garbage deserves
        return;
    }
    const auto plan = detail::ask_encoder<T>(type);
    if (!plan)
        return; // records are read only
    byte_writer out;
    try {
        plan.write(*value, out);
    } catch (const encode_error&) { // a zero byte in text, which no server sends
        return;
    }
    static_cast<void>(detail::ask_decoder<T>(type, plan.as)(out.bytes()));
}

} // namespace tusk::test
