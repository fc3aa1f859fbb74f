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
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view schema = R"(
    CREATE TEMP TABLE debian_package (
        id            int PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
        name          text NOT NULL,
        architecture  text NOT NULL,
        version       text NOT NULL,
        section       text,
        installed_kib bigint,
        maintainer    text NOT NULL,
        summary       text NOT NULL,
        CONSTRAINT one_package_an_architecture UNIQUE (name, architecture));
    -- A dependency is met by one of its alternatives, and each of those by any package that has or provides the name.
    CREATE TEMP TABLE debian_dependency (
        package       int NOT NULL REFERENCES debian_package,
        kind          text NOT NULL,
        position      int NOT NULL,
        alternative   int NOT NULL,
        name          text NOT NULL,
        comparison    text,
        version       text,
        PRIMARY KEY (package, kind, position, alternative));
    CREATE TEMP TABLE debian_provides (
        package       int NOT NULL REFERENCES debian_package,
        name          text NOT NULL);
    -- The same between installed packages: who needs whom.
    CREATE TEMP TABLE debian_need (
        package       int NOT NULL REFERENCES debian_package,
        needs         int NOT NULL REFERENCES debian_package,
        PRIMARY KEY (package, needs));
    CREATE INDEX ON debian_need (needs);)";

class stopwatch
{
public:
    [[nodiscard]] double milliseconds() const
    {
        return std::chrono::duration<double, std::milli>{std::chrono::steady_clock::now() - start_}.count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// One line that is written over again on a terminal; elsewhere a line a quarter.
class progress
{
public:
    explicit progress(std::size_t total) : total_{total} {}

    void show(std::size_t done)
    {
        const std::size_t percent = done * 100 / total_;
        if (percent < next_)
            return;
        next_ = percent - percent % step_ + step_;
        fmt::print("{}  loading {:>3} %  {:>5} of {} packages{}", terminal_ ? "\r" : "", percent, done, total_,
                   terminal_ && done < total_ ? "" : "\n");
        std::fflush(stdout);
    }

private:
    std::size_t total_;
    std::size_t next_ = 0;
    bool terminal_ = ::isatty(STDOUT_FILENO) == 1;
    std::size_t step_ = terminal_ ? 1 : 25;
};

std::string mib(std::int64_t kib) { return fmt::format("{:.1f} MiB", static_cast<double>(kib) / 1024); }

// Each INSERT is prepared by its first execution and travels in binary ever after. BEGIN goes out with the first
// statement; whatever fails in here, an exception leaves the block, and nothing of it has happened.
asio::awaitable<void> load(tusk::transaction& tx, const std::vector<debian::package>& packages)
{
    co_await tx.execute_script(schema);

    progress shown{packages.size()};
    std::size_t done = 0;
    for (const debian::package& p : packages) {
        auto id = co_await tx.query_one<std::int32_t>(
            "INSERT INTO debian_package (name, architecture, version, section, installed_kib, maintainer, summary)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
            p.name, p.architecture, p.version, p.section, p.installed_kib, p.maintainer, p.summary);
        for (const debian::relation& d : p.dependencies)
            co_await tx.execute("INSERT INTO debian_dependency VALUES ($1, $2, $3, $4, $5, $6, $7)", //
                                id, d.kind, d.position, d.alternative, d.name, d.comparison, d.version);
        for (const debian::relation& provided : p.provides)
            co_await tx.execute("INSERT INTO debian_provides VALUES ($1, $2)", id, provided.name);
        shown.show(++done);
    }

    co_await tx.execute("INSERT INTO debian_need"
                        " SELECT DISTINCT d.package, p.id FROM debian_dependency AS d"
                        " JOIN (SELECT name, id FROM debian_package"
                        "       UNION ALL SELECT name, package FROM debian_provides) AS p USING (name)"
                        " WHERE d.package <> p.id");
    co_await tx.execute("ANALYZE debian_package, debian_dependency, debian_need");
}

// Runs one question and says how long the answer took.
template <class... A>
asio::awaitable<tusk::result> ask(tusk::connection& conn, std::string_view question, std::string_view sql,
                                  const A&... arguments)
{
    const stopwatch watch;
    tusk::result rows = co_await conn.query(sql, arguments...);
    const double took = watch.milliseconds();
    fmt::print("\n{:<70}{:>4} rows in {:>6.1f} ms\n", question, rows.size(), took);
    co_return rows;
}

// An aggregate takes a whole row, by position.
struct totals {
    std::int64_t packages{};
    std::int64_t maintainers{};
    std::int64_t installed_kib{};
    std::int64_t dependencies{};
    std::int64_t with_alternatives{};
    std::int64_t with_version{};
};

asio::awaitable<void> overview(tusk::connection& conn)
{
    auto all = co_await conn.query_one<totals>(
        "SELECT count(*), count(DISTINCT maintainer), coalesce(sum(installed_kib), 0)::bigint,"
        "       (SELECT count(*) FROM debian_dependency WHERE alternative = 1),"
        "       (SELECT count(*) FROM debian_dependency WHERE alternative = 2),"
        "       (SELECT count(*) FROM debian_dependency WHERE alternative = 1 AND version IS NOT NULL)"
        "  FROM debian_package");
    fmt::print("\n{} packages of {} maintainers, {} in all. They have {} dependencies, {} of them with a choice and {} "
               "with a version.\n",
               all.packages, all.maintainers, mib(all.installed_kib), all.dependencies, all.with_alternatives,
               all.with_version);
}

asio::awaitable<void> largest(tusk::connection& conn)
{
    // Views into the result, decoded as the loop reaches them.
    tusk::result rows = co_await ask(conn, "What takes the most space?",
                                     "SELECT name, installed_kib,"
                                     "       (100 * installed_kib / sum(installed_kib) OVER ())::float8, summary"
                                     "  FROM debian_package WHERE installed_kib IS NOT NULL"
                                     " ORDER BY installed_kib DESC, name LIMIT $1",
                                     10);
    for (auto [name, kib, share, summary] : rows.as<std::string_view, std::int64_t, double, std::string_view>())
        fmt::print("  {:<32.32} {:>12} {:>5.1f} %  {:.44}\n", name, mib(kib), share, summary);
}

asio::awaitable<void> sections(tusk::connection& conn)
{
    tusk::result rows = co_await ask(conn, "And by section?",
                                     "SELECT section, count(*), coalesce(sum(installed_kib), 0)::bigint AS kib,"
                                     "       (array_agg(name ORDER BY installed_kib DESC NULLS LAST))[1]"
                                     "  FROM debian_package GROUP BY section ORDER BY kib DESC, section LIMIT $1",
                                     8);
    // NULL is std::nullopt, and only where you allow it: into a plain string_view it would be a decode_error.
    for (auto [section, packages, kib, first] :
         rows.as<std::optional<std::string_view>, std::int64_t, std::int64_t, std::string_view>())
        fmt::print("  {:<32.32} {:>12} {:>5} packages, the largest is {}\n", section.value_or("(none)"), mib(kib),
                   packages, first);
}

asio::awaitable<void> most_needed(tusk::connection& conn)
{
    // UNION drops what it has seen before, so that the walk upwards ends although packages depend on each other in
    // circles.
    tusk::result rows = co_await ask(
        conn, "What do most packages depend upon?",
        "WITH top AS (SELECT needs AS id, count(*) AS directly FROM debian_need"
        "              GROUP BY needs ORDER BY directly DESC, needs LIMIT $1)"
        "SELECT name, directly, (WITH RECURSIVE above AS (SELECT package FROM debian_need WHERE needs = top.id"
        "                                                  UNION"
        "                                                 SELECT n.package FROM above"
        "                                                   JOIN debian_need AS n ON n.needs = above.package)"
        "                        SELECT count(*) FROM above WHERE package <> top.id), summary"
        "  FROM top JOIN debian_package USING (id) ORDER BY directly DESC, name",
        10);
    for (auto [name, directly, in_all, summary] :
         rows.as<std::string_view, std::int64_t, std::int64_t, std::string_view>())
        fmt::print("  {:<32.32} {:>5} directly, {:>5} in all  {:.38}\n", name, directly, in_all, summary);
}

asio::awaitable<void> longest_chain(tusk::connection& conn)
{
    // Every round makes the chains one package longer, never by a package that they hold already, and keeps one chain
    // for each package at the end. So a round costs no more than all dependencies, and there are no more rounds than
    // links in the chain that is found. Without circles that is the longest of all; with them it is nearly that, and
    // the exact answer is a problem that nobody can solve in reasonable time.
    tusk::result rows =
        co_await ask(conn, "Which is the longest chain of packages that need the next one?",
                     "WITH RECURSIVE chain AS (SELECT id, ARRAY[id] AS path FROM debian_package"
                     "                          UNION ALL"
                     "                         SELECT DISTINCT ON (n.needs) n.needs, path || n.needs"
                     "                           FROM chain JOIN debian_need AS n ON n.package = chain.id"
                     "                          WHERE n.needs <> ALL (path)),"
                     "     longest AS (SELECT path FROM chain ORDER BY cardinality(path) DESC, path LIMIT 1)"
                     "SELECT name, summary FROM longest, unnest(path) WITH ORDINALITY AS link (id, step)"
                     "  JOIN debian_package USING (id) ORDER BY step");
    std::size_t step = 0;
    for (auto [name, summary] : rows.as<std::string_view, std::string_view>())
        fmt::print("  {:>2} {:<32.32}  {:.60}\n", ++step, name, summary);
}

// Refusals are typed, and what a block had done before is undone.
asio::awaitable<void> change_of_mind(tusk::connection& conn)
{
    fmt::print("\nWhat if we forget all dependencies, and then add a package that is there already?\n");
    try {
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            tusk::command_tag forgotten = co_await tx.execute("DELETE FROM debian_dependency");
            fmt::print("  {} rows are deleted, for now\n", forgotten.rows_affected());
            co_await tx.execute("INSERT INTO debian_package (name, architecture, version, maintainer, summary)"
                                " SELECT name, architecture, version, maintainer, summary FROM debian_package LIMIT 1");
        });
    } catch (const tusk::unique_violation& refusal) {
        fmt::print("  SQLSTATE {}, {}: {}\n", refusal.sqlstate(), refusal.constraint_name(), refusal.detail());
    }
    auto rows = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM debian_dependency");
    fmt::print("  the transaction is rolled back: {} rows\n", rows);
}

