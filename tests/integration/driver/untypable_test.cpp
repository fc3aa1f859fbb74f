// Statements in which the server cannot decide the type of a parameter, or decides another one than was meant: the
// message says which parameter it is and what to write instead, and writing that works.

#include "support/run.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace tusk::test;

constexpr std::string_view cast_remedy = "write a cast into the SQL";
constexpr std::string_view type_remedy = "tusk::as_type(";

TEST(untypable, a_parameter_that_is_only_compared_with_null)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto refused =
            co_await thrown<tusk::indeterminate_datatype>([&] { return conn.query("SELECT $1 IS NULL", 5); });
        expect_mentions(refused, "$1", cast_remedy, "$1::", type_remedy);
        const auto null = co_await thrown<tusk::indeterminate_datatype>(
            [&] { return conn.query("SELECT $1 IS NULL", std::nullopt); });
        expect_mentions(null, "$1", cast_remedy, type_remedy);

        const auto cast = co_await conn.query_one<bool>("SELECT $1::bigint IS NULL", 5);
        EXPECT_FALSE(cast);
        const auto declared = co_await conn.query_one<bool>("SELECT $1 IS NULL", tusk::as_type("bigint", 5));
        EXPECT_FALSE(declared);
        const auto missing = std::optional<std::int64_t>{};
        const auto is_null = co_await conn.query_one<bool>("SELECT $1 IS NULL", tusk::as_type("bigint", missing));
        EXPECT_TRUE(is_null);
    });
}

TEST(untypable, only_the_parameter_in_question_is_named)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::indeterminate_datatype>(
            [&] { return conn.query("SELECT $1::int, $2 IS NULL, '$3', $3::text -- $4", 1, 2, "three"); });
        expect_mentions(refused, "type of $2: ", "$2::");
    });
}

TEST(untypable, two_parameters_that_are_added)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto refused =
            co_await thrown<tusk::ambiguous_function>([&] { return conn.query("SELECT $1 + $2", 1, 2); });
        expect_mentions(refused, "$1, $2", cast_remedy, type_remedy);
        const auto sum = co_await conn.query_one<int>("SELECT $1::int + $2", 1, 2);
        EXPECT_EQ(sum, 3);
        const auto declared = co_await conn.query_one<std::int64_t>("SELECT $1 + $2", tusk::as_type("bigint", 1), 2);
        EXPECT_EQ(declared, 3);
    });
}

TEST(untypable, a_parameter_of_a_function_that_takes_anything)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::indeterminate_datatype>(
            [&] { return conn.query("SELECT concat($1, $2)", "a", "b"); });
        expect_mentions(refused, "$1", cast_remedy, type_remedy);
        const auto cast = co_await conn.query_one<std::string>("SELECT concat($1::text, $2::text)", "a", "b");
        EXPECT_EQ(cast, "ab");
        const auto declared = co_await conn.query_one<std::string>("SELECT concat($1, $2)", tusk::as_type("text", "a"),
                                                                   tusk::as_type("int", 7));
        EXPECT_EQ(declared, "a7");
    });
}

TEST(untypable, an_array_of_unknown_elements)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto refused =
            co_await thrown<tusk::ambiguous_function>([&] { return conn.query("SELECT unnest($1)", "{1,2}"); });
        expect_mentions(refused, "$1", cast_remedy, type_remedy);
        const auto cast = co_await conn.query_one<std::int64_t>("SELECT sum(x) FROM unnest($1::int[]) x", "{1,2}");
        EXPECT_EQ(cast, 3);
        const auto declared =
            co_await conn.query_one<std::int64_t>("SELECT sum(x) FROM unnest($1) x", tusk::as_type("int[]", "{1,2}"));
        EXPECT_EQ(declared, 3);
    });
}

// The server takes `now() - $1` for the difference of two times.

TEST(untypable, another_type_than_was_meant_names_both)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto refused =
            co_await thrown<tusk::encode_error>([&] { return conn.query("SELECT now() - $1 IS NULL", 3600); });
        expect_mentions(refused, "$1", "timestamp with time zone", "std::int32_t", "cast", type_remedy);
        co_await expect_usable(conn);
    });
}

TEST(untypable, text_for_another_type_than_was_meant)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::invalid_datetime_format>(
            [&] { return conn.query("SELECT now() - $1 IS NULL", "1 hour"); });
        expect_mentions(refused, "$1", "timestamp with time zone", "cast", type_remedy);
        const auto cast = co_await conn.query_one<bool>("SELECT now() - $1::interval IS NULL", "1 hour");
        EXPECT_FALSE(cast);
        const auto declared =
            co_await conn.query_one<bool>("SELECT now() - $1 IS NULL", tusk::as_type("interval", "1 hour"));
        EXPECT_FALSE(declared);
    });
}

TEST(untypable, a_parameter_that_stands_for_two_types)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE t (a int, b text)");
        const auto refused = co_await thrown<tusk::ambiguous_parameter>(
            [&] { return conn.execute("INSERT INTO t VALUES ($1, $1)", 5); });
        expect_mentions(refused, "$1", cast_remedy);
        const auto done = co_await conn.execute("INSERT INTO t VALUES ($1, $1::int::text)", 5);
        EXPECT_EQ(done.rows_affected(), 1U);
    });
}

TEST(untypable, a_function_that_is_not_there_is_not_blamed_on_parameters)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::undefined_function>(
            [&] { return conn.query("SELECT $1::int, no_such_function()", 1); });
        EXPECT_EQ(std::string_view{refused.what()}.find(cast_remedy), std::string_view::npos) << refused.what();
    });
}

TEST(untypable, an_unknown_type_to_declare_is_refused_with_what_to_write)
{
    try {
        static_cast<void>(tusk::as_type("mood", "happy"));
        ADD_FAILURE() << "there is no such type";
    } catch (const tusk::usage_error& refused) {
        expect_mentions(refused, "\"mood\"", "$1::mood");
    }
}

} // namespace
