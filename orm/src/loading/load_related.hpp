#pragma once

#include "loading/load_task.hpp"
#include "unit_of_work/session_state.hpp"

#include <tusk/session/detail/use.hpp>

#include <asio/awaitable.hpp>

#include <vector>

namespace tusk::orm::detail {

/// Loads relations, and those that are to be loaded below them, level by level: one statement a relation and level, and
/// all statements of a level in as few flights as their size allows.
/// @par Lifetime  Options and entities of the tasks must be kept until it has ended.
asio::awaitable<void> load_related(session_state& state, tusk::detail::session_use& use, std::vector<load_task> tasks);

} // namespace tusk::orm::detail