asio::awaitable<void> demo(std::string url)
{
    // The same variable that dpkg looks at.
    const char* const folder = std::getenv("DPKG_ADMINDIR");
    const std::string status = std::string{folder == nullptr ? "/var/lib/dpkg" : folder} + "/status";
    const std::vector<debian::package> packages = debian::read_status(status);
    std::size_t relations = 0;
    for (const debian::package& p : packages)
        relations += p.dependencies.size() + p.provides.size();
    fmt::print("{} lists {} packages and {} relations between them\n", status, packages.size(), relations);

    const stopwatch connecting;
    tusk::connection conn = co_await tusk::connect(url);
    fmt::print("Connected to PostgreSQL {} in {:.1f} ms\n", conn.parameter("server_version"),
               connecting.milliseconds());

    // Commit on return, rollback on any exception.
    const stopwatch loading;
    co_await conn.with_transaction(
        [&](tusk::transaction& tx) -> asio::awaitable<void> { co_await load(tx, packages); });
    fmt::print("Loaded {} rows in one transaction, one INSERT a row, in {:.2f} s\n", packages.size() + relations,
               loading.milliseconds() / 1000);

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
    if (argc != 2) {
        fmt::print(stderr, "usage: {} postgresql://user@host/database\n", argv[0]);
        return 1;
    }
    try {
        asio::io_context io;
        asio::co_spawn(io, demo(argv[1]), [](std::exception_ptr failure) {
            if (failure)
                std::rethrow_exception(failure);
        });
        io.run();
    } catch (const std::exception& failure) {
        fmt::print(stderr, "\n{}\n", failure.what());
        return 1;
    }
}
