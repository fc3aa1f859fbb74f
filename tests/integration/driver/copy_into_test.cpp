// Rows into tables by typed COPY: what fits where, what is refused, and every way in which a COPY can end.

#include "callers.hpp"

#include "support/observe.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <list>
#include <optional>
#include <ranges>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace tusk::test;
using namespace std::chrono_literals;

asio::awaitable<std::string> all_of(tusk::connection& conn, std::string table)
{
    return conn.query_one<std::string>(
        fmt::format("SELECT coalesce(string_agg(t::text, ' ' ORDER BY t::text), '') FROM {} AS t", table));
}

template <class Range>
asio::awaitable<bool> add_all_of(tusk::copy_writer& writer, Range& rows)
{
    co_await writer.add_all(rows);
    co_return true;
}

TEST(copy_into, encodes_for_the_columns_types)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script(
            "CREATE TEMP TABLE kinds (a smallint, b int, c bigint, d real, e double precision, "
            "f text, g varchar(20), h boolean, i bytea, j date, k timestamptz, l uuid, m char(3))");
        tusk::copy_writer writer = co_await conn.copy_into("kinds");
        const std::vector<std::byte> bytes{std::byte{0}, std::byte{255}};
        const std::chrono::sys_days day = std::chrono::year{2024} / 2 / 29;
        const auto id = tusk::uuid::parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
        // Narrower integers widen, and wider ones are checked.
        EXPECT_FALSE(writer.add(std::int16_t{-1}, std::int16_t{2}, 3, 1.5F, 2.5F, "text", std::string{"varchar"}, true,
                                bytes, day, tusk::timestamptz{}, id, std::string_view{"abc"}));
        EXPECT_FALSE(writer.add(std::int64_t{32767}, 200U, std::uint32_t{4'000'000'000U}, 0.25, 0.125,
                                std::string_view{}, "", false, std::vector<std::byte>{}, day, tusk::timestamptz{}, id,
                                "x"));
        const tusk::command_tag tag = co_await writer.finish();
        EXPECT_EQ(tag.text(), "COPY 2");
        const tusk::result rows = co_await conn.query(
            "SELECT concat_ws(' ', a, b, c, d, e), f, g, h, i, j::text, l::text, m FROM kinds ORDER BY a");
        EXPECT_EQ(rows.size(), 2U);
        EXPECT_EQ(rows[0][0].as<std::string>(), "-1 2 3 1.5 2.5");
        EXPECT_EQ(rows[0][1].as<std::string>(), "text");
        EXPECT_EQ(rows[0][2].as<std::string>(), "varchar");
        EXPECT_TRUE(rows[0][3].as<bool>());
        EXPECT_EQ(rows[0][4].as<std::vector<std::byte>>(), bytes);
        EXPECT_EQ(rows[0][5].as<std::string>(), "2024-02-29");
        EXPECT_EQ(rows[0][6].as<std::string>(), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
        EXPECT_EQ(rows[1][0].as<std::string>(), "32767 200 4000000000 0.25 0.125");
        EXPECT_EQ(rows[1][1].as<std::string>(), "");
    });
}

TEST(copy_into, writes_null)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE gaps (a int, b text)");
        tusk::copy_writer writer = co_await conn.copy_into("gaps", "a", "b");
        EXPECT_FALSE(writer.add(std::nullopt, std::optional<std::string>{}));
        EXPECT_FALSE(writer.add(std::optional<int>{1}, std::optional<std::string>{"x"}));
        co_await writer.finish();
        const std::string rows = co_await all_of(conn, "gaps");
        EXPECT_EQ(rows, "(,) (1,x)");
    });
}

