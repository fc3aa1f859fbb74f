// Types that change under a running connection: nothing is ever decoded by what a type was before.

#include "support/run.hpp"
#include "types/type_catalog.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace {

using namespace tusk::test;

using two = std::tuple<int, std::string>;
using three = std::tuple<int, std::string, std::optional<bool>>;

/// A schema for one test, with another connection to it that changes types behind the first one's back.
template <class Body>
void run_with_schema(std::string schema, Body body)
{
    run([&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(server().url());
        tusk::connection other = co_await tusk::connect(server().url());
        const std::string make = fmt::format("DROP SCHEMA IF EXISTS {0} CASCADE; CREATE SCHEMA {0}", schema);
        co_await conn.execute_script(make);
        for (tusk::connection* each : {&conn, &other}) {
            const std::string path = fmt::format("SET search_path = {}", schema);
            co_await each->execute(path);
        }
        co_await body(conn, other);
        const std::string drop = fmt::format("DROP SCHEMA {} CASCADE", schema);
        co_await conn.execute(drop);
    });
}

TEST(changing_types, a_label_is_added)
{
    run_with_schema("label_added", [](tusk::connection& conn, tusk::connection& other) -> asio::awaitable<void> {
        co_await other.execute("CREATE TYPE mood AS ENUM ('sad')");
        const auto sad = co_await conn.query_one<std::string>("SELECT $1::mood", "sad");
        EXPECT_EQ(sad, "sad");
        co_await other.execute("ALTER TYPE mood ADD VALUE 'ok'");
        const auto ok = co_await conn.query_one<std::string>("SELECT $1::mood", "ok");
        EXPECT_EQ(ok, "ok");
        const std::vector<std::string> both{"ok", "sad"};
        const auto back = co_await conn.query_one<std::vector<std::string>>("SELECT $1::mood[]", both);
        EXPECT_EQ(back, both);
    });
}

TEST(changing_types, an_attribute_is_added_behind_the_connections_back)
{
    run_with_schema("attribute_added", [](tusk::connection& conn, tusk::connection& other) -> asio::awaitable<void> {
        co_await other.execute_script("CREATE TYPE pair AS (a int, b text);"
                                      "CREATE FUNCTION make() RETURNS pair LANGUAGE plpgsql AS"
                                      " 'DECLARE p pair; BEGIN p.a := 1; p.b := ''x''; RETURN p; END'");
        const std::string sql = "SELECT make()";
        const auto before = co_await conn.query_one<std::tuple<two>>(sql);
        EXPECT_EQ(std::get<0>(before), (two{1, "x"}));

        co_await other.execute("ALTER TYPE pair ADD ATTRIBUTE c bool");
        const auto stale = co_await thrown<tusk::decode_error>([&] { return conn.query_one<std::tuple<two>>(sql); });
        expect_mentions(stale, "pair", "run the statement again");
        // Looked up anew, the type has three fields.
        const auto after = co_await conn.query_one<std::tuple<three>>(sql);
        EXPECT_EQ(std::get<0>(after), (three{1, "x", std::nullopt}));
        const auto refused = co_await thrown<tusk::decode_error>([&] { return conn.query_one<std::tuple<two>>(sql); });
        expect_mentions(refused, "pair", "cannot hold");

        co_await other.execute("ALTER TYPE pair DROP ATTRIBUTE c");
        const auto stale_again =
            co_await thrown<tusk::decode_error>([&] { return conn.query_one<std::tuple<three>>(sql); });
        expect_mentions(stale_again, "run the statement again");
        const auto last = co_await conn.query_one<std::tuple<two>>(sql);
        EXPECT_EQ(std::get<0>(last), (two{1, "x"}));
    });
}

TEST(changing_types, an_attribute_changes_its_type)
{
    run_with_schema("attribute_changed", [](tusk::connection& conn, tusk::connection& other) -> asio::awaitable<void> {
        co_await other.execute_script("CREATE TYPE pair AS (a int, b text);"
                                      "CREATE FUNCTION make() RETURNS pair LANGUAGE plpgsql AS"
                                      " 'DECLARE p pair; BEGIN p.a := 1; p.b := ''2''; RETURN p; END'");
        const tusk::result kept = co_await conn.query("SELECT make()");
        co_await other.execute_script("ALTER TYPE pair DROP ATTRIBUTE b; ALTER TYPE pair ADD ATTRIBUTE b int");
        const auto stale =
            co_await thrown<tusk::decode_error>([&] { return conn.query_one<std::tuple<two>>("SELECT make()"); });
        expect_mentions(stale, "pair");
        using numbers = std::tuple<int, int>;
        const auto now = co_await conn.query_one<std::tuple<numbers>>("SELECT make()");
        EXPECT_EQ(std::get<0>(now), (numbers{1, 2}));
        // What was received before is still read as it was.
        EXPECT_EQ(kept.front()[0].as<two>(), (two{1, "2"}));
    });
}

