#include "decoders.hpp"

#include "protocol/error_response.hpp"
#include "protocol/reply.hpp"
#include "protocol/scram_messages.hpp"
#include "protocol/startup.hpp"

#include <string_view>

namespace {

/// Calls something that may refuse its input with an error of ours, and with nothing else.
template <class Call>
void try_out(Call call)
{
    try {
        call();
    } catch (const tusk::error&) {
        // Refused, as it may be.
    }
}

/// The input as messages: a type, a length of one byte, a body.
template <class Take>
void for_each_message(std::span<const std::byte> bytes, Take take)
{
    while (bytes.size() >= 2) {
        const std::size_t length = std::min(std::to_integer<std::size_t>(bytes[1]), bytes.size() - 2);
        take(tusk::protocol::backend_message{std::to_integer<char>(bytes[0]), bytes.subspan(2, length)});
        bytes = bytes.subspan(2 + length);
    }
}

void start_up(std::span<const std::byte> bytes)
{
    using state = tusk::protocol::startup::state;
    tusk::protocol::startup_settings settings;
    settings.user = "somebody";
    settings.password = "secret";
    settings.scram_max_iterations = 1;
    tusk::protocol::startup conversation{settings};
    tusk::byte_writer out;
    conversation.begin(out);
    for_each_message(bytes, [&](const tusk::protocol::backend_message& message) {
        state now = conversation.feed(message, out);
        while (now == state::working)
            now = conversation.work(out);
    });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const fuzz::input input{data, size};
    const auto bytes = input.bytes();
    const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    try_out([&] { static_cast<void>(tusk::protocol::parse_error_response(bytes)); });
    try_out([&] { static_cast<void>(tusk::protocol::parse_server_first(text, "nonce", 10'000)); });
    try_out([&] { static_cast<void>(tusk::protocol::parse_server_final(text)); });
    try_out([&] { start_up(bytes); });
    try_out([&] {
        tusk::protocol::reply reply;
        reply.expect(tusk::protocol::step::prepare);
        reply.expect(tusk::protocol::step::execute, 2);
        for_each_message(bytes, [&](const auto& message) { static_cast<void>(reply.accept(message)); });
    });
    return 0;
}
