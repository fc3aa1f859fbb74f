#pragma once

#include "protocol/message.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::protocol {

/// Tells what goes over a connection, one line a message, in whatever pieces the bytes come.
///
///     F   23 Query "SELECT 1"
///     B    6 ReadyForQuery I
///
/// `F` is us, `B` the server; the number is the length of the message without its type. Passwords, keys, parameters'
/// values and rows are told by their lengths only. SQL texts are shown.
class message_trace
{
public:
    explicit message_trace(std::function<void(std::string_view)> tell) : tell_{std::move(tell)} {}

    void sent(std::span<const std::byte> bytes) { take(frontend_, bytes, 'F'); }
    void received(std::span<const std::byte> bytes) { take(backend_, bytes, 'B'); }

private:
    using pieces = std::vector<std::byte>;

    void take(pieces& kept, std::span<const std::byte> bytes, char side);
    void tell_start(std::span<const std::byte> body);
    void tell(char side, const backend_message& message);

    std::function<void(std::string_view)> tell_;
    pieces frontend_;
    pieces backend_;
    bool started_ = false; ///< The first message that we send has no type.
};

} // namespace tusk::protocol
