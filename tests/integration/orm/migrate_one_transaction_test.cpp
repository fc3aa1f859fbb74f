// All or nothing: a run with --one-transaction, and what cannot be part of one.
#include "migrate_fixture.hpp"

namespace {

using tusk::test::expect_has;
using tusk::test::sketched_metadata;
namespace migrate = tusk::migrate;
namespace orm = tusk::orm;

class migrate_one_transaction : public tusk::test::migrations
{
protected:
    orm::metadata none = sketched_metadata({});

    /// A revision whose upgrade stops behind its first transaction.
    void leave_half_done()
    {
        sql("CREATE TABLE t (n integer); INSERT INTO t VALUES (1), (1)");
        write("r1", "none", "CREATE TABLE u ();\nCREATE UNIQUE INDEX CONCURRENTLY ix ON t (n);", "DROP TABLE u;");
        expect_has(refused(none, {"upgrade", "head"}), "could not create unique index");
    }
};

TEST_F(migrate_one_transaction, a_run_is_done_or_is_not)
{
    write("r1", "none", "CREATE TABLE t (n integer);", "DROP TABLE t;");
    write("r2", "r1", "INSERT INTO t VALUES (2);", "DELETE FROM t;");
    migrate::steps also;
    also.add(
        "r2", [](tusk::transaction& in) -> asio::awaitable<void> { co_await in.execute("INSERT INTO t VALUES (3)"); },
        [](tusk::transaction& in) -> asio::awaitable<void> { co_await in.execute("DELETE FROM missing"); });
    done(none, {"upgrade", "head", "--one-transaction"}, also);
    EXPECT_EQ(sql("SELECT string_agg(n::text, ' ' ORDER BY n) FROM t"), "2 3\n");
    EXPECT_EQ(done(none, {"current"}), "r2 (head)\n");
    expect_has(command(none, {"downgrade", "base", "--one-transaction"}, also).err, "\"missing\" does not exist");
    EXPECT_EQ(sql("SELECT count(*) FROM t"), "2\n");
    EXPECT_EQ(done(none, {"current"}), "r2 (head)\n");
}

TEST_F(migrate_one_transaction, a_statement_that_cannot_be_in_one_is_refused)
{
    write("r1", "none", "CREATE TABLE t (n integer);", "DROP TABLE t;");
    write("r2", "r1", "CREATE INDEX CONCURRENTLY ix ON t (n);", "DROP INDEX CONCURRENTLY ix;");
    const std::string said = refused(none, {"upgrade", "head", "--one-transaction"});
    expect_has(said, "Revision r2 has a statement that cannot run inside a transaction; run it without "
                     "--one-transaction:\nCREATE INDEX CONCURRENTLY ix ON t (n)");
    EXPECT_EQ(sql("SELECT to_regclass('t') IS NULL"), "t\n");
    done(none, {"upgrade", "head"});
    EXPECT_EQ(done(none, {"current"}), "r2 (head)\n");
}

TEST_F(migrate_one_transaction, a_half_done_revision_is_not_finished_in_one)
{
    leave_half_done();
    sql("DELETE FROM t");
    expect_has(refused(none, {"upgrade", "head", "--one-transaction"}),
               "Revision r1 is half done: finish it without --one-transaction");
    done(none, {"upgrade", "head"});
    EXPECT_EQ(done(none, {"current"}), "r1 (head)\n");
}

TEST_F(migrate_one_transaction, steps_that_must_be_allowed_are_refused_here_too)
{
    sql("CREATE TABLE t (n integer); INSERT INTO t VALUES (1)");
    write("r1", "none", "-- [destructive] drops the table t with its data\nDROP TABLE t;");
    expect_has(refused(none, {"upgrade", "head", "--one-transaction"}), "--allow-destructive");
    write("r1", "none", "-- [empty] t: adds the column m, which has no default\nALTER TABLE t ADD m integer NOT NULL;");
    expect_has(refused(none, {"upgrade", "head", "--one-transaction"}), "Refused: the table t has rows");
    EXPECT_EQ(sql("SELECT count(*) FROM t"), "1\n");
    // What the run itself has emptied is empty.
    write("r0", "none", "DELETE FROM t;");
    write("r1", "r0", "-- [empty] t: adds the column m, which has no default\nALTER TABLE t ADD m integer NOT NULL;");
    done(none, {"upgrade", "head", "--one-transaction"});
}

} // namespace