TEST(changing_types, a_parameter_of_a_changed_composite_is_written_anew)
{
    run_with_schema("parameter_changed", [](tusk::connection& conn, tusk::connection& other) -> asio::awaitable<void> {
        co_await other.execute("CREATE TYPE pair AS (a int, b text)");
        const std::string sql = "SELECT $1::pair::text";
        const two both{1, "x"};
        const auto before = co_await conn.query_one<std::string>(sql, both);
        EXPECT_EQ(before, "(1,x)");
        co_await other.execute("ALTER TYPE pair ADD ATTRIBUTE c bool");
        const three all{1, "x", true};
        // The old layout is still in the cache: the refusal of the server brings the new one.
        const auto misfit = co_await thrown<tusk::encode_error>([&] { return conn.query(sql, both); });
        expect_mentions(misfit, "pair");
        const auto after = co_await conn.query_one<std::string>(sql, all);
        EXPECT_EQ(after, "(1,x,t)");
    });
}

TEST(changing_types, a_type_is_dropped_and_created_again)
{
    run_with_schema("type_created", [](tusk::connection& conn, tusk::connection& other) -> asio::awaitable<void> {
        co_await other.execute("CREATE TYPE thing AS ENUM ('a')");
        const auto as_enum = co_await conn.query_one<std::string>("SELECT $1::thing", "a");
        EXPECT_EQ(as_enum, "a");
        co_await other.execute_script("DROP TYPE thing; CREATE TYPE thing AS (n int, t text)");
        const two value{3, "y"};
        const auto as_composite = co_await conn.query_one<std::tuple<two>>("SELECT $1::thing", value);
        EXPECT_EQ(std::get<0>(as_composite), value);
        co_await other.execute_script("DROP TYPE thing; CREATE DOMAIN thing AS int[]");
        const std::vector<int> list{1, 2};
        const auto as_domain = co_await conn.query_one<std::vector<int>>("SELECT $1::thing", list);
        EXPECT_EQ(as_domain, list);
        co_await expect_usable(conn);
    });
}

TEST(changing_types, by_the_connection_itself_and_taken_back)
{
    run_with_schema("own_changes", [](tusk::connection& conn, tusk::connection& /*other*/) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TYPE pair AS (a int, b text)");
        const std::string sql = "SELECT $1::pair";
        const two both{1, "x"};
        const auto before = co_await conn.query_one<std::tuple<two>>(sql, both);
        EXPECT_EQ(std::get<0>(before), both);
        {
            tusk::transaction tx = co_await conn.begin();
            co_await tx.execute("ALTER TYPE pair ADD ATTRIBUTE c bool");
            const three all{1, "x", true};
            const auto inside = co_await tx.query_one<std::tuple<three>>(sql, all);
            EXPECT_EQ(std::get<0>(inside), all);
            co_await tx.rollback();
        }
        const auto after = co_await conn.query_one<std::tuple<two>>(sql, both);
        EXPECT_EQ(std::get<0>(after), both);
        co_await conn.execute("DISCARD ALL");
        co_await conn.execute("SET search_path = own_changes");
        const auto discarded = co_await conn.query_one<std::tuple<two>>(sql, both);
        EXPECT_EQ(std::get<0>(discarded), both);
    });
}

TEST(changing_types, the_search_path_decides_which_type_is_meant)
{
    run_with_schema("path_one", [](tusk::connection& conn, tusk::connection& /*other*/) -> asio::awaitable<void> {
        co_await conn.execute_script("DROP SCHEMA IF EXISTS path_two CASCADE; CREATE SCHEMA path_two;"
                                     "CREATE TYPE path_one.thing AS (a int, b text);"
                                     "CREATE TYPE path_two.thing AS ENUM ('z')");
        const two both{1, "x"};
        const auto first = co_await conn.query_one<std::tuple<two>>("SELECT $1::thing", both);
        EXPECT_EQ(std::get<0>(first), both);
        co_await conn.execute("SET search_path = path_two");
        const auto second = co_await conn.query_one<std::string>("SELECT $1::thing", "z");
        EXPECT_EQ(second, "z");
        co_await conn.execute("SET search_path = path_one");
        const auto third = co_await conn.query_one<std::tuple<two>>("SELECT $1::thing", both);
        EXPECT_EQ(std::get<0>(third), both);
        co_await conn.execute("DROP SCHEMA path_two CASCADE");
    });
}

TEST(changing_types, a_search_path_with_traps_does_not_mislead_the_lookup)
{
    run_with_schema("trapped", [](tusk::connection& conn, tusk::connection& /*other*/) -> asio::awaitable<void> {
        co_await conn.execute_script(
            "CREATE TYPE pair AS (a int, b text);"
            "CREATE TABLE pg_type (oid oid, typname name); CREATE TABLE pg_attribute (attrelid oid);"
            "CREATE FUNCTION never(oid, oid) RETURNS bool LANGUAGE sql AS 'SELECT false';"
            "CREATE OPERATOR = (LEFTARG = oid, RIGHTARG = oid, PROCEDURE = never);"
            "CREATE FUNCTION format_type(oid, int) RETURNS text LANGUAGE sql AS 'SELECT ''trap''::text';"
            "SET search_path = trapped, pg_catalog");
        const two both{1, "x"};
        const auto back = co_await conn.query_one<std::tuple<two>>("SELECT $1::pair", both);
        EXPECT_EQ(std::get<0>(back), both);
    });
}

