// Loads the package database of this Debian machine into PostgreSQL, in one transaction, and asks it questions.
//
// Everything is kept in temporary tables: it is gone when the connection closes, and nothing of yours is touched.
#include "debian_status.hpp"

#include <tusk/driver.hpp>

#include <asio.hpp>
#include <fmt/format.h>

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view tables = R"(
    CREATE TEMP TABLE debian_package (
        id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
        name text NOT NULL, architecture text NOT NULL, version text NOT NULL,
        section text, installed_kib bigint, maintainer text NOT NULL, summary text NOT NULL,
        CONSTRAINT one_package_an_architecture UNIQUE (name, architecture));
    CREATE TEMP TABLE debian_relation (
        package int NOT NULL REFERENCES debian_package,
        kind text NOT NULL, position int NOT NULL, alternative int NOT NULL,
        name text NOT NULL, comparison text, version text,
        PRIMARY KEY (package, kind, position, alternative));)";

// Which package needs which: those that have, or provide, a name that it depends upon.
constexpr std::string_view links = R"(
    CREATE TEMP TABLE debian_need AS
        SELECT DISTINCT d.package, target.id AS needs
          FROM debian_relation AS d
          JOIN (SELECT name, id FROM debian_package
                 UNION ALL
                SELECT name, package FROM debian_relation WHERE kind = 'Provides') AS target USING (name)
         WHERE d.kind IN ('Depends', 'Pre-Depends') AND d.package <> target.id;
    CREATE INDEX ON debian_need (package);
    CREATE INDEX ON debian_need (needs);
    ANALYZE debian_package, debian_relation, debian_need;)";

using stopwatch = std::chrono::steady_clock;

double milliseconds_since(stopwatch::time_point start)
{
    return std::chrono::duration<double, std::milli>{stopwatch::now() - start}.count();
}

std::string mib(std::int64_t kib) { return fmt::format("{:.1f} MiB", static_cast<double>(kib) / 1024); }

// One line that is written over again on a terminal; elsewhere one line a quarter.
class progress
{
public:
    explicit progress(std::size_t total) : total_{total} {}

    void advance()
    {
        const std::size_t percent = ++done_ * 100 / total_;
        if (percent < next_)
            return;
        next_ = percent - percent % step_ + step_;
        fmt::print("{}  {:>3} %  {:>5} of {} packages{}", terminal_ ? "\r" : "", percent, done_, total_,
                   terminal_ && done_ < total_ ? "" : "\n");
        std::fflush(stdout);
    }

private:
    std::size_t total_;
    std::size_t done_ = 0;
    bool terminal_ = ::isatty(STDOUT_FILENO) == 1;
    std::size_t step_ = terminal_ ? 1 : 25;
    std::size_t next_ = step_;
};

// Each INSERT is prepared by its first execution; after that, a row is one round trip with binary parameters.
asio::awaitable<std::size_t> load(tusk::transaction& tx, const std::vector<debian::package>& packages)
{
    co_await tx.execute_script(tables);
    progress shown{packages.size()};
    std::size_t rows = packages.size();
    for (const debian::package& p : packages) {
        auto id = co_await tx.query_one<std::int32_t>(
            "INSERT INTO debian_package (name, architecture, version, section, installed_kib, maintainer, summary)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
            p.name, p.architecture, p.version, p.section, p.installed_kib, p.maintainer, p.summary);
        for (const debian::relation& r : p.relations)
            co_await tx.execute("INSERT INTO debian_relation VALUES ($1, $2, $3, $4, $5, $6, $7)", //
                                id, r.kind, r.position, r.alternative, r.name, r.comparison, r.version);
        rows += p.relations.size();
        shown.advance();
    }
    co_await tx.execute_script(links);
    co_return rows;
}

// An aggregate takes a whole row, by position.
struct totals {
    std::int64_t packages{};
    std::int64_t maintainers{};
    std::int64_t installed_kib{};
    std::int64_t dependencies{};
    std::int64_t with_choice{};
    std::int64_t with_version{};
};

