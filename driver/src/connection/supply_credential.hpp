#pragma once

#include "connection/establish.hpp"
#include "connection/gss_client.hpp"
#include "protocol/startup.hpp"

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/connect_options.hpp>

#include <asio/awaitable.hpp>

#include <memory>

namespace tusk::detail {

/// What a login remembers from one credential to the next.
struct credential_source {
    std::shared_ptr<gss_client> gss; ///< Null until a server asks for GSSAPI. Shared with the thread that it works on.
};

/// Gets what the server asks for (a password or a token from the program, or the next step of GSSAPI) and gives it to
/// the state machine. Nothing of that blocks this thread, and none of it outlives `how.until` as far as we are
/// concerned.
/// @param machine  In the state `need_credential`; outlives the await, as do the others.
/// @throws timeout_error      It was not there in time.
/// @throws operation_aborted  Connecting was cancelled.
/// @throws authentication_error, and whatever a callback throws.
asio::awaitable<protocol::startup::state> supply_credential(protocol::startup& machine, credential_source& source,
                                                            const connect_options& options, const login& how,
                                                            byte_writer& out);

} // namespace tusk::detail
