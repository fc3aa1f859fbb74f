#include "migrate/commands.hpp"

#include "migrate/direct_connection.hpp"
#include "migrate/history.hpp"

#include <tusk/driver/connect.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <ranges>

namespace tusk::migrate::detail {

namespace {

constexpr int differs = 3;

void print(std::string_view text)
{
    fmt::print("{}\n", text);
    std::fflush(stdout); // whoever watches a long run wants to see where it is
}

/// "a1b2 -> c3d4 (label) (head), message"
std::string line_of(const history& all, const revision& one, bool with_parents)
{
    std::string text;
    if (with_parents)
        text = one.parents.empty() ? "<base> -> " : fmt::format("{} -> ", fmt::join(one.parents, ", "));
    text += one.id;
    for (const std::string& label : one.labels)
        text += fmt::format(" ({})", label);
    const std::size_t children = all.children(one).size();
    if (children == 0)
        text += " (head)";
    if (children > 1)
        text += " (branchpoint)";
    if (one.parents.size() > 1)
        text += " (mergepoint)";
    return text + (with_parents ? fmt::format(", {}", one.message) : "");
}

/// The revisions of `from:to`, both included.
revision_set in_range(const history& all, std::string_view range)
{
    const auto colon = range.find(':');
    if (colon == std::string_view::npos)
        throw usage_error{fmt::format("'{}' is not a range: write from:to, either of them empty", range)};
    const std::string_view from = range.substr(0, colon);
    const std::string_view to = range.substr(colon + 1);
    const std::vector<const revision*> ends = to.empty() ? all.heads() : locate_all(all, to);
    revision_set found = all.with_ancestors(ends);
    if (!from.empty() && from != "base") {
        revision_set above;
        for (const revision* each : locate_all(all, from))
            for (const revision* one : all.with_descendants(*each))
                above.insert(one);
        std::erase_if(found, [&](const revision* each) { return !above.contains(each); });
    }
    return found;
}

void print_history(const history& all, const command_line& line)
{
    const revision_set shown = in_range(all, line.range.empty() ? ":" : line.range);
    for (const revision* each : std::views::reverse(all.in_order())) {
        if (!shown.contains(each))
            continue;
        print(line_of(all, *each, true));
        if (line.verbose)
            print(fmt::format("    {}, {}", each->date, each->file.string()));
    }
}

int run_offline(const command_line& line, const migrator& tool)
{
    const history all = history::load(line.with.directory);
    switch (line.which) {
    case command::heads:
        for (const revision* each : all.heads())
            print(line_of(all, *each, false));
        return 0;
    case command::branches:
        for (const revision* each : all.in_order())
            if (const auto children = all.children(*each); children.size() > 1) {
                print(line_of(all, *each, false));
                for (const revision* child : children)
                    print(fmt::format("    -> {}", line_of(all, *child, false)));
            }
        return 0;
    case command::history: print_history(all, line); return 0;
    case command::show:
        for (const revision* each : locate_all(all, line.target)) {
            print(format_revision(*each));
            print(fmt::format("-- {}", each->file.string()));
        }
        return 0;
    case command::merge: print(fmt::format("Generating {} ... done", tool.merge(line.revision).string())); return 0;
    case command::upgrade: print(tool.upgrade_script(line.target)); return 0;
    case command::downgrade: print(tool.downgrade_script(line.target)); return 0;
    default: break;
    }
    const differences nothing;
    print(fmt::format("Generating {} ... done", tool.write_revision(line.revision, nothing).string()));
    return 0;
}

/// Those that work with a database.
class online_commands
{
public:
    online_commands(const command_line& line, const migrator& tool, connection& on) : line_{line}, tool_{tool}, on_{on}
    {
    }

