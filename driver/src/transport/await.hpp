#pragma once

#include "transport/stream.hpp"

#include <asio/awaitable.hpp>

#include <cstddef>
#include <span>

namespace tusk::transport {

/// Awaits one read. Used where a coroutine is in charge: while connecting. The engine has its own loops.
/// @returns How many bytes came; at least one.
/// @throws asio::system_error  End of file included.
/// @par Cancellation  Any type: the stream is closed.
asio::awaitable<std::size_t> read(stream& from, std::span<std::byte> room);

/// Awaits until everything is written.
/// @throws asio::system_error
/// @par Cancellation  Any type: the stream is closed.
asio::awaitable<void> write(stream& to, std::span<const std::byte> bytes);

} // namespace tusk::transport
