// Types of the database's own: enums, domains, composites, extensions, and all of them inside each other.

#include "container_round_trip.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

namespace types_of_the_program {

enum class mood { sad, ok, blissful };

struct place {
    double x = 0;
    double y = 0;

    friend bool operator==(const place&, const place&) = default;
};

struct visit {
    int id = 0;
    std::optional<std::string> note;
    mood felt = mood::ok;
    std::optional<place> where;
    std::vector<std::optional<mood>> later;

    friend bool operator==(const visit&, const visit&) = default;
};

/// An extension's type with a codec of the program's own, found by name.
struct volume {
    std::vector<double> corner;

    friend bool operator==(const volume&, const volume&) = default;
};

} // namespace types_of_the_program

template <>
inline constexpr auto tusk::enum_names<types_of_the_program::mood> =
    tusk::name_enum<types_of_the_program::mood>({{types_of_the_program::mood::sad, "sad"},
                                                 {types_of_the_program::mood::ok, "it's \"ok\", {really}"},
                                                 {types_of_the_program::mood::blissful, "bläßful"}});

template <>
struct tusk::codec<types_of_the_program::volume> {
    using volume = types_of_the_program::volume;
    static constexpr std::string_view name = "volume";
    static constexpr std::string_view fits = "cube";

    static decode_function<volume> decoder(server_type type, format as) noexcept
    {
        return type.name() == "cube" && as == format::text ? read : nullptr;
    }
    static encode_plan<volume> encoder(server_type type) noexcept
    {
        if (type.name() != "cube")
            return {};
        return {write, format::text};
    }

private:
    static volume read(std::span<const std::byte> bytes)
    {
        volume made;
        std::string text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        for (std::size_t at = 1; at < text.size(); at = text.find_first_of(",)", at) + 1)
            made.corner.push_back(std::stod(text.substr(at)));
        return made;
    }
    static void write(const volume& value, byte_writer& out)
    {
        for (std::size_t i = 0; i != value.corner.size(); ++i)
            out.put_text((i == 0 ? "(" : ",") + std::to_string(value.corner[i]));
        out.put_text(")");
    }
};

namespace {

using namespace tusk::test;
using namespace types_of_the_program;

asio::awaitable<void> make_types(tusk::connection& conn)
{
    co_await conn.execute_script("CREATE TYPE pg_temp.mood AS ENUM ('sad', 'it''s \"ok\", {really}', 'bläßful');"
                                 "CREATE DOMAIN pg_temp.percent AS int CHECK (VALUE BETWEEN 0 AND 100);"
                                 "CREATE TYPE pg_temp.place AS (x float8, y float8);"
                                 "CREATE DOMAIN pg_temp.spot AS pg_temp.place;"
                                 "CREATE TYPE pg_temp.visit AS (id int, note text, felt pg_temp.mood,"
                                 " \"where\" pg_temp.spot, later pg_temp.mood[]);"
                                 "CREATE DOMAIN pg_temp.moods AS pg_temp.mood[];");
}

TEST(user_types, enums)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await make_types(conn);
        co_await expect_container(conn, "pg_temp.mood", "bläßful", mood::blissful);
        co_await expect_container(conn, "pg_temp.mood", "sad", std::string{"sad"});
        const std::vector<std::optional<mood>> moods{mood::ok, std::nullopt, mood::sad};
        co_await expect_container(conn, "pg_temp.mood[]", R"({"it's \"ok\", {really}",NULL,sad})", moods);
        const std::vector<std::string> labels{"it's \"ok\", {really}", "sad"};
        co_await expect_container(conn, "pg_temp.mood[]", R"({"it's \"ok\", {really}",sad})", labels);
        co_await expect_container(conn, "text", "sad", mood::sad);

        const auto view = co_await conn.query("SELECT 'sad'::pg_temp.mood");
        EXPECT_EQ(view.front()[0].as<std::string_view>(), "sad");
        const auto unnamed =
            co_await thrown<tusk::decode_error>([&] { return conn.query_one<mood>("SELECT 'glum'::text"); });
        expect_mentions(unnamed, "enum_names", "mood");
        const auto stranger = static_cast<mood>(77);
        const auto refused =
            co_await thrown<tusk::encode_error>([&] { return conn.query("SELECT $1::pg_temp.mood", stranger); });
        expect_mentions(refused, "$1", "does not name the enumerator");
    });
}

