// Comparing a model with a database: what it needs, what it leaves alone, what it cannot know.
#include "migrate_fixture.hpp"

#include <algorithm>

namespace {

using tusk::test::expect_has;
using tusk::test::sketched_metadata;
using tusk::test::table_sketch;
namespace migrate = tusk::migrate;
namespace orm = tusk::orm;

table_sketch users()
{
    table_sketch made;
    made.name = "users";
    made.columns = {{.name = "id", .type = "bigint", .primary_key = true}, {.name = "email", .type = "text"}};
    return made;
}

class migrate_autogenerate : public tusk::test::migrations
{
protected:
    void apply(const orm::metadata& model)
    {
        done(model, {"revision", "--autogenerate", "-m", "step"});
        done(model, {"upgrade", "head", "--allow-destructive"});
    }
    void expect_clean(const orm::metadata& model)
    {
        EXPECT_EQ(done(model, {"check"}), "No new upgrade operations detected.\n");
    }
};

TEST_F(migrate_autogenerate, what_nobody_here_has_made_is_left_alone)
{
    sql("CREATE TABLE somebody_elses (n integer); CREATE TYPE theirs AS ENUM ('a')");
    apply(sketched_metadata({users()}));
    expect_clean(sketched_metadata({users()}));
    // The history has made this one, so it may go.
    expect_has(command(sketched_metadata({}), {"check"}).out, "drop table users");
    apply(sketched_metadata({}));
    EXPECT_EQ(sql("SELECT to_regclass('users') IS NULL, to_regclass('somebody_elses') IS NULL"), "t|f\n");
}

TEST_F(migrate_autogenerate, foreign_keys_that_lead_out_of_the_model_and_into_it)
{
    const orm::metadata model = sketched_metadata({users()});
    apply(model);
    sql("CREATE TABLE outside (id bigint PRIMARY KEY); CREATE TABLE refers (id bigint REFERENCES users (id))");
    expect_clean(model); // what refers to our tables from elsewhere is nothing of ours
    sql("ALTER TABLE users ADD CONSTRAINT fk_outside FOREIGN KEY (id) REFERENCES outside (id) ON DELETE CASCADE");
    expect_has(command(model, {"check"}).out, "drop constraint fk_outside");
    apply(model);
    expect_clean(model);
    done(model, {"downgrade", "-1"});
    EXPECT_EQ(sql("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'fk_outside'"),
              "FOREIGN KEY (id) REFERENCES outside(id) ON DELETE CASCADE\n");
    EXPECT_EQ(sql("SELECT count(*) FROM pg_constraint WHERE conrelid = 'refers'::regclass AND contype = 'f'"), "1\n");
}

TEST_F(migrate_autogenerate, what_the_model_requires_is_looked_for_and_not_made)
{
    apply(sketched_metadata({users()}));
    const auto wanting = [] {
        return sketched_metadata({users()})
            .requires_extension("plpgsql")
            .requires_extension("tusk_has_no_such_extension")
            .requires_function("is_good")
            .requires_function("pg_catalog.lower(text)")
            .requires_function("length")
            .requires_function("lower(users)")
            .requires_function("lower(no_such_type)")
            .requires_function("no name (")
            .requires_role("tusk_has_no_such_role")
            .requires_role("postgres");
    };
    const auto found = command(wanting(), {"check"});
    EXPECT_EQ(found.status, 3);
    EXPECT_EQ(found.out, "No new upgrade operations detected.\n");
    EXPECT_EQ(found.err, "Missing: extension tusk_has_no_such_extension: the server does not have its files either; "
                         "install them there first\n"
                         "Missing: function is_good: write its CREATE FUNCTION into a revision\n"
                         "Missing: function lower(users): write its CREATE FUNCTION into a revision\n"
                         "Missing: function lower(no_such_type): write its CREATE FUNCTION into a revision\n"
                         "Missing: function no name (: write its CREATE FUNCTION into a revision\n"
                         "Missing: role tusk_has_no_such_role: run CREATE ROLE tusk_has_no_such_role as a role that "
                         "may; roles belong to the whole server\n");
    const auto generated = command(wanting(), {"revision", "--autogenerate", "-m", "nothing"});
    EXPECT_EQ(generated.status, 0);
    expect_has(generated.err, "Missing: function is_good");
    sql("CREATE FUNCTION is_good(u users) RETURNS boolean LANGUAGE sql AS 'SELECT true'");
    EXPECT_EQ(command(wanting(), {"check"}).err.find("is_good"), std::string::npos);
}

TEST_F(migrate_autogenerate, an_extension_that_is_available_can_be_created)
{
    std::string name =
        sql("SELECT name FROM pg_available_extensions WHERE installed_version IS NULL ORDER BY 1 LIMIT 1");
    if (name.empty())
        GTEST_SKIP() << "this server has no extension to install";
    name.pop_back();
    apply(sketched_metadata({users()}));
    const auto wanting = [&] { return sketched_metadata({users()}).requires_extension(name); };
    expect_has(command(wanting(), {"check"}).err, "Missing: extension " + name + ": run CREATE EXTENSION ");
    sql("CREATE EXTENSION \"" + name + "\"");
    EXPECT_EQ(command(wanting(), {"check"}).status, 0);
}

TEST_F(migrate_autogenerate, a_default_that_calls_nextval)
{
    sql("CREATE SEQUENCE numbers");
    table_sketch with = users();
    with.columns.push_back({.name = "number", .type = "bigint", .server_default = "nextval('numbers')"});
    apply(sketched_metadata({with}));
    expect_clean(sketched_metadata({with}));
    EXPECT_EQ(sql("SELECT is_called FROM numbers"), "f\n"); // comparing takes no number
}

TEST_F(migrate_autogenerate, a_function_that_takes_a_row_is_not_compared_and_not_dropped)
{
    const orm::metadata before = sketched_metadata({users()});
    apply(before);
    sql("CREATE FUNCTION is_good(u users) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT u.email <> '''''");
    table_sketch with = users();
    with.checks = {{"good", "is_good(users)"}};
    with.columns.push_back({.name = "note", .type = "text", .nullable = true});
    const orm::metadata after = sketched_metadata({with});
    const auto first = command(after, {"check"});
    expect_has(first.err, "Not compared: constraint ck_users_good of table users");
    expect_has(first.out, "add column users.note");
    apply(after);
    EXPECT_EQ(sql("SELECT count(*) FROM pg_constraint WHERE conname = 'ck_users_good'"), "1\n");
    const auto second = command(after, {"check"});
    EXPECT_EQ(second.out, "No new upgrade operations detected.\n");
    EXPECT_EQ(second.status, 0);
}

TEST_F(migrate_autogenerate, a_role_that_may_only_make_temporary_objects)
{
    const orm::metadata model = sketched_metadata({users()});
    apply(model);
    sql("REVOKE CREATE ON DATABASE " + name_ +
        " FROM PUBLIC; REVOKE CREATE ON SCHEMA public FROM PUBLIC, u_trust; "
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO u_trust");
    table_sketch more = users();
    more.columns.push_back({.name = "note", .type = "text", .nullable = true});
    tusk::test::run([&]() -> asio::awaitable<void> {
        tusk::connect_options as{tusk::test::server().socket_url("u_trust")};
        as.dbname = name_;
        tusk::connection on = co_await tusk::connect(as);
        migrate::settings with;
        with.directory = folder_;
        const migrate::migrator same{model, with};
        const migrate::differences none = co_await same.compare(on);
        EXPECT_TRUE(none.empty());
        const migrate::migrator other{sketched_metadata({more}), with};
        const migrate::differences one = co_await other.compare(on);
        EXPECT_EQ(one.operations, std::vector<std::string>{"add column users.note"});
        co_await on.close();
    });
}

TEST_F(migrate_autogenerate, comparing_locks_nothing_that_others_need)
{
    table_sketch posts;
    posts.name = "posts";
    posts.columns = {{.name = "id", .type = "bigint", .primary_key = true}, {.name = "author_id", .type = "bigint"}};
    posts.references = {{.column = "author_id", .table = "users"}};
    const orm::metadata model = sketched_metadata({users(), posts});
    apply(model);
    tusk::test::run([&]() -> asio::awaitable<void> {
        // Whoever holds this keeps out everybody but readers of the catalog, so comparing must get by with that.
        tusk::connection holder = co_await tusk::connect(url());
        tusk::transaction tx = co_await holder.begin();
        co_await tx.execute("LOCK TABLE users, posts IN EXCLUSIVE MODE"); // conflicts with all but ACCESS SHARE
        tusk::connect_options hasty{url()};
        tusk::connection on = co_await tusk::connect(hasty);
        co_await on.execute("SET lock_timeout = '2s'");
        migrate::settings with;
        with.directory = folder_;
        const migrate::migrator tool{model, with};
        const migrate::differences none = co_await tool.compare(on);
        EXPECT_TRUE(none.empty());
        co_await on.close();
        co_await tx.rollback();
        co_await holder.close();
    });
}

/// What the server says aside.
class notices : public tusk::connection_observer
{
public:
    void notice(const tusk::error_fields& fields) noexcept override { said.push_back(fields.message); }

    std::vector<std::string> said;
};

TEST_F(migrate_autogenerate, comparing_takes_access_share_at_most)
{
    table_sketch posts;
    posts.name = "posts";
    posts.columns = {{.name = "id", .type = "bigint", .primary_key = true}, {.name = "author_id", .type = "bigint"}};
    posts.references = {{.column = "author_id", .table = "users"}};
    posts.indexes = {{.name = "ix_posts_author", .columns = {"author_id"}}};
    const orm::metadata model = sketched_metadata({users(), posts});
    apply(model);
    // Locks last until the end of the transaction, so each command that builds the model sees those of all before it.
    sql(R"(CREATE FUNCTION tell_locks() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE '%', (SELECT coalesce(string_agg(DISTINCT c.relname || ' ' || l.mode, ', '), 'none')
                       FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                       WHERE l.pid = pg_backend_pid() AND c.relnamespace = 'public'::regnamespace
                         AND l.mode <> 'AccessShareLock');
END $$;
CREATE EVENT TRIGGER tell_locks ON ddl_command_end EXECUTE FUNCTION tell_locks();)");
    const auto heard = std::make_shared<notices>();
    tusk::test::run([&]() -> asio::awaitable<void> {
        tusk::connect_options where{url()};
        where.observer = heard;
        tusk::connection on = co_await tusk::connect(where);
        migrate::settings with;
        with.directory = folder_;
        const migrate::migrator tool{model, with};
        const migrate::differences none = co_await tool.compare(on);
        EXPECT_TRUE(none.empty());
        co_await on.close();
    });
    EXPECT_FALSE(heard->said.empty());
    for (const std::string& each : heard->said)
        EXPECT_EQ(each, "none");
}

TEST_F(migrate_autogenerate, a_shadow_database_serves_too)
{
    sql("CREATE DATABASE " + name_ + "_shadow");
    table_sketch with = users();
    with.checks = {{"has_at", "email LIKE '%@%'"}};
    const orm::metadata model = sketched_metadata({with});
    apply(model);
    const std::string shadow = tusk::test::server().url() +
                               (tusk::test::server().url().find('?') == std::string::npos ? "?" : "&") +
                               "dbname=" + name_ + "_shadow";
    EXPECT_EQ(done(model, {"check", "--shadow-url", shadow}), "No new upgrade operations detected.\n");
    with.checks[0].text = "email LIKE '_%@%'";
    expect_has(command(sketched_metadata({with}), {"check", "--shadow-url", shadow}).out,
               "add constraint ck_users_has_at");
    tusk::test::server().run_sql("DROP DATABASE " + name_ + "_shadow");
}

TEST_F(migrate_autogenerate, a_database_that_alembic_made_is_adopted)
{
    sql("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));"
        "INSERT INTO alembic_version VALUES ('1975ea83b712');"
        "CREATE TABLE users (id bigserial NOT NULL, email text NOT NULL, PRIMARY KEY (id), UNIQUE (email));"
        "INSERT INTO users (email) VALUES ('ann@example.org')");
    write("a0001", "none",
          "CREATE TABLE users (id bigserial NOT NULL, email text NOT NULL, PRIMARY KEY (id), "
          "UNIQUE (email));",
          "DROP TABLE users;");
    table_sketch mine = users();
    mine.columns[1].unique = true;
    mine.columns.push_back({.name = "note", .type = "text", .nullable = true});
    const orm::metadata model = sketched_metadata({mine});
    done(model, {"stamp", "head"});
    const std::string file = generated(done(model, {"revision", "--autogenerate", "-m", "go on"}));
    expect_has(file, "RENAME CONSTRAINT users_pkey TO pk_users;");
    expect_has(file, "RENAME CONSTRAINT users_email_key TO uq_users_email;");
    EXPECT_EQ(file.find("alembic"), std::string::npos);
    EXPECT_EQ(file.find("IDENTITY"), std::string::npos); // a serial column does the same
    done(model, {"upgrade", "head"});
    expect_clean(model);
    EXPECT_EQ(sql("SELECT * FROM alembic_version"), "1975ea83b712\n");
    EXPECT_EQ(sql("SELECT count(*) FROM users"), "1\n");
}

} // namespace
