// What the command line says when something is wrong, in words that scripts and people can rely on.
#include "migrate_fixture.hpp"

namespace {

using tusk::test::expect_has;
using tusk::test::sketched_metadata;
using tusk::test::table_sketch;
namespace orm = tusk::orm;

class migrate_command_line : public tusk::test::migrations
{
protected:
    orm::metadata none = sketched_metadata({});

    void write_line()
    {
        write("aaaa1", "none", "CREATE TABLE a ();", "DROP TABLE a;");
        write("bbbb2", "aaaa1", "CREATE TABLE b ();", "DROP TABLE b;");
    }
    void write_branches()
    {
        write_line();
        write("cccc3", "aaaa1", "CREATE TABLE c ();", "DROP TABLE c;", "-- labels: side\n");
    }
};

TEST_F(migrate_command_line, wrong_usage)
{
    EXPECT_EQ(command(none, {"nonsense"}).status, 2);
    EXPECT_EQ(command(none, {"upgrade"}).status, 2);
    EXPECT_EQ(command(none, {"--help"}).status, 0);
    EXPECT_EQ(command(none, {"heads", "--lock-wait", "soon"}).status, 1);
}

TEST_F(migrate_command_line, a_folder_that_is_not_there)
{
    std::filesystem::remove_all(folder_);
    expect_has(refused(none, {"upgrade", "head"}), "make it with the command init");
}

TEST_F(migrate_command_line, new_revisions_and_their_parents)
{
    write_branches();
    expect_has(refused(none, {"revision", "-m", "x"}),
               "Multiple heads are present; please specify the head revision on which the new revision should be "
               "based");
    expect_has(refused(none, {"revision", "-m", "x", "--head", "aaaa1"}),
               "Revision aaaa1 is not a head revision; please specify --splice");
    expect_has(generated(done(none, {"revision", "-m", "x", "--head", "aaaa1", "--splice", "--rev-id", "dddd4"})),
               "-- parents: aaaa1");
    expect_has(refused(none, {"revision", "-m", "x", "--head", "dddd4", "--rev-id", "dddd4"}), "present already");
    expect_has(refused(none, {"revision", "-m", "x", "--head", "dddd4", "--rev-id", "a-b"}), "must not contain");
    expect_has(generated(done(none, {"merge", "heads", "-m", "all", "--rev-id", "mmmm5"})), "-- parents: ");
    EXPECT_EQ(done(none, {"heads"}), "mmmm5 (head) (mergepoint)\n");
    expect_has(refused(none, {"merge", "mmmm5"}), "two revisions or more");
    done(none, {"upgrade", "head"});
    EXPECT_EQ(sql("SELECT * FROM tusk_version"), "mmmm5\n");
    done(none, {"downgrade", "-1"});
    EXPECT_EQ(sql("SELECT string_agg(version_num, ' ' ORDER BY 1) FROM tusk_version"), "bbbb2 cccc3 dddd4\n");
    done(none, {"downgrade", "base"});
}

TEST_F(migrate_command_line, autogenerate_wants_a_database_at_its_heads)
{
    write_line();
    expect_has(refused(none, {"revision", "--autogenerate", "-m", "x"}), "Target database is not up to date");
    done(none, {"upgrade", "aaaa1"});
    expect_has(refused(none, {"revision", "--autogenerate", "-m", "x"}), "Target database is not up to date");
    expect_has(command(none, {"current", "--check-heads"}).err, "Database is not on all head revisions");
    EXPECT_EQ(command(none, {"current", "--check-heads"}).status, 3);
    done(none, {"upgrade", "head"});
    EXPECT_EQ(done(none, {"current", "--check-heads"}), "bbbb2 (head)\n");
}

TEST_F(migrate_command_line, an_empty_difference_still_writes_a_file)
{
    const std::string out = done(none, {"revision", "--autogenerate", "-m", "nothing"});
    expect_has(generated(out), "-- [upgrade]");
    done(none, {"upgrade", "head"});
    done(none, {"downgrade", "-1"});
}

TEST_F(migrate_command_line, targets)
{
    write_branches();
    expect_has(refused(none, {"upgrade", "head"}), "Multiple head revisions are present");
    expect_has(refused(none, {"upgrade", "cccc3+5"}), "Relative revision cccc3+5 didn't produce 5 migrations");
    expect_has(refused(none, {"upgrade", "zzzz"}), "Can't locate revision identified by 'zzzz'");
    done(none, {"upgrade", "heads"});
    expect_has(refused(none, {"upgrade", "+1"}), "Ambiguous upgrade from multiple current revisions");
    expect_has(refused(none, {"upgrade", "aaaa1"}), "is not a valid upgrade target from current head(s)");
    expect_has(refused(none, {"downgrade", "-1"}), "several heads");
    done(none, {"downgrade", "side@base"});
    EXPECT_EQ(done(none, {"current"}), "bbbb2 (head)\n");
    done(none, {"upgrade", "side@head"});
    done(none, {"downgrade", "aaaa"});
    EXPECT_EQ(done(none, {"current"}), "aaaa1 (branchpoint)\n");
    expect_has(refused(none, {"downgrade", "-2"}), "Relative revision -2 didn't produce 2 migrations");
    done(none, {"downgrade", "-1"});
    expect_has(refused(none, {"downgrade", "-1"}), "Relative revision -1 didn't produce 1 migrations");
    expect_has(refused(none, {"downgrade", "base", "--sql"}), "downgrade with --sql requires <fromrev>:<torev>");
}

TEST_F(migrate_command_line, listings)
{
    write_branches();
    EXPECT_EQ(done(none, {"heads"}), "bbbb2 (head)\ncccc3 (side) (head)\n");
    EXPECT_EQ(done(none, {"branches"}), "aaaa1 (branchpoint)\n    -> bbbb2 (head)\n    -> cccc3 (side) (head)\n");
    EXPECT_EQ(done(none, {"history", "-r", "aaaa1:bbbb2"}),
              "aaaa1 -> bbbb2 (head), bbbb2\n<base> -> aaaa1 (branchpoint), aaaa1\n");
    expect_has(done(none, {"history", "-v"}), "cccc3.sql");
    expect_has(refused(none, {"history", "-r", "aaaa1"}), "is not a range");
    expect_has(done(none, {"show", "side"}), "CREATE TABLE c ();");
    EXPECT_EQ(done(none, {"upgrade", "heads", "--dry-run"}).substr(0, 17), "Would run upgrade");
    EXPECT_EQ(done(none, {"current"}), "");
}

TEST_F(migrate_command_line, a_graph_that_is_wrong)
{
    write("aaaa1", "zzzz", "", "");
    expect_has(refused(none, {"heads"}), "Revision zzzz referenced from");
    write("aaaa1", "bbbb2", "", "");
    write("bbbb2", "aaaa1", "", "");
    expect_has(refused(none, {"heads"}), "A cycle is detected in revisions (aaaa1, bbbb2)");
    write("aaaa1", "none", "", "");
    std::filesystem::copy(folder_ / "versions" / "aaaa1.sql", folder_ / "versions" / "copy.sql");
    expect_has(refused(none, {"heads"}), "Revision aaaa1 is present more than once");
}

TEST_F(migrate_command_line, stamping)
{
    write_line();
    done(none, {"stamp", "head"});
    EXPECT_EQ(done(none, {"current"}), "bbbb2 (head)\n");
    EXPECT_EQ(sql("SELECT to_regclass('a') IS NULL"), "t\n");
    done(none, {"stamp", "base"});
    EXPECT_EQ(done(none, {"current"}), "");
    sql("INSERT INTO tusk_version VALUES ('gone')");
    expect_has(refused(none, {"upgrade", "head"}), "Can't locate revision identified by 'gone'");
    expect_has(refused(none, {"stamp", "head"}), "stamp --purge");
    expect_has(done(none, {"current"}), "gone (its file is not here)");
    done(none, {"stamp", "--purge", "head"});
    EXPECT_EQ(done(none, {"current"}), "bbbb2 (head)\n");
    sql("INSERT INTO tusk_version VALUES ('aaaa1'); DELETE FROM tusk_version WHERE version_num = 'bbbb2'");
}

TEST_F(migrate_command_line, stamping_base_makes_the_version_table)
{
    write_line();
    done(none, {"stamp", "base"});
    EXPECT_EQ(sql("SELECT count(*) FROM tusk_version"), "0\n");
}

TEST_F(migrate_command_line, a_schema_a_tenant_by_the_search_path)
{
    table_sketch notes;
    notes.name = "notes";
    notes.columns = {{.name = "id", .type = "bigint", .primary_key = true}};
    const orm::metadata model = sketched_metadata({notes});
    sql("CREATE SCHEMA ann; CREATE SCHEMA bob");
    const auto in_schema = [&](const std::string& schema, std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--url", url() + "&options=-csearch_path%3D" + schema});
        const outcome made = command_elsewhere(model, arguments);
        EXPECT_EQ(made.status, 0) << made.err;
        return made.out;
    };
    in_schema("ann", {"revision", "--autogenerate", "-m", "notes", "--rev-id", "aaaa1"});
    for (const char* schema : {"ann", "bob"}) {
        in_schema(schema, {"upgrade", "head"});
        EXPECT_EQ(in_schema(schema, {"check"}), "No new upgrade operations detected.\n");
    }
    in_schema("bob", {"downgrade", "base"});
    EXPECT_EQ(sql("SELECT to_regclass('ann.notes'), to_regclass('bob.notes') IS NULL, to_regclass('public.notes') "
                  "IS NULL"),
              "ann.notes|t|t\n");
    EXPECT_EQ(sql("SELECT version_num FROM ann.tusk_version"), "aaaa1\n");
}

TEST_F(migrate_command_line, a_version_table_that_somebody_changes_meanwhile)
{
    write("aaaa1", "none", "CREATE TABLE a ();", "DROP TABLE a;");
    write("bbbb2", "aaaa1", "DELETE FROM tusk_version;", "");
    expect_has(refused(none, {"upgrade", "head"}), "Online migration expected to match one row in 'tusk_version'");
    EXPECT_EQ(done(none, {"current"}), "aaaa1\n"); // the revision was rolled back
}

} // namespace
