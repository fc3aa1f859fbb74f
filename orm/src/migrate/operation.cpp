#include "migrate/operation.hpp"

#include <fmt/format.h>

#include <ranges>

namespace tusk::migrate::detail {

std::string marked(std::string_view word, std::string_view text, std::string_view statement)
{
    return fmt::format("-- [{}] {}\n{}", word, text, statement);
}

namespace {

/// Statements that only say something are comments, and end without a semicolon.
void add(std::string& to, std::string_view statement)
{
    const auto last_line =
        statement.substr(statement.rfind('\n') == std::string_view::npos ? 0 : statement.rfind('\n') + 1);
    to.append(statement).append(last_line.starts_with("--") ? "\n" : ";\n");
}

} // namespace

std::string upgrade_text(const std::vector<operation>& in_order)
{
    std::string text;
    phase before{};
    for (const operation& each : in_order) {
        const bool starts_anew = each.when != before && (before == phase::extend_type || each.when == phase::validate ||
                                                         each.when == phase::set_not_null);
        before = each.when;
        bool is_first = starts_anew && !text.empty();
        for (const std::string& one : each.upgrade) {
            add(text, is_first ? marked("commit", "what is above is kept; its locks are let go", one) : one);
            is_first = false;
        }
    }
    return text;
}

std::string downgrade_text(const std::vector<operation>& in_order)
{
    std::string text;
    for (const operation& each : std::views::reverse(in_order))
        for (const std::string& one : each.downgrade)
            add(text, one);
    return text;
}

} // namespace tusk::migrate::detail