/// A row that is refused is not added, and the others stay.
TEST(copy_into, refuses_what_does_not_fit_and_names_the_column)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE narrow (\"Small One\" smallint, b int, c text)");
        tusk::copy_writer writer = co_await conn.copy_into("narrow");
        EXPECT_FALSE(writer.add(1, 1, "kept"));
        const auto refused = [&](auto... values) -> asio::awaitable<std::string> {
            const auto told = co_await thrown<tusk::encode_error>([&]() -> asio::awaitable<bool> {
                static_cast<void>(writer.add(values...));
                co_return true;
            });
            co_return std::string{told.what()};
        };
        const std::string out_of_range = co_await refused(32768, 1, "x");
        EXPECT_NE(out_of_range.find("Small One"), std::string::npos) << out_of_range;
        const std::string second = co_await refused(1, std::int64_t{1} << 40, "x");
        EXPECT_NE(second.find("\"b\""), std::string::npos) << second;
        const std::string wrong_type = co_await refused(1, 1.5, "x");
        EXPECT_NE(wrong_type.find("\"b\""), std::string::npos) << wrong_type;
        EXPECT_NE(wrong_type.find("int"), std::string::npos) << wrong_type;
        const std::string not_text = co_await refused(1, 1, 42);
        EXPECT_NE(not_text.find("\"c\""), std::string::npos) << not_text;
        const auto few = co_await thrown<tusk::usage_error>([&]() -> asio::awaitable<bool> {
            static_cast<void>(writer.add(1, 2));
            co_return true;
        });
        expect_mentions(few, "3 column", "2 value");
        co_await thrown<tusk::usage_error>([&]() -> asio::awaitable<bool> {
            static_cast<void>(writer.add(1, 2, "x", 4));
            co_return true;
        });
        EXPECT_FALSE(writer.add(2, 2, "kept too"));
        const tusk::command_tag tag = co_await writer.finish();
        EXPECT_EQ(tag.rows_affected(), 2U);
        const std::string rows = co_await all_of(conn, "narrow");
        EXPECT_EQ(rows, "(1,1,kept) (2,2,\"kept too\")");
    });
}

TEST(copy_into, finds_tables_and_columns_of_any_name)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script("DROP SCHEMA IF EXISTS \"odd \"\"one\" CASCADE; CREATE SCHEMA \"odd \"\"one\";"
                                     "CREATE TABLE \"odd \"\"one\".\"Order; --\" (\"select\" int, \"a \"\"b\" text)");
        const tusk::identifier table{"odd \"one", "Order; --"};
        {
            tusk::copy_writer writer = co_await conn.copy_into(table, "a \"b", "select");
            EXPECT_FALSE(writer.add("x", 1));
            co_await writer.finish();
        }
        const std::string rows = co_await all_of(conn, table.sql());
        EXPECT_EQ(rows, "(1,x)");
        co_await thrown<tusk::undefined_table>([&] { return conn.copy_into("ORDER"); });
        co_await thrown<tusk::undefined_column>([&] { return conn.copy_into(table, "SELECT"); });
        co_await conn.execute("DROP SCHEMA \"odd \"\"one\" CASCADE");
        co_await expect_usable(conn);
    });
}

TEST(copy_into, leaves_generated_columns_out_when_they_are_not_named)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE made (a int, twice int GENERATED ALWAYS AS (a * 2) STORED, "
                              "id int GENERATED BY DEFAULT AS IDENTITY)");
        const auto all = co_await thrown<tusk::usage_error>([&] { return conn.copy_into("made"); });
        expect_mentions(all, "generated", "name the columns");
        co_await expect_usable(conn);
        tusk::copy_writer writer = co_await conn.copy_into("made", "a");
        EXPECT_FALSE(writer.add(21));
        co_await writer.finish();
        const std::string rows = co_await all_of(conn, "made");
        EXPECT_EQ(rows, "(21,42,1)");
    });
}

