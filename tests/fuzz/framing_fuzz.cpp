#include "decoders.hpp"

#include "protocol/framing.hpp"

#include <algorithm>
#include <cstring>

/// The stream in pieces of one size; the messages have to be those of the whole stream.
static std::vector<std::byte> messages_of(std::span<const std::byte> stream, std::size_t piece)
{
    std::vector<std::byte> seen;
    tusk::protocol::framing input{1024};
    try {
        while (!stream.empty()) {
            const std::span<std::byte> room = input.prepare();
            const std::size_t count = std::min({stream.size(), piece, room.size()});
            std::memcpy(room.data(), stream.data(), count);
            input.commit(count);
            stream = stream.subspan(count);
            while (const auto message = input.next()) {
                seen.push_back(static_cast<std::byte>(message->type));
                seen.insert(seen.end(), message->body.begin(), message->body.end());
            }
        }
    } catch (const tusk::protocol_error&) {
        seen.push_back(std::byte{0xFF});
    }
    return seen;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::span<const std::byte> stream{reinterpret_cast<const std::byte*>(data), size};
    const std::vector<std::byte> whole = messages_of(stream, stream.size());
    fuzz::require(messages_of(stream, 1) == whole);
    fuzz::require(messages_of(stream, 7) == whole);
    return 0;
}
