// The graph of revisions: what is wrong with it, and what a target means.
#include "migrate_folder.hpp"

#include "migrate/history.hpp"
#include "migrate/version_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tusk::migrate::detail;
using tusk::test::expect_refused;

revision made(std::string id, std::vector<std::string> parents, std::vector<std::string> labels = {})
{
    revision one;
    one.file = id + ".sql";
    one.id = std::move(id);
    one.parents = std::move(parents);
    one.labels = std::move(labels);
    return one;
}

/// aaaa1 - bbbb2 - cccc3 (x) - eeee5 - gggg7 (merge of eeee5 and ffff6)
///              \- dddd4 (y) - ffff6 -/
history two_branches(bool merged)
{
    std::vector<revision> all{made("aaaa1", {}),
                              made("bbbb2", {"aaaa1"}),
                              made("cccc3", {"bbbb2"}, {"x"}),
                              made("dddd4", {"bbbb2"}, {"y"}),
                              made("eeee5", {"cccc3"}),
                              made("ffff6", {"dddd4"})};
    if (merged)
        all.push_back(made("gggg7", {"eeee5", "ffff6"}));
    return history{std::move(all)};
}

history line()
{
    return history{{made("aaaa1", {}), made("bbbb2", {"aaaa1"}), made("cccc3", {"bbbb2"}), made("dddd4", {"cccc3"})}};
}

std::string ids(const std::vector<const revision*>& path)
{
    std::string text;
    for (const revision* each : path)
        text += (text.empty() ? "" : " ") + each->id;
    return text;
}

revision_set at(const history& all, const std::vector<std::string>& versions) { return all.applied(versions); }

TEST(migrate_history, a_graph_that_is_wrong_is_refused)
{
    expect_refused([] { return history{{made("a", {}), made("a", {})}}; }, "Revision a is present more than once");
    expect_refused([] { return history{{made("a", {"z"})}}; }, "Revision z referenced from a.sql is not present");
    expect_refused([] { return history{{made("a", {"b"}), made("b", {"a"}), made("c", {})}}; },
                   "A cycle is detected in revisions (a, b)");
    expect_refused([] { return history{{made("a", {"a"})}}; }, "A cycle is detected in revisions (a)");
}

TEST(migrate_history, revisions_are_found_by_id_beginning_and_label)
{
    const history all = two_branches(true);
    EXPECT_EQ(all.locate("cccc3").id, "cccc3");
    EXPECT_EQ(all.locate("cccc").id, "cccc3");
    EXPECT_EQ(all.locate("x").id, "cccc3");
    expect_refused([&] { return &all.locate("ccc"); }, "Can't locate revision identified by 'ccc'");
    const history alike{{made("abcd1", {}), made("abcd2", {"abcd1"})}};
    expect_refused([&] { return &alike.locate("abcd"); }, "'abcd' is ambiguous: abcd1, abcd2");
    expect_refused([&] { return all.applied({"zzzz"}); }, "Can't locate revision identified by 'zzzz'");
}

TEST(migrate_history, targets_of_an_upgrade)
{
    const history all = line();
    EXPECT_EQ(ids(upgrade_path(all, {}, "head")), "aaaa1 bbbb2 cccc3 dddd4");
    EXPECT_EQ(ids(upgrade_path(all, at(all, {"bbbb2"}), "heads")), "cccc3 dddd4");
    EXPECT_EQ(ids(upgrade_path(all, {}, "+2")), "aaaa1 bbbb2");
    EXPECT_EQ(ids(upgrade_path(all, at(all, {"bbbb2"}), "+1")), "cccc3");
    EXPECT_EQ(ids(upgrade_path(all, {}, "cccc")), "aaaa1 bbbb2 cccc3");
    EXPECT_EQ(ids(upgrade_path(all, {}, "aaaa1+1")), "aaaa1 bbbb2");
    EXPECT_EQ(ids(upgrade_path(all, {}, "head-1")), "aaaa1 bbbb2 cccc3");
    EXPECT_EQ(ids(upgrade_path(all, at(all, {"dddd4"}), "head")), "");
    expect_refused([&] { return upgrade_path(all, {}, "+5"); }, "Relative revision +5 didn't produce 5 migrations");
    expect_refused([&] { return upgrade_path(all, at(all, {"dddd4"}), "aaaa1"); },
                   "Destination aaaa1 is not a valid upgrade target from current head(s) dddd4");
    expect_refused([&] { return upgrade_path(all, {}, "nothing"); }, "Can't locate revision");
    expect_refused([&] { return upgrade_path(all, {}, "-1"); }, "use the command downgrade");
    expect_refused([&] { return upgrade_path(all, {}, "+x"); }, "a number of steps follows");
}

