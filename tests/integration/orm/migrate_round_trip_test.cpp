// For every kind of change: autogenerate, upgrade, and check finds nothing; downgrade, and the schema is what it was.
#include "migrate_fixture.hpp"
#include "schema_state.hpp"

#include <algorithm>
#include <functional>

namespace {

using tusk::test::column_sketch;
using tusk::test::expect_has;
using tusk::test::index_sketch;
using tusk::test::sketched_enum;
using tusk::test::sketched_metadata;
using tusk::test::table_sketch;
namespace orm = tusk::orm;

/// users with posts: what most changes here start from.
std::vector<table_sketch> start()
{
    std::vector<table_sketch> made(2);
    made[0].name = "users";
    made[0].columns = {{.name = "id", .type = "bigint", .primary_key = true},
                       {.name = "email", .type = "varchar(80)"},
                       {.name = "age", .type = "integer", .nullable = true}};
    made[1].name = "posts";
    made[1].columns = {{.name = "id", .type = "bigint", .primary_key = true},
                       {.name = "author_id", .type = "bigint"},
                       {.name = "title", .type = "text"}};
    made[1].references = {{.column = "author_id", .table = "users"}};
    return made;
}

class migrate_round_trip : public tusk::test::migrations
{
protected:
    std::string state() const { return sql(tusk::test::schema_state); }

    /// @returns The revision that leads from one to the other.
    std::string go(const std::vector<table_sketch>& from, const std::vector<table_sketch>& to,
                   const std::vector<std::string>& more = {})
    {
        const orm::metadata before = sketched_metadata(from);
        done(before, {"revision", "--autogenerate", "-m", "before"});
        done(before, {"upgrade", "head"});
        EXPECT_EQ(done(before, {"check"}), "No new upgrade operations detected.\n");
        const std::string at_first = state();

        const orm::metadata after = sketched_metadata(to);
        std::string file = generated(done(after, {"revision", "--autogenerate", "-m", "after"}));
        std::vector<std::string> upgrade{"upgrade", "head"};
        upgrade.insert(upgrade.end(), more.begin(), more.end());
        done(after, upgrade);
        EXPECT_EQ(done(after, {"check"}), "No new upgrade operations detected.\n") << file;
        EXPECT_NE(state(), at_first) << file;
        done(after, {"downgrade", "-1"});
        EXPECT_EQ(state(), at_first) << file;
        done(after, upgrade);
        EXPECT_EQ(done(after, {"check"}), "No new upgrade operations detected.\n") << file;
        return file;
    }

