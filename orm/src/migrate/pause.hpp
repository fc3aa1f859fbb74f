#pragma once

#include <asio/awaitable.hpp>

#include <chrono>

namespace tusk::migrate::detail {

asio::awaitable<void> pause(std::chrono::milliseconds length);

} // namespace tusk::migrate::detail