TEST(changing_types, many_callers_ask_once)
{
    run_with_schema("many_callers", [](tusk::connection& conn, tusk::connection& other) -> asio::awaitable<void> {
        co_await other.execute("CREATE TYPE pair AS (a int, b text)");
        constexpr int callers = 50;
        int right = 0;
        {
            const tusk::shared_connection shared = conn.share();
            const auto executor = co_await asio::this_coro::executor;
            int left = callers;
            for (int i = 0; i != callers; ++i)
                asio::co_spawn(
                    executor,
                    [](tusk::shared_connection by, int number) -> asio::awaitable<bool> {
                        const two value{number, "x"};
                        const auto back = co_await by.query_one<std::tuple<two>>("SELECT $1::pair", value);
                        co_return std::get<0>(back) == value;
                    }(shared, i),
                    [&](const std::exception_ptr& failed, bool same) {
                        right += !failed && same ? 1 : 0;
                        --left;
                    });
            while (left != 0)
                co_await pause(std::chrono::milliseconds{1});
        }
        EXPECT_EQ(right, callers);
    });
}

TEST(changing_types, the_lookup_is_too_cheap_to_be_compiled)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        // From this cost on servers compile a query, which takes longer than running this one.
        const auto limit = co_await conn.query_one<std::string>("SHOW jit_above_cost");
        const std::string sql = "EXPLAIN " + std::string{tusk::types::type_catalog::query()};
        const std::vector<tusk::oid> many(500, 20000);
        const tusk::result plan = co_await conn.query(sql, many);
        const std::string first{plan.front()[0].as<std::string_view>()};
        const std::size_t at = first.find("..");
        const double cost = at == std::string::npos ? 1e9 : std::stod(first.substr(at + 2));
        EXPECT_LT(cost, std::stod(limit)) << first;
    });
}

TEST(changing_types, inside_a_transaction_too)
{
    run_with_schema("in_transaction", [](tusk::connection& conn, tusk::connection& /*other*/) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TYPE pair AS (a int, b text)");
        tusk::transaction tx = co_await conn.begin();
        const std::vector<two> several{{1, "x"}, {2, "y"}};
        const auto back = co_await tx.query_one<std::vector<two>>("SELECT $1::pair[]", several);
        EXPECT_EQ(back, several);
        co_await tx.commit();
    });
}

TEST(changing_types, without_the_right_to_look_values_are_still_there)
{
    run_with_schema("no_rights", [](tusk::connection& conn, tusk::connection& other) -> asio::awaitable<void> {
        co_await other.execute_script("CREATE TYPE mood AS ENUM ('sad'); CREATE TYPE pair AS (a int, b text);"
                                      "DROP ROLE IF EXISTS blind; CREATE ROLE blind;"
                                      "GRANT USAGE ON SCHEMA no_rights TO blind;"
                                      "REVOKE SELECT ON pg_catalog.pg_range FROM PUBLIC");
        co_await conn.execute("SET ROLE blind");
        const auto text = co_await conn.query_one<std::string>("SELECT $1::mood", "sad");
        EXPECT_EQ(text, "sad");
        const tusk::result rows = co_await conn.query("SELECT ROW(1, 'x')::pair");
        EXPECT_EQ(rows.front()[0].bytes().size(), 4U + 12U + 9U);
        EXPECT_EQ(rows.front()[0].as<two>(), (two{1, "x"})); // a composite tells its fields itself
        tusk::transaction tx = co_await conn.begin();
        const auto inside = co_await tx.query_one<std::string>("SELECT 'sad'::mood");
        EXPECT_EQ(inside, "sad");
        co_await tx.commit();
        co_await conn.execute("RESET ROLE");
        co_await other.execute_script("GRANT SELECT ON pg_catalog.pg_range TO PUBLIC;"
                                      "REVOKE ALL ON SCHEMA no_rights FROM blind; DROP ROLE blind");
    });
}

TEST(changing_types, one_without_a_binary_form_comes_as_text)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        // The second type is made of one that has no binary form.
        co_await conn.execute_script("CREATE TYPE pg_temp.rights AS (who text, what aclitem)");
        using rights = std::tuple<std::string, std::optional<std::string>>;
        const std::string sql = "SELECT ROW('me', makeaclitem(10, 10, 'SELECT', false))::pg_temp.rights";
        for (int i = 0; i < 2; ++i) {
            const tusk::result rows = co_await conn.query(sql);
            EXPECT_EQ(rows.columns()[0].format, tusk::format::text);
            const auto read = rows.front()[0].as<rights>();
            EXPECT_EQ(std::get<0>(read), "me");
            EXPECT_TRUE(std::get<1>(read).value_or("").find("=r/") != std::string::npos);
        }
        tusk::transaction tx = co_await conn.begin();
        const auto inside = co_await tx.query_one<std::string>("SELECT ROW('me', NULL)::pg_temp.rights AS r");
        EXPECT_EQ(inside, "(me,)");
        co_await tx.commit();
    });
}

} // namespace
