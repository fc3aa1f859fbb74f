#pragma once

#include <tusk/driver/connection.hpp>
#include <tusk/orm/migrate.hpp>

#include <asio/awaitable.hpp>

namespace tusk::migrate::detail {

/// Sees to it that nobody stands between us and the server who might hand our session to somebody else.
/// @throws usage_error  A proxy does, and `settings::allow_proxy` does not say that it may.
asio::awaitable<void> require_direct_connection(connection& on, const settings& with);

} // namespace tusk::migrate::detail
