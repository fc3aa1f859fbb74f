#pragma once

#include "protocol/secret.hpp"
#include "protocol/startup_messages.hpp"
#include "transport/reopen.hpp"
#include "transport/start_tls.hpp"
#include "transport/stream.hpp"

#include <tusk/driver/connect_options.hpp>
#include <tusk/driver/connection.hpp>

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace tusk::detail {

/// What one login takes beside the options, and how far it came.
struct login {
    login_request where;         ///< Host and port for callbacks; who logs in is in the options.
    std::string password;        ///< Empty: there is none, or the callback has it.
    std::string password_remark; ///< Why there is none, for messages.
    std::uint32_t protocol_version = protocol::protocol_version_3_0; ///< To ask for.
    /// When the program, and the Kerberos server, must have given what we ask them for.
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();

    ~login() { protocol::wipe(password); }

    bool understood = false; ///< The server has answered the StartupMessage.
    bool accepted = false;   ///< It has let us in.
};

/// Starts a session on a stream that is connected: start-up, authentication, and the engine.
/// @param stream   Owned by the coroutine from the first await on.
/// @param options  Outlive the await, and so does `how`.
/// @param reopen   Opens another stream to the same server, for cancelling; empty: nothing can be cancelled.
/// @throws server_error, authentication_error, protocol_error, connection_error  As `tusk::connect`.
asio::awaitable<connection> establish(transport::secured_stream stream, const connect_options& options, login& how,
                                      transport::reopen reopen);

/// The same on a stream that nothing more is known of, with the options' own password.
asio::awaitable<connection> establish(std::unique_ptr<transport::stream> stream, const connect_options& options,
                                      transport::reopen reopen = {});

} // namespace tusk::detail