TEST(user_types, domains_are_what_they_are_made_of)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await make_types(conn);
        co_await expect_container(conn, "pg_temp.percent", "42", 42);
        const std::vector<int> several{1, 2};
        co_await expect_container(conn, "pg_temp.percent[]", "{1,2}", several);
        const std::vector<mood> moods{mood::sad};
        co_await expect_container(conn, "pg_temp.moods", "{sad}", moods);
        co_await expect_container(conn, "pg_temp.spot", "(1,2.5)", place{1, 2.5});
    });
}

TEST(user_types, composites)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await make_types(conn);
        // As a row type an aggregate takes the row, so a composite column is the only element of a tuple here.
        const place here{-1.5, 2};
        const auto back = co_await conn.query_one<std::tuple<place>>("SELECT $1::pg_temp.place", here);
        EXPECT_EQ(std::get<0>(back), here);
        const auto row = co_await conn.query_one<place>("SELECT 3::float8, 4::float8");
        EXPECT_EQ(row, (place{3, 4}));

        const visit full{7, "a, \"b\" \\ (c)", mood::ok, here, {mood::sad, std::nullopt, mood::ok}};
        co_await expect_container(conn, "pg_temp.visit",
                                  R"x((7,"a, ""b"" \\ (c)","it's ""ok"", {really}","(-1.5,2)",)x"
                                  R"x("{sad,NULL,""it's \\""ok\\"", {really}""}"))x",
                                  full);
        const visit sparse{0, std::nullopt, mood::sad, std::nullopt, {}};
        co_await expect_container(conn, "pg_temp.visit", "(0,,sad,,{})", sparse);
        const visit empty_note{0, "", mood::sad, std::nullopt, {}};
        const std::vector<std::optional<visit>> several{sparse, std::nullopt, empty_note};
        co_await expect_container(conn, "pg_temp.visit[]", R"x({"(0,,sad,,{})",NULL,"(0,\"\",sad,,{})"})x", several);
        const std::tuple<std::optional<double>, double> as_tuple{std::nullopt, 1};
        const auto text = co_await conn.query_one<std::string>("SELECT $1::pg_temp.place::text", as_tuple);
        EXPECT_EQ(text, "(,1)");
    });
}

TEST(user_types, a_composite_goes_in_text_where_a_field_must)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TYPE pg_temp.event AS (id int8, day date, share float8, done bool)");
        const std::tuple<std::int64_t, std::string, double, bool> event{-5, "2020-02-29", 0.1, true};
        const auto text = co_await conn.query_one<std::string>("SELECT $1::pg_temp.event::text", event);
        EXPECT_EQ(text, "(-5,2020-02-29,0.1,t)");
    });
}

TEST(user_types, rows_of_tables_and_anonymous_records)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script("CREATE TEMP TABLE people (id int, gone text, name text);"
                                     "ALTER TABLE people DROP COLUMN gone;"
                                     "INSERT INTO people VALUES (1, 'Ada'), (2, NULL)");
        using person = std::tuple<int, std::optional<std::string>>;
        const auto people =
            co_await conn.query_one<std::vector<person>>("SELECT array_agg(p ORDER BY id) FROM people p");
        EXPECT_EQ(people, (std::vector<person>{{1, "Ada"}, {2, std::nullopt}}));

        using record = std::tuple<int, std::string, std::vector<int>, std::tuple<bool, std::optional<int>>>;
        const auto anonymous =
            co_await conn.query_one<std::tuple<record>>("SELECT ROW(1, 'x'::text, ARRAY[1, 2], ROW(true, NULL::int))");
        EXPECT_EQ(std::get<0>(anonymous), (record{1, "x", {1, 2}, {true, std::nullopt}}));
        const auto records =
            co_await conn.query_one<std::vector<std::tuple<int, bool>>>("SELECT ARRAY[ROW(1, true), ROW(2, false)]");
        EXPECT_EQ(records, (std::vector<std::tuple<int, bool>>{{1, true}, {2, false}}));

        const auto mismatch = co_await thrown<tusk::decode_error>(
            [&] { return conn.query_one<std::tuple<std::tuple<int, int>>>("SELECT ROW(1, 'x'::text)"); });
        expect_mentions(mismatch, "field 2", "text");
        const auto count = co_await thrown<tusk::decode_error>(
            [&] { return conn.query_one<std::tuple<std::tuple<int>>>("SELECT ROW(1, 2)"); });
        expect_mentions(count, "2 field(s)");
        const auto null = co_await thrown<tusk::decode_error>(
            [&] { return conn.query_one<std::tuple<std::tuple<int>>>("SELECT ROW(NULL::int)"); });
        expect_mentions(null, "field 1", "NULL", "std::optional<std::int32_t>");
    });
}

