#pragma once

#include "migrate/statements.hpp"

#include <tusk/driver/connection.hpp>
#include <tusk/driver/transaction.hpp>
#include <tusk/orm/migrate.hpp>

#include <asio/awaitable.hpp>

namespace tusk::migrate::detail {

/// Looks at what the marks of a statement say about it, and at this database.
/// @param on  Where the statement will be run: a connection, or the transaction that holds it.
/// @throws unsafe_step  It must be allowed first.
template <class Verbs>
asio::awaitable<void> check_marks(Verbs& on, const statement& before, const settings& with);

extern template asio::awaitable<void> check_marks(connection& on, const statement& before, const settings& with);
extern template asio::awaitable<void> check_marks(transaction& on, const statement& before, const settings& with);

} // namespace tusk::migrate::detail