    asio::awaitable<int> run()
    {
        switch (line_.which) {
        case command::upgrade: co_await tool_.upgrade(on_, line_.target); break;
        case command::downgrade: co_await tool_.downgrade(on_, line_.target); break;
        case command::stamp: co_await tool_.stamp(on_, line_.target, line_.purge); break;
        case command::current: co_return co_await current();
        case command::check: co_return co_await check();
        default: co_await autogenerate(); break;
        }
        co_return 0;
    }

private:
    asio::awaitable<int> current()
    {
        const history all = history::load(line_.with.directory);
        const std::vector<std::string> at = co_await tool_.current(on_);
        for (const std::string& id : at) {
            const revision* one = all.find(id);
            print(one == nullptr ? fmt::format("{} (its file is not here)", id) : line_of(all, *one, false));
        }
        const std::vector<const revision*> heads = all.heads();
        const bool at_heads = std::ranges::all_of(
            heads, [&](const revision* each) { return std::ranges::find(at, each->id) != at.end(); });
        if (!line_.check_heads || at_heads)
            co_return 0;
        fmt::print(stderr, "Database is not on all head revisions: run \"upgrade heads\"\n");
        co_return differs;
    }

    void print_doubts(const differences& found) const
    {
        for (const std::string& each : found.missing)
            fmt::print(stderr, "Missing: {}\n", each);
        for (const std::string& each : found.not_compared)
            fmt::print(stderr, "Not compared: {}\n", each);
    }

    asio::awaitable<int> check()
    {
        const std::vector<std::string> edited = co_await tool_.edited(on_);
        for (const std::string& each : edited)
            fmt::print(stderr, "Revision {} was edited after it was applied\n", each);
        const differences found = co_await tool_.compare(on_);
        print_doubts(found);
        if (found.empty()) {
            print("No new upgrade operations detected.");
            co_return edited.empty() && found.missing.empty() ? 0 : differs;
        }
        print("New upgrade operations detected:");
        for (const std::string& each : found.operations)
            print("  " + each);
        co_return differs;
    }

    asio::awaitable<void> autogenerate()
    {
        const differences found = co_await tool_.compare(on_);
        print_doubts(found);
        for (const std::string& each : found.operations)
            print("Detected: " + each);
        print(fmt::format("Generating {} ... done", tool_.write_revision(line_.revision, found).string()));
    }

    const command_line& line_;
    const migrator& tool_;
    connection& on_;
};

asio::awaitable<void> run_online(const command_line& line, const migrator& tool, int& status)
{
    connection on = co_await connect(line.url);
    co_await require_direct_connection(on, line.with); // statements are prepared, for one
    online_commands commands{line, tool, on};
    status = co_await commands.run();
    co_await on.close();
}

bool needs_database(const command_line& line)
{
    switch (line.which) {
    case command::upgrade:
    case command::downgrade: return !line.sql;
    case command::current:
    case command::stamp:
    case command::check: return true;
    case command::revision: return line.autogenerate;
    default: return false;
    }
}

} // namespace

int run_command(const command_line& line, const orm::metadata& model, const steps& also)
{
    settings with = line.with;
    with.report = print;
    const migrator tool{model, std::move(with), also};
    if (line.which == command::init) {
        tool.init();
        print(fmt::format("Creating {} ... done", (line.with.directory / "versions").string()));
        return 0;
    }
    if (line.target.find(':') != std::string::npos && !line.sql)
        throw usage_error{"Range revision not allowed: from:to goes with --sql only"};
    if (!needs_database(line))
        return run_offline(line, tool);
    if (line.url.empty())
        throw usage_error{"Which database? Name it with --url, or in the environment variable TUSK_DATABASE_URL"};
    int status = 0;
    asio::io_context io;
    std::exception_ptr failure;
    asio::co_spawn(io, run_online(line, tool, status),
                   [&failure](const std::exception_ptr& thrown) { failure = thrown; });
    io.run();
    if (failure)
        std::rethrow_exception(failure);
    return status;
}

} // namespace tusk::migrate::detail
