// What one connection of a pool has learnt, the others know: the types of parameters, as a guess, and how types of the
// database are made.

#include "pool_testing.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace tusk::test;

/// Counts what a pool's connections ask of the server.
struct wire {
    int flights = 0; ///< Each ends with a Sync.
    int lookups = 0; ///< Questions about types.

    [[nodiscard]] tusk::connect_options watched()
    {
        tusk::connect_options where{server().url()};
        where.trace = [this](std::string_view line) {
            flights += line.find("Sync") != std::string_view::npos ? 1 : 0;
            lookups += line.find("Parse") != std::string_view::npos &&
                               line.find("WITH RECURSIVE needed") != std::string_view::npos
                           ? 1
                           : 0;
        };
        return where;
    }
    int take_flights() { return std::exchange(flights, 0); }
};

/// Runs `body(first, second, wire)` with both connections of a pool.
template <class Body>
void run_with_two(Body body)
{
    for (const bool thread_safe : {true, false}) {
        SCOPED_TRACE(thread_safe ? "thread safe" : "on one thread");
        wire seen; // the pool's connections tell it of their end, behind that of the coroutine
        run([&]() -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            tusk::pool_options options = exactly(2);
            options.thread_safe = thread_safe;
            const tusk::pool pool{executor, seen.watched(), options};
            tusk::pooled_connection first = co_await pool.acquire();
            tusk::pooled_connection second = co_await pool.acquire();
            seen.flights = 0;
            co_await body(*first, *second, seen);
        });
    }
}

/// By a connection that is none of the pool's, so that the pool hears nothing of it.
asio::awaitable<void> by_others(std::string sql)
{
    tusk::connection other = co_await tusk::connect(server().url());
    co_await other.execute_script(sql);
}

struct pair {
    int a = 0;
    std::string b;
    bool operator==(const pair&) const = default;
};

struct triple {
    int a = 0;
    std::string b;
    int c = 0;
    bool operator==(const triple&) const = default;
};

constexpr const char* choose = "SELECT v::text FROM pool_guess WHERE v = $1 AND n = $2";

TEST(pool_knowledge, the_second_connection_prepares_in_one_flight)
{
    run_with_two([](tusk::connection& first, tusk::connection& second, wire& seen) -> asio::awaitable<void> {
        const auto sum = co_await first.query_one<std::int64_t>("SELECT $1::int8 + $2", 40, 2);
        EXPECT_EQ(sum, 42);
        EXPECT_EQ(seen.take_flights(), 2) << "the server has to be asked for the types";
        const auto other_sum = co_await second.query_one<std::int64_t>("SELECT $1::int8 + $2", 30, 3);
        EXPECT_EQ(other_sum, 33);
        EXPECT_EQ(seen.take_flights(), 1);
        const auto again = co_await second.query_one<std::int64_t>("SELECT $1::int8 + $2", 1, 1);
        EXPECT_EQ(again, 2);
        EXPECT_EQ(seen.take_flights(), 1);
    });
}

TEST(pool_knowledge, in_a_transaction_nothing_is_guessed)
{
    run_with_two([](tusk::connection& first, tusk::connection& second, wire& seen) -> asio::awaitable<void> {
        co_await first.query_one<std::int64_t>("SELECT $1::int8 + $2", 40, 2);
        seen.flights = 0;
        tusk::transaction tx = co_await second.begin();
        const auto sum = co_await tx.query_one<std::int64_t>("SELECT $1::int8 + $2", 40, 2);
        EXPECT_EQ(sum, 42);
        EXPECT_EQ(seen.take_flights(), 2) << "a wrong guess would have failed it";
        co_await tx.rollback();
    });
}

TEST(pool_knowledge, a_guess_that_has_become_wrong_costs_a_flight_and_nothing_else)
{
    run_with_two([](tusk::connection& first, tusk::connection& second, wire& seen) -> asio::awaitable<void> {
        co_await by_others("DROP TABLE IF EXISTS pool_guess; CREATE TABLE pool_guess (v int, n int); "
                           "INSERT INTO pool_guess VALUES (7, 1)");
        const auto before = co_await first.query_one<std::string>(choose, "7", 1);
        EXPECT_EQ(before, "7");
        // The same text, and an operator that integer does not have.
        co_await by_others("ALTER TABLE pool_guess ALTER v TYPE text USING 'seven'");
        seen.flights = 0;
        const auto after = co_await second.query_one<std::string>(choose, "seven", 1);
        EXPECT_EQ(after, "seven");
        EXPECT_EQ(seen.take_flights(), 3) << "the guess, and as if there had been none";
        co_await by_others("DROP TABLE pool_guess");
    });
}

TEST(pool_knowledge, a_value_that_does_not_fit_the_guess_fits_what_the_server_says)
{
    run_with_two([](tusk::connection& first, tusk::connection& second, wire&) -> asio::awaitable<void> {
        co_await by_others("DROP TABLE IF EXISTS pool_guess; CREATE TABLE pool_guess (v int, n int)");
        co_await first.execute("INSERT INTO pool_guess VALUES ($1, $2)", std::int64_t{1}, 1);
        co_await by_others("ALTER TABLE pool_guess ALTER v TYPE bigint");
        const std::int64_t large = std::int64_t{1} << 40;
        co_await second.execute("INSERT INTO pool_guess VALUES ($1, $2)", large, 1);
        const auto kept = co_await second.query_one<std::int64_t>("SELECT max(v) FROM pool_guess");
        EXPECT_EQ(kept, large);
        co_await by_others("DROP TABLE pool_guess");
    });
}

