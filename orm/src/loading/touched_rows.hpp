#pragma once

#include "loading/prepared_statement.hpp"
#include "unit_of_work/session_state.hpp"

#include <tusk/driver/result.hpp>
#include <tusk/session/detail/use.hpp>

#include <asio/awaitable.hpp>

#include <optional>
#include <string>

namespace tusk::orm::detail {

/// Keeps the entities of a session in step with an UPDATE or DELETE of many rows: the statement is made to return the
/// keys of the rows that it touched. Where the session has no entity of the class, it goes as it is.
class touched_rows
{
public:
    touched_rows(session_state& state, const prepared_statement& statement);

    [[nodiscard]] const std::string& sql() const noexcept;

    /// Entities whose rows were deleted leave the session; those whose rows were updated are read again.
    asio::awaitable<void> follow(tusk::detail::session_use& use, const result& rows);

private:
    session_state& state_;
    const prepared_statement& statement_;
    std::optional<std::string> with_keys_;
};

} // namespace tusk::orm::detail
