// How the types are used: as parameters made on the spot, as members of a row, and what the server does with numbers
// of another type.

#include "support/run.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace {

using namespace tusk::test;
using namespace std::chrono_literals;

struct invoice {
    tusk::numeric total;
    std::optional<tusk::numeric> discount;
    tusk::interval term;
    std::chrono::hours support;
    tusk::inet from;
    tusk::point where;
    tusk::time_of_day opens;
    tusk::bit_string flags;
};

TEST(types_use, a_row_of_them)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto got = co_await conn.query_one<invoice>(
            "SELECT 1234.50::numeric, NULL::numeric, '1 mon 2 days'::interval, '36:00'::interval, '10.0.0.1'::inet, "
            "point(1, 2), '09:30'::time, B'101'");
        EXPECT_EQ(to_string(got.total), "1234.50");
        EXPECT_FALSE(got.discount.has_value());
        EXPECT_EQ(got.term, tusk::interval(1, 2, 0));
        EXPECT_EQ(got.support, 36h);
        EXPECT_EQ(got.from, tusk::inet::parse("10.0.0.1"));
        EXPECT_EQ(got.where, (tusk::point{1, 2}));
        EXPECT_EQ(got.opens, tusk::time_of_day(9, 30));
        EXPECT_EQ(to_string(got.flags), "101");
    });
}

TEST(types_use, parameters_made_on_the_spot)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto sum = co_await conn.query_one<tusk::numeric>(
            "SELECT $1::numeric + $2::numeric", tusk::numeric::parse("0.1"),
            tusk::numeric::parse("12345678901234567890123456789012345678901234567890.20"));
        EXPECT_EQ(to_string(sum), "12345678901234567890123456789012345678901234567890.30");
        const auto later = co_await conn.query_one<tusk::date>("SELECT ('2024-01-31'::date + $1::interval)::date",
                                                               std::chrono::months{1});
        EXPECT_EQ(to_string(later), "2024-02-29");
        const auto inside = co_await conn.query_one<bool>("SELECT $1::inet << $2::cidr", tusk::inet::parse("10.1.2.3"),
                                                          tusk::cidr::parse("10.0.0.0/8"));
        EXPECT_TRUE(inside);
        std::vector<tusk::point> corners = {{0, 0}, {2, 0}, {2, 2}, {0, 2}};
        const auto area =
            co_await conn.query_one<double>("SELECT area($1::path)", tusk::path{std::move(corners), true});
        EXPECT_EQ(area, 4.0);
        const auto null = co_await conn.query_one<bool>("SELECT $1::numeric IS NULL", std::optional<tusk::numeric>{});
        EXPECT_TRUE(null);
    });
}

TEST(types_use, numbers_go_into_numeric_columns_exactly)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT $1::numeric::text";
        const auto integer = co_await conn.query_one<std::string>(sql, std::int64_t{-9'007'199'254'740'993});
        EXPECT_EQ(integer, "-9007199254740993");
        const auto huge = co_await conn.query_one<std::string>(sql, ~std::uint64_t{0});
        EXPECT_EQ(huge, "18446744073709551615");
        const auto real = co_await conn.query_one<std::string>(sql, 0.1);
        EXPECT_EQ(real, "0.1");
        const auto narrow = co_await conn.query_one<std::string>(sql, 0.1F);
        EXPECT_EQ(narrow, "0.1");
        const auto text = co_await conn.query_one<std::string>(sql, "1.500");
        EXPECT_EQ(text, "1.500");
        const auto sum = co_await conn.query_one<tusk::numeric>("SELECT sum(x) FROM generate_series(1, 100) x");
        EXPECT_EQ(sum, 5050) << "a bigint is read as numeric too";
    });
}

TEST(types_use, nothing_is_not_null)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::result rows = co_await conn.query("SELECT pg_sleep(0)");
        EXPECT_FALSE(rows.front()[0].is_null());
        EXPECT_EQ(rows.front()[0].as<std::string>(), "");
    });
}

TEST(types_use, what_does_not_fit_is_refused_before_it_is_sent)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto empty =
            co_await thrown<tusk::encode_error>([&] { return conn.query("SELECT $1::polygon", tusk::polygon{}); });
        expect_mentions(empty, "$1", "polygon", "not executed");
        const auto host = co_await thrown<tusk::encode_error>(
            [&] { return conn.query("SELECT $1::cidr", tusk::inet::parse("10.0.0.1/8")); });
        expect_mentions(host, "$1", "cidr", "tusk::inet");
        co_await expect_usable(conn);
    });
}

} // namespace
