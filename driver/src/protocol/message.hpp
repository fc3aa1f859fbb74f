#pragma once

#include <cstddef>
#include <span>

namespace tusk::protocol {

/// One message from the server: its type byte and its body without type and length.
/// A view into the read buffer, valid until the next read.
struct backend_message {
    char type{};
    std::span<const std::byte> body;
};

} // namespace tusk::protocol