TEST(copy_into, copies_a_million_rows_in_bounded_memory)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE many (n bigint, name text)");
        memory_mark memory;
        tusk::copy_writer writer = co_await conn.copy_into("many");
        for (std::int64_t i = 0; i < 1'000'000; ++i)
            if (writer.add(i, "a name of some length")) {
                co_await writer.flush();
                memory.look();
            }
        const tusk::command_tag tag = co_await writer.finish();
        EXPECT_EQ(tag.rows_affected(), 1'000'000U);
        EXPECT_LT(memory.growth(), 8'000'000U);
        const auto sum = co_await conn.query_one<std::int64_t>("SELECT sum(n)::bigint FROM many");
        EXPECT_EQ(sum, 499'999'500'000);
    });
}

struct named_number {
    std::int64_t n;
    std::string name;
};

TEST(copy_into, adds_whole_ranges)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE ranged (n bigint, name text)");
        tusk::copy_writer writer = co_await conn.copy_into("ranged");
        // Longer than what is sent at once, of rows that are made while they are gone through.
        auto made = std::views::iota(std::int64_t{0}, std::int64_t{100'000}) |
                    std::views::transform([](std::int64_t n) { return std::tuple{n, std::to_string(n)}; });
        co_await writer.add_all(made);
        const std::vector<named_number> kept{{100'000, "100000"}, {100'001, "100001"}};
        co_await writer.add_all(kept);
        // Of values that their codecs write.
        std::list<std::tuple<std::optional<std::int64_t>, std::optional<std::string>>> gaps;
        gaps.emplace_back(100'002, "100002");
        gaps.emplace_back(std::nullopt, std::nullopt);
        co_await writer.add_all(std::move(gaps));
        const std::vector<named_number> none;
        co_await writer.add_all(none);
        EXPECT_FALSE(writer.add(100'003, "100003")); // and one by one
        const tusk::command_tag tag = co_await writer.finish();
        EXPECT_EQ(tag.rows_affected(), 100'005U);
        const auto right = co_await conn.query_one<std::int64_t>(
            "SELECT count(*) FROM ranged JOIN generate_series(0, 100003) AS g ON n = g AND name = g::text");
        EXPECT_EQ(right, 100'004);
    });
}

TEST(copy_into, adds_the_only_column_of_a_range_of_values)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE words (word text)");
        tusk::copy_writer writer = co_await conn.copy_into("words");
        std::istringstream text{"read once and never again"};
        auto words = std::views::istream<std::string>(text);
        co_await writer.add_all(words);
        co_await writer.finish();
        const auto read = co_await conn.query_one<std::string>("SELECT string_agg(word, ' ') FROM words");
        EXPECT_EQ(read, "read once and never again");
        co_await conn.execute("CREATE TEMP TABLE flags (flag boolean)");
        tusk::copy_writer flags = co_await conn.copy_into("flags");
        const std::vector<bool> given{true, false, true}; // whose elements are no objects
        co_await flags.add_all(given);
        co_await flags.finish();
        const auto set = co_await conn.query_one<std::int64_t>("SELECT count(*) FILTER (WHERE flag) FROM flags");
        EXPECT_EQ(set, 2);
    });
}

/// The element is named, those before it stay, and the writer goes on.
TEST(copy_into, refuses_an_element_and_names_it)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE small (n smallint)");
        tusk::copy_writer writer = co_await conn.copy_into("small");
        const std::vector<std::int32_t> numbers{1, 2, 70'000, 4};
        const auto told = co_await thrown<tusk::encode_error>([&] { return add_all_of(writer, numbers); });
        expect_mentions(told, "element 2", "\"n\"");
        const std::vector<std::tuple<int, int>> wide{{1, 2}};
        const auto shape = co_await thrown<tusk::usage_error>([&] { return add_all_of(writer, wide); });
        expect_mentions(shape, "1 column", "2 value");
        EXPECT_FALSE(writer.add(5));
        co_await writer.finish();
        const std::string rows = co_await all_of(conn, "small");
        EXPECT_EQ(rows, "(1) (2) (5)");
    });
}

