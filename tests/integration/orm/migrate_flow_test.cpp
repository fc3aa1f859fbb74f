// A model that changes, and what leads from one state of it to the next: SQL, scripts and steps in C++.
#include "migrate_fixture.hpp"

namespace {

using tusk::test::column_sketch;
using tusk::test::expect_has;
using tusk::test::sketched_metadata;
using tusk::test::table_sketch;
namespace orm = tusk::orm;

/// A small model that grows.
table_sketch users()
{
    table_sketch made;
    made.name = "users";
    made.columns = {{.name = "id", .type = "bigint", .primary_key = true}, {.name = "email", .type = "varchar(80)"}};
    return made;
}

class migrate_flow : public tusk::test::migrations
{
};

TEST_F(migrate_flow, a_model_that_changes)
{
    table_sketch first = users();
    const orm::metadata before = sketched_metadata({first});
    done(before, {"revision", "--autogenerate", "-m", "one"});
    done(before, {"upgrade", "head"});
    sql("INSERT INTO users (email) VALUES ('ann@example.org'), ('bob@example.org')");

    table_sketch second = users();
    second.columns[1].type = "varchar(120)";
    second.columns.push_back({.name = "nick", .type = "text", .nullable = true});
    second.columns.push_back({.name = "active", .type = "boolean", .server_default = "true"});
    second.indexes.push_back({.name = "", .columns = {"nick"}});
    second.checks.push_back({"has_at", "email LIKE '%@%'"});
    const orm::metadata after = sketched_metadata({second});
    const auto check = command(after, {"check"});
    EXPECT_EQ(check.status, 3);
    expect_has(check.out, "New upgrade operations detected:\n");
    expect_has(check.out, "  add column users.nick\n");
    const std::string file = generated(done(after, {"revision", "--autogenerate", "-m", "two"}));
    expect_has(file, "CREATE INDEX CONCURRENTLY ix_users_nick ON users (nick);");
    expect_has(file, "ADD CONSTRAINT ck_users_has_at CHECK (email LIKE '%@%') NOT VALID;");
    expect_has(file, "VALIDATE CONSTRAINT ck_users_has_at;");
    done(after, {"upgrade", "head"});
    EXPECT_EQ(done(after, {"check"}), "No new upgrade operations detected.\n");
    EXPECT_EQ(sql("SELECT count(*) FROM users WHERE active"), "2\n");
    const std::string history = done(after, {"history"});
    expect_has(history, "(head), two\n");
    expect_has(history, "<base> -> ");
    EXPECT_LT(history.find(", two"), history.find(", one")); // newest first

    done(before, {"downgrade", "-1"});
    EXPECT_EQ(sql("SELECT count(*) FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0 "
                  "AND NOT attisdropped"),
              "2\n");
    done(after, {"upgrade", "head"});
    done(after, {"downgrade", "base"});
}

TEST_F(migrate_flow, a_script_for_psql_does_the_same)
{
    const orm::metadata before = sketched_metadata({users()});
    done(before, {"revision", "--autogenerate", "-m", "one", "--rev-id", "r1"});
    done(before, {"upgrade", "head"});
    table_sketch more = users();
    more.columns.push_back({.name = "nick", .type = "text", .nullable = true});
    more.indexes.push_back({.name = "", .columns = {"nick"}});
    const orm::metadata after = sketched_metadata({more});
    done(after, {"revision", "--autogenerate", "-m", "two", "--rev-id", "r2"});
    done(before, {"downgrade", "base"});
    sql("DROP TABLE tusk_version, tusk_version_log");

    const std::string script = done(after, {"upgrade", "head", "--sql"});
    expect_has(script, "BEGIN;");
    expect_has(script, "-- Running upgrade base -> r1, one");
    expect_has(script, "COMMIT;\n\nCREATE INDEX CONCURRENTLY");
    sql(script);
    EXPECT_EQ(done(after, {"current"}), "r2 (head)\n");
    EXPECT_EQ(done(after, {"check"}), "No new upgrade operations detected.\n");
    sql(done(after, {"downgrade", "r2:r1", "--sql"}));
    EXPECT_EQ(done(after, {"current"}), "r1\n");
    sql(done(after, {"upgrade", "r1:r2", "--sql"}));
    EXPECT_EQ(done(after, {"check"}), "No new upgrade operations detected.\n");
    expect_has(refused(after, {"downgrade", "base", "--sql"}), "requires <fromrev>:<torev>");
    expect_has(refused(after, {"upgrade", "r1:r2"}), "Range revision not allowed");
}

TEST_F(migrate_flow, a_step_in_cpp_runs_with_its_revision)
{
    write("r1", "none", "CREATE TABLE t (n integer);", "DROP TABLE t;");
    tusk::migrate::steps also;
    also.add(
        "r1",
        [](tusk::transaction& in) -> asio::awaitable<void> {
            for (int i = 0; i < 3; ++i)
                co_await in.execute("INSERT INTO t VALUES ($1)", i);
        },
        [](tusk::transaction& in) -> asio::awaitable<void> { co_await in.execute("DELETE FROM t WHERE n = 1"); });
    const orm::metadata none = sketched_metadata({});
    expect_has(command(none, {"upgrade", "head", "--sql"}, also).err, "step in C++");
    done(none, {"upgrade", "head"}, also);
    EXPECT_EQ(sql("SELECT count(*) FROM t"), "3\n");
    done(none, {"downgrade", "base"}, also);
    EXPECT_EQ(sql("SELECT to_regclass('t') IS NULL"), "t\n");
}

TEST_F(migrate_flow, what_was_edited_after_it_was_applied_is_told)
{
    const orm::metadata none = sketched_metadata({});
    write("r1", "none", "CREATE TABLE t (n integer);", "DROP TABLE t;");
    done(none, {"upgrade", "head"});
    write("r1", "none", "CREATE TABLE t (n bigint);", "DROP TABLE t;");
    expect_has(done(none, {"upgrade", "head"}), "revision r1 was edited after it was applied");
    expect_has(refused(none, {"check"}, 3), "Revision r1 was edited after it was applied");
}

} // namespace
