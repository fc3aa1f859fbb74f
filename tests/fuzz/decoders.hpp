#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/oid.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

/// What the fuzz targets of codecs share. A decoder may refuse bytes with `decode_error` and with nothing else; what it
/// accepts has to survive being sent and read again.
namespace fuzz {

/// The program has found a defect: libFuzzer keeps the input.
inline void require(bool holds)
{
    if (!holds)
        std::abort();
}

template <class T>
std::vector<std::byte> encoded(const T& value, tusk::oid type)
{
    tusk::byte_writer out;
    tusk::codec<T>::encoder(type).write(value, out);
    return {out.bytes().begin(), out.bytes().end()};
}

/// Decodes the bytes in both formats as one type.
template <class T>
void decode(tusk::oid type, std::span<const std::byte> bytes)
{
    for (const tusk::format as : {tusk::format::binary, tusk::format::text}) {
        const tusk::decode_function<T> decoder = tusk::codec<T>::decoder(type, as);
        if (decoder == nullptr)
            continue;
        try {
            const T value = decoder(bytes);
            const auto plan = tusk::codec<T>::encoder(type);
            if (plan.write == nullptr || plan.as != tusk::format::binary)
                continue;
            const std::vector<std::byte> sent = encoded(value, type);
            const T again = tusk::codec<T>::decoder(type, tusk::format::binary)(sent);
            require(encoded(again, type) == sent);
        } catch (const tusk::decode_error&) {
            // Refused, as it may be.
        } catch (const tusk::encode_error&) {
            // A value that the server never sends, such as a path without points, need not go back.
        }
    }
}

/// The input without its first byte, which chooses among `count` decoders. A copy of its own size, so that the
/// sanitizer sees the first byte that is read behind its end.
class input
{
public:
    input(const std::uint8_t* data, std::size_t size) : choice_{size == 0 ? std::uint8_t{0} : *data}
    {
        if (size != 0) {
            const auto* bytes = reinterpret_cast<const std::byte*>(data);
            bytes_.assign(bytes + 1, bytes + size);
        }
    }

    /// Decodes as one of the types of one C++ type or several.
    template <class... T>
    void decode_as(std::span<const tusk::oid> types) const
    {
        const tusk::oid type = types[choice_ % types.size()];
        (decode<T>(type, bytes_), ...);
    }

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

private:
    std::uint8_t choice_;
    std::vector<std::byte> bytes_;
};

} // namespace fuzz
