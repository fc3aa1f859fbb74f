#include <tusk/orm/migrate.hpp>

#include "migrate/run.hpp"
#include "migrate/run_lock.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>
#include <fstream>
#include <optional>
#include <utility>

namespace tusk::migrate {

using namespace detail;

steps& steps::add(std::string revision, step upgrade, step downgrade)
{
    pair both;
    both.upgrade = std::move(upgrade);
    both.downgrade = std::move(downgrade);
    const auto [at, is_new] = all_.try_emplace(std::move(revision), std::move(both));
    if (!is_new)
        throw usage_error{fmt::format("Revision {} has a step in C++ already", at->first)};
    return *this;
}

const steps::step* steps::upgrade_of(std::string_view revision) const noexcept
{
    const auto found = all_.find(revision);
    return found == all_.end() || !found->second.upgrade ? nullptr : &found->second.upgrade;
}

const steps::step* steps::downgrade_of(std::string_view revision) const noexcept
{
    const auto found = all_.find(revision);
    return found == all_.end() || !found->second.downgrade ? nullptr : &found->second.downgrade;
}

std::vector<std::string> steps::revisions() const
{
    std::vector<std::string> ids;
    for (const auto& [id, both] : all_)
        ids.push_back(id);
    return ids;
}

migrator::migrator(orm::metadata model, settings with) : migrator{std::move(model), std::move(with), steps{}} {}

migrator::migrator(orm::metadata model, settings with, steps also)
    : model_{std::move(model)}, settings_{std::move(with)}, steps_{std::move(also)}
{
}

void migrator::init() const
{
    const std::filesystem::path& folder = settings_.directory;
    if (std::filesystem::exists(folder) && !std::filesystem::is_empty(folder))
        throw usage_error{
            fmt::format("Directory {} already exists and is not empty: name another one with --dir", folder.string())};
    std::filesystem::create_directories(folder / "versions");
    std::ofstream{folder / "README"} << "Migrations: one SQL file a revision, in versions/.\n";
}

namespace {

void say(const settings& with, std::string_view text)
{
    if (with.report)
        with.report(text);
}

std::vector<std::string> edited_of(const run_context& run)
{
    std::vector<std::string> ids;
    for (const auto& [id, logged] : run.log) {
        const revision* one = run.all.find(id);
        if (one != nullptr && run.applied.contains(one) && logged.running.empty() &&
            logged.content_hash != one->content_hash())
            ids.push_back(id);
    }
    return ids;
}

asio::awaitable<void> read_state(connection& on, run_context& run)
{
    const std::vector<std::string> versions = co_await run.versions.read_versions(on);
    run.applied = run.all.applied(versions);
    run.log = co_await run.versions.read_log(on);
}

/// What stopped half way on the way back is still at its place for the version table, and on the way up it is not there
/// yet: a run the other way would not meet it.
void require_one_way(const run_context& run)
{
    for (const auto& [id, logged] : run.log)
        if (!logged.running.empty() && logged.running != word_of(run.way))
            throw usage_error{fmt::format("Revision {} is half done: its {} stopped after {} statements. Finish that "
                                          "first with the command {}, or put it right by hand and say so with the "
                                          "command stamp",
                                          id, logged.running, logged.statements_done, logged.running)};
}

asio::awaitable<void> make_tables(connection& on, const version_table& versions)
{
    const auto make = [&](transaction& in) -> asio::awaitable<void> {
        for (const std::string& each : versions.creation())
            co_await in.execute(each);
    };
    co_await on.with_transaction(make);
}

asio::awaitable<void> run_path(connection& on, run_context& run, std::string_view target)
{
    co_await read_state(on, run);
    require_one_way(run);
    for (const std::string& each : edited_of(run))
        say(run.with, fmt::format("Warning: revision {} was edited after it was applied; the database has its old "
                                  "contents",
                                  each));
    const bool is_up = run.way == direction::upgrade;
    const std::vector<const revision*> path =
        is_up ? upgrade_path(run.all, run.applied, target) : downgrade_path(run.all, run.applied, target);
    if (run.with.dry_run) {
        for (const revision* each : path)
            say(run.with, fmt::format("Would run {} {}", word_of(run.way), described(*each, run.way)));
        co_return;
    }
    if (is_up)
        co_await make_tables(on, run.versions);
    if (run.with.one_transaction) {
        co_await run_together(on, run, path);
        co_return;
    }
    for (const revision* each : path) {
        say(run.with, fmt::format("Running {} {}", word_of(run.way), described(*each, run.way)));
        co_await run_revision(on, run, *each);
    }
}

asio::awaitable<void> run_locked(connection& on, const settings& with, const steps& also, direction way,
                                 std::string target)
{
    const history all = history::load(with.directory);
    require_revisions_of(also, all);
    run_context run{all, with, also, version_table{with.version_table}, way, {}, {}};
    co_await take_run_lock(on, with);
    std::exception_ptr failure;
    try {
        co_await run_path(on, run, target);
    } catch (...) {
        failure = std::current_exception();
    }
    if (on.is_open())
        co_await release_run_lock(on, with);
    if (failure)
        std::rethrow_exception(failure);
}

asio::awaitable<void> stamp_locked(connection& on, const settings& with, std::string target, bool purge)
{
    const history all = history::load(with.directory);
    const version_table versions{with.version_table};
    co_await take_run_lock(on, with);
    std::exception_ptr failure;
    try {
        const std::vector<const revision*> wanted = locate_all(all, target);
        const std::vector<std::string> before = co_await versions.read_versions(on);
        if (!purge)
            static_cast<void>(all.applied(before));
        std::vector<std::string> after;
        for (const revision* each : wanted)
            after.push_back(each->id);
        co_await make_tables(on, versions);
        const auto write = [&](transaction& in) -> asio::awaitable<void> {
            for (const std::string& each : versions.move(before, after))
                co_await in.execute(each);
            // What is half done is not half done any more.
            const std::string forget = fmt::format("DELETE FROM {} WHERE running IS NOT NULL", versions.log_sql_name());
            co_await in.execute(forget);
        };
        co_await on.with_transaction(write);
    } catch (...) {
        failure = std::current_exception();
    }
    if (on.is_open())
        co_await release_run_lock(on, with);
    if (failure)
        std::rethrow_exception(failure);
}

asio::awaitable<std::vector<std::string>> edited_revisions(connection& on, const settings& with, const steps& also)
{
    const history all = history::load(with.directory);
    run_context run{all, with, also, version_table{with.version_table}, direction::upgrade, {}, {}};
    co_await read_state(on, run);
    co_return edited_of(run);
}

asio::awaitable<std::vector<std::string>> current_versions(connection& on, std::string table)
{
    const version_table versions{table};
    std::vector<std::string> found = co_await versions.read_versions(on);
    co_return found;
}

} // namespace

asio::awaitable<void> migrator::upgrade(connection& on, std::string_view target) const
{
    return run_locked(on, settings_, steps_, direction::upgrade, std::string{target});
}

asio::awaitable<void> migrator::downgrade(connection& on, std::string_view target) const
{
    return run_locked(on, settings_, steps_, direction::downgrade, std::string{target});
}

asio::awaitable<std::vector<std::string>> migrator::current(connection& on) const
{
    return current_versions(on, settings_.version_table);
}

asio::awaitable<std::vector<std::string>> migrator::edited(connection& on) const
{
    return edited_revisions(on, settings_, steps_);
}

asio::awaitable<void> migrator::stamp(connection& on, std::string_view target, bool purge) const
{
    return stamp_locked(on, settings_, std::string{target}, purge);
}

} // namespace tusk::migrate
