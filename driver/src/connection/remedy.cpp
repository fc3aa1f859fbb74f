#include "connection/remedy.hpp"

#include "connection/sql_text.hpp"

#include <tusk/driver/sqlstate.hpp>
#include <tusk/driver/type_name.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <set>
#include <vector>

namespace tusk::detail {

namespace {

/// A `$n` in the text, and where.
struct placeholder {
    std::size_t begin;
    std::size_t end;
    unsigned number;
};

std::vector<placeholder> placeholders_of(std::string_view sql)
{
    std::vector<placeholder> found;
    for (std::size_t at = 0; at < sql.size();) {
        if (const std::size_t behind = skip_opaque(sql, at); behind != at) {
            at = behind;
            continue;
        }
        unsigned number = 0;
        const char* first = sql.data() + at + 1;
        if (sql[at] == '$' && (at == 0 || !is_word(sql[at - 1])) && at + 1 < sql.size()) {
            const auto [stop, bad] = std::from_chars(first, sql.data() + sql.size(), number);
            if (bad == std::errc{} && stop != first) {
                const auto end = static_cast<std::size_t>(stop - sql.data());
                found.push_back({at, end, number});
                at = end;
                continue;
            }
        }
        ++at;
    }
    return found;
}

/// The server counts characters from 1; we count bytes from 0.
std::size_t byte_offset(std::string_view sql, int characters)
{
    std::size_t at = 0;
    for (int passed = 1; at < sql.size() && passed < characters; ++passed) {
        ++at;
        while (at < sql.size() && (static_cast<unsigned char>(sql[at]) & 0xC0U) == 0x80U)
            ++at;
    }
    return at;
}

/// The parameters that an error at `place` is about: the one that stands there; the arguments of a function that is
/// named there; the operands of an operator that stands there.
std::set<unsigned> parameters_at(std::string_view sql, std::size_t place, const std::vector<placeholder>& all)
{
    std::set<unsigned> numbers;
    for (const placeholder& each : all)
        if (each.begin == place)
            return {each.number};
    std::size_t word_end = place;
    while (word_end < sql.size() && (is_word(sql[word_end]) || sql[word_end] == '.'))
        ++word_end;
    const std::size_t open = word_end > place ? sql.find_first_not_of(" \t\r\n", word_end) : std::string_view::npos;
    if (open != std::string_view::npos && sql[open] == '(') {
        const std::size_t close = closing_parenthesis(sql, open);
        for (const placeholder& each : all)
            if (each.begin > open && each.end <= close)
                numbers.insert(each.number);
        return numbers;
    }
    const placeholder* before = nullptr;
    const placeholder* behind = nullptr;
    for (const placeholder& each : all) {
        if (each.end <= place &&
            sql.substr(each.end, place - each.end).find_first_not_of(" \t\r\n()") == std::string_view::npos)
            before = &each;
        if (behind == nullptr && each.begin >= place && each.begin - place < 16)
            behind = &each;
    }
    if (before != nullptr)
        numbers.insert(before->number);
    if (behind != nullptr)
        numbers.insert(behind->number);
    return numbers;
}

} // namespace

std::string remedy_for_type(const error_fields& refused, std::string_view sql)
{
    const bool undecided =
        refused.sqlstate == sqlstate::indeterminate_datatype || refused.sqlstate == sqlstate::ambiguous_parameter ||
        refused.sqlstate == sqlstate::ambiguous_function || refused.sqlstate == sqlstate::undefined_function;
    if (!undecided)
        return {};
    const std::vector<placeholder> all = placeholders_of(sql);
    if (all.empty())
        return {};
    std::set<unsigned> about;
    // The server names the parameter itself where it is one: "could not determine data type of parameter $1".
    for (const placeholder& each : placeholders_of(refused.message))
        about.insert(each.number);
    if (about.empty() && refused.position)
        about = parameters_at(sql, byte_offset(sql, *refused.position), all);
    if (about.empty() && refused.sqlstate == sqlstate::undefined_function)
        return {};
    if (about.empty())
        for (const placeholder& each : all)
            about.insert(each.number);
    std::vector<std::string> names;
    names.reserve(about.size());
    for (const unsigned number : about)
        names.push_back(fmt::format("${}", number));
    return fmt::format("The server could not decide the type of {}: write a cast into the SQL, such as {}::bigint, or "
                       "bind tusk::as_type(\"bigint\", value)",
                       fmt::join(names, ", "), names.front());
}

std::string remedy_for_value(const error_fields& refused, std::span<const oid> types)
{
    constexpr std::string_view data_exception = "22";
    if (!refused.sqlstate.starts_with(data_exception))
        return {};
    // The context says which parameter was being read: "unnamed portal parameter $1".
    const std::vector<placeholder> named = placeholders_of(refused.context);
    if (named.empty() || named.front().number == 0 || named.front().number > types.size())
        return {};
    const unsigned number = named.front().number;
    return fmt::format("The server takes ${0} for {1}: where another type is meant, write a cast into the SQL, such as "
                       "${0}::interval, or bind tusk::as_type(\"interval\", value)",
                       number, describe_type(types[number - 1]));
}

} // namespace tusk::detail
