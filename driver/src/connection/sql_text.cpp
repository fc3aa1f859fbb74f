#include "connection/sql_text.hpp"

#include <algorithm>
#include <cctype>

namespace tusk::detail {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0; }

std::size_t skip_opaque(std::string_view sql, std::size_t from)
{
    const std::string_view rest = sql.substr(from);
    const auto after = [&](std::string_view closing, std::size_t searched_from) {
        const std::size_t found = rest.find(closing, searched_from);
        return found == std::string_view::npos ? sql.size() : from + found + closing.size();
    };
    if (rest.starts_with("--"))
        return after("\n", 2);
    if (rest.starts_with("/*"))
        return after("*/", 2);
    if (rest.starts_with('\'') || rest.starts_with('"'))
        return after(rest.substr(0, 1), 1);
    if (rest.starts_with('$') && (from == 0 || !is_word(sql[from - 1]))) {
        std::size_t tag = 1;
        while (tag < rest.size() && is_word(rest[tag]) &&
               (tag > 1 || std::isdigit(static_cast<unsigned char>(rest[1])) == 0))
            ++tag;
        if (tag < rest.size() && rest[tag] == '$')
            return after(rest.substr(0, tag + 1), tag + 1);
    }
    return from;
}

std::size_t skip_blank(std::string_view sql)
{
    std::size_t at = 0;
    while (at < sql.size()) {
        const bool is_comment = sql.substr(at).starts_with("--") || sql.substr(at).starts_with("/*");
        if (is_comment)
            at = skip_opaque(sql, at);
        else if (std::isspace(static_cast<unsigned char>(sql[at])) != 0)
            ++at;
        else
            break;
    }
    return at;
}

std::size_t closing_parenthesis(std::string_view sql, std::size_t open)
{
    int depth = 0;
    for (std::size_t at = open; at < sql.size();) {
        if (const std::size_t behind = skip_opaque(sql, at); behind != at) {
            at = behind;
            continue;
        }
        if (sql[at] == '(')
            ++depth;
        else if (sql[at] == ')' && --depth == 0)
            return at;
        ++at;
    }
    return sql.size();
}

bool has_word(std::string_view sql, std::size_t at, std::string_view word)
{
    const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    return std::ranges::equal(sql.substr(std::min(at, sql.size()), word.size()), word, same) &&
           (at == 0 || !is_word(sql[at - 1])) && (at + word.size() >= sql.size() || !is_word(sql[at + word.size()]));
}

} // namespace tusk::detail
