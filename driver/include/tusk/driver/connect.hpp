#pragma once

#include <tusk/driver/connect_options.hpp>
#include <tusk/driver/connection.hpp>

#include <asio/awaitable.hpp>

#include <string_view>

namespace tusk {

/// Opens a session with a server: the first of those named that is there and of the kind that
/// `target_session_attrs` wants.
///
/// The next address is tried where one cannot be reached, and the next host where a server is starting, stopping, full,
/// or of another kind; anything else that a server says is final.
/// @param where  A URL (`postgresql://user@host:port/dbname?options`) or a keyword/value string (`host=… dbname=…`),
///               as libpq understands them; PG* environment variables and libpq's defaults fill the gaps.
/// @throws usage_error           The text is malformed, or asks for something that cannot be done. Thrown at once.
/// @throws connection_error      No address could be reached, or TLS could not be had as `sslmode` wants it; the
/// message
///                               lists what each address said.
/// @throws server_error          The server refused: `invalid_password`, `invalid_catalog_name`,
/// `too_many_connections`, …
/// @throws authentication_error  The two sides share no way to authenticate, the server asks for what is not allowed,
///                               or failed to prove itself. What a callback throws goes through as it is.
/// @throws timeout_error         `connect_timeout` passed for the last address.
/// @par Lifetime       `where` is not used after the call returns. The connection runs on the awaiting coroutine's
///                     executor, which must be a strand where several threads run its context.
/// @par Cancellation   Any type; the attempt is given up and its socket closed. `connect_timeout` does not interrupt a
///                     callback for a password or token.
/// @see PostgreSQL documentation, "Connection Strings" and "Message Flow: Start-up".
[[nodiscard]] asio::awaitable<connection> connect(std::string_view where);

/// The same with options made or changed by the program.
[[nodiscard]] asio::awaitable<connection> connect(connect_options options);

} // namespace tusk
