#pragma once

#include <tusk/driver/command_tag.hpp>
#include <tusk/orm/detail/kept_entities.hpp>
#include <tusk/orm/detail/load_option.hpp>
#include <tusk/orm/detail/loaded_rows.hpp>

#include <asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::detail {
struct parameter;
} // namespace tusk::detail

namespace tusk::orm {

class table_info;
struct relation_info;

namespace detail {

class session_state;
class statement_base;
struct raw_query;
struct prepared_statement;

/// A statement that was rendered when its verb was called, with its parameters.
using statement_ptr = std::shared_ptr<const prepared_statement>;

/// @throws usage_error  The statement contradicts itself.
statement_ptr prepare(const statement_base& of);
/// @throws usage_error  An option is not `selectinload`: joins cannot be added to the caller's SQL.
statement_ptr prepare(const raw_query& of);
/// `SELECT count(*)` of its rows.
/// @throws usage_error  As `prepare`.
statement_ptr prepare_count(const statement_base& of);

/// A SELECT of the entity with that key, with what options name beside it.
/// @throws usage_error  An option is `contains_eager`: the statement joins nothing itself.
statement_ptr prepare_get(const table_info& table, std::string_view key, std::vector<load_option> options);

/// How many rows the caller wants.
enum class row_bound : std::uint8_t {
    any,
    first, ///< What follows is ignored.
    one,
    one_or_none,
};

// What the verbs of a session await. Each works under one use of the session, and flushes first what the statement
// would not see.

/// @throws row_count_error  There are not as many rows as `bound` says.
asio::awaitable<loaded_rows> run_query(std::shared_ptr<session_state> on, statement_ptr what, row_bound bound,
                                       std::source_location who);

asio::awaitable<command_tag> run_command(std::shared_ptr<session_state> on, statement_ptr what,
                                         std::source_location who);

/// @returns One entity, or none.
asio::awaitable<kept_entities> run_get(std::shared_ptr<session_state> on, const table_info& table, std::string key,
                                       std::source_location who);

asio::awaitable<void> run_load(std::shared_ptr<session_state> on, const relation_info& relation, kept_entities owners,
                               std::source_location who);

/// The key of an entity, from the values of its columns.
/// @throws usage_error  There are more or fewer values than columns, or one does not fit.
std::string encode_key(const table_info& table, std::span<const tusk::detail::parameter> values);

} // namespace detail

} // namespace tusk::orm
