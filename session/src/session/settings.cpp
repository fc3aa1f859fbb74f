#include "session/settings.hpp"

#include <tusk/driver/error.hpp>

namespace tusk::detail {

namespace {

/// Means the same whatever standard_conforming_strings says.
void append_literal(std::string& to, std::string_view value)
{
    if (value.find('\\') != std::string_view::npos)
        to += 'E';
    to += '\'';
    for (const char each : value) {
        if (each == '\'' || each == '\\')
            to += each;
        to += each;
    }
    to += '\'';
}

void append_condition(std::string& to, const setting_list& settings)
{
    for (const auto& [name, value] : settings) {
        to += to.empty() ? "SELECT WHERE pg_catalog.set_config(" : " OR pg_catalog.set_config(";
        append_literal(to, name);
        to += ", ";
        append_literal(to, value);
        to += ", true) IS NULL";
    }
}

} // namespace

void check_setting(std::string_view name, std::string_view value)
{
    if (name.empty())
        throw usage_error{"a parameter of the server must have a name"};
    if (name.find('\0') != std::string_view::npos || value.find('\0') != std::string_view::npos)
        throw usage_error{"neither the name nor the value of a server's parameter can hold a zero byte"};
}

// SET LOCAL would take a list ("search_path") for one name. As conditions that never hold, the calls return no row, and
// all of them are one statement.
std::string settings_statement(const setting_list& first, const setting_list& second)
{
    std::string sql;
    append_condition(sql, first);
    append_condition(sql, second);
    return sql;
}

} // namespace tusk::detail