TEST(migrate_history, targets_of_a_downgrade)
{
    const history all = line();
    const revision_set everything = at(all, {"dddd4"});
    EXPECT_EQ(ids(downgrade_path(all, everything, "base")), "dddd4 cccc3 bbbb2 aaaa1");
    EXPECT_EQ(ids(downgrade_path(all, everything, "bbbb2")), "dddd4 cccc3");
    EXPECT_EQ(ids(downgrade_path(all, everything, "-1")), "dddd4");
    EXPECT_EQ(ids(downgrade_path(all, everything, "-4")), "dddd4 cccc3 bbbb2 aaaa1");
    EXPECT_EQ(ids(downgrade_path(all, everything, "cccc3-1")), "dddd4 cccc3");
    EXPECT_EQ(ids(downgrade_path(all, everything, "base+1")), "dddd4 cccc3 bbbb2");
    EXPECT_EQ(ids(downgrade_path(all, everything, "dddd4")), "");
    expect_refused([&] { return downgrade_path(all, {}, "-1"); }, "Relative revision -1 didn't produce 1 migrations");
    expect_refused([&] { return downgrade_path(all, everything, "-5"); }, "didn't produce 5 migrations");
    expect_refused([&] { return downgrade_path(all, at(all, {"aaaa1"}), "cccc3"); },
                   "Destination cccc3 is not a valid downgrade target");
    expect_refused([&] { return downgrade_path(all, everything, "+1"); }, "use the command upgrade");
}

TEST(migrate_history, branches)
{
    const history all = two_branches(false);
    expect_refused([&] { return upgrade_path(all, {}, "head"); }, "Multiple head revisions are present (eeee5, ffff6)");
    EXPECT_EQ(ids(upgrade_path(all, {}, "heads")), "aaaa1 bbbb2 cccc3 dddd4 eeee5 ffff6");
    EXPECT_EQ(ids(upgrade_path(all, {}, "x@head")), "aaaa1 bbbb2 cccc3 eeee5");
    EXPECT_EQ(ids(upgrade_path(all, {}, "x@head-1")), "aaaa1 bbbb2 cccc3");
    expect_refused([&] { return upgrade_path(all, at(all, {"bbbb2"}), "+1"); }, "cccc3, dddd4 are next");
    const revision_set both = at(all, {"eeee5", "ffff6"});
    expect_refused([&] { return upgrade_path(all, both, "+1"); }, "Ambiguous upgrade from multiple current revisions");
    expect_refused([&] { return downgrade_path(all, both, "-1"); }, "several heads (eeee5, ffff6)");
    EXPECT_EQ(ids(downgrade_path(all, both, "x@base")), "eeee5 cccc3");
    EXPECT_EQ(ids(downgrade_path(all, both, "bbbb2")), "ffff6 eeee5 dddd4 cccc3");
}

