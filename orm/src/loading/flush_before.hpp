#pragma once

#include "loading/prepared_statement.hpp"
#include "unit_of_work/session_state.hpp"

namespace tusk::orm::detail {

/// The session has changes that the statement would not see.
bool must_flush_before(session_state& state, const prepared_statement& statement);

} // namespace tusk::orm::detail
