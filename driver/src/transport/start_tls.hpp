#pragma once

#include "transport/stream.hpp"
#include "transport/tls_settings.hpp"

#include <asio/awaitable.hpp>

#include <memory>
#include <string>

namespace tusk::transport {

/// A stream to a server, and what protects it.
struct secured_stream {
    std::unique_ptr<stream> bytes;
    bool encrypted = false;
    std::string server_end_point; ///< What SCRAM binds to; empty where there is nothing to bind to.
    bool sent_certificate = false;
};

/// Shakes hands with the server at the other end of a stream.
/// @param lower       Connected; not a byte behind the server's agreement has been read from it.
/// @param settings    Outlive the await.
/// @param is_private  What `stream::is_private` of the new stream will say.
/// @throws tls_handshake_error, asio::system_error
/// @par Cancellation  Any type: the stream is closed.
asio::awaitable<secured_stream> start_tls(std::unique_ptr<stream> lower, const tls_settings& settings, bool is_private);

} // namespace tusk::transport
