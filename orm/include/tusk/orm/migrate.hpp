#pragma once

#include <tusk/driver/connection.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/transaction.hpp>
#include <tusk/orm/metadata.hpp>

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Migrations: SQL files with a revision graph, written by comparing the mapped classes with a database.
namespace tusk::migrate {

/// Another run holds the lock of this database's migrations, and did not end within `settings::lock_wait`.
class run_in_progress : public error
{
public:
    using error::error;
};

/// A step was refused because of what it would do to this database: destroy data, rewrite or lock a big table. The
/// message says which setting allows it.
class unsafe_step : public error
{
public:
    using error::error;
};

/// What a revision does in C++ beside its SQL: moving data, mostly.
class steps
{
public:
    /// Runs in the transaction of the revision.
    using step = std::function<asio::awaitable<void>(transaction&)>;

    /// @param revision   Its id.
    /// @param upgrade    Runs behind the SQL of the upgrade.
    /// @param downgrade  Runs before the SQL of the downgrade; empty: nothing to do.
    /// @throws usage_error  The revision has one already.
    steps& add(std::string revision, step upgrade, step downgrade = step{});

    [[nodiscard]] const step* upgrade_of(std::string_view revision) const noexcept;
    [[nodiscard]] const step* downgrade_of(std::string_view revision) const noexcept;
    /// The ids of the revisions that have one.
    [[nodiscard]] std::vector<std::string> revisions() const;

private:
    struct pair {
        step upgrade;
        step downgrade;
    };
    std::map<std::string, pair, std::less<>> all_;
};

struct settings {
    /// The folder that holds `versions/`.
    std::filesystem::path directory = "migrations";
    /// Where the database says what it is at; `<name>_log` beside it says what was applied, and with which contents.
    std::string version_table = "tusk_version";
    /// How long to wait for another run to end.
    std::chrono::milliseconds lock_wait = std::chrono::seconds{60};
    /// How long a statement waits for a table before it gives way, where the revision says nothing else; 0: for ever.
    std::chrono::milliseconds lock_timeout = std::chrono::seconds{5};
    /// How long a statement runs inside a transaction, where the revision says nothing else; 0: as long as it takes.
    std::chrono::milliseconds statement_timeout = std::chrono::minutes{15};
    /// How often a transaction is tried that did not get its locks.
    int attempts = 5;
    /// One transaction for a whole run, instead of one a revision.
    bool one_transaction = false;
    /// Steps may destroy data.
    bool allow_destructive = false;
    /// Steps may rewrite and lock big tables.
    bool force = false;
    /// The connection may go through a proxy (which must keep one session for us).
    bool allow_proxy = false;
    /// Says what would be done, and does nothing.
    bool dry_run = false;
    /// New indexes and constraints of tables that are there are written so that nobody is kept out for long.
    bool online = true;
    /// From how many bytes on a table is big.
    std::int64_t big_table = std::int64_t{64} << 20;
    /// A throw-away database where the model is built for a comparison, instead of beside the data.
    std::string shadow_url;
    /// Hears one line a step; empty: nobody does.
    std::function<void(std::string_view)> report;
};

/// What a model and a database differ in.
struct differences {
    std::vector<std::string> operations;   ///< One line each, as `check` prints them.
    std::vector<std::string> not_compared; ///< What could not be built, and why; nothing is concluded from it.
    std::vector<std::string> missing;      ///< Of what the model requires, and what to do; see `metadata::required`.
    std::string upgrade;                   ///< SQL
    std::string downgrade;                 ///< SQL

    [[nodiscard]] bool empty() const noexcept { return operations.empty(); }
};

/// Where a new revision goes.
struct revision_options {
    std::string message;
    std::vector<std::string> parents; ///< Empty: the only head.
    bool splice = false;              ///< The parent need not be a head: a branch begins.
    std::string label;
    std::string id; ///< Empty: one is made.
};

/// The migrations of a program.
/// @par Thread safety  One run at a time; runs of other programs are kept apart by a lock in the database.
class migrator
{
public:
    migrator(orm::metadata model, settings with);
    migrator(orm::metadata model, settings with, steps also);

    /// Makes the folder.
    /// @throws usage_error  It is there and not empty.
    void init() const;

    /// Applies what lies between the database and a target.
    /// @param on      A connection of its own, straight to the server.
    /// @param target  head, heads, an id or the beginning of one, +N, id+N, id-N, label@head.
    /// @throws run_in_progress  Another run did not end in time.
    /// @throws unsafe_step      A step needs to be allowed.
    /// @throws usage_error      The target or the folder makes no sense; the message says what to do.
    /// @throws server_error     A statement was refused. Revisions before it stay applied; of its own, what was
    ///                          committed is marked, and the next run goes on behind it.
    /// @par Lifetime      The migrator and the connection must outlive the await.
    /// @par Cancellation  As a failure.
    [[nodiscard]] asio::awaitable<void> upgrade(connection& on, std::string_view target) const;
    /// Undoes what lies between the database and a target.
    /// @param target  base, an id (it stays applied), -N, id-N, base+N, label@base.
    /// @throws tusk::error  As `upgrade`.
    [[nodiscard]] asio::awaitable<void> downgrade(connection& on, std::string_view target) const;

    /// The same as a script for psql, without a database.
    /// @param range  A target, from the beginning; or `from:to`.
    /// @throws usage_error  As `upgrade`, or a step is written in C++.
    [[nodiscard]] std::string upgrade_script(std::string_view range) const;
    /// @param range  `from:to`.
    [[nodiscard]] std::string downgrade_script(std::string_view range) const;

    /// The ids that the database says it is at. Makes no table.
    [[nodiscard]] asio::awaitable<std::vector<std::string>> current(connection& on) const;
    /// The ids of applied revisions whose files were edited since.
    [[nodiscard]] asio::awaitable<std::vector<std::string>> edited(connection& on) const;

    /// Says what the database is at, without running anything.
    /// @param target  head, heads, base, an id.
    /// @param purge   Whatever it says now is forgotten first.
    [[nodiscard]] asio::awaitable<void> stamp(connection& on, std::string_view target, bool purge) const;

    /// Compares the model with the database. No table that is in use is locked, and nothing is changed.
    /// @throws usage_error  The database is not at the heads of the folder, or the role may not build the model there.
    [[nodiscard]] asio::awaitable<differences> compare(connection& on) const;

    /// Writes a revision.
    /// @param what  Its SQL; sections to fill in where it is empty.
    /// @returns The file.
    /// @throws usage_error  There are several heads and no parent is named, and the like.
    std::filesystem::path write_revision(const revision_options& options, const differences& what) const;

    /// Writes an empty revision that joins several.
    std::filesystem::path merge(const revision_options& options) const;

    [[nodiscard]] const settings& options() const noexcept { return settings_; }

private:
    orm::metadata model_;
    settings settings_;
    steps steps_;
};

/// The command line of an application's migrations; `--help` tells what it takes.
/// @returns 0 done; 1 failed; 2 wrong usage; 3 `check` found differences, or `current --check-heads` that the database
///          is behind; 4 another run is going on.
int main(int argc, char** argv, const orm::metadata& model);
int main(int argc, char** argv, const orm::metadata& model, const steps& also);

} // namespace tusk::migrate
