// create_all and drop_all against a real server.
#include "support/run.hpp"
#include "support/schema_models.hpp"

#include <tusk/session/engine.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using tusk::test::run;
using tusk::test::run_connected;
using tusk::test::thrown;
namespace shop = tusk::test::shop;
namespace orm = tusk::orm;

constexpr std::string_view everything_of_the_shop = "DROP SCHEMA IF EXISTS sales CASCADE; "
                                                    "DROP TABLE IF EXISTS customer, player, team CASCADE; "
                                                    "DROP TYPE IF EXISTS mood";

/// Names of all tables and types that tests here make.
asio::awaitable<std::string> objects(tusk::connection& conn)
{
    return conn.query_one<std::string>(
        "SELECT coalesce(string_agg(name, ' ' ORDER BY name), '') FROM ("
        "SELECT relname::text AS name FROM pg_class WHERE relkind = 'r' AND relname IN "
        "('customer', 'order', 'player', 'team') "
        "UNION ALL SELECT typname::text FROM pg_type WHERE typname = 'mood') AS all_of_them");
}

asio::awaitable<void> expect_objects(tusk::connection& conn, std::string_view names)
{
    const std::string found = co_await objects(conn);
    EXPECT_EQ(found, names);
}

TEST(orm_schema, create_all_and_drop_all)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script(everything_of_the_shop);
        co_await orm::create_all(conn, shop::metadata);
        co_await expect_objects(conn, "customer mood order player team");
        const auto keys = co_await conn.query_one<std::int64_t>(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conname LIKE 'fk\\_%' "
            "AND conrelid::regclass::text IN ('customer', 'sales.\"order\"', 'player', 'team')");
        EXPECT_EQ(keys, 4);
        const auto comment = co_await conn.query_one<std::string>("SELECT obj_description('customer'::regclass)");
        EXPECT_EQ(comment, "who's buying");

        co_await orm::drop_all(conn, shop::metadata);
        co_await expect_objects(conn, "");
        co_await orm::drop_all(conn, shop::metadata); // nothing is there, and that is well
        co_await conn.execute_script(everything_of_the_shop);
    });
}

TEST(orm_schema, create_all_leaves_what_is_there)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script(everything_of_the_shop);
        co_await conn.execute("CREATE TABLE team (id bigint PRIMARY KEY, motto text)");
        co_await conn.execute("INSERT INTO team VALUES (1, 'on')");
        co_await conn.execute("CREATE TYPE mood AS ENUM ('happy')");
        co_await orm::create_all(conn, shop::metadata);
        co_await orm::create_all(conn, shop::metadata);
        const auto motto = co_await conn.query_one<std::string>("SELECT motto FROM team");
        EXPECT_EQ(motto, "on");
        co_await expect_objects(conn, "customer mood order player team");
        co_await conn.execute_script(everything_of_the_shop);
    });
}

TEST(orm_schema, create_all_is_all_or_nothing)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script(everything_of_the_shop);
        co_await conn.execute("CREATE TABLE team (id text PRIMARY KEY)"); // a foreign key will not fit
        const auto create = [&] { return orm::create_all(conn, shop::metadata); };
        co_await thrown<tusk::server_error>(create);
        co_await expect_objects(conn, "team");
        co_await conn.execute_script(everything_of_the_shop);
    });
}

TEST(orm_schema, create_all_inside_a_transaction_ends_with_it)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script(everything_of_the_shop);
        tusk::transaction tx = co_await conn.begin();
        co_await orm::create_all(tx, shop::metadata);
        co_await tx.execute("INSERT INTO team DEFAULT VALUES");
        co_await tx.rollback();
        co_await expect_objects(conn, "");
    });
}

TEST(orm_schema, on_an_engine_and_in_a_session)
{
    run([]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        tusk::connection conn = co_await tusk::connect(tusk::test::server().url());
        co_await conn.execute_script(everything_of_the_shop);
        const tusk::engine engine{executor, tusk::test::server().url()};
        co_await orm::create_all(engine, shop::metadata);
        co_await expect_objects(conn, "customer mood order player team");
        {
            tusk::session session{engine};
            co_await orm::drop_all(session, shop::metadata);
            co_await session.rollback();
        }
        co_await expect_objects(conn, "customer mood order player team");
        co_await orm::drop_all(engine, shop::metadata);
        co_await expect_objects(conn, "");
        co_await conn.execute_script(everything_of_the_shop);
        co_await engine.dispose();
        co_await conn.close();
    });
}

TEST(orm_schema, drop_all_takes_nothing_else_with_it)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script(everything_of_the_shop);
        co_await orm::create_all(conn, shop::metadata);
        co_await conn.execute("CREATE VIEW who_plays AS SELECT * FROM team");
        const auto drop = [&] { return orm::drop_all(conn, shop::metadata); };
        const auto refused = co_await thrown<tusk::server_error>(drop);
        EXPECT_EQ(refused.sqlstate(), tusk::sqlstate::dependent_objects_still_exist);
        co_await expect_objects(conn, "customer mood order player team");
        co_await conn.execute("DROP VIEW who_plays");
        co_await orm::drop_all(conn, shop::metadata);
        co_await expect_objects(conn, "");
        const auto schema = co_await conn.query_one<bool>("SELECT to_regnamespace('sales') IS NOT NULL");
        EXPECT_TRUE(schema);
        co_await conn.execute("DROP SCHEMA sales");
    });
}

TEST(orm_schema, to_ddl_is_a_script_that_the_server_takes)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script(everything_of_the_shop);
        const std::string script = orm::to_ddl(shop::metadata);
        co_await conn.execute_script(script);
        co_await expect_objects(conn, "customer mood order player team");
        co_await conn.execute_script(everything_of_the_shop);
    });
}

} // namespace
