// Migrations of a database that others use, and runs that are disturbed.
#include "migrate_fixture.hpp"
#include "support/pgbouncer.hpp"

#include <chrono>
#include <future>
#include <sys/wait.h>
#include <thread>

namespace {

using namespace std::chrono_literals;
using tusk::test::expect_has;
using tusk::test::sketched_metadata;
using tusk::test::table_sketch;
namespace migrate = tusk::migrate;
namespace orm = tusk::orm;

class migrate_safety : public tusk::test::migrations
{
protected:
    orm::metadata none = sketched_metadata({});

    migrate::settings settings() const
    {
        migrate::settings made;
        made.directory = folder_;
        return made;
    }

    /// Runs an upgrade as a library does. @returns What it complained about; empty where it did not.
    std::string upgrade(const migrate::settings& with)
    {
        try {
            tusk::test::run([&]() -> asio::awaitable<void> {
                tusk::connection on = co_await tusk::connect(url());
                const migrate::migrator tool{none, with};
                co_await tool.upgrade(on, "head");
                co_await on.close();
            });
            return {};
        } catch (const std::exception& failure) {
            return failure.what();
        }
    }

    void wait_for(std::string_view question)
    {
        for (int i = 0; i < 600 && sql(question) != "t\n"; ++i)
            std::this_thread::sleep_for(50ms);
    }
};

TEST_F(migrate_safety, two_runs_at_once_do_it_once)
{
    write("r1", "none", "CREATE TABLE t (n integer);\nINSERT INTO t VALUES (1);\nSELECT pg_sleep(0.5);");
    write("r2", "r1", "INSERT INTO t VALUES (2);");
    auto other = std::async(std::launch::async, [&] { return upgrade(settings()); });
    const std::string mine = upgrade(settings());
    EXPECT_EQ(mine, "");
    EXPECT_EQ(other.get(), "");
    EXPECT_EQ(sql("SELECT string_agg(n::text, ' ' ORDER BY n) FROM t"), "1 2\n");
}

TEST_F(migrate_safety, waiting_for_another_run_has_an_end)
{
    write("r1", "none", "CREATE TABLE t ();");
    tusk::test::run([&]() -> asio::awaitable<void> {
        tusk::connection holder = co_await tusk::connect(url());
        co_await holder.execute("SELECT pg_advisory_lock(1953854315, hashtext('tusk_version'))");
        const std::string said = refused(none, {"upgrade", "head", "--lock-wait", "300ms"}, 4);
        expect_has(said, "Another run of migrations holds the lock");
        co_await holder.close();
    });
    done(none, {"upgrade", "head"});
}

TEST_F(migrate_safety, a_proxy_that_pools_transactions_is_refused)
{
    if (const std::string why = tusk::test::pgbouncer::missing(); !why.empty())
        GTEST_SKIP() << why;
    const tusk::test::pgbouncer proxy{2};
    write("r1", "none", "CREATE TABLE through_a_proxy ();");
    tusk::test::run([&]() -> asio::awaitable<void> {
        tusk::connect_options through{proxy.url()};
        through.pooling_proxy = tusk::pooling_proxy::transaction;
        tusk::connection on = co_await tusk::connect(through);
        const migrate::migrator tool{none, settings()};
        std::string said;
        try {
            co_await tool.upgrade(on, "head");
        } catch (const tusk::usage_error& refusal) {
            said = refusal.what();
        }
        expect_has(said, "This connection goes through a proxy");
        expect_has(said, "--allow-proxy");
        const bool is_there = co_await on.query_one<bool>("SELECT to_regclass('through_a_proxy') IS NOT NULL OR "
                                                          "to_regclass('tusk_version') IS NOT NULL");
        EXPECT_FALSE(is_there);
        co_await on.close();
    });
}

TEST_F(migrate_safety, a_revision_that_fails_leaves_nothing_of_itself)
{
    write("r1", "none", "CREATE TABLE t ();", "DROP TABLE t;");
    write("r2", "r1", "CREATE TABLE u ();\nSELECT 1 / 0;");
    expect_has(refused(none, {"upgrade", "head"}), "division by zero");
    EXPECT_EQ(done(none, {"current"}), "r1\n");
    EXPECT_EQ(sql("SELECT to_regclass('u') IS NULL"), "t\n");
    // All or nothing, when that is wanted.
    done(none, {"downgrade", "base"});
    expect_has(refused(none, {"upgrade", "head", "--one-transaction"}), "division by zero");
    EXPECT_EQ(sql("SELECT to_regclass('t') IS NULL"), "t\n");
    EXPECT_EQ(done(none, {"current"}), "");
}

TEST_F(migrate_safety, a_run_that_is_killed_is_marked_and_the_next_one_finishes)
{
    write("r1", "none",
          "CREATE TABLE t (n integer);\nINSERT INTO t VALUES (1), (2);\n"
          "CREATE INDEX CONCURRENTLY ix ON t (n);\nINSERT INTO t VALUES (3);\nANALYZE t;",
          "DROP TABLE t;");
    // The run waits for this transaction with what came before committed.
    tusk::test::run([&]() -> asio::awaitable<void> {
        tusk::connection blocker = co_await tusk::connect(url());
        tusk::transaction tx = co_await blocker.begin(tusk::isolation::repeatable_read);
        co_await tx.execute("SELECT 1"); // CREATE INDEX CONCURRENTLY waits for old snapshots
        const pid_t child = fork();
        if (child == 0) {
            const std::string database = url();
            const std::string folder = folder_.string();
            std::vector<std::string> arguments{"migrate", "upgrade", "head", "--url", database, "--dir", folder};
            std::vector<char*> pointers;
            for (std::string& each : arguments)
                pointers.push_back(each.data());
            _exit(migrate::main(static_cast<int>(pointers.size()), pointers.data(), none));
        }
        wait_for("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' "
                 "AND wait_event_type = 'Lock')");
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        // Its session does not know yet that nobody is there any more.
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%'");
        wait_for("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%')");
        co_await tx.rollback();
        co_await blocker.close();
    });
    EXPECT_EQ(sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass"), "f\n");
    EXPECT_EQ(sql("SELECT running, statements_done FROM tusk_version_log"), "upgrade|2\n");
    EXPECT_EQ(done(none, {"current"}), "");
    expect_has(refused(none, {"check"}), "half done");
    expect_has(refused(none, {"stamp", "nonsense"}), "Can't locate");

    const std::string out = done(none, {"upgrade", "head"});
    expect_has(out, "was interrupted after 2 of 5 statements");
    EXPECT_EQ(sql("SELECT count(*) FROM t"), "3\n");
    EXPECT_EQ(sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass"), "t\n");
    EXPECT_EQ(sql("SELECT running IS NULL FROM tusk_version_log"), "t\n");
    EXPECT_EQ(done(none, {"current"}), "r1 (head)\n");
}

TEST_F(migrate_safety, an_index_that_was_left_invalid_is_built_anew)
{
    sql("CREATE TABLE t (n integer); INSERT INTO t VALUES (1), (1)");
    write("r1", "none", "CREATE UNIQUE INDEX CONCURRENTLY ix ON t (n);");
    expect_has(refused(none, {"upgrade", "head"}), "could not create unique index");
    EXPECT_EQ(sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass"), "f\n");
    sql("DELETE FROM t");
    expect_has(done(none, {"upgrade", "head"}), "The index ix is INVALID");
    EXPECT_EQ(sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass"), "t\n");
}

TEST_F(migrate_safety, a_half_done_revision_that_was_edited_is_refused)
{
    sql("CREATE TABLE t (n integer); INSERT INTO t VALUES (1), (1)");
    write("r1", "none", "CREATE TABLE u ();\nCREATE UNIQUE INDEX CONCURRENTLY ix ON t (n);", "DROP TABLE u;");
    expect_has(refused(none, {"upgrade", "head"}), "could not create unique index");
    write("r1", "none", "CREATE TABLE v ();\nCREATE INDEX CONCURRENTLY ix ON t (n);", "DROP TABLE u;");
    expect_has(refused(none, {"upgrade", "head"}), "was edited after its upgrade had stopped half way");
}

TEST_F(migrate_safety, whoever_is_in_the_way_is_given_way_to)
{
    sql("CREATE TABLE t (n integer)");
    write("r1", "none", "ALTER TABLE t ADD COLUMN m integer;", "", "-- lock_timeout: 100ms\n");
    tusk::test::run([&]() -> asio::awaitable<void> {
        tusk::connection blocker = co_await tusk::connect(url());
        tusk::transaction tx = co_await blocker.begin();
        co_await tx.execute("LOCK TABLE t IN ACCESS SHARE MODE");
        migrate::settings with = settings();
        with.attempts = 2;
        std::vector<std::string> lines;
        with.report = [&](std::string_view line) { lines.emplace_back(line); };
        auto other = std::async(std::launch::async, [&] { return upgrade(with); });
        const std::string failure = other.get();
        expect_has(failure, "lock timeout");
        EXPECT_EQ(std::ranges::count_if(
                      lines,
                      [](const std::string& each) { return each.find("attempt 2 of 2 follows") != std::string::npos; }),
                  1);
        co_await tx.rollback();
        co_await blocker.close();
    });
    EXPECT_EQ(upgrade(settings()), "");
    EXPECT_EQ(sql("SELECT count(m) FROM t"), "0\n");
}

TEST_F(migrate_safety, steps_that_destroy_are_refused_unless_allowed)
{
    sql("CREATE TABLE t (n integer)");
    write("r1", "none", "-- [destructive] drops the table t with its data\nDROP TABLE t;");
    expect_has(refused(none, {"upgrade", "head"}), "--allow-destructive");
    EXPECT_EQ(sql("SELECT count(*) FROM t"), "0\n");
    done(none, {"upgrade", "head", "--allow-destructive"});
}

TEST_F(migrate_safety, a_column_that_cannot_be_filled_is_refused_with_advice)
{
    table_sketch users;
    users.name = "users";
    users.columns = {{.name = "id", .type = "bigint", .primary_key = true}};
    done(sketched_metadata({users}), {"revision", "--autogenerate", "-m", "one"});
    users.columns.push_back({.name = "email", .type = "text"});
    const orm::metadata after = sketched_metadata({users});
    done(after, {"upgrade", "head"});
    done(after, {"revision", "--autogenerate", "-m", "two"});
    sql("INSERT INTO users DEFAULT VALUES");
    expect_has(refused(after, {"upgrade", "head"}), "the table users has rows");
    expect_has(refused(after, {"upgrade", "head", "--force"}), "contains null values");
    sql("DELETE FROM users");
    done(after, {"upgrade", "head"});
}

TEST_F(migrate_safety, rewriting_a_big_table_is_refused_with_advice)
{
    sql("CREATE TABLE t (n integer); INSERT INTO t SELECT generate_series(1, 1000)");
    write("r1", "none", "-- [rewrite] t: changes the type of the column n\nALTER TABLE t ALTER n TYPE bigint;");
    migrate::settings with = settings();
    with.big_table = 8192;
    expect_has(upgrade(with), "maintenance window with --force");
    with.force = true;
    EXPECT_EQ(upgrade(with), "");
}

TEST_F(migrate_safety, not_null_on_a_filled_table_finds_what_is_missing)
{
    table_sketch users;
    users.name = "users";
    users.columns = {{.name = "id", .type = "bigint", .primary_key = true},
                     {.name = "email", .type = "text", .nullable = true}};
    const orm::metadata before = sketched_metadata({users});
    done(before, {"revision", "--autogenerate", "-m", "one"});
    done(before, {"upgrade", "head"});
    users.columns[1].nullable = false;
    const orm::metadata after = sketched_metadata({users});
    const std::string file = generated(done(after, {"revision", "--autogenerate", "-m", "two"}));
    expect_has(file, "CHECK (email IS NOT NULL) NOT VALID;");
    sql("INSERT INTO users DEFAULT VALUES");
    expect_has(refused(after, {"upgrade", "head"}), "is violated by some row");
    sql("UPDATE users SET email = 'x'");
    expect_has(done(after, {"upgrade", "head"}), "going on there");
    EXPECT_EQ(done(after, {"check"}), "No new upgrade operations detected.\n");
}

} // namespace
