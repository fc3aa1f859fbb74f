// How scripts are taken apart.
#include "migrate/operation.hpp"
#include "migrate/run.hpp"
#include "migrate/snapshot.hpp"
#include "migrate/statements.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace tusk::migrate::detail;

std::vector<std::string> texts(std::string_view script)
{
    std::vector<std::string> made;
    for (const auto& each : split_statements(script))
        made.push_back(each.sql);
    return made;
}

TEST(migrate_statements, semicolons_end_statements_where_they_are_not_quoted)
{
    using list = std::vector<std::string>;
    EXPECT_EQ(texts(""), list{});
    EXPECT_EQ(texts("  ;; \n ; -- nothing\n"), list{});
    EXPECT_EQ(texts("a; b ;c"), (list{"a", "b", "c"}));
    EXPECT_EQ(texts("select ';'';'; x"), (list{"select ';'';'", "x"}));
    EXPECT_EQ(texts("select E'\\';'; x"), (list{"select E'\\';'", "x"}));
    EXPECT_EQ(texts("select \"a;\"\"b\"; x"), (list{"select \"a;\"\"b\"", "x"}));
    EXPECT_EQ(texts("do $$ begin; end $$; x"), (list{"do $$ begin; end $$", "x"}));
    EXPECT_EQ(texts("do $f$ $$;$$ $f$; x"), (list{"do $f$ $$;$$ $f$", "x"}));
    EXPECT_EQ(texts("select $1; x$y$z; w"), (list{"select $1", "x$y$z", "w"}));
    EXPECT_EQ(texts("a -- ; \n b; c /* ; /* ; */ ; */ d"), (list{"a -- ; \n b", "c /* ; /* ; */ ; */ d"}));
    EXPECT_EQ(texts("-- before\na"), list{"a"});
}

TEST(migrate_statements, what_is_not_closed_is_refused)
{
    EXPECT_THROW(split_statements("select 'a"), tusk::usage_error);
    EXPECT_THROW(split_statements("select \"a"), tusk::usage_error);
    EXPECT_THROW(split_statements("do $x$ a $y$"), tusk::usage_error);
    EXPECT_THROW(split_statements("/* a"), tusk::usage_error);
}

TEST(migrate_statements, marks_belong_to_the_next_statement)
{
    const auto all = split_statements("-- [destructive] drops a\n-- [commit]\nDROP TABLE a;\nDROP TABLE b;");
    ASSERT_EQ(all.size(), 2U);
    ASSERT_NE(all[0].find_mark("destructive"), nullptr);
    EXPECT_EQ(*all[0].find_mark("destructive"), "drops a");
    EXPECT_NE(all[0].find_mark("commit"), nullptr);
    EXPECT_TRUE(all[1].marks.empty());
}

TEST(migrate_statements, some_run_outside_transactions)
{
    EXPECT_TRUE(runs_outside_transactions("create UNIQUE index\n concurrently a on t (b)"));
    EXPECT_TRUE(runs_outside_transactions("DROP INDEX CONCURRENTLY IF EXISTS a"));
    EXPECT_TRUE(runs_outside_transactions("REINDEX TABLE CONCURRENTLY t"));
    EXPECT_TRUE(runs_outside_transactions("VACUUM t"));
    EXPECT_FALSE(runs_outside_transactions("CREATE INDEX a ON t (b)"));
    EXPECT_FALSE(runs_outside_transactions("CREATE INDEX \"concurrently\" ON t (b)"));
    EXPECT_FALSE(runs_outside_transactions("INSERT INTO t VALUES ('CREATE INDEX CONCURRENTLY')"));
}

TEST(migrate_statements, the_index_of_a_concurrent_build_is_found)
{
    EXPECT_EQ(find_concurrent_index("CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON ONLY s.t (b)").name, "s.a");
    EXPECT_EQ(find_concurrent_index("CREATE UNIQUE INDEX CONCURRENTLY \"A\" ON t USING gin (b)").name, "\"A\"");
    EXPECT_EQ(find_concurrent_index("DROP INDEX CONCURRENTLY s.a").name, "s.a");
    EXPECT_FALSE(find_concurrent_index("DROP INDEX CONCURRENTLY s.a").is_built);
    EXPECT_EQ(find_concurrent_index("CREATE TABLE t ()").name, "");
}

TEST(migrate_statements, transactions_hold_what_may_be_together)
{
    const auto all = split_statements("a; b; CREATE INDEX CONCURRENTLY i ON t (c); d; -- [commit]\ne; f");
    const auto groups = group_statements(all, transaction_mode::together);
    ASSERT_EQ(groups.size(), 4U);
    EXPECT_EQ(groups[0].end, 2U);
    EXPECT_FALSE(groups[1].in_transaction);
    EXPECT_EQ(groups[2].begin, 3U);
    EXPECT_EQ(groups[3].begin, 4U);
    EXPECT_EQ(groups[3].end, 6U);
    EXPECT_EQ(group_statements(all, transaction_mode::separately).size(), 6U);
}

TEST(migrate_statements, names_are_replaced_where_they_are_names)
{
    EXPECT_EQ(rename_in("((age > 3) AND ('age'::text <> \"age\"))", "age", "Years"),
              "((\"Years\" > 3) AND ('age'::text <> \"Years\"))");
    EXPECT_EQ(rename_in("btree (aged, age DESC)", "age", "years"), "btree (aged, years DESC)");
    EXPECT_TRUE(mentions("lower(email)", "email"));
    EXPECT_FALSE(mentions("lower('email')", "email"));
}

} // namespace
