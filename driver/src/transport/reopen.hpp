#pragma once

#include "transport/stream.hpp"

#include <asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace tusk::transport {

/// Opens another stream to the server that a stream leads to: the same resolved address, the same encryption. A
/// CancelRequest that went anywhere else would find nobody who knows its key. It gives up after `limit`.
using reopen = std::function<asio::awaitable<std::unique_ptr<stream>>(std::chrono::milliseconds limit)>;

} // namespace tusk::transport
