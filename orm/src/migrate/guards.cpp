#include "migrate/guards.hpp"

#include <fmt/format.h>

#include <string>

namespace tusk::migrate::detail {

namespace {

/// `[empty] users: why` names a table and says why.
struct table_mark {
    std::string table;
    std::string why;
};

table_mark take_apart(const std::string& text)
{
    const auto colon = text.find(": ");
    if (colon == std::string::npos)
        return {text, {}};
    return {text.substr(0, colon), text.substr(colon + 2)};
}

} // namespace

template <class Verbs>
asio::awaitable<void> check_marks(Verbs& on, const statement& before, const settings& with)
{
    if (const std::string* text = before.find_mark("destructive"); text != nullptr && !with.allow_destructive)
        throw unsafe_step{fmt::format("Refused: this step {}. Allow it with --allow-destructive once that is meant:\n"
                                      "{}",
                                      *text, before.sql)};
    if (with.force)
        co_return;
    if (const std::string* text = before.find_mark("empty"); text != nullptr) {
        const table_mark about = take_apart(*text);
        bool has_rows = co_await on.template query_one<bool>("SELECT to_regclass($1) IS NOT NULL", about.table);
        if (has_rows) {
            const std::string question = fmt::format("SELECT EXISTS (SELECT FROM {})", about.table);
            has_rows = co_await on.template query_one<bool>(question);
        }
        if (has_rows)
            throw unsafe_step{
                fmt::format("Refused: the table {} has rows, and this step {}. Give the column a default, "
                            "or add it nullable, fill it, and set NOT NULL in a later revision; --force "
                            "tries it all the same:\n{}",
                            about.table, about.why, before.sql)};
    }
    if (const std::string* text = before.find_mark("rewrite"); text != nullptr) {
        const table_mark about = take_apart(*text);
        const auto size = co_await on.template query_one<std::int64_t>(
            "SELECT coalesce(pg_relation_size(to_regclass($1)), 0)", about.table);
        if (size >= with.big_table)
            throw unsafe_step{fmt::format("Refused: the table {} has {} MB, and this step {}, while nobody can use the "
                                          "table. Add a new column, copy in batches and swap the names, or do it in a "
                                          "maintenance window with --force:\n{}",
                                          about.table, size >> 20U, about.why, before.sql)};
    }
}

template asio::awaitable<void> check_marks(connection& on, const statement& before, const settings& with);
template asio::awaitable<void> check_marks(transaction& on, const statement& before, const settings& with);

} // namespace tusk::migrate::detail