asio::awaitable<void> overview(tusk::connection& conn)
{
    auto all = co_await conn.query_one<totals>(
        "SELECT packages, maintainers, installed_kib, count(*) FILTER (WHERE alternative = 1),"
        "       count(*) FILTER (WHERE alternative = 2), count(*) FILTER (WHERE alternative = 1 AND version <> '')"
        "  FROM (SELECT count(*) AS packages, count(DISTINCT maintainer) AS maintainers,"
        "               coalesce(sum(installed_kib), 0)::bigint AS installed_kib FROM debian_package) AS p"
        "  LEFT JOIN debian_relation ON kind <> 'Provides' GROUP BY packages, maintainers, installed_kib");
    fmt::print("\n{} packages of {} maintainers take {}.\n", all.packages, all.maintainers, mib(all.installed_kib));
    fmt::print("Of their {} dependencies, {} leave a choice and {} ask for a version.\n", all.dependencies,
               all.with_choice, all.with_version);
}

// Runs one question and says how long its answer took.
template <class... A>
asio::awaitable<tusk::result> ask(tusk::connection& conn, std::string_view question, std::string_view sql,
                                  const A&... arguments)
{
    const auto start = stopwatch::now();
    tusk::result rows = co_await conn.query(sql, arguments...);
    fmt::print("\n{:<56}{:>4} rows {:>8.1f} ms\n", question, rows.size(), milliseconds_since(start));
    co_return rows;
}

asio::awaitable<void> largest(tusk::connection& conn)
{
    tusk::result rows = co_await ask(conn, "What takes the most space?",
                                     "SELECT name, installed_kib,"
                                     "       (100 * installed_kib / sum(installed_kib) OVER ())::float8, version"
                                     "  FROM debian_package WHERE installed_kib > 0"
                                     " ORDER BY installed_kib DESC, name LIMIT $1",
                                     10);
    // Each row is decoded when the loop reaches it; the string views point into the result.
    for (auto [name, kib, share, version] : rows.as<std::string_view, std::int64_t, double, std::string_view>())
        fmt::print("  {:<34.34}{:>11}{:>6.1f} %  {:.22}\n", name, mib(kib), share, version);
}

asio::awaitable<void> sections(tusk::connection& conn)
{
    tusk::result rows = co_await ask(conn, "Which sections are the largest?",
                                     "SELECT section, count(*), sum(installed_kib)::bigint AS kib,"
                                     "       (array_agg(name ORDER BY installed_kib DESC, name))[1]"
                                     "  FROM debian_package WHERE installed_kib > 0"
                                     " GROUP BY section ORDER BY kib DESC LIMIT $1",
                                     8);
    // NULL fits std::optional and nothing else: a plain std::string_view would make it a decode_error.
    for (auto [section, packages, kib, first] :
         rows.as<std::optional<std::string_view>, std::int64_t, std::int64_t, std::string_view>())
        fmt::print("  {:<20.20}{:>5} packages{:>11}  {:.32}\n", section.value_or("(none)"), packages, mib(kib), first);
}

asio::awaitable<void> most_needed(tusk::connection& conn)
{
    // UNION drops what it has seen before: the walk upwards ends although some packages depend on each other.
    tusk::result rows =
        co_await ask(conn, "What do most packages depend upon?",
                     "SELECT name, directly,"
                     "       (WITH RECURSIVE above AS (SELECT package FROM debian_need WHERE needs = id"
                     "                                  UNION"
                     "                                 SELECT need.package FROM above"
                     "                                   JOIN debian_need AS need ON needs = above.package)"
                     "        SELECT count(*) FROM above WHERE package <> id)"
                     "  FROM (SELECT needs AS id, count(*) AS directly FROM debian_need"
                     "         GROUP BY needs ORDER BY directly DESC, needs LIMIT $1) AS top"
                     "  JOIN debian_package USING (id) ORDER BY directly DESC, id",
                     10);
    for (auto [name, directly, in_all] : rows.as<std::string_view, std::int64_t, std::int64_t>())
        fmt::print("  {:<34.34}{:>5} directly {:>6} in all\n", name, directly, in_all);
}