TEST(user_types, extensions)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script("CREATE SCHEMA extensions_of_test; SET search_path = extensions_of_test;"
                                     "CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree;"
                                     "CREATE EXTENSION cube");
        const tusk::hstore pairs{{"", ""}, {"a\"b", "c\\d"}, {"k", "NULL"}, {"n", std::nullopt}, {"ž", "=>, "}};
        co_await expect_container(conn, "hstore", R"(""=>"", "k"=>"NULL", "n"=>NULL, "ž"=>"=>, ", "a\"b"=>"c\\d")",
                                  pairs);
        co_await expect_container(conn, "hstore", "", tusk::hstore{});
        const std::vector<tusk::hstore> several{{{"a", "1"}}, {}};
        co_await expect_container(conn, "hstore[]", R"({"\"a\"=>\"1\"",""})", several);

        co_await expect_container(conn, "citext", "Straße", std::string{"Straße"});
        const std::vector<std::string> words{"A", "b"};
        co_await expect_container(conn, "citext[]", "{A,b}", words);
        co_await expect_container(conn, "ltree", "top.science", std::string{"top.science"});
        co_await expect_container(conn, "lquery", "top.*", std::string{"top.*"});
        const std::vector<std::string> paths{"a.b", "c"};
        co_await expect_container(conn, "ltree[]", "{a.b,c}", paths);

        const volume corner{{1, 2}};
        const auto sum = co_await conn.query_one<std::string>("SELECT $1::cube::text", corner);
        EXPECT_EQ(sum, "(1, 2)");
        const auto scripted = co_await conn.execute_script("SELECT '(3,4)'::cube");
        EXPECT_EQ(scripted.front().front()[0].as<volume>(), (volume{{3, 4}}));
        co_await conn.execute("DROP SCHEMA extensions_of_test CASCADE");
    });
}

TEST(user_types, values_whose_type_is_decided_at_run_time)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        using value = std::variant<bool, std::int64_t, double, std::string>;
        const auto row = co_await conn.query_one<std::tuple<value, value, value, std::optional<value>>>(
            "SELECT true, 7, 0.5::float8, NULL::text");
        EXPECT_EQ(std::get<0>(row), value{true});
        EXPECT_EQ(std::get<1>(row), value{std::int64_t{7}});
        EXPECT_EQ(std::get<2>(row), value{0.5});
        EXPECT_FALSE(std::get<3>(row).has_value());
        for (const value& each : {value{std::int64_t{5}}, value{std::string{"5"}}}) {
            const auto text = co_await conn.query_one<std::string>("SELECT $1::int8::text", each);
            EXPECT_EQ(text, "5");
        }
        const value wrong{true};
        const auto refused = co_await thrown<tusk::encode_error>([&] { return conn.query("SELECT $1::int8", wrong); });
        expect_mentions(refused, "$1 (bigint)", "bool");
        const std::vector<std::variant<int, bool>> numbers{1, 2};
        co_await expect_container(conn, "int4[]", "{1,2}", numbers);
    });
}

TEST(user_types, are_called_by_their_names)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await make_types(conn);
        const auto refused = co_await thrown<tusk::decode_error>(
            [&] { return conn.query_one<int>("SELECT 'sad'::pg_temp.mood AS felt"); });
        expect_mentions(refused, "\"felt\"", "mood", "std::int32_t", "integer, smallint");
        const auto text = co_await thrown<tusk::decode_error>(
            [&] { return conn.query_one<std::string>("SELECT ROW(1, 2)::pg_temp.place AS spot"); });
        expect_mentions(text, "\"spot\"", "place", "std::string");
        const auto fields = co_await thrown<tusk::decode_error>(
            [&] { return conn.query_one<std::tuple<std::tuple<int, int>>>("SELECT ROW(1, 2)::pg_temp.place"); });
        expect_mentions(fields, "place", "std::tuple<std::int32_t, std::int32_t>", "composite types");
        const auto parameter =
            co_await thrown<tusk::encode_error>([&] { return conn.query("SELECT $1::pg_temp.place", 7); });
        expect_mentions(parameter, "$1 is of type", "place", "std::int32_t");
    });
}

} // namespace
