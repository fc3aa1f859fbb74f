#include "mapping/quoted.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/driver/identifier.hpp>
#include <tusk/orm/table_info.hpp>

#include <algorithm>
#include <array>

namespace tusk::orm::detail {

namespace {

/// Words that cannot name a column or table without quotes in some version from 14 to 18: "reserved" in the key word
/// table of PostgreSQL's documentation, with those that can only be a function or type. In alphabetical order.
constexpr auto reserved_words = std::to_array<std::string_view>({"all",
                                                                 "analyse",
                                                                 "analyze",
                                                                 "and",
                                                                 "any",
                                                                 "array",
                                                                 "as",
                                                                 "asc",
                                                                 "asymmetric",
                                                                 "authorization",
                                                                 "binary",
                                                                 "both",
                                                                 "case",
                                                                 "cast",
                                                                 "check",
                                                                 "collate",
                                                                 "collation",
                                                                 "column",
                                                                 "concurrently",
                                                                 "constraint",
                                                                 "create",
                                                                 "cross",
                                                                 "current_catalog",
                                                                 "current_date",
                                                                 "current_role",
                                                                 "current_schema",
                                                                 "current_time",
                                                                 "current_timestamp",
                                                                 "current_user",
                                                                 "default",
                                                                 "deferrable",
                                                                 "desc",
                                                                 "distinct",
                                                                 "do",
                                                                 "else",
                                                                 "end",
                                                                 "except",
                                                                 "false",
                                                                 "fetch",
                                                                 "for",
                                                                 "foreign",
                                                                 "freeze",
                                                                 "from",
                                                                 "full",
                                                                 "grant",
                                                                 "group",
                                                                 "having",
                                                                 "ilike",
                                                                 "in",
                                                                 "initially",
                                                                 "inner",
                                                                 "intersect",
                                                                 "into",
                                                                 "is",
                                                                 "isnull",
                                                                 "join",
                                                                 "lateral",
                                                                 "leading",
                                                                 "left",
                                                                 "like",
                                                                 "limit",
                                                                 "localtime",
                                                                 "localtimestamp",
                                                                 "natural",
                                                                 "not",
                                                                 "notnull",
                                                                 "null",
                                                                 "offset",
                                                                 "on",
                                                                 "only",
                                                                 "or",
                                                                 "order",
                                                                 "outer",
                                                                 "overlaps",
                                                                 "placing",
                                                                 "primary",
                                                                 "references",
                                                                 "returning",
                                                                 "right",
                                                                 "select",
                                                                 "session_user",
                                                                 "similar",
                                                                 "some",
                                                                 "symmetric",
                                                                 "system_user",
                                                                 "table",
                                                                 "tablesample",
                                                                 "then",
                                                                 "to",
                                                                 "trailing",
                                                                 "true",
                                                                 "union",
                                                                 "unique",
                                                                 "user",
                                                                 "using",
                                                                 "variadic",
                                                                 "verbose",
                                                                 "when",
                                                                 "where",
                                                                 "window",
                                                                 "with"});
static_assert(std::ranges::is_sorted(reserved_words));

bool is_plain(std::string_view name) noexcept
{
    if (name.empty() || !((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_'))
        return false;
    const bool words =
        std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    return words && !std::ranges::binary_search(reserved_words, name);
}

} // namespace

std::string quoted(std::string_view name)
{
    if (is_plain(name))
        return std::string{name};
    return identifier{name}.sql();
}

std::string qualified(std::string_view schema, std::string_view name)
{
    return schema.empty() ? quoted(name) : quoted(schema) + '.' + quoted(name);
}

std::string qualified(const table_info& table) { return qualified(table.schema(), table.name()); }

std::string quoted_literal(std::string_view text)
{
    if (text.find('\0') != std::string_view::npos)
        throw usage_error{"a text in SQL cannot hold a zero byte"};
    std::string literal;
    const bool escapes = text.find('\\') != std::string_view::npos;
    literal = escapes ? "E'" : "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\')
            literal += c;
        literal += c;
    }
    return literal + '\'';
}

} // namespace tusk::orm::detail
