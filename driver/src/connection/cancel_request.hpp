#pragma once

#include "transport/reopen.hpp"

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tusk::detail {

/// The message that asks a server to stop what one of its sessions is doing.
/// @see PostgreSQL documentation, "Message Formats", CancelRequest.
std::vector<std::byte> cancel_request(std::int32_t backend_pid, std::span<const std::byte> key);

/// Sends it on a stream of its own and waits until the server has hung up: then the signal has been sent, so that it
/// cannot hit a later statement. Failures are silent, since whoever asked waits for the statement's end anyway.
/// @param limit  For all of it.
asio::awaitable<void> deliver_cancel_request(transport::reopen open, std::vector<std::byte> message,
                                             std::chrono::milliseconds limit);

} // namespace tusk::detail
