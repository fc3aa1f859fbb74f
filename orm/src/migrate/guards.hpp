#pragma once

#include "migrate/statements.hpp"

#include <tusk/driver/connection.hpp>
#include <tusk/orm/migrate.hpp>

#include <asio/awaitable.hpp>

namespace tusk::migrate::detail {

/// Looks at what the marks of a statement say about it, and at this database.
/// @throws unsafe_step  It must be allowed first.
asio::awaitable<void> check_marks(connection& on, const statement& before, const settings& with);

} // namespace tusk::migrate::detail
