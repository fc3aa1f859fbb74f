// A revision that stopped half way is finished before anything else is done.
#include "migrate_fixture.hpp"

namespace {

using tusk::test::expect_has;
using tusk::test::sketched_metadata;
namespace orm = tusk::orm;

class migrate_half_done : public tusk::test::migrations
{
protected:
    orm::metadata none = sketched_metadata({});

    void SetUp() override
    {
        migrations::SetUp();
        write("r1", "none", "CREATE TABLE t (n integer);\nINSERT INTO t VALUES (1), (1);", "DROP TABLE t;");
        write("r2", "r1", "CREATE TABLE u ();\nCREATE UNIQUE INDEX CONCURRENTLY ix ON t (n);",
              "DROP INDEX CONCURRENTLY ix;\nDROP TABLE u;");
    }
};

TEST_F(migrate_half_done, an_upgrade)
{
    expect_has(refused(none, {"upgrade", "head"}), "could not create unique index");
    expect_has(refused(none, {"check"}), "Target database is not up to date: the upgrade of revision r2 is half done; "
                                         "finish it with the command upgrade");
    expect_has(refused(none, {"downgrade", "base"}),
               "Revision r2 is half done: its upgrade stopped after 1 statements. Finish that first with the command "
               "upgrade, or put it right by hand and say so with the command stamp");
    EXPECT_EQ(sql("SELECT count(*) FROM t"), "2\n");
    sql("DELETE FROM t");
    done(none, {"upgrade", "head"});
    done(none, {"downgrade", "base"});
}

TEST_F(migrate_half_done, a_downgrade)
{
    done(none, {"upgrade", "r1"});
    sql("DELETE FROM t");
    done(none, {"upgrade", "head"});
    // The index goes by itself, and then something stands in the way of the table.
    sql("CREATE VIEW v AS SELECT FROM u");
    expect_has(refused(none, {"downgrade", "base"}), "cannot drop table u");
    EXPECT_EQ(sql("SELECT to_regclass('ix') IS NULL"), "t\n");
    expect_has(refused(none, {"check"}), "the downgrade of revision r2 is half done; finish it with the command "
                                         "downgrade");
    expect_has(refused(none, {"upgrade", "head"}),
               "Revision r2 is half done: its downgrade stopped after 1 statements. Finish that first with the command "
               "downgrade");
    sql("DROP VIEW v");
    done(none, {"downgrade", "r1"});
    EXPECT_EQ(sql("SELECT to_regclass('u') IS NULL"), "t\n");
    EXPECT_EQ(done(none, {"current"}), "r1\n");
    done(none, {"upgrade", "head"});
    EXPECT_EQ(sql("SELECT to_regclass('ix') IS NULL"), "f\n");
}

TEST_F(migrate_half_done, what_was_put_right_by_hand)
{
    expect_has(refused(none, {"upgrade", "head"}), "could not create unique index");
    sql("DROP TABLE u; DROP INDEX ix");
    done(none, {"stamp", "r1"});
    done(none, {"downgrade", "base"});
    EXPECT_EQ(sql("SELECT to_regclass('t') IS NULL"), "t\n");
}

} // namespace
