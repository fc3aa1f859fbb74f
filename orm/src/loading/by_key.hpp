#pragma once

#include "query/compiled.hpp"
#include "unit_of_work/entity_record.hpp"
#include "unit_of_work/session_state.hpp"

#include <tusk/driver/parameters.hpp>
#include <tusk/orm/table_info.hpp>
#include <tusk/session/detail/use.hpp>

#include <asio/awaitable.hpp>

#include <string>
#include <vector>

/// Entities by their primary keys.
namespace tusk::orm::detail {

/// Reads the row with that key.
/// @param key        As `key_of` makes it.
/// @param overwrite  An entity that is here already and has no unsaved changes takes the values that the row has now.
/// @returns The entity; null where there is no such row.
asio::awaitable<entity_record*> load_by_key(session_state& state, tusk::detail::session_use& use,
                                            const table_info& table, std::string key, bool overwrite);

/// Reads the rows of entities again, where they have no unsaved changes. They are of one class.
asio::awaitable<void> reload(session_state& state, tusk::detail::session_use& use,
                             std::vector<entity_record*> entities);

/// Whether values of the column travel as text: where its C++ type has no binary form for it.
bool travels_as_text(const column_info& column);

} // namespace tusk::orm::detail
