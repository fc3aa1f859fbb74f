#pragma once

#include "migrate/snapshot.hpp"

#include <tusk/driver/transaction.hpp>

#include <asio/awaitable.hpp>

#include <string>
#include <vector>

namespace tusk::migrate::detail {

/// Reads tables and enum types of schemas. How names are qualified in what it reads depends on the search path.
/// @param schemas  As the catalog has them; "pg_temp" is the session's own.
/// @returns Everything with the catalog's names of schemas.
asio::awaitable<snapshot> read_catalog(transaction& in, std::vector<std::string> schemas);

} // namespace tusk::migrate::detail
