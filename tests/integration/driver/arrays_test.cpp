// Arrays through the server and back, in binary and in text.

#include "container_round_trip.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace tusk::test;

TEST(arrays, of_numbers)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::vector<std::int64_t> longs{std::numeric_limits<std::int64_t>::min(), -1, 0,
                                              std::numeric_limits<std::int64_t>::max()};
        co_await expect_container(conn, "int8[]", "{-9223372036854775808,-1,0,9223372036854775807}", longs);
        const std::vector<int> ints{std::numeric_limits<int>::min(), 7};
        co_await expect_container(conn, "int4[]", "{-2147483648,7}", ints);
        const std::vector<std::int16_t> shorts{-32768, 32767};
        co_await expect_container(conn, "int2[]", "{-32768,32767}", shorts);
        const std::vector<double> doubles{0.1, -1e300, std::numeric_limits<double>::infinity()};
        co_await expect_container(conn, "float8[]", "{0.1,-1e+300,Infinity}", doubles);
        const std::vector<float> floats{0.1F, -2.5F};
        co_await expect_container(conn, "float4[]", "{0.1,-2.5}", floats);
        const std::vector<bool> booleans{true, false};
        co_await expect_container(conn, "bool[]", "{t,f}", booleans);
        const std::vector<int> none;
        co_await expect_container(conn, "int4[]", "{}", none);
    });
}

TEST(arrays, of_text_with_everything_that_needs_quotes)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::vector<std::string> words{
            "", "NULL", "a b", "a,b", "{}", "\"", "\\", "it's", "žluťoučký \xF0\x9F\x90\x98", "\n"};
        co_await expect_container(
            conn, "text[]",
            "{\"\",\"NULL\",\"a b\",\"a,b\",\"{}\",\"\\\"\",\"\\\\\",it's,\"žluťoučký \xF0\x9F\x90\x98\",\"\n\"}",
            words);
        const std::vector<std::optional<std::string>> holes{std::nullopt, "null", "x", std::nullopt};
        co_await expect_container(conn, "text[]", "{NULL,\"null\",x,NULL}", holes);
        const std::vector<std::optional<std::string>> nothing{std::nullopt};
        co_await expect_container(conn, "varchar[]", "{NULL}", nothing);
    });
}

TEST(arrays, of_other_types)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::vector<std::optional<std::int64_t>> holes{1, std::nullopt, 3};
        co_await expect_container(conn, "int8[]", "{1,NULL,3}", holes);
        const std::vector<tusk::uuid> ids{tusk::uuid::parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")};
        co_await expect_container(conn, "uuid[]", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", ids);
        const std::vector<std::vector<std::byte>> blobs{{std::byte{0}, std::byte{255}}, {}};
        co_await expect_container(conn, "bytea[]", "{\"\\\\x00ff\",\"\\\\x\"}", blobs);
        const std::vector<std::chrono::sys_days> days{std::chrono::sys_days{std::chrono::year{1969} / 7 / 20}};
        co_await expect_container(conn, "date[]", "{1969-07-20}", days);
        const std::vector<std::uint32_t> oids{0, 4294967295U};
        co_await expect_container(conn, "oid[]", "{0,4294967295}", oids);
    });
}

TEST(arrays, of_several_dimensions)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::vector<std::vector<int>> two{{1, 2, 3}, {4, 5, 6}};
        co_await expect_container(conn, "int4[]", "{{1,2,3},{4,5,6}}", two);
        const std::vector<std::array<std::optional<std::string>, 2>> pairs{{"a", std::nullopt}, {"", "b"}};
        co_await expect_container(conn, "text[]", "{{a,NULL},{\"\",b}}", pairs);
        const std::array<std::array<std::vector<bool>, 1>, 2> three{{{{{true, false}}}, {{{false, true}}}}};
        co_await expect_container(conn, "bool[]", "{{{t,f}},{{f,t}}}", three);
        const std::vector<std::vector<int>> empty;
        co_await expect_container(conn, "int4[]", "{}", empty);
        const std::vector<std::vector<int>> emptier{{}, {}};
        const auto text = co_await conn.query_one<std::string>("SELECT $1::int4[]::text", emptier);
        EXPECT_EQ(text, "{}");
    });
}

TEST(arrays, keep_their_lower_bounds)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::array<int> from_zero{{{3, 0}}, {1, 2, 3}};
        co_await expect_container(conn, "int4[]", "[0:2]={1,2,3}", from_zero);
        const tusk::array<std::optional<std::string>> matrix{{{1, -5}, {2, 7}}, {"x", std::nullopt}};
        co_await expect_container(conn, "text[]", "[-5:-5][7:8]={{x,NULL}}", matrix);
        const tusk::array<int> six{{{1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {2, 1}}, {8, 9}};
        co_await expect_container(conn, "int4[]", "{{{{{{8,9}}}}}}", six);
        const tusk::array<int> none;
        co_await expect_container(conn, "int4[]", "{}", none);
        const tusk::array<int> plain{std::vector<int>{4, 5}};
        co_await expect_container(conn, "int4[]", "{4,5}", plain);

        // A vector has positions only.
        const auto positions = co_await conn.query_one<std::vector<int>>("SELECT '[5:6]={1,2}'::int4[]");
        EXPECT_EQ(positions, (std::vector<int>{1, 2}));
    });
}

