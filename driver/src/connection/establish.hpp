#pragma once

#include "transport/reopen.hpp"
#include "transport/stream.hpp"

#include <tusk/driver/connect_options.hpp>
#include <tusk/driver/connection.hpp>

#include <asio/awaitable.hpp>

#include <memory>

namespace tusk::detail {

/// Starts a session on a stream that is connected: start-up, authentication, and the engine.
/// @param stream   Owned by the coroutine from the first await on.
/// @param options  Outlives the await.
/// @param reopen   Opens another stream to the same server, for cancelling; empty: nothing can be cancelled.
/// @throws server_error, authentication_error, protocol_error, connection_error  As `tusk::connect`.
asio::awaitable<connection> establish(std::unique_ptr<transport::stream> stream, const connect_options& options,
                                      transport::reopen reopen = {});

} // namespace tusk::detail
