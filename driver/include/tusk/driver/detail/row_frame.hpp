#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/detail/native_row.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace tusk::detail {

/// The bytes around the values of a row, of messages that are otherwise the same for each.
struct row_frame {
    std::string before; ///< The row's message up to its values; its length is filled in for each row.
    std::string behind;
    std::size_t extra = 0; ///< How many bytes of `behind` are messages of their own.
};

/// Writes values between those bytes.
/// @returns False where they do not travel as they lie in memory; then nothing was written.
template <class... T>
bool write_framed_row(byte_writer& out, const row_frame& frame, const T&... values)
{
    const std::size_t mark = out.size();
    std::byte* const begin = out.extend(frame.before.size() + longest_native_row<T...> + frame.behind.size());
    std::memcpy(begin, frame.before.data(), frame.before.size());
    std::size_t at = frame.before.size();
    if (!store_native_row(begin, at, values...)) {
        out.truncate(mark);
        return false;
    }
    std::memcpy(begin + at, frame.behind.data(), frame.behind.size());
    const std::size_t size = at + frame.behind.size();
    store_big_endian(begin + 1, static_cast<std::int32_t>(size - frame.extra - 1));
    out.truncate(mark + size);
    return true;
}

} // namespace tusk::detail
