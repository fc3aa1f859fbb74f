#pragma once

#include <tusk/driver/connection.hpp>
#include <tusk/orm/migrate.hpp>

#include <asio/awaitable.hpp>

namespace tusk::migrate::detail {

/// Keeps two runs from meeting. The lock belongs to the session, since a run may have several transactions.
/// @throws run_in_progress  It was not free in time.
/// @throws usage_error      There is a proxy in between, which would hand the session to somebody else.
asio::awaitable<void> take_run_lock(connection& on, const settings& with);
asio::awaitable<void> release_run_lock(connection& on, const settings& with);

} // namespace tusk::migrate::detail
