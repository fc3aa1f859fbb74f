#include "migrate/version_table.hpp"

#include "migrate/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

namespace tusk::migrate::detail {

std::string_view word_of(direction way) noexcept { return way == direction::upgrade ? "upgrade" : "downgrade"; }

version_table::version_table(std::string_view name)
    : name_{name}, log_name_{fmt::format("{}_log", name)}, sql_name_{in_sql(name_)}, sql_log_name_{in_sql(log_name_)}
{
}

std::vector<std::string> version_table::creation() const
{
    std::vector<std::string> made;
    made.push_back(fmt::format("CREATE TABLE IF NOT EXISTS {} (\n    version_num varchar(64) NOT NULL,\n"
                               "    CONSTRAINT {} PRIMARY KEY (version_num)\n)",
                               sql_name_, in_sql(name_ + "_pkc")));
    made.push_back(fmt::format("CREATE TABLE IF NOT EXISTS {} (\n    revision varchar(64) NOT NULL,\n"
                               "    content_hash text NOT NULL,\n    applied_at timestamptz DEFAULT now() NOT NULL,\n"
                               "    running text,\n    statements_done integer DEFAULT 0 NOT NULL,\n"
                               "    CONSTRAINT {} PRIMARY KEY (revision)\n)",
                               sql_log_name_, in_sql(log_name_ + "_pkc")));
    return made;
}

std::vector<std::string> version_table::move(const std::vector<std::string>& from,
                                             const std::vector<std::string>& to) const
{
    std::vector<std::string> gone;
    std::vector<std::string> added;
    const auto missing_in = [](const std::vector<std::string>& list) {
        return [&list](const std::string& each) { return std::ranges::find(list, each) == list.end(); };
    };
    std::ranges::copy_if(from, std::back_inserter(gone), missing_in(to));
    std::ranges::copy_if(to, std::back_inserter(added), missing_in(from));
    std::vector<std::string> made;
    while (gone.size() > 1) {
        made.push_back(fmt::format("DELETE FROM {} WHERE version_num = {}", sql_name_, literal(gone.back())));
        gone.pop_back();
    }
    if (!gone.empty() && !added.empty()) {
        made.push_back(fmt::format("UPDATE {} SET version_num = {} WHERE version_num = {}", sql_name_,
                                   literal(added.front()), literal(gone.front())));
        added.erase(added.begin());
    } else if (!gone.empty()) {
        made.push_back(fmt::format("DELETE FROM {} WHERE version_num = {}", sql_name_, literal(gone.front())));
    }
    for (const std::string& each : added)
        made.push_back(fmt::format("INSERT INTO {} (version_num) VALUES ({})", sql_name_, literal(each)));
    return made;
}

std::string version_table::log_done(const revision& of, direction way) const
{
    if (way == direction::downgrade)
        return fmt::format("DELETE FROM {} WHERE revision = {}", sql_log_name_, literal(of.id));
    return fmt::format("INSERT INTO {} (revision, content_hash) VALUES ({}, {}) ON CONFLICT (revision) DO UPDATE SET "
                       "content_hash = excluded.content_hash, applied_at = now(), running = NULL, statements_done = 0",
                       sql_log_name_, literal(of.id), literal(of.content_hash()));
}

std::string version_table::log_progress(const revision& of, direction way, std::size_t statements) const
{
    return fmt::format("INSERT INTO {} (revision, content_hash, running, statements_done) VALUES ({}, {}, {}, {}) "
                       "ON CONFLICT (revision) DO UPDATE SET content_hash = excluded.content_hash, "
                       "running = excluded.running, statements_done = excluded.statements_done",
                       sql_log_name_, literal(of.id), literal(of.content_hash()), literal(word_of(way)), statements);
}

asio::awaitable<std::vector<std::string>> version_table::read_versions(connection& on) const
{
    std::vector<std::string> found;
    const bool is_there = co_await on.query_one<bool>("SELECT to_regclass($1) IS NOT NULL", sql_name_);
    if (!is_there)
        co_return found;
    const std::string question = fmt::format("SELECT version_num::text FROM {} ORDER BY 1", sql_name_);
    const result rows = co_await on.query(question);
    for (auto [id] : rows.as<std::string>())
        found.push_back(std::move(id));
    co_return found;
}

asio::awaitable<std::map<std::string, logged_revision>> version_table::read_log(connection& on) const
{
    std::map<std::string, logged_revision> found;
    const bool is_there = co_await on.query_one<bool>("SELECT to_regclass($1) IS NOT NULL", sql_log_name_);
    if (!is_there)
        co_return found;
    const std::string question = fmt::format(
        "SELECT revision::text, content_hash, coalesce(running, ''), statements_done FROM {}", sql_log_name_);
    const result rows = co_await on.query(question);
    for (auto [id, hash, running, done] : rows.as<std::string, std::string, std::string, int>()) {
        logged_revision& one = found[id];
        one.content_hash = hash;
        one.running = running;
        one.statements_done = done;
    }
    co_return found;
}

} // namespace tusk::migrate::detail
