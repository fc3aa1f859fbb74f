#include "connection/session_change.hpp"

#include "connection/sql_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace tusk::detail {

namespace {

/// DO, CALL and EXECUTE can do anything.
constexpr std::array<std::string_view, 8> always{"SET",     "RESET",          "LISTEN", "LOAD",
                                                 "PREPARE", "DECLARE CURSOR", "DO",     "CALL"};

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// "temp", "temporary" and "pg_temp" all hold it.
bool mentions_temp(std::string_view sql) noexcept
{
    constexpr std::string_view word = "temp";
    return !std::ranges::search(sql, word, [](char a, char b) { return lower(a) == b; }).empty();
}

/// SET LOCAL and SET TRANSACTION end with their transaction.
bool is_for_transaction(std::string_view sql) noexcept
{
    sql.remove_prefix(std::min(skip_blank(sql) + std::string_view{"set"}.size(), sql.size()));
    sql.remove_prefix(skip_blank(sql));
    const auto begins_with = [&](std::string_view word) {
        return std::ranges::equal(sql.substr(0, word.size()), word, [](char a, char b) { return lower(a) == b; });
    };
    return begins_with("local") || begins_with("transaction");
}

} // namespace

bool changes_session(std::string_view tag, std::string_view sql, bool returns_nothing) noexcept
{
    if (tag.starts_with("INSERT") || tag.starts_with("UPDATE") || tag.starts_with("DELETE"))
        return false;
    if (tag.starts_with("SELECT"))
        return returns_nothing && mentions_temp(sql);
    if (tag.starts_with("CREATE"))
        return mentions_temp(sql);
    if (tag == "SET" && is_for_transaction(sql))
        return false;
    return std::ranges::find(always, tag) != always.end();
}

} // namespace tusk::detail