TEST(copy_into, passes_on_what_a_range_throws_and_what_the_server_refuses)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE ones (n bigint PRIMARY KEY)");
        {
            tusk::copy_writer writer = co_await conn.copy_into("ones");
            auto failing =
                std::views::iota(std::int64_t{0}, std::int64_t{10}) | std::views::transform([](std::int64_t n) {
                    return n < 5 ? n : throw std::runtime_error{"the source is broken"};
                });
            const auto told = co_await thrown<std::runtime_error>([&] { return add_all_of(writer, failing); });
            EXPECT_STREQ(told.what(), "the source is broken");
        }
        tusk::copy_writer writer = co_await conn.copy_into("ones");
        std::int64_t asked = 0;
        auto twice = std::views::iota(std::int64_t{0}, std::int64_t{10'000'000}) |
                     std::views::transform([&asked](std::int64_t n) { return ++asked, n % 1000; });
        co_await thrown<tusk::unique_violation>([&] { return add_all_of(writer, twice); });
        EXPECT_LT(asked, 1'000'000) << "the range was not stopped";
        co_await expect_usable(conn);
    });
}

TEST(copy_into, refuses_to_pile_up_what_nobody_flushes)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE piled (t text)");
        tusk::copy_writer writer = co_await conn.copy_into("piled");
        const std::string text(100'000, 'x');
        std::size_t added = 0;
        const auto told = co_await thrown<tusk::usage_error>([&]() -> asio::awaitable<bool> {
            for (; added < 1000; ++added)
                static_cast<void>(writer.add(text));
            co_return true;
        });
        expect_mentions(told, "flush()");
        EXPECT_LT(added, 200U);
        co_await writer.flush(); // and then it goes on
        EXPECT_TRUE(writer.add(text));
        const tusk::command_tag tag = co_await writer.finish();
        EXPECT_EQ(tag.rows_affected(), added + 1);
    });
}

/// The server refuses a row while thousands are still being sent.
TEST(copy_into, is_stopped_by_an_error_in_the_middle)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::int32_t pid = conn.backend_pid();
        co_await conn.execute("CREATE TEMP TABLE unique_ones (n int PRIMARY KEY, filler text)");
        const std::string filler(1000, 'x');
        for (int round = 0; round < 3; ++round) {
            std::int64_t sent = 0;
            const auto copy = [&]() -> asio::awaitable<bool> {
                tusk::copy_writer writer = co_await conn.copy_into("unique_ones");
                for (; sent < 1'000'000; ++sent)
                    if (writer.add(sent % 1000, filler))
                        co_await writer.flush();
                co_await writer.finish();
                co_return true;
            };
            const auto told = co_await thrown<tusk::unique_violation>(copy);
            EXPECT_EQ(told.constraint_name(), "unique_ones_pkey");
            EXPECT_GE(sent, 1000);
            EXPECT_LT(sent, 100'000) << "the producer was not stopped";
            const auto rows = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM unique_ones");
            EXPECT_EQ(rows, 0);
        }
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

/// The error is there before its writer asks: he goes on with something else as soon as he is told.
TEST(copy_into, that_failed_does_not_hold_the_connection)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE positive (n int CHECK (n > 0))");
        for (const auto wait : {0ms, 1ms, 20ms}) {
            tusk::copy_writer writer = co_await conn.copy_into("positive");
            EXPECT_FALSE(writer.add(-1));
            co_await writer.flush();
            co_await pause(wait);
            const auto fill = [&]() -> asio::awaitable<bool> {
                for (int i = 0; i < 1'000'000; ++i) {
                    static_cast<void>(writer.add(i));
                    co_await writer.flush();
                }
                co_return true;
            };
            co_await thrown<tusk::check_violation>(fill);
            co_await expect_usable(conn);
            co_await thrown<tusk::check_violation>([&] { return writer.finish(); });
            co_await expect_usable(conn);
        }
        {
            tusk::copy_writer writer = co_await conn.copy_into("positive");
            EXPECT_FALSE(writer.add(-1));
            co_await thrown<tusk::check_violation>([&] { return writer.finish(); });
            co_await thrown<tusk::check_violation>([&] { return writer.finish(); });
        }
        co_await expect_usable(conn);
    });
}

