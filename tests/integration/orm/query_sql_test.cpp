// Every statement of the unit tests is run by a real server: the SQL is valid, its parameters are of the types that we
// declare, and the columns are those that we say.
#include "support/query_cases/conditions.hpp"
#include "support/query_cases/loading.hpp"
#include "support/query_cases/selects.hpp"
#include "support/query_cases/values.hpp"
#include "support/query_cases/writes.hpp"
#include "support/run.hpp"

#include <tusk/orm/schema.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace {

using tusk::test::query_case;
using tusk::test::query_cases;
using tusk::test::run_connected;

constexpr std::string_view everything = "DROP SCHEMA IF EXISTS staff CASCADE; "
                                        "DROP TABLE IF EXISTS post_tags, posts, tags, users CASCADE; "
                                        "DROP TYPE IF EXISTS staff_mood";

asio::awaitable<void> create_tables(tusk::connection& conn)
{
    co_await conn.execute_script(everything);
    co_await conn.execute("CREATE SCHEMA staff");
    co_await tusk::orm::create_all(conn, blog::metadata);
    co_await tusk::orm::create_all(conn, tusk::test::staff::metadata);
    co_await conn.execute_script(
        "INSERT INTO users (email, name, hashed_password, is_active) VALUES ('a@x', 'ann', '', true), "
        "('b@x', 'bob', '', false); "
        "INSERT INTO posts (title, content, author_id) VALUES ('x', '', 1), ('y', '', 1); "
        "INSERT INTO tags (label) VALUES ('t'); INSERT INTO post_tags (post_id, tag_id) VALUES (1, 1); "
        "ALTER TABLE staff.employee ALTER \"order\" SET DEFAULT 1, ALTER score SET DEFAULT 1, ALTER salary SET DEFAULT "
        "1, "
        "ALTER skills SET DEFAULT '{a}', ALTER profile SET DEFAULT '{}', ALTER hired SET DEFAULT 'today', "
        "ALTER seen SET DEFAULT now(), ALTER away SET DEFAULT 'empty', ALTER feels SET DEFAULT 'happy', "
        "ALTER biography SET DEFAULT '', ALTER photo SET DEFAULT '', ALTER version SET DEFAULT 1; "
        "ALTER TABLE staff.badge_use ALTER site SET DEFAULT 1, ALTER code SET DEFAULT 'c'; "
        "INSERT INTO staff.employee (name, manager_id) VALUES ('x', NULL), ('z', 1); "
        "INSERT INTO staff.badge VALUES (1, 'c', 1)");
}

/// What the server says against it; nothing where it is fine. Nothing is left of what it does.
asio::awaitable<std::optional<std::string>> refusal(tusk::connection& conn, const query_case& of)
{
    co_await conn.execute("BEGIN");
    const auto parameters = of.made.listed();
    const auto outcome = co_await conn.try_query(of.made.sql, parameters);
    co_await conn.execute("ROLLBACK");
    if (!outcome)
        co_return outcome.error().message();
    const std::size_t columns = outcome->columns().size();
    if (columns != of.made.column_count)
        co_return "it has " + std::to_string(columns) + " columns";
    co_return std::nullopt;
}

asio::awaitable<void> run_all(tusk::connection& conn, const query_cases& cases)
{
    for (const auto& each : cases.all()) {
        const auto refused = co_await refusal(conn, each);
        EXPECT_FALSE(refused) << each.name << ": " << refused.value_or("") << '\n' << each.made.sql;
    }
}

TEST(orm_query_sql, every_statement_is_taken_by_the_server)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await create_tables(conn);
        for (const auto cases :
             {tusk::test::comparisons, tusk::test::types_of_postgres, tusk::test::values, tusk::test::aggregates,
              tusk::test::selects, tusk::test::aliases_and_subqueries, tusk::test::writes, tusk::test::loading}) {
            const query_cases made = cases();
            co_await run_all(conn, made);
        }
        co_await conn.execute_script(everything);
    });
}

} // namespace
