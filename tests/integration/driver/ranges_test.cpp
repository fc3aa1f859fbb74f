// Ranges and multiranges through the server and back, in binary and in text.

#include "container_round_trip.hpp"

#include <tusk/driver/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace tusk::test;
using tusk::exclusive;
using tusk::inclusive;
using tusk::multirange;
using tusk::range;
using tusk::unbounded;

TEST(ranges, of_every_kind_of_bound)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        using numbers = range<double>;
        const std::string name = "pg_temp.floats";
        co_await conn.execute("CREATE TYPE pg_temp.floats AS RANGE (subtype = float8)");
        co_await expect_container(conn, name, "empty", numbers{});
        co_await expect_container(conn, name, "[1.5,2.5]", numbers{inclusive{1.5}, inclusive{2.5}});
        co_await expect_container(conn, name, "[1.5,2.5)", numbers{inclusive{1.5}, exclusive{2.5}});
        co_await expect_container(conn, name, "(1.5,2.5]", numbers{exclusive{1.5}, inclusive{2.5}});
        co_await expect_container(conn, name, "(1.5,2.5)", numbers{exclusive{1.5}, exclusive{2.5}});
        co_await expect_container(conn, name, "(,2.5]", numbers{unbounded{}, inclusive{2.5}});
        co_await expect_container(conn, name, "(,2.5)", numbers{unbounded{}, exclusive{2.5}});
        co_await expect_container(conn, name, "[1.5,)", numbers{inclusive{1.5}, unbounded{}});
        co_await expect_container(conn, name, "(1.5,)", numbers{exclusive{1.5}, unbounded{}});
        co_await expect_container(conn, name, "(,)", numbers{unbounded{}, unbounded{}});
    });
}

TEST(ranges, of_built_in_types)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await expect_container(conn, "int4range", "[1,5)", range<int>{inclusive{1}, exclusive{5}});
        co_await expect_container(
            conn, "int8range", "[-9223372036854775808,)",
            range<std::int64_t>{inclusive{std::numeric_limits<std::int64_t>::min()}, unbounded{}});
        using std::chrono::sys_days;
        using std::chrono::year;
        co_await expect_container(
            conn, "daterange", "[2020-01-01,2021-01-01)",
            range<sys_days>{inclusive{sys_days{year{2020} / 1 / 1}}, exclusive{sys_days{year{2021} / 1 / 1}}});
        const auto moment = std::chrono::local_days{year{2020} / 1 / 2} + std::chrono::hours{3};
        using moments = std::chrono::local_time<std::chrono::seconds>;
        co_await expect_container(conn, "tsrange", "[\"2020-01-02 03:00:00\",)",
                                  range<moments>{inclusive<moments>{moment}, unbounded{}});
        // Integers in another form than the server's come back in its own.
        const range<int> closed{inclusive{1}, inclusive{4}};
        const auto canonical = co_await conn.query_one<range<int>>("SELECT $1::int4range", closed);
        EXPECT_EQ(canonical, (range<int>{inclusive{1}, exclusive{5}}));
        EXPECT_TRUE(canonical.contains(4));
        EXPECT_FALSE(canonical.contains(5));
    });
}

TEST(ranges, of_text_with_everything_that_needs_quotes)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TYPE pg_temp.words AS RANGE (subtype = text, collation = \"C\")");
        using words = range<std::string>;
        co_await expect_container(conn, "pg_temp.words", R"(["",b])",
                                  words{inclusive<std::string>{""}, inclusive<std::string>{"b"}});
        co_await expect_container(conn, "pg_temp.words", R"x(["""","\\"))x",
                                  words{inclusive<std::string>{"\""}, exclusive<std::string>{"\\"}});
        co_await expect_container(conn, "pg_temp.words", "(\"a,b\",\"ž)]\"]",
                                  words{exclusive<std::string>{"a,b"}, inclusive<std::string>{"ž)]"}});
    });
}

TEST(ranges, as_elements_and_in_multiranges)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::vector<range<int>> several{{inclusive{1}, exclusive{3}}, {}, {unbounded{}, unbounded{}}};
        co_await expect_container(conn, "int4range[]", R"x({"[1,3)",empty,"(,)"})x", several);
        const multirange<int> many{{{unbounded{}, exclusive{0}}, {inclusive{1}, exclusive{3}}}};
        co_await expect_container(conn, "int4multirange", "{(,0),[1,3)}", many);
        co_await expect_container(conn, "int4multirange", "{}", multirange<int>{});
        const std::vector<multirange<int>> lists{many, multirange<int>{}};
        co_await expect_container(conn, "int4multirange[]", R"x({"{(,0),[1,3)}","{}"})x", lists);

        co_await conn.execute("CREATE TYPE pg_temp.words AS RANGE (subtype = text, collation = \"C\","
                              " multirange_type_name = pg_temp.word_lists)");
        const multirange<std::string> words{{{inclusive<std::string>{"a)"}, exclusive<std::string>{"b\""}},
                                             {inclusive<std::string>{"c"}, exclusive<std::string>{"d,"}}}};
        co_await expect_container(conn, "pg_temp.word_lists", R"x({["a)","b"""),[c,"d,")})x", words);
    });
}

TEST(ranges, what_does_not_fit_is_said)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::decode_error>(
            [&] { return conn.query_one<range<int>>("SELECT '[1,2)'::int8range AS span"); });
        expect_mentions(refused, "\"span\" is of type int8range", "tusk::range<std::int32_t>",
                        "ranges of (integer, smallint)");
        const range<std::int64_t> wide{inclusive<std::int64_t>{1LL << 40}, unbounded{}};
        const auto range_error =
            co_await thrown<tusk::encode_error>([&] { return conn.query("SELECT $1::int4range", wide); });
        expect_mentions(range_error, "$1 (int4range)", "integer");
    });
}

} // namespace
