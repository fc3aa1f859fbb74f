// What the driver allocates: nothing for a cached query, and nothing for a row.

#include "counted_allocations.hpp"
#include "support/run.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

using namespace tusk::test;

/// What is not per query or row: buffers that grow once, and the frames that Asio keeps for the next coroutine.
constexpr std::size_t slack = 100;
constexpr int rows = 100'000;

const std::string numbers = "SELECT g::int8, g::float8 / 4, (g % 7)::text, g % 2 = 0 FROM generate_series(1, $1) AS g";
using number_row = std::tuple<std::int64_t, double, std::string_view, bool>;

TEST(allocations, there_are_none_for_a_cached_query_whose_result_is_gone_before_the_next)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        constexpr int queries = 2'000;
        const std::string sql = "SELECT $1::int8, 'name'::text";
        std::size_t before = 0;
        for (int i = -200; i < queries; ++i) {
            if (i == 0)
                before = counted_allocations();
            const tusk::result answer = co_await conn.query(sql, i);
            for (const auto& [id, name] : answer.as<std::int64_t, std::string_view>())
                EXPECT_TRUE(id == i && name == "name");
        }
        EXPECT_LE(counted_allocations() - before, slack);

        for (int i = -200; i < queries; ++i) {
            if (i == 0)
                before = counted_allocations();
            const auto [id, name] = co_await conn.query_one<std::tuple<std::int64_t, std::string>>(sql, i);
            EXPECT_TRUE(id == i && name == "name");
        }
        EXPECT_LE(counted_allocations() - before, slack);
    });
}

TEST(allocations, there_is_one_for_a_cached_query_whose_result_is_kept)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        constexpr int queries = 2'000;
        std::vector<tusk::result> kept;
        kept.reserve(queries);
        std::size_t before = 0;
        for (int i = 0; i < queries; ++i) {
            if (i == 200)
                before = counted_allocations();
            kept.push_back(co_await conn.query("SELECT $1::int8", i));
        }
        EXPECT_LE(counted_allocations() - before, queries + slack);
    });
}

TEST(allocations, there_are_none_for_a_row_of_a_stream)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (const bool warm : {false, true}) {
            const std::size_t before = counted_allocations();
            tusk::row_stream stream = co_await conn.stream(numbers, rows);
            std::int64_t count = 0;
            while (co_await stream.next_batch())
                for (const auto& [id, quarter, digit, even] : stream.as<std::int64_t, double, std::string_view, bool>())
                    count += id > 0 && quarter > 0 && digit.size() == 1 && even == (id % 2 == 0) ? 1 : 0;
            EXPECT_EQ(count, rows);
            if (warm) { // a batch may take some, a row none
                EXPECT_LE(counted_allocations() - before, rows / 100);
            }
        }
    });
}

TEST(allocations, there_are_none_for_a_row_of_a_result)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::size_t before = counted_allocations();
        const tusk::result all = co_await conn.query(numbers, rows);
        EXPECT_LE(counted_allocations() - before, rows / 100);

        const std::size_t before_decoding = counted_allocations();
        std::int64_t sum = 0;
        for (const auto& [id, quarter, digit, even] : all.as<std::int64_t, double, std::string_view, bool>())
            sum += digit.size() == 1 ? id : 0;
        for (const tusk::row_view row : all)
            sum += row[0].as<std::int64_t>();
        EXPECT_EQ(counted_allocations() - before_decoding, 0U);
        EXPECT_EQ(sum, std::int64_t{rows} * (rows + 1));
    });
}

TEST(allocations, there_are_none_for_a_row_of_a_copy_or_an_element_of_a_batch)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE t (id bigint, part float8, name text, even bool)");
        std::vector<number_row> values;
        values.reserve(rows);
        for (int i = 0; i < rows; ++i)
            values.emplace_back(i, i / 4.0, "name", i % 2 == 0);
        const std::string insert = "INSERT INTO t VALUES ($1, $2, $3, $4)";
        for (const bool warm : {false, true}) {
            std::size_t before = counted_allocations();
            tusk::copy_writer writer = co_await conn.copy_into("t", "id", "part", "name", "even");
            for (const auto& [id, part, name, even] : values)
                if (writer.add(id, part, name, even))
                    co_await writer.flush();
            const tusk::command_tag copied = co_await writer.finish();
            EXPECT_EQ(copied.rows_affected(), static_cast<std::uint64_t>(rows));
            if (warm) {
                EXPECT_LE(counted_allocations() - before, rows / 100);
            }
            before = counted_allocations();
            const tusk::command_tag added = co_await conn.execute_many(insert, values);
            EXPECT_EQ(added.rows_affected(), static_cast<std::uint64_t>(rows));
            if (warm) {
                EXPECT_LE(counted_allocations() - before, rows / 100);
            }
        }
    });
}

} // namespace