asio::awaitable<void> longest_chain(tusk::connection& conn)
{
    // Every round makes the chains longer by one package that they do not hold yet, and keeps one chain for each
    // package at the end. So a round looks at each need once at most, and there are no more rounds than packages in the
    // answer. Where packages need each other in a circle, a longer chain may exist; to be sure would take for ever.
    tusk::result rows =
        co_await ask(conn, "Which is the longest chain, each needing the next?",
                     "WITH RECURSIVE chain AS (SELECT id AS last, ARRAY[id] AS path FROM debian_package"
                     "                          UNION ALL"
                     "                         SELECT DISTINCT ON (needs) needs, path || needs"
                     "                           FROM chain JOIN debian_need ON package = last"
                     "                          WHERE needs <> ALL (path))"
                     "SELECT name, summary"
                     "  FROM (SELECT path FROM chain ORDER BY cardinality(path) DESC, path LIMIT 1) AS longest,"
                     "       unnest(path) WITH ORDINALITY AS link (id, step) JOIN debian_package USING (id)"
                     " ORDER BY step");
    int step = 0;
    for (auto [name, summary] : rows.as<std::string_view, std::string_view>())
        fmt::print("  {:>2}  {:<30.30}  {:.42}\n", ++step, name, summary);
}

// Refusals are typed, and what a transaction has done before one is undone.
asio::awaitable<void> change_of_mind(tusk::connection& conn)
{
    fmt::print("\nWhat if we forget all relations, and then add a package that is there already?\n");
    try {
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            tusk::command_tag forgotten = co_await tx.execute("DELETE FROM debian_relation");
            fmt::print("  {} rows are deleted, for now\n", forgotten.rows_affected());
            co_await tx.execute("INSERT INTO debian_package (name, architecture, version, maintainer, summary)"
                                " SELECT name, architecture, version, maintainer, summary FROM debian_package LIMIT 1");
        });
    } catch (const tusk::unique_violation& refusal) {
        fmt::print("  {} {}\n  {}\n", refusal.sqlstate(), refusal.constraint_name(), refusal.detail());
    }
    auto rows = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM debian_relation");
    fmt::print("  the transaction is rolled back: {} rows are there\n", rows);
}

asio::awaitable<void> demo(std::string url, std::string status)
{
    const std::vector<debian::package> packages = debian::read_status(status);

    auto start = stopwatch::now();
    tusk::connection conn = co_await tusk::connect(url);
    fmt::print("Connected to PostgreSQL {} in {:.1f} ms\n", conn.parameter("server_version"),
               milliseconds_since(start));

    // Committed when the block is through, rolled back when an exception leaves it.
    fmt::print("Loading {} into temporary tables\n", status);
    start = stopwatch::now();
    const auto rows = co_await conn.with_transaction([&](tusk::transaction& tx) { return load(tx, packages); });
    fmt::print("Loaded {} rows in one transaction in {:.2f} s\n", rows, milliseconds_since(start) / 1000);

    co_await overview(conn);
    co_await largest(conn);
    co_await sections(conn);
    co_await most_needed(conn);
    co_await longest_chain(conn);
    co_await change_of_mind(conn);
    co_await conn.close();
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2 && argc != 3) {
        fmt::print(stderr, "usage: {} postgresql://user@host/database [/var/lib/dpkg/status]\n", argv[0]);
        return 1;
    }
    try {
        asio::io_context io;
        asio::co_spawn(io, demo(argv[1], argc == 3 ? argv[2] : "/var/lib/dpkg/status"),
                       [](const std::exception_ptr& failure) {
                           if (failure)
                               std::rethrow_exception(failure);
                       });
        io.run();
    } catch (const std::exception& failure) {
        fmt::print(stderr, "\n{}\n", failure.what());
        return 1;
    }
}
