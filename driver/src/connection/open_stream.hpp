#pragma once

#include "connection/candidate.hpp"
#include "transport/start_tls.hpp"

#include <tusk/driver/connect_options.hpp>
#include <tusk/driver/error.hpp>

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstdint>

namespace tusk::detail {

/// What is asked of a link by TCP; a Unix socket is never encrypted.
enum class encryption : std::uint8_t {
    none,
    if_offered, ///< TLS, or plain where the server says that it has none.
    required,
};

/// Nobody answered at an address.
class unreachable_error : public connection_error
{
public:
    explicit unreachable_error(const std::string& message) : connection_error{message, true} {}
};

/// Opens a stream to one candidate, with all its TLS steps. It keeps nothing, so a second stream of the same kind (for
/// a CancelRequest) is had by calling it again: with `required` where the first one was encrypted, else with `none`.
/// @param to       Outlives the await, as do the options.
/// @param timeout  For all of it; zero: none.
/// @throws unreachable_error     It cannot be reached.
/// @throws connection_error      TLS cannot be had; nothing of a session was sent.
/// @throws authentication_error  The peer is not who `requirepeer` or `sslcertmode` want.
/// @throws protocol_error        It is no PostgreSQL server.
/// @throws timeout_error
/// @throws usage_error           A file of the TLS options is missing.
/// @par Cancellation  Any type: the socket is closed.
asio::awaitable<transport::secured_stream> open_stream(const candidate& to, encryption how,
                                                       const connect_options& options,
                                                       std::chrono::steady_clock::duration timeout);

/// The same on a stream that is connected already.
asio::awaitable<transport::secured_stream> secure_stream(std::unique_ptr<transport::stream> connected,
                                                         const candidate& to, encryption how,
                                                         const connect_options& options);

} // namespace tusk::detail
