// The command line.
#include "migrate/commands.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

namespace tusk::migrate {

namespace {

using detail::command;
using detail::command_line;

bool is_step_back(std::string_view argument)
{
    return argument.size() > 1 && argument[0] == '-' &&
           argument.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

/// `downgrade -1`: a target, although it looks like an option.
std::vector<std::string> arguments_of(int argc, char** argv)
{
    std::vector<std::string> all;
    for (int i = argc - 1; i > 0; --i) // as CLI11 wants them
        all.push_back(is_step_back(argv[i]) ? std::string{":"} + argv[i] : std::string{argv[i]});
    return all;
}

void add_durations(CLI::App& app, settings& with)
{
    const auto duration = [&app](const char* name, std::chrono::milliseconds& into, const char* text) {
        app.add_option_function<std::string>(
               name, [&into](const std::string& value) { into = detail::parse_duration(value); }, text)
            ->type_name("DURATION");
    };
    duration("--lock-wait", with.lock_wait, "How long to wait for another run to end (60s)");
    duration("--lock-timeout", with.lock_timeout, "How long a statement waits for a table (5s)");
    duration("--statement-timeout", with.statement_timeout, "How long a statement runs (15min)");
}

void add_common_options(CLI::App& app, command_line& line)
{
    settings& with = line.with;
    app.add_option("--url", line.url, "The database")->envname("TUSK_DATABASE_URL");
    app.add_option_function<std::string>(
        "--dir", [&with](const std::string& value) { with.directory = value; },
        "The folder of migrations (migrations)");
    app.add_option("--version-table", with.version_table, "The table that says what the database is at");
    app.add_option("--shadow-url", with.shadow_url, "A throw-away database where the model is built for comparisons");
    app.add_flag("--allow-proxy", with.allow_proxy, "The connection may go through a proxy that keeps sessions");
    add_durations(app, with);
}

void add_run_options(CLI::App& sub, command_line& line)
{
    sub.add_option("target", line.target, "What to go to")->required();
    sub.add_flag("--sql", line.sql, "Write a script for psql, and touch no database");
    sub.add_flag("--dry-run", line.with.dry_run, "Say what would be run");
    sub.add_flag("--force", line.with.force, "Rewrite and lock big tables too");
    sub.add_flag("--allow-destructive", line.with.allow_destructive, "Destroy data where a step says so");
    sub.add_flag("--one-transaction", line.with.one_transaction, "One transaction for all, instead of one a revision");
}

void add_revision_options(CLI::App& sub, command_line& line)
{
    sub.add_option("-m,--message", line.revision.message, "What it does");
    sub.add_option("--rev-id", line.revision.id, "Its id; otherwise one is made");
    sub.add_option("--branch-label", line.revision.label, "A name for the branch that begins with it");
    sub.add_flag("--splice", line.revision.splice, "The parent need not be a head");
}

void add_commands(CLI::App& app, command_line& line)
{
    const auto add = [&](const char* name, command which, const char* text) {
        CLI::App* sub = app.add_subcommand(name, text);
        sub->callback([&line, which] { line.which = which; });
        return sub;
    };
    add("init", command::init, "Make the folder of migrations");

    CLI::App* revision = add("revision", command::revision, "Write a new revision");
    add_revision_options(*revision, line);
    revision->add_flag("--autogenerate", line.autogenerate, "Fill it with what the model and the database differ in");
    revision->add_option("--head", line.revision.parents, "What it builds on");
    bool& online = line.with.online;
    revision->add_flag_function(
        "--offline", [&online](std::int64_t) { online = false; },
        "Write plain statements, for a database that nobody uses meanwhile");

    CLI::App* merge = add("merge", command::merge, "Write an empty revision that joins several");
    add_revision_options(*merge, line);
    merge->add_option("revisions", line.revision.parents, "What is joined; or heads")->required();

    add_run_options(*add("upgrade", command::upgrade, "Apply: head, heads, +1, an id, label@head; from:to with --sql"),
                    line);
    add_run_options(*add("downgrade", command::downgrade, "Undo: base, -1, an id; from:to with --sql"), line);

    add("current", command::current, "Say what the database is at")
        ->add_flag("--check-heads", line.check_heads, "Fail where that is not all heads");
    add("heads", command::heads, "List the revisions that nothing builds on");
    add("branches", command::branches, "List the revisions that several build on");
    CLI::App* history = add("history", command::history, "List the revisions, newest first");
    history->add_option("-r,--range", line.range, "from:to");
    history->add_flag("-v,--verbose", line.verbose, "With their files and dates");
    add("show", command::show, "Print a revision")->add_option("revision", line.target, "Which one")->required();

    CLI::App* stamp = add("stamp", command::stamp, "Say what the database is at, and run nothing");
    stamp->add_option("revision", line.target, "head, heads, base, an id")->required();
    stamp->add_flag("--purge", line.purge, "Forget first what it says now");
    add("check", command::check, "Fail where the model and the database differ");
}

} // namespace

int main(int argc, char** argv, const orm::metadata& model) { return main(argc, argv, model, steps{}); }

int main(int argc, char** argv, const orm::metadata& model, const steps& also)
{
    command_line line;
    CLI::App app{"Migrations of a database"};
    app.require_subcommand(1);
    app.fallthrough();
    add_common_options(app, line);
    add_commands(app, line);
    try {
        std::vector<std::string> arguments = arguments_of(argc, argv);
        app.parse(arguments);
        if (line.target.starts_with(':'))
            line.target.erase(0, 1);
        return run_command(line, model, also);
    } catch (const CLI::ParseError& wrong) {
        return app.exit(wrong) == 0 ? 0 : 2;
    } catch (const run_in_progress& failure) {
        fmt::print(stderr, "FAILED: {}\n", failure.what());
        return 4;
    } catch (const std::exception& failure) {
        fmt::print(stderr, "FAILED: {}\n", failure.what());
        return 1;
    }
}

} // namespace tusk::migrate