TEST(migrate_history, targets_that_lead_to_several_places_are_refused)
{
    const history none{{}};
    expect_refused([&] { return upgrade_path(none, {}, "head"); }, "There are no revisions yet: make one with the "
                                                                   "command revision");
    std::vector<revision> forked{made("aaaa1", {}, {"x"}), made("bbbb2", {"aaaa1"}), made("cccc3", {"aaaa1"})};
    const history fork{std::move(forked)};
    expect_refused([&] { return upgrade_path(fork, {}, "x@head"); },
                   "The branch x has several heads (bbbb2, cccc3): name one of them");
    expect_refused([&] { return upgrade_path(fork, {}, "+2"); },
                   "'+2' is ambiguous: bbbb2, cccc3 are next; name one of them");
    expect_refused([&] { return upgrade_path(fork, {}, "base"); }, "base leads back: use the command downgrade");
    const history merged = two_branches(true);
    expect_refused([&] { return upgrade_path(merged, {}, "head-1"); },
                   "'head-1' is ambiguous: gggg7 has several parents");
    const revision_set everything = at(merged, {"gggg7"});
    expect_refused([&] { return downgrade_path(merged, everything, "-2"); },
                   "'-2' is ambiguous: gggg7 has several parents");
    EXPECT_EQ(ids(downgrade_path(merged, everything, "-1")), "gggg7");
}

TEST(migrate_history, the_version_table_has_a_row_a_head)
{
    const history all = two_branches(true);
    const version_table table{"v"};
    using list = std::vector<std::string>;
    const auto heads = [&](const list& versions) {
        list found;
        for (const revision* each : all.heads_of(at(all, versions)))
            found.push_back(each->id);
        return found;
    };
    EXPECT_EQ(heads({"gggg7"}), list{"gggg7"});
    EXPECT_EQ(table.move({}, {"a"}), list{"INSERT INTO v (version_num) VALUES ('a')"});
    EXPECT_EQ(table.move({"a"}, {"b"}), list{"UPDATE v SET version_num = 'b' WHERE version_num = 'a'"});
    EXPECT_EQ(table.move({"a"}, {"a", "b"}), list{"INSERT INTO v (version_num) VALUES ('b')"});
    EXPECT_EQ(table.move({"a", "b"}, {"c"}), (list{"DELETE FROM v WHERE version_num = 'b'",
                                                   "UPDATE v SET version_num = 'c' WHERE version_num = 'a'"}));
    EXPECT_EQ(table.move({"c"}, {"a", "b"}), (list{"UPDATE v SET version_num = 'a' WHERE version_num = 'c'",
                                                   "INSERT INTO v (version_num) VALUES ('b')"}));
    EXPECT_EQ(table.move({"a"}, {}), list{"DELETE FROM v WHERE version_num = 'a'"});
}

TEST(migrate_revision, survives_being_written_and_read)
{
    revision one = made("abcd", {"a", "b"}, {"x"});
    one.message = "say: it";
    one.date = "2026-11-26T00:00:00Z";
    one.upgrade = "CREATE TABLE t ();\n";
    one.downgrade = "DROP TABLE t;\n";
    const revision read = parse_revision(format_revision(one), "abcd.sql");
    EXPECT_EQ(read.id, one.id);
    EXPECT_EQ(read.parents, one.parents);
    EXPECT_EQ(read.labels, one.labels);
    EXPECT_EQ(read.message, one.message);
    EXPECT_EQ(read.date, one.date);
    EXPECT_EQ(read.content_hash(), one.content_hash());
    one.downgrade += "DROP TABLE u;\n";
    EXPECT_NE(read.content_hash(), one.content_hash());
}

TEST(migrate_revision, a_file_that_is_none_is_refused)
{
    expect_refused([] { return parse_revision("-- [upgrade]\n-- [downgrade]\n", "a.sql"); }, "-- revision:");
    expect_refused([] { return parse_revision("-- revision: a\n-- [upgrade]\n", "a.sql"); }, "-- [downgrade]");
    expect_refused([] { return parse_revision("-- revision: a-b\n", "a.sql"); }, "must not contain @ - + :");
    expect_refused([] { return parse_revision("-- revision: a\n-- transaction: maybe\n", "a.sql"); }, "yes or no");
    expect_refused([] { return parse_revision("-- revision: a\n-- lock_timeout: soon\n", "a.sql"); }, "not a duration");
}

TEST(migrate_revision, slugs_are_words_of_the_message)
{
    EXPECT_EQ(slug_of("Add users' table!"), "add_users_table");
    EXPECT_EQ(slug_of(""), "");
    EXPECT_EQ(slug_of("a very long message that says more than a file name can hold"),
              "a_very_long_message_that_says_more_than");
}

} // namespace