TEST(pool_knowledge, a_type_that_is_gone_is_not_insisted_on)
{
    run_with_two([](tusk::connection& first, tusk::connection& second, wire&) -> asio::awaitable<void> {
        const std::string make = "CREATE TYPE pool_mood AS ENUM ('sad', 'glad'); "
                                 "CREATE TABLE pool_guess (v pool_mood, n int); "
                                 "INSERT INTO pool_guess VALUES ('glad', 1)";
        const std::string remove = "DROP TABLE IF EXISTS pool_guess; DROP TYPE IF EXISTS pool_mood; ";
        co_await by_others(remove + make);
        const auto before = co_await first.query_one<std::string>(choose, "glad", 1);
        EXPECT_EQ(before, "glad");
        co_await by_others(remove + make);
        const auto after = co_await second.query_one<std::string>(choose, "glad", 1);
        EXPECT_EQ(after, "glad");
        co_await by_others(remove);
    });
}

TEST(pool_knowledge, under_another_search_path_nothing_is_guessed_or_told)
{
    run_with_two([](tusk::connection& first, tusk::connection& second, wire& seen) -> asio::awaitable<void> {
        co_await by_others("DROP SCHEMA IF EXISTS pool_a CASCADE; DROP TABLE IF EXISTS pool_guess; "
                           "CREATE TABLE pool_guess (v int, n int); INSERT INTO pool_guess VALUES (7, 1); "
                           "CREATE SCHEMA pool_a; CREATE TABLE pool_a.pool_guess (v text, n int); "
                           "INSERT INTO pool_a.pool_guess VALUES ('seven', 1)");
        co_await first.execute("SET search_path = pool_a");
        seen.flights = 0;
        const auto there = co_await first.query_one<std::string>(choose, "seven", 1);
        EXPECT_EQ(there, "seven");
        EXPECT_EQ(seen.take_flights(), 2);
        const auto here = co_await second.query_one<std::string>(choose, "7", 1);
        EXPECT_EQ(here, "7");
        EXPECT_EQ(seen.take_flights(), 2) << "the first one's words are not for this one";
        co_await by_others("DROP SCHEMA pool_a CASCADE; DROP TABLE pool_guess");
    });
}

TEST(pool_knowledge, a_type_is_looked_up_once_for_all)
{
    run_with_two([](tusk::connection& first, tusk::connection& second, wire& seen) -> asio::awaitable<void> {
        co_await by_others("DROP TYPE IF EXISTS pool_pair; CREATE TYPE pool_pair AS (a int, b text)");
        const pair expected{1, "x"};
        const auto one = co_await first.query_one<std::tuple<pair>>("SELECT (1, 'x')::pool_pair");
        EXPECT_EQ(std::get<0>(one), expected);
        EXPECT_EQ(seen.lookups, 1);
        const auto two = co_await second.query_one<std::tuple<pair>>("SELECT (1, 'x')::pool_pair");
        EXPECT_EQ(std::get<0>(two), expected);
        EXPECT_EQ(seen.lookups, 1);
        // What one of them changes, the other hears of.
        co_await first.execute("ALTER TYPE pool_pair ADD ATTRIBUTE c int");
        const triple changed{1, "x", 3};
        const auto three = co_await second.query_one<std::tuple<triple>>("SELECT (1, 'x', 3)::pool_pair");
        EXPECT_EQ(std::get<0>(three), changed);
        EXPECT_EQ(seen.lookups, 2);
        co_await by_others("DROP TYPE pool_pair");
    });
}

TEST(pool_knowledge, what_an_open_transaction_has_changed_is_kept_to_itself)
{
    run_with_two([](tusk::connection& first, tusk::connection& second, wire&) -> asio::awaitable<void> {
        co_await by_others("DROP TYPE IF EXISTS pool_pair; CREATE TYPE pool_pair AS (a int, b text)");
        const auto before = co_await second.query_one<std::tuple<pair>>("SELECT (1, 'x')::pool_pair");
        tusk::transaction tx = co_await first.begin();
        co_await tx.execute("ALTER TYPE pool_pair ADD ATTRIBUTE c int");
        const auto inside = co_await tx.query_one<std::tuple<triple>>("SELECT (1, 'x', 3)::pool_pair");
        EXPECT_EQ(std::get<0>(inside).c, 3);
        co_await tx.rollback();
        for (tusk::connection* each : {&second, &first}) {
            const auto after = co_await each->query_one<std::tuple<pair>>("SELECT (3, 'x')::pool_pair");
            EXPECT_EQ(std::get<0>(after).a, 3);
        }
        EXPECT_EQ(std::get<0>(before).a, 1);
        co_await by_others("DROP TYPE pool_pair");
    });
}

} // namespace