TEST(arrays, of_types_that_travel_in_text)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        // Text fits every element type; boxes are separated by semicolons.
        const std::vector<std::string> boxes{"(3,4),(1,2)", "(7,8),(5,6)"};
        const auto text = co_await conn.query_one<std::string>("SELECT $1::box[]::text", boxes);
        EXPECT_EQ(text, "{(3,4),(1,2);(7,8),(5,6)}");
        const auto scripted = co_await conn.execute_script("SELECT '{(3,4),(1,2);(7,8),(5,6)}'::box[]");
        EXPECT_EQ(scripted.front().front()[0].as<std::vector<std::string>>(), boxes);

        const std::vector<std::optional<std::string>> dates{"2020-02-29", std::nullopt};
        const auto days = co_await conn.query_one<std::string>("SELECT $1::date[]::text", dates);
        EXPECT_EQ(days, "{2020-02-29,NULL}");
        const std::vector<std::vector<std::string>> square{{"1", "2"}, {"3", "4"}};
        const auto numbers = co_await conn.query_one<std::string>("SELECT $1::numeric[]::text", square);
        EXPECT_EQ(numbers, "{{1,2},{3,4}}");
    });
}

TEST(arrays, as_the_list_of_a_condition)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT count(*) FROM generate_series(1, 1000) n WHERE n = ANY($1)";
        std::vector<std::int64_t> keys{3, 5, 5000, 7};
        const auto found = co_await conn.query_one<std::int64_t>(sql, keys);
        EXPECT_EQ(found, 3);
        const std::span<const std::int64_t> part = std::span{keys}.first(2);
        const auto fewer = co_await conn.query_one<std::int64_t>(sql, part);
        EXPECT_EQ(fewer, 2);
        const std::vector<std::string_view> views{"a", "c"};
        const auto names = co_await conn.query_one<std::int64_t>(
            "SELECT count(*) FROM unnest(ARRAY['a','b','c']) t WHERE t = ANY($1)", views);
        EXPECT_EQ(names, 2);
        std::vector<std::int64_t> many(100'000);
        for (std::size_t i = 0; i != many.size(); ++i)
            many[i] = static_cast<std::int64_t>(i);
        const auto back = co_await conn.query_one<std::vector<std::int64_t>>("SELECT $1::int8[]", many);
        EXPECT_EQ(back, many);
    });
}

TEST(arrays, a_span_is_taken_over_before_the_verb_returns)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto keys = std::make_unique<std::vector<int>>(std::vector<int>{1, 2});
        auto later = conn.query_one<std::string>("SELECT $1::int4[]::text", std::span<const int>{*keys});
        keys.reset();
        const auto text = co_await std::move(later);
        EXPECT_EQ(text, "{1,2}");
    });
}

TEST(arrays, views_of_text_live_in_the_result)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::result rows = co_await conn.query("SELECT ARRAY['a', 'bc']");
        const auto views = rows.front()[0].as<std::vector<std::string_view>>();
        EXPECT_EQ(views, (std::vector<std::string_view>{"a", "bc"}));
    });
}

TEST(arrays, what_does_not_fit_is_said)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::result rows = co_await conn.query("SELECT '{1,NULL}'::int4[] AS holes, '{{1},{2}}'::int4[] AS "
                                                      "square, '{1,2,3}'::int4[] AS three, '{a}'::text[] AS words");
        const auto what = [&](auto&& read) -> std::string {
            try {
                read();
            } catch (const tusk::decode_error& refused) {
                return refused.what();
            }
            return "nothing was thrown";
        };
        EXPECT_NE(what([&] { (void)rows.front()["holes"].as<std::vector<int>>(); }).find("std::optional<std::int32_t>"),
                  std::string::npos);
        EXPECT_NE(what([&] { (void)rows.front()["square"].as<std::vector<int>>(); }).find("2 dimension(s)"),
                  std::string::npos);
        EXPECT_NE(what([&] { (void)rows.front()["three"].as<std::array<int, 2>>(); }).find("std::array<std::int32_t>"),
                  std::string::npos);
        const std::string words = what([&] { (void)rows.front()["words"].as<std::vector<int>>(); });
        EXPECT_NE(words.find("\"words\" is of type text[]"), std::string::npos) << words;
        EXPECT_NE(words.find("std::vector<std::int32_t>"), std::string::npos) << words;
        EXPECT_NE(words.find("arrays of (integer, smallint)"), std::string::npos) << words;

        const std::vector<std::vector<int>> ragged{{1}, {2, 3}};
        const auto refused =
            co_await thrown<tusk::encode_error>([&] { return conn.query("SELECT $1::int4[]", ragged); });
        expect_mentions(refused, "$1", "differ in length", "not executed");
        const tusk::array<int> wrong{{{3, 1}}, {1}};
        const auto counted =
            co_await thrown<tusk::encode_error>([&] { return conn.query("SELECT $1::int4[]", wrong); });
        expect_mentions(counted, "as many as its dimensions");
        const std::vector<std::int64_t> wide{1LL << 40};
        const auto range = co_await thrown<tusk::encode_error>([&] { return conn.query("SELECT $1::int4[]", wide); });
        expect_mentions(range, "$1", "integer");
        co_await expect_usable(conn);
    });
}

} // namespace
