#pragma once

#include "connection/candidate.hpp"

#include <tusk/driver/connect_options.hpp>
#include <tusk/driver/connection.hpp>

#include <asio/awaitable.hpp>

namespace tusk::detail {

/// Opens a session with one candidate: all that `sslmode`, `max_protocol_version` and `connect_timeout` allow to be
/// tried there.
/// @param to  Outlives the await, as do the options.
/// @throws As `tusk::connect`.
asio::awaitable<connection> attempt(const candidate& to, const connect_options& options);

} // namespace tusk::detail
