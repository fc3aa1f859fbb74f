#pragma once

#include "config/hosts.hpp"

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace tusk::detail {

/// One thing to try: a socket, or an address.
struct candidate {
    config::host host;                              ///< As configured: what certificates and password files speak of.
    std::string name;                               ///< "127.0.0.1:5432", or the socket's path.
    std::optional<asio::ip::tcp::endpoint> address; ///< Nothing: `name` is a socket.
};

/// What libpq tries for one host, in its order: a socket, an address, or all addresses of a name; without a name the
/// usual socket directories that have a socket, then this machine by TCP.
/// @param limit  For looking the name up; zero: none. The lookup itself cannot be stopped, but we need not wait for it.
/// @throws connection_error   The name has no address.
/// @throws timeout_error      It took too long.
/// @throws operation_aborted  Connecting was cancelled.
asio::awaitable<std::vector<candidate>> candidates_for(config::host host, std::chrono::steady_clock::duration limit);

} // namespace tusk::detail
