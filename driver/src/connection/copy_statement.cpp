// The SQL of a COPY: written for copy_into, and looked into for the source of a copy_out.
#include "connection/sql_text.hpp"
#include "connection/statement_operation.hpp"

#include <tusk/driver/detail/copy_access.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/identifier.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace tusk::detail {

namespace {

/// Where a keyword stands outside of strings, names and parentheses; the end of the text where it does not.
std::size_t find_word(std::string_view sql, std::size_t from, std::string_view word)
{
    for (std::size_t at = from; at < sql.size();) {
        if (const std::size_t behind = skip_opaque(sql, at); behind != at)
            at = behind;
        else if (sql[at] == '(')
            at = closing_parenthesis(sql, at) + 1;
        else if (has_word(sql, at, word))
            return at;
        else
            ++at;
    }
    return sql.size();
}

/// A query with the columns that a COPY ... TO gives; empty where it cannot be told.
std::string source_of(std::string_view copy)
{
    const std::size_t begin = skip_blank(copy);
    if (!has_word(copy, begin, "copy"))
        return {};
    const std::size_t source = begin + 4 + skip_blank(copy.substr(begin + 4));
    if (source < copy.size() && copy[source] == '(')
        return std::string{copy.substr(source + 1, closing_parenthesis(copy, source) - source - 1)};
    const std::size_t end = find_word(copy, source, "to");
    if (end == copy.size())
        return {};
    const std::string_view what = copy.substr(source, end - source);
    for (std::size_t at = 0; at < what.size();) {
        if (const std::size_t behind = skip_opaque(what, at); behind != at) {
            at = behind;
        } else if (what[at] == '(') {
            const std::size_t close = closing_parenthesis(what, at);
            return fmt::format("SELECT {} FROM {}", what.substr(at + 1, close - at - 1), what.substr(0, at));
        } else {
            ++at;
        }
    }
    return fmt::format("SELECT * FROM {}", what);
}

bool mentions_binary(std::string_view sql)
{
    for (std::size_t at = 0; at < sql.size(); ++at)
        if (has_word(sql, at, "binary"))
            return true;
    return false;
}

} // namespace

request_ptr make_copy_into(const target& to, const identifier& table, std::span<const std::string_view> columns)
{
    std::string list;
    for (const std::string_view each : columns)
        list += fmt::format("{}{}", list.empty() ? "" : ", ", identifier{each}.sql());
    return make_copy_in(to,
                        fmt::format("COPY {}{} FROM STDIN (FORMAT binary)", table.sql(),
                                    list.empty() ? list : fmt::format(" ({})", list)),
                        fmt::format("SELECT {} FROM {}", list.empty() ? "*" : list, table.sql()));
}

request_ptr make_copy_out(const target& to, std::string_view copy)
{
    check_sql(copy);
    return make_copy_out(to, std::string{copy}, mentions_binary(copy) ? source_of(copy) : std::string{});
}

} // namespace tusk::detail