TEST(copy_into, dropped_is_undone)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::int32_t pid = conn.backend_pid();
        co_await conn.execute("CREATE TEMP TABLE undone (n int)");
        for (const int rows : {0, 1, 100'000}) {
            {
                tusk::copy_writer writer = co_await conn.copy_into("undone");
                for (int i = 0; i < rows; ++i)
                    if (writer.add(i))
                        co_await writer.flush();
            }
            const auto count = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM undone");
            EXPECT_EQ(count, 0);
        }
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

TEST(copy_into, ends_once)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE once (n int)");
        tusk::copy_writer writer = co_await conn.copy_into("once");
        EXPECT_FALSE(writer.add(1));
        co_await writer.finish();
        const auto twice = co_await thrown<tusk::usage_error>([&] { return writer.finish(); });
        expect_mentions(twice, "ended");
        co_await thrown<tusk::usage_error>([&] { return writer.flush(); });
        tusk::copy_writer other = co_await conn.copy_into("once");
        const auto held = co_await thrown<tusk::usage_error>([&] { return conn.query("SELECT 1"); });
        expect_mentions(held, "open COPY");
        other = std::move(writer); // the old one is dropped
        co_await expect_usable(conn);
        const std::string rows = co_await all_of(conn, "once");
        EXPECT_EQ(rows, "(1)");
    });
}

TEST(copy_into, a_writer_that_was_moved_from_takes_no_row)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE moved (n int, t text)");
        tusk::copy_writer writer = co_await conn.copy_into("moved");
        for (int i = 0; i < 3; ++i)
            EXPECT_FALSE(writer.add(i, "some text"));
        tusk::copy_writer other = std::move(writer);
        // NOLINTNEXTLINE(bugprone-use-after-move)
        EXPECT_THROW(static_cast<void>(writer.add(3, "some text")), tusk::usage_error);
        EXPECT_FALSE(other.add(4, "some text"));
        const tusk::command_tag tag = co_await other.finish();
        EXPECT_EQ(tag.rows_affected(), 4U);
    });
}

/// Rows that are written in place, rows that their codecs write, and rows that are refused, one behind the other.
TEST(copy_into, texts_of_all_lengths_between_each_other)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE texts (n int, t text)");
        tusk::copy_writer writer = co_await conn.copy_into("texts");
        for (int n = 0; n < 600; ++n) {
            const std::string text(static_cast<std::size_t>(n), 'x');
            if (writer.add(n, text))
                co_await writer.flush();
            const std::string with_a_zero = text + std::string(1, '\0');
            EXPECT_THROW(static_cast<void>(writer.add(n, with_a_zero)), tusk::encode_error);
        }
        const tusk::command_tag tag = co_await writer.finish();
        EXPECT_EQ(tag.rows_affected(), 600U);
        const auto right = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM texts WHERE t = repeat('x', n)");
        EXPECT_EQ(right, 600);
    });
}

