#pragma once

#include <tusk/driver/connection.hpp>
#include <tusk/driver/transaction.hpp>
#include <tusk/orm/metadata.hpp>

#include <asio/awaitable.hpp>

#include <string>

namespace tusk {
class engine;
class session;
} // namespace tusk

/// The schema of a program: everything that its mappings say, as SQL or made in a database.
namespace tusk::orm {

/// All that a database needs for these mappings: schemas, enum types, tables (referred ones first), indexes, comments,
/// and at the end the foreign keys that close a cycle. Every constraint has a name.
/// @returns  Statements that end in semicolons. The same mappings give the same text.
[[nodiscard]] std::string to_ddl(const metadata& of);

/// Makes what is missing, in one transaction.
///
/// Each object is looked for by its name. A table that is there is left as it is, with its indexes and constraints:
/// what has changed since is the business of migrations.
/// @throws server_error  The server refused a statement; then nothing was made.
/// @throws tusk::error   As `connection::with_transaction`.
/// @par Lifetime       `on` must outlive the await; `of` is copied.
/// @par Cancellation   As every transaction: nothing was made.
/// @par Thread safety  Call from the connection's strand.
[[nodiscard]] asio::awaitable<void> create_all(connection& on, const metadata& of);
/// The same on a connection of an engine's pool.
[[nodiscard]] asio::awaitable<void> create_all(const engine& on, const metadata& of);
/// The same as part of a transaction.
[[nodiscard]] asio::awaitable<void> create_all(transaction& in, const metadata& of);
[[nodiscard]] asio::awaitable<void> create_all(tusk::session& in, const metadata& of);

/// Drops the tables and enum types of these mappings, as far as they are there, in one transaction. Nothing else goes
/// with them: what other objects depend on is refused by the server. Schemas stay.
/// @throws server_error  The server refused a statement; then nothing was dropped.
/// @throws tusk::error   As `connection::with_transaction`.
/// @par Lifetime       `on` must outlive the await; `of` is copied.
/// @par Cancellation   As every transaction: nothing was dropped.
/// @par Thread safety  Call from the connection's strand.
[[nodiscard]] asio::awaitable<void> drop_all(connection& on, const metadata& of);
/// The same on a connection of an engine's pool.
[[nodiscard]] asio::awaitable<void> drop_all(const engine& on, const metadata& of);
/// The same as part of a transaction.
[[nodiscard]] asio::awaitable<void> drop_all(transaction& in, const metadata& of);
[[nodiscard]] asio::awaitable<void> drop_all(tusk::session& in, const metadata& of);

} // namespace tusk::orm
