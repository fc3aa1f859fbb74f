#pragma once

#include <tusk/driver/connect_options.hpp>
#include <tusk/driver/connection.hpp>

#include <asio/awaitable.hpp>

#include <string_view>

namespace tusk {

/// Opens a session with a server.
///
/// @param where  A URL (`postgresql://user@host:port/dbname?options`) or a keyword/value string (`host=… dbname=…`),
///               as libpq understands them; PG* environment variables and libpq's defaults fill the gaps.
/// @throws usage_error           The text is malformed, or asks for something that cannot be done. Thrown at once.
/// @throws connection_error      No address could be reached; the message lists what each one said.
/// @throws server_error          The server refused: `invalid_password`, `invalid_catalog_name`,
/// `too_many_connections`, …
/// @throws authentication_error  The two sides share no way to authenticate, or the server failed to prove itself.
/// @throws timeout_error         `connect_timeout` passed for the last address.
/// @par Lifetime       `where` is not used after the call returns. The connection runs on the awaiting coroutine's
///                     executor, which must be a strand where several threads run its context.
/// @par Cancellation   Any type; the attempt is given up and its socket closed.
/// @see PostgreSQL documentation, "Connection Strings" and "Message Flow: Start-up".
[[nodiscard]] asio::awaitable<connection> connect(std::string_view where);

/// The same with options made or changed by the program.
[[nodiscard]] asio::awaitable<connection> connect(connect_options options);

} // namespace tusk
