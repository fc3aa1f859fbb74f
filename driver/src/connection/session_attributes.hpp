#pragma once

#include <tusk/driver/connection.hpp>

#include <asio/awaitable.hpp>

#include <chrono>
#include <string_view>

namespace tusk::detail {

/// Whether a session is with a server of the wanted kind: `target_session_attrs`, where prefer-standby is standby.
/// Answered by what the server reported of itself; one that reports too little (before PostgreSQL 14, some poolers) is
/// asked.
/// @param limit  For asking it; zero: none.
/// @throws What a query throws.
asio::awaitable<bool> has_attributes(connection& of, std::string_view wanted, std::chrono::milliseconds limit);

} // namespace tusk::detail