    /// A change of the start.
    std::string change(const std::function<void(std::vector<table_sketch>&)>& how,
                       const std::vector<std::string>& more = {})
    {
        std::vector<table_sketch> to = start();
        how(to);
        return go(start(), to, more);
    }
};

const std::vector<std::string> destructive{"--allow-destructive"};

TEST_F(migrate_round_trip, a_new_table)
{
    const std::string file = change([](auto& to) {
        table_sketch tags;
        tags.name = "tags";
        tags.columns = {{.name = "id", .type = "integer", .primary_key = true},
                        {.name = "post_id", .type = "bigint"},
                        {.name = "label", .type = "text", .comment = "short", .unique = true}};
        tags.references = {{.column = "post_id", .table = "posts", .when_deleted = orm::on_delete::cascade}};
        tags.indexes = {{.name = "", .columns = {"post_id"}}};
        tags.comment = "words";
        to.push_back(tags);
    });
    expect_has(file, "CREATE TABLE tags");
}

TEST_F(migrate_round_trip, a_dropped_table)
{
    const std::string file = change([](auto& to) { to.pop_back(); }, destructive);
    expect_has(file, "-- [destructive] drops the table posts with its data\nDROP TABLE posts;");
    expect_has(file, "-- [irreversible] the table posts comes back empty");
}

TEST_F(migrate_round_trip, columns_added_and_dropped)
{
    const std::string file = change(
        [](auto& to) {
            to[0].columns.pop_back();
            to[0].columns.push_back({.name = "born", .type = "date", .nullable = true, .comment = "as they say"});
            to[0].columns.push_back({.name = "score", .type = "numeric(8, 2)", .server_default = "0"});
            to[0].columns.push_back({.name = "code", .type = "uuid", .server_default = "gen_random_uuid()"});
        },
        destructive);
    expect_has(file, "-- [destructive] drops the column users.age with its data");
    expect_has(file, "-- [rewrite] users: computes the column code for every row");
}

TEST_F(migrate_round_trip, types_defaults_and_nullability)
{
    change([](auto& to) {
        to[0].columns[1].type = "text";
        to[0].columns[1].collation = "C";
        to[0].columns[2].type = "bigint";
        to[0].columns[2].nullable = false;
        to[0].columns[2].server_default = "18";
        to[1].columns[2].type = "varchar(200)";
        to[1].columns[2].server_default = "'untitled'";
        to[1].columns[2].nullable = true;
    });
}

TEST_F(migrate_round_trip, a_type_that_does_not_convert_by_itself)
{
    const std::string file = change([](auto& to) { to[1].columns[2].type = "integer"; });
    expect_has(file, "TYPE integer USING title::integer");
}

TEST_F(migrate_round_trip, identities)
{
    std::vector<table_sketch> from = start();
    from[0].columns[2].nullable = false;
    std::vector<table_sketch> to = from;
    to[0].columns[0].identity_always = true;
    to[0].columns[2].identity_always = true;
    go(from, to);
}

TEST_F(migrate_round_trip, generated_columns)
{
    std::vector<table_sketch> from = start();
    from[0].columns.push_back({.name = "address", .type = "text", .nullable = true, .generated = "lower(email)"});
    from[0].columns.push_back({.name = "older", .type = "integer", .nullable = true, .generated = "age + 1"});
    from[0].indexes = {{.name = "", .columns = {"address"}}};
    std::vector<table_sketch> to = from;
    to[0].columns[3].generated = "upper(email)";
    to[0].columns[2].type = "bigint"; // what `older` is computed from
    to[0].columns.push_back({.name = "both", .type = "text", .nullable = true, .generated = "email || age::text"});
    go(from, to);
}

TEST_F(migrate_round_trip, keys)
{
    std::vector<table_sketch> from = start();
    from[0].uniques = {{"by_mail", {"email"}}};
    std::vector<table_sketch> to = from;
    to[0].uniques = {{"by_mail", {"email", "age"}}, {"later", {"age"}, false, orm::deferral::initially_deferred}};
    to[1].columns[2].primary_key = true; // (id, title)
    const std::string file = go(from, to);
    expect_has(file, "CREATE UNIQUE INDEX CONCURRENTLY later ON users (age);");
    expect_has(file, "UNIQUE USING INDEX later DEFERRABLE INITIALLY DEFERRED;");
}

TEST_F(migrate_round_trip, nulls_that_are_not_distinct)
{
    if (!has_nulls_not_distinct())
        GTEST_SKIP() << "needs PostgreSQL 15: NULLS NOT DISTINCT";
    const std::string file = change([](auto& to) {
        to[0].uniques = {{"later", {"age"}, true, orm::deferral::initially_deferred}};
        to[1].indexes = {{.name = "a", .columns = {"title"}, .unique = true, .nulls_not_distinct = true}};
    });
    expect_has(file, "CREATE UNIQUE INDEX CONCURRENTLY later ON users (age) NULLS NOT DISTINCT;");
}

TEST_F(migrate_round_trip, a_key_that_others_refer_to)
{
    if (!has_nulls_not_distinct())
        GTEST_SKIP() << "needs PostgreSQL 15: NULLS NOT DISTINCT";
    std::vector<table_sketch> from = start();
    from[0].uniques = {{"by_mail", {"email"}}};
    from[1].columns.push_back({.name = "mail", .type = "varchar(80)", .nullable = true});
    from[1].references.push_back({.column = "mail", .table = "users", .referred = "email"});
    std::vector<table_sketch> to = from;
    to[0].uniques[0].nulls_not_distinct = true;
    expect_has(go(from, to), "ALTER TABLE posts DROP CONSTRAINT fk_posts_mail_users;");
}

TEST_F(migrate_round_trip, a_unique_constraint_that_is_the_primary_key)
{
    std::vector<table_sketch> from = start();
    from[0].uniques = {{"number", {"id"}}}; // PostgreSQL makes one constraint of the two
    std::vector<table_sketch> to = from;
    to[0].comment = "people";
    go(from, to);
}

TEST_F(migrate_round_trip, foreign_keys_with_actions)
{
    const std::string file = change([](auto& to) {
        to[1].references[0].when_deleted = orm::on_delete::cascade;
        to[1].references[0].when_changed = orm::on_key_update::restrict;
        to[1].references[0].when = orm::deferral::initially_deferred;
        to[1].columns.push_back({.name = "parent_id", .type = "bigint", .nullable = true});
        to[1].references.push_back({.column = "parent_id", .table = "posts", .when_deleted = orm::on_delete::set_null});
    });
    expect_has(file, "NOT VALID;");
    expect_has(file, "-- [commit]");
    expect_has(file, "VALIDATE CONSTRAINT fk_posts_author_id_users;");
}

TEST_F(migrate_round_trip, checks_and_exclusions)
{
    std::vector<table_sketch> from = start();
    from[0].checks = {{"grown", "age >= 18"}, {"gone", "age < 1000"}};
    std::vector<table_sketch> to = from;
    to[0].checks = {{"grown", "age >= 21"}, {"has_at", "email LIKE '%@%'"}};
    to[0].columns.push_back({.name = "during", .type = "tstzrange", .nullable = true});
    to[0].exclusions = {{"overlap", "USING gist (during WITH &&)"}};
    go(from, to);
}

TEST_F(migrate_round_trip, indexes_with_everything)
{
    std::vector<table_sketch> from = start();
    from[1].columns.push_back({.name = "doc", .type = "jsonb", .nullable = true});
    from[1].indexes = {{.name = "a", .columns = {"title"}},
                       {.name = "b", .columns = {"title"}, .where = "id > 5"},
                       {.name = "gone", .columns = {"id", "title"}}};
    std::vector<table_sketch> to = from;
    to[1].indexes = {
        {.name = "a", .columns = {"title"}, .included = {"author_id"}, .unique = true, .comment = "covers"},
        {.name = "b", .columns = {"title"}, .where = "id > 6"},
        {.name = "c", .columns = {}, .keys = {"lower(title) text_pattern_ops"}},
        {.name = "d", .columns = {"author_id"}, .keys = {"title DESC NULLS LAST"}},
        {.name = "e", .columns = {}, .keys = {"doc jsonb_path_ops"}, .method = "gin"}};
    const std::string file = go(from, to);
    expect_has(file, "CREATE INDEX CONCURRENTLY e ON posts USING gin (doc jsonb_path_ops);");
}

TEST_F(migrate_round_trip, comments)
{
    std::vector<table_sketch> from = start();
    from[0].comment = "people";
    from[0].columns[1].comment = "where it goes";
    std::vector<table_sketch> to = from;
    to[0].comment = "it's people";
    to[0].columns[1].comment = "";
    to[0].columns[2].comment = "in years";
    go(from, to);
}

TEST_F(migrate_round_trip, enums)
{
    std::vector<table_sketch> from = start();
    from[0].columns.push_back({.name = "feels",
                               .type = "mood",
                               .server_default = "'sad'",
                               .enumeration = sketched_enum("mood", {"sad", "ok"})});
    std::vector<table_sketch> to = from;
    to[0].columns.push_back({.name = "shade",
                             .type = "colour",
                             .nullable = true,
                             .enumeration = sketched_enum("colour", {"red", "it's blue"})});
    go(from, to);
}

TEST_F(migrate_round_trip, an_enum_whose_values_change_names)
{
    std::vector<table_sketch> from = start();
    from[0].columns.push_back({.name = "feels",
                               .type = "mood",
                               .nullable = true,
                               .enumeration = sketched_enum("mood", {"sad", "ok", "glad"})});
    std::vector<table_sketch> to = from;
    to[0].columns.back().enumeration = sketched_enum("mood", {"sad", "fine", "glad"});
    expect_has(go(from, to), "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';");
}

TEST_F(migrate_round_trip, an_enum_whose_values_change_order)
{
    std::vector<table_sketch> from = start();
    from[0].columns.push_back({.name = "feels",
                               .type = "mood",
                               .server_default = "'sad'",
                               .enumeration = sketched_enum("mood", {"sad", "ok", "glad"})});
    from[0].columns.push_back(
        {.name = "felt", .type = "mood[]", .nullable = true, .enumeration = from[0].columns.back().enumeration});
    std::vector<table_sketch> to = from;
    to[0].columns[3].enumeration = sketched_enum("mood", {"glad", "ok", "sad"});
    to[0].columns[4].enumeration = to[0].columns[3].enumeration;
    go(from, to);
}

TEST_F(migrate_round_trip, an_enum_changes_order_under_checks_and_indexes_that_mention_it)
{
    std::vector<table_sketch> from = start();
    from[0].columns.push_back(
        {.name = "feels", .type = "mood", .enumeration = sketched_enum("mood", {"sad", "ok", "glad"})});
    from[0].checks = {{"felt", "feels <> 'sad'"}, {"changed", "feels <> 'ok'"}, {"grown", "age >= 18"}};
    from[0].indexes = {{.name = "ix_glad", .columns = {"email"}, .where = "feels = 'glad'"},
                       {.name = "ix_plain", .columns = {"feels"}}};
    std::vector<table_sketch> to = from;
    to[0].columns.back().enumeration = sketched_enum("mood", {"glad", "ok"});
    to[0].checks = {{"changed", "feels <> 'glad'"}, {"grown", "age >= 18"}};
    const std::string file = go(from, to, {"--allow-destructive"});
    EXPECT_EQ(file.find("ck_users_grown"), std::string::npos) << file;
    EXPECT_EQ(file.find("ix_plain"), std::string::npos) << file;
}

TEST_F(migrate_round_trip, an_enum_changes_order_under_what_the_model_does_not_know)
{
    std::vector<table_sketch> from = start();
    from[0].columns.push_back(
        {.name = "feels", .type = "mood", .enumeration = sketched_enum("mood", {"sad", "ok", "glad"})});
    done(sketched_metadata(from), {"revision", "--autogenerate", "-m", "before"});
    done(sketched_metadata(from), {"upgrade", "head"});
    sql("CREATE TABLE theirs (feels mood CHECK (feels <> 'sad'), n integer);"
        "CREATE INDEX theirs_ok ON theirs (n) WHERE feels = 'ok'; COMMENT ON INDEX theirs_ok IS 'it''s theirs'");
    const std::string before = state();
    std::vector<table_sketch> to = from;
    to[0].columns.back().enumeration = sketched_enum("mood", {"glad", "ok", "sad"});
    const orm::metadata after = sketched_metadata(to);
    done(after, {"revision", "--autogenerate", "-m", "after"});
    done(after, {"upgrade", "head"});
    EXPECT_EQ(sql("SELECT count(*) FROM pg_constraint WHERE conname = 'theirs_feels_check'"), "1\n");
    EXPECT_EQ(sql("SELECT obj_description('theirs_ok'::regclass)"), "it's theirs\n");
    EXPECT_EQ(done(after, {"check"}), "No new upgrade operations detected.\n");
    done(after, {"downgrade", "-1"});
    EXPECT_EQ(state(), before);
}

TEST_F(migrate_round_trip, an_enum_loses_the_value_of_a_default)
{
    std::vector<table_sketch> from = start();
    const orm::enum_info* before = sketched_enum("mood", {"sad", "ok", "glad"});
    from[0].columns.push_back({.name = "feels", .type = "mood", .server_default = "'sad'", .enumeration = before});
    from[0].columns.push_back(
        {.name = "felt", .type = "mood[]", .nullable = true, .server_default = "'{ok,sad}'", .enumeration = before});
    from[0].columns.push_back(
        {.name = "felt_before", .type = "mood", .nullable = true, .server_default = "'sad'", .enumeration = before});
    from[0].columns.push_back(
        {.name = "hopes", .type = "mood", .nullable = true, .server_default = "'glad'", .enumeration = before});
    std::vector<table_sketch> to = from;
    to[0].columns.erase(to[0].columns.begin() + 5); // a column that goes with its default comes back with it
    const orm::enum_info* after = sketched_enum("mood", {"ok", "glad"});
    for (std::size_t i = 3; i < to[0].columns.size(); ++i)
        to[0].columns[i].enumeration = after;
    to[0].columns[3].server_default = "'ok'";
    to[0].columns[4].server_default = "";
    go(from, to, destructive);
}

TEST_F(migrate_round_trip, an_enum_whose_values_change_names_where_they_are_used)
{
    std::vector<table_sketch> from = start();
    from[0].columns.push_back({.name = "feels",
                               .type = "mood",
                               .server_default = "'ok'",
                               .enumeration = sketched_enum("mood", {"sad", "ok", "glad"})});
    from[0].columns.push_back({.name = "felt",
                               .type = "mood[]",
                               .server_default = "'{sad,ok}'",
                               .enumeration = from[0].columns.back().enumeration});
    from[0].columns.push_back({.name = "note", .type = "text", .server_default = "'ok'"});
    from[0].checks = {{"fair", "feels <> 'ok' OR age > 3"}};
    from[0].indexes = {{.name = "ix_fair", .columns = {"age"}, .where = "feels = 'ok'"}};
    std::vector<table_sketch> to = from;
    to[0].columns[3].enumeration = to[0].columns[4].enumeration = sketched_enum("mood", {"sad", "fine", "glad"});
    to[0].columns[3].server_default = "'fine'";
    to[0].columns[4].server_default = "'{sad,fine}'";
    to[0].checks[0].text = "feels <> 'fine' OR age > 3";
    to[0].indexes[0].where = "feels = 'fine'";
    const std::string file = go(from, to);
    EXPECT_EQ(file.find("DEFAULT"), std::string::npos) << file; // all of it follows by itself
    EXPECT_EQ(file.find("CONSTRAINT"), std::string::npos) << file;
}

TEST_F(migrate_round_trip, a_value_that_is_added_is_used_at_once)
{
    std::vector<table_sketch> from = start();
    from[0].columns.push_back(
        {.name = "feels", .type = "mood", .server_default = "'b'", .enumeration = sketched_enum("mood", {"b", "d"})});
    std::vector<table_sketch> to = from;
    to[0].columns.back().enumeration = sketched_enum("mood", {"b", "c", "d"});
    to[0].columns.back().server_default = "'c'";
    done(sketched_metadata(from), {"revision", "--autogenerate", "-m", "before"});
    done(sketched_metadata(from), {"upgrade", "head"});
    const orm::metadata after = sketched_metadata(to);
    done(after, {"revision", "--autogenerate", "-m", "after"});
    done(after, {"upgrade", "head"});
    EXPECT_EQ(done(after, {"check"}), "No new upgrade operations detected.\n");
}

TEST_F(migrate_round_trip, values_added_to_an_enum_stay)
{
    std::vector<table_sketch> from = start();
    from[0].columns.push_back(
        {.name = "feels", .type = "mood", .nullable = true, .enumeration = sketched_enum("mood", {"b", "d"})});
    std::vector<table_sketch> to = from;
    to[0].columns.back().enumeration = sketched_enum("mood", {"a", "b", "c", "d", "e"});
    const orm::metadata before = sketched_metadata(from);
    done(before, {"revision", "--autogenerate", "-m", "before"});
    done(before, {"upgrade", "head"});
    const orm::metadata after = sketched_metadata(to);
    expect_has(generated(done(after, {"revision", "--autogenerate", "-m", "after"})),
               "-- [irreversible] the value 'c' stays in the type mood");
    done(after, {"upgrade", "head"});
    EXPECT_EQ(done(after, {"check"}), "No new upgrade operations detected.\n");
    EXPECT_EQ(sql("SELECT enum_range(NULL::mood)"), "{a,b,c,d,e}\n");
    done(after, {"downgrade", "-1"});
    done(after, {"upgrade", "head"}); // what stayed is in nobody's way
    EXPECT_EQ(done(after, {"check"}), "No new upgrade operations detected.\n");
}

TEST_F(migrate_round_trip, renames_by_hint)
{
    std::vector<table_sketch> from = start();
    from[0].indexes = {{.name = "", .columns = {"age"}, .where = "age > 3"}};
    from[0].checks = {{"grown", "age >= 18"}};
    std::vector<table_sketch> to = from;
    to[0].name = "people";
    to[0].was = "users";
    to[0].columns[2].name = "years";
    to[0].columns[2].was = "age";
    to[0].indexes = {{.name = "", .columns = {"years"}, .where = "years > 3"}};
    to[0].checks = {{"grown", "years >= 18"}};
    to[1].references[0].table = "people";
    const std::string file = go(from, to);
    expect_has(file, "ALTER TABLE users RENAME TO people;");
    expect_has(file, "ALTER TABLE people RENAME COLUMN age TO years;");
    expect_has(file, "ALTER INDEX ix_users_age RENAME TO ix_people_years;");
    EXPECT_EQ(file.find("DROP"), std::string::npos) << file;
}

TEST_F(migrate_round_trip, two_schemas)
{
    const std::string file = change([](auto& to) {
        table_sketch orders;
        orders.name = "orders";
        orders.schema = "sales";
        orders.columns = {{.name = "id", .type = "bigint", .primary_key = true}, {.name = "by", .type = "bigint"}};
        orders.references = {{.column = "by", .table = "users"}};
        to.push_back(orders);
    });
    expect_has(file, "CREATE SCHEMA sales;");
    expect_has(file, "DROP SCHEMA sales;");
}

TEST_F(migrate_round_trip, a_table_that_moves_to_another_schema)
{
    std::vector<table_sketch> from = start();
    from[0].indexes = {{.name = "", .columns = {"age"}, .where = "age > 3"}};
    from[0].checks = {{"grown", "age >= 18"}};
    std::vector<table_sketch> to = from;
    to[0].schema = "hr";
    to[0].was = "public.users";
    const std::string file = go(from, to);
    expect_has(file, "CREATE SCHEMA hr;");
    expect_has(file, "ALTER TABLE users SET SCHEMA hr;");
    expect_has(file, "ALTER TABLE hr.users SET SCHEMA public;");
    // The foreign key of posts follows by itself.
    EXPECT_EQ(file.find("CONSTRAINT"), std::string::npos) << file;
    EXPECT_EQ(file.find("DROP TABLE"), std::string::npos) << file;
}

TEST_F(migrate_round_trip, a_table_that_moves_and_gets_another_name)
{
    std::vector<table_sketch> from = start();
    from[0].schema = "hr";
    std::vector<table_sketch> to = from;
    to[0].schema = "";
    to[0].name = "people";
    to[0].was = "hr.users";
    to[1].references[0].table = "people";
    const std::string file = go(from, to);
    expect_has(file, "ALTER TABLE hr.users SET SCHEMA public;");
    expect_has(file, "ALTER TABLE users RENAME TO people;");
    EXPECT_EQ(file.find("DROP"), std::string::npos) << file;
}

TEST_F(migrate_round_trip, two_schemas_with_a_table_of_the_same_name)
{
    std::vector<table_sketch> from = start();
    std::vector<table_sketch> to = from;
    table_sketch other = from[0];
    other.schema = "hr";
    other.columns.push_back({.name = "feels", .type = "text", .server_default = "'so''so'"});
    other.checks = {{"grown", "age >= 18"}};
    other.indexes = {{.name = "", .columns = {}, .keys = {"lower(email)"}}};
    to.push_back(other);
    go(from, to);
    EXPECT_EQ(sql("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tusk%'"), "0\n");
}

} // namespace
