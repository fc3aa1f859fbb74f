#pragma once

#include <string_view>

namespace tusk::detail {

/// Whether a command only read or changed rows, so that nothing else need be asked about it.
/// @param returns_nothing  The statement returns no rows: a SELECT then makes a table.
inline bool tells_of_rows(std::string_view tag, bool returns_nothing) noexcept
{
    return tag.starts_with("SELECT ")
               ? !returns_nothing
               : tag.starts_with("INSERT ") || tag.starts_with("UPDATE ") || tag.starts_with("DELETE ");
}

/// Whether a command may have changed what outlives its transaction: settings, role, LISTEN, loaded libraries,
/// temporary objects, cursors WITH HOLD, statements prepared by SQL.
///
/// Told from the command tag; the text is looked at only where the tag does not tell, and then a false alarm is
/// preferred. What a function does inside a SELECT shows in neither.
/// @param returns_nothing  The statement has no columns, as SELECT INTO.
[[nodiscard]] bool changes_session(std::string_view tag, std::string_view sql, bool returns_nothing) noexcept;

} // namespace tusk::detail