TEST(copy_into, inside_a_transaction)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE inside (n int CHECK (n > 0))");
        const auto copy = [](tusk::transaction& tx) -> asio::awaitable<void> {
            tusk::copy_writer writer = co_await tx.copy_into("inside"); // BEGIN travels with it
            const auto held = co_await thrown<tusk::usage_error>([&] { return tx.query("SELECT 1"); });
            expect_mentions(held, "open COPY");
            EXPECT_FALSE(writer.add(1));
            co_await writer.finish();
            const auto count = co_await tx.query_one<std::int64_t>("SELECT count(*) FROM inside");
            EXPECT_EQ(count, 1);
        };
        const auto copy_and_fail = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await copy(tx);
            throw std::runtime_error{"changed my mind"};
        };
        co_await thrown<std::runtime_error>([&] { return conn.with_transaction(copy_and_fail); });
        const auto none = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM inside");
        EXPECT_EQ(none, 0);
        co_await conn.with_transaction(copy);

        const auto refused = [](tusk::transaction& tx) -> asio::awaitable<void> {
            tusk::copy_writer writer = co_await tx.copy_into("inside");
            EXPECT_FALSE(writer.add(-1));
            co_await writer.finish();
        };
        co_await thrown<tusk::check_violation>([&] { return conn.with_transaction(refused); });
        // A savepoint saves what was before.
        const auto saved = [&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO inside VALUES (5)");
            co_await thrown<tusk::check_violation>([&] { return tx.with_transaction(refused); });
        };
        co_await conn.with_transaction(saved);
        const auto dropped = [](tusk::transaction& tx) -> asio::awaitable<void> {
            tusk::copy_writer writer = co_await tx.copy_into("inside");
            EXPECT_FALSE(writer.add(7));
        };
        co_await thrown<tusk::transaction_rolled_back>([&] { return conn.with_transaction(dropped); });
        const std::string rows = co_await all_of(conn, "inside");
        EXPECT_EQ(rows, "(1) (5)");
    });
}

/// Types are asked for in the same flight as the COPY, so that they are those of now.
TEST(copy_into, knows_the_types_of_today)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE changing (n int)");
        const auto copy = [&](auto value) -> asio::awaitable<void> {
            tusk::copy_writer writer = co_await conn.copy_into("changing");
            EXPECT_FALSE(writer.add(value));
            co_await writer.finish();
        };
        co_await copy(1);
        co_await conn.execute("ALTER TABLE changing ALTER n TYPE bigint");
        co_await copy(std::int64_t{1} << 40);
        co_await conn.execute("ALTER TABLE changing ALTER n TYPE text");
        co_await copy(std::string{"x"});
        const std::string rows = co_await all_of(conn, "changing");
        EXPECT_EQ(rows, "(1) (1099511627776) (x)");
    });
}

TEST(copy_into, cancelled_or_out_of_time_is_undone)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::int32_t pid = conn.backend_pid();
        co_await conn.execute("DROP TABLE IF EXISTS awaited");
        co_await conn.execute("CREATE TABLE awaited (n int PRIMARY KEY, filler text)");
        tusk::connection other = co_await tusk::connect(server().url());
        tusk::transaction lock = co_await other.begin();
        co_await lock.execute("LOCK TABLE awaited IN ACCESS EXCLUSIVE MODE");
        auto hurried = conn.with_timeout(50ms);
        co_await thrown<tusk::timeout_error>([&] { return hurried.copy_into("awaited"); }); // it waits for the lock
        co_await lock.rollback();
        co_await expect_usable(conn);
        {
            // The server waits for another transaction that has inserted the same key.
            tusk::transaction rival = co_await other.begin();
            co_await rival.execute("INSERT INTO awaited VALUES (1, '')");
            tusk::copy_writer writer = co_await hurried.copy_into("awaited");
            EXPECT_FALSE(writer.add(1, ""));
            co_await thrown<tusk::timeout_error>([&] { return writer.finish(); });
            co_await expect_usable(conn);
            co_await rival.rollback();
        }
        {
            tusk::transaction rival = co_await other.begin();
            co_await rival.execute("INSERT INTO awaited VALUES (1, '')");
            tusk::copy_writer writer = co_await hurried.copy_into("awaited");
            const std::string filler(10'000, 'x');
            const auto fill = [&]() -> asio::awaitable<bool> {
                for (int i = 1; i < 100'000; ++i)
                    if (writer.add(i, filler))
                        co_await writer.flush();
                co_return true;
            };
            co_await thrown<tusk::timeout_error>(fill); // the server has stopped reading
            co_await expect_usable(conn);
            co_await thrown<tusk::timeout_error>([&] { return writer.flush(); });
            co_await rival.rollback();
        }
        const auto rows = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM awaited");
        EXPECT_EQ(rows, 0);
        co_await conn.execute("DROP TABLE awaited");
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

} // namespace
