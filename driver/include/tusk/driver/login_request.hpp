#pragma once

#include <cstdint>
#include <string>

namespace asio {

// What `asio/awaitable.hpp` defines: a function that returns an awaitable can be named without that header.
template <typename T, typename Executor>
class awaitable;
class any_io_executor;

} // namespace asio

namespace tusk {

/// Who is about to log in, and where: what a callback for passwords or tokens is told.
struct login_request {
    std::string host;       ///< As configured: a name, an address or a socket directory.
    std::uint16_t port = 0; ///< The port, also of a socket.
    std::string user;
    std::string dbname;
    bool encrypted = false;   ///< The link is TLS.
    std::string oauth_issuer; ///< As configured; tokens only.
    std::string oauth_client_id;
    std::string oauth_scope;
};

} // namespace tusk
