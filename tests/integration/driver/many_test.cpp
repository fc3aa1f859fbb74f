// One statement for many sets of parameters: one flight, all or nothing.

#include "callers.hpp"
#include "number_table.hpp"

#include <tusk/driver/connection_observer.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <list>
#include <memory>
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

using namespace std::chrono_literals;
using namespace tusk::test;

const std::string insert = "INSERT INTO t VALUES ($1)";

// A sanitizer keeps freed memory for a while, so there the figure says nothing.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_can_be_measured = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool memory_can_be_measured = false;
#else
constexpr bool memory_can_be_measured = true;
#endif
#else
constexpr bool memory_can_be_measured = true;
#endif

/// Memory that this process has in use, in KiB.
long resident()
{
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:"))
            return std::stol(line.substr(6));
    return 0;
}

// ---- What a range may be.

struct fruit {
    int id = 0;
    std::string name;
    std::optional<double> weight;
};

TEST(many, tuples_aggregates_and_single_values)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE fruit (id int, name text, weight float8)");
        const std::string sql = "INSERT INTO fruit VALUES ($1, $2, $3)";
        std::vector<std::tuple<int, std::string, std::optional<double>>> tuples;
        tuples.emplace_back(1, "apple", 0.5);
        tuples.emplace_back(2, "pear", std::nullopt);
        const tusk::command_tag two = co_await conn.execute_many(sql, tuples);
        EXPECT_EQ(two.command(), "INSERT");
        EXPECT_EQ(two.rows_affected(), 2U);
        std::vector<fruit> fruits;
        fruits.push_back({3, "plum", 0.1});
        fruits.push_back({4, "fig", std::nullopt});
        const std::vector<fruit>& constant = fruits;
        const tusk::command_tag more = co_await conn.execute_many(sql, constant);
        EXPECT_EQ(more.rows_affected(), 2U);
        const std::vector<int> gone{2, 4, 77};
        const tusk::command_tag deleted = co_await conn.execute_many("DELETE FROM fruit WHERE id = $1", gone);
        EXPECT_EQ(deleted.command(), "DELETE");
        EXPECT_EQ(deleted.rows_affected(), 2U);
        const auto left = co_await conn.query_one<std::string>(
            "SELECT string_agg(name || coalesce(weight, -1), ',' ORDER BY id) FROM fruit");
        EXPECT_EQ(left, "apple0.5,plum0.1");
    });
}

TEST(many, an_empty_range_does_nothing)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const std::vector<int> none;
        const tusk::command_tag nothing = co_await conn.execute_many(insert, none);
        EXPECT_EQ(nothing.rows_affected(), 0U);
        const tusk::result no_rows = co_await conn.query_many(insert, none);
        EXPECT_TRUE(no_rows.empty());
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            const tusk::command_tag same = co_await tx.execute_many("not even SQL", none);
            EXPECT_EQ(same.rows_affected(), 0U);
        });
        co_await expect_usable(conn);
    });
}

TEST(many, views_and_generators)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        auto squares = std::views::iota(1, 4) | std::views::transform([](int n) { return n * n; });
        co_await conn.execute_many(insert, squares);
        auto as_tuples = std::views::iota(20, 22) | std::views::transform([](int n) { return std::tuple{n}; });
        co_await conn.execute_many(insert, as_tuples);
        std::istringstream text{"31 32 33"};
        std::ranges::istream_view<int> once{text}; // can be gone through once only
        co_await conn.execute_many(insert, once);
        std::list<std::string> words;
        words.emplace_back("41");
        co_await conn.execute_many(insert, words | std::views::all);
        const int raw[] = {51, 52};
        co_await conn.execute_many(insert, raw);
        const std::vector<bool> bits{true, false};
        co_await conn.execute_many("INSERT INTO t SELECT 60 + $1::bool::int", bits);
        const auto left = co_await contents(conn);
        EXPECT_EQ(left, "1,4,9,20,21,31,32,33,41,51,52,60,61");
    });
}

/// A range that counts how many there are of it, and can only be moved.
class tracked : public std::ranges::view_base
{
public:
    explicit tracked(std::shared_ptr<int> token) : token_{std::move(token)}, numbers_{1, 2, 3} {}
    tracked(tracked&&) = default;
    tracked& operator=(tracked&&) = default;
    auto begin() { return numbers_.begin(); }
    auto end() { return numbers_.end(); }

private:
    std::shared_ptr<int> token_;
    std::vector<int> numbers_;
};

TEST(many, an_rvalue_is_moved_in_and_kept_until_the_end)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const auto token = std::make_shared<int>(0);
        {
            tracked numbers{token};
            auto later = conn.execute_many(insert, std::move(numbers));
            EXPECT_EQ(token.use_count(), 2) << "it was copied, or dropped";
            co_await std::move(later);
        }
        EXPECT_EQ(token.use_count(), 1);
        auto never = conn.execute_many(insert, std::vector<int>{7, 8});
        const auto left = co_await contents(conn);
        EXPECT_EQ(left, "1,2,3") << "what is not awaited is not sent";
        co_await std::move(never);
        const auto all = co_await contents(conn);
        EXPECT_EQ(all, "1,2,3,7,8");
    });
}

TEST(many, an_lvalue_is_referred_to)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        std::vector<int> numbers{1};
        auto later = conn.execute_many(insert, numbers);
        numbers.push_back(2);
        co_await std::move(later);
        const auto left = co_await contents(conn);
        EXPECT_EQ(left, "1,2");
    });
}

TEST(many, rows_of_all_of_them)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (int round = 0; round < 2; ++round) {
            const tusk::result rows = co_await conn.query_many("INSERT INTO t VALUES ($1) RETURNING n * 10 AS tenfold",
                                                               std::views::iota(0, 500));
            EXPECT_EQ(rows.size(), 500U);
            EXPECT_EQ(rows.tag().rows_affected(), 500U);
            int expected = 0;
            for (const auto& [tenfold] : rows.as<int>()) {
                EXPECT_EQ(tenfold, expected);
                expected += 10;
            }
        }
    });
}

/// Most answers are the same as the one before, and some are not: all are counted, and so are their bytes.
TEST(many, answers_that_are_alike_and_answers_that_are_not)
{
    class counting final : public tusk::connection_observer
    {
    public:
        std::size_t bytes = 0;
        std::uint64_t rows = 0;
        void query_ended(const tusk::query_summary& what) noexcept override
        {
            bytes = what.bytes;
            rows = what.rows;
        }
    };
    const auto seen = std::make_shared<counting>();
    tusk::connect_options options{server().url()};
    options.observer = seen;
    run_connected(
        [&](tusk::connection& conn) -> asio::awaitable<void> {
            co_await conn.execute("CREATE TEMP TABLE t (n int NOT NULL)");
            const std::string some = "INSERT INTO t SELECT $1 FROM generate_series(1, 1 + ($1 % 1000) / 999)";
            for (int round = 0; round < 2; ++round) {
                const tusk::command_tag tag = co_await conn.execute_many(some, std::views::iota(0, 20'000));
                EXPECT_EQ(tag.text(), "INSERT 0 20020");
                EXPECT_EQ(seen->rows, 20'020U);
            }
            const std::size_t answer = 5 + 5 + std::string_view{"INSERT 0 1"}.size() + 1;
            const std::size_t ready = 6;
            EXPECT_EQ(seen->bytes, 20'000 * answer + ready);
        },
        options);
}

TEST(many, a_hundred_thousand_in_bounded_memory)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const std::string padding(1000, 'x'); // 100 MB in all
        auto rows = std::views::iota(0, 100'000) | std::views::transform([&](int n) { return std::tuple{n, padding}; });
        co_await conn.execute_many("INSERT INTO t SELECT $1 WHERE length($2) = 0", std::views::take(rows, 1000));
        const long before = resident();
        const tusk::command_tag tag =
            co_await conn.execute_many("INSERT INTO t SELECT $1 WHERE length($2) = 1000", rows);
        const long after = resident();
        EXPECT_EQ(tag.rows_affected(), 100'000U);
        if (memory_can_be_measured) {
            EXPECT_LT(after - before, 16 * 1024) << "KiB";
        }
        const auto sum = co_await conn.query_one<std::int64_t>("SELECT sum(n) FROM t");
        EXPECT_EQ(sum, 4'999'950'000);
    });
}

// ---- Failures: in here or on the server, at element k, inside and outside of a transaction.

/// Numbers, with one that does not fit in the middle.
std::vector<std::int64_t> with_one_too_large(std::size_t position, std::size_t count)
{
    std::vector<std::int64_t> numbers(count, 100);
    numbers[position] = std::int64_t{1} << 40;
    return numbers;
}

/// Numbers, with one that the server refuses.
std::vector<std::int64_t> with_a_zero(std::size_t position, std::size_t count)
{
    std::vector<std::int64_t> numbers(count, 100);
    numbers[position] = 0;
    return numbers;
}

const std::string divide = "INSERT INTO t SELECT 1000 / $1::int";

/// @param Error  What is thrown, naming the element.
template <class Error>
void expect_all_or_nothing(std::vector<std::int64_t> (*sets)(std::size_t, std::size_t))
{
    run([&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const std::int32_t pid = conn.backend_pid();
        constexpr std::size_t count = 20'000;               // several pieces
        for (const std::size_t k : {0U, 0U, 1U, 19'999U}) { // new the first time, cached from then on
            const auto numbers = sets(k, count);
            const std::string element = fmt::format("element {} ", k);
            const auto outside = co_await thrown<Error>([&] { return conn.execute_many(divide, numbers); });
            expect_mentions(outside, element);
            EXPECT_EQ(conn.transaction_status(), 'I');
            const auto left = co_await contents(conn);
            EXPECT_EQ(left, "") << k;

            for (const bool begun : {false, true}) {
                co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
                    if (begun)
                        co_await tx.execute(insert, 1);
                    const auto inside = co_await thrown<Error>([&] { return tx.execute_many(divide, numbers); });
                    expect_mentions(inside, element);
                    co_await tx.execute(insert, 2);
                });
                const auto kept = co_await contents(conn);
                EXPECT_EQ(kept, begun ? "1,2" : "2") << k;
                co_await conn.execute("TRUNCATE t");
            }
        }
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

TEST(many, a_value_that_does_not_fit) { expect_all_or_nothing<tusk::encode_error>(with_one_too_large); }
TEST(many, an_element_that_the_server_refuses) { expect_all_or_nothing<tusk::division_by_zero>(with_a_zero); }

TEST(many, the_server_s_refusal_comes_before_a_value_behind_it_that_does_not_fit)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        std::vector<std::int64_t> numbers(100, 1);
        numbers[10] = 0;
        numbers[20] = std::int64_t{1} << 40;
        for (int round = 0; round < 2; ++round) {
            const auto refused =
                co_await thrown<tusk::division_by_zero>([&] { return conn.execute_many(divide, numbers); });
            expect_mentions(refused, "element 10 ");
        }
        const auto left = co_await contents(conn);
        EXPECT_EQ(left, "");
    });
}

TEST(many, a_constraint_that_fails_in_the_middle)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE once (n int PRIMARY KEY)");
        std::vector<int> numbers(1000);
        for (int i = 0; i < 1000; ++i)
            numbers[static_cast<std::size_t>(i)] = i % 700;
        const auto refused = co_await thrown<tusk::unique_violation>(
            [&] { return conn.execute_many("INSERT INTO once VALUES ($1)", numbers); });
        expect_mentions(refused, "element 700 ");
        EXPECT_EQ(refused.constraint_name(), "once_pkey");
        const auto left = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM once");
        EXPECT_EQ(left, 0);
    });
}

TEST(many, a_statement_that_cannot_be_prepared)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const std::vector<int> numbers{1, 2};
        for (int round = 0; round < 2; ++round) {
            const auto outside = co_await thrown<tusk::undefined_table>(
                [&] { return conn.execute_many("INSERT INTO nowhere VALUES ($1)", numbers); });
            expect_mentions(outside, "nowhere");
            co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
                static_cast<void>(co_await thrown<tusk::undefined_table>(
                    [&] { return tx.execute_many("INSERT INTO nowhere VALUES ($1)", numbers); }));
                co_await tx.execute(insert, round);
            });
        }
        const auto left = co_await contents(conn);
        EXPECT_EQ(left, "0,1");
    });
}

TEST(many, another_number_of_parameters)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        std::vector<std::tuple<int, int>> pairs;
        pairs.emplace_back(1, 2);
        for (int round = 0; round < 2; ++round) {
            const auto refused = co_await thrown<tusk::usage_error>([&] { return conn.execute_many(insert, pairs); });
            expect_mentions(refused, "1 parameter", "2 value");
            const auto left = co_await contents(conn);
            EXPECT_EQ(left, "");
        }
    });
}

TEST(many, a_range_that_throws)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (const int last : {0, 1, 10'000}) {
            auto numbers = std::views::iota(0) | std::views::transform([&](int n) {
                               if (n == last)
                                   throw std::out_of_range{"no more"};
                               return n;
                           });
            const auto outside = co_await thrown<std::out_of_range>([&] { return conn.execute_many(insert, numbers); });
            expect_mentions(outside, "no more");
            auto left = co_await contents(conn);
            EXPECT_EQ(left, "");
            co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
                static_cast<void>(co_await thrown<std::out_of_range>([&] { return tx.execute_many(insert, numbers); }));
                co_await tx.execute(insert, 7);
            });
            left = co_await contents(conn);
            EXPECT_EQ(left, "7");
            co_await conn.execute("TRUNCATE t");
        }
    });
}

TEST(many, leaves_no_savepoint_in_its_transaction)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (int round = 0; round < 2; ++round) { // behind a flight that prepares, and without one
            tusk::transaction tx = co_await conn.begin();
            static_cast<void>(
                co_await thrown<tusk::encode_error>([&] { return tx.execute_many(divide, with_one_too_large(0, 2)); }));
            static_cast<void>(co_await thrown<tusk::invalid_savepoint_specification>(
                [&] { return tx.execute("RELEASE SAVEPOINT tusk_batch"); }));
            co_await tx.rollback();
        }
    });
}

// ---- Letting go.

TEST(many, cancelled_in_the_middle)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        auto executor = co_await asio::this_coro::executor;
        const std::int32_t pid = conn.backend_pid();
        const auto cancel_one = [&](auto& on) -> asio::awaitable<void> {
            asio::cancellation_signal signal;
            int reached = 0;
            bool released = false;
            // Without an end: it is still being written when it is cancelled.
            auto endless = std::views::iota(0) | std::views::transform([&](int n) { return reached = n; });
            asio::co_spawn(executor, on.execute_many(insert, endless),
                           asio::bind_cancellation_slot(
                               signal.slot(), [&](const std::exception_ptr& why, const tusk::command_tag&) {
                                   released = true;
                                   EXPECT_TRUE(is_a<tusk::operation_aborted>(why)) << message_of(why);
                               }));
            while (reached < 20'000)
                co_await pause(1ms);
            signal.emit(asio::cancellation_type::terminal);
            while (!released)
                co_await pause(1ms);
            co_await expect_usable(on); // the range is still there for what is left of the request
        };
        for (int round = 0; round < 2; ++round) {
            co_await cancel_one(conn);
            EXPECT_EQ(conn.transaction_status(), 'I');
            auto left = co_await contents(conn);
            EXPECT_EQ(left, "");
            co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
                co_await tx.execute(insert, 1);
                co_await cancel_one(tx);
                co_await tx.execute(insert, 2);
            });
            left = co_await contents(conn);
            EXPECT_EQ(left, "1,2");
            co_await conn.execute("TRUNCATE t");
        }
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

TEST(many, a_range_may_end_with_the_await)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (const auto limit : {1ms, 5ms, 20ms, 60ms}) {
            auto numbers = std::make_unique<std::vector<int>>(2'000'000, 7);
            try {
                co_await conn.with_timeout(limit).execute_many(insert, *numbers);
            } catch (const tusk::timeout_error&) {
            }
            numbers.reset(); // nothing looks at it any more
            co_await expect_usable(conn);
            co_await conn.execute("TRUNCATE t");
        }
    });
}

TEST(many, other_callers_go_on_meanwhile)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        auto executor = co_await asio::this_coro::executor;
        callers others;
        others.spawn(executor, conn.execute_many(insert, std::views::iota(0, 50'000)), succeeds());
        for (int i = 0; i < 50; ++i)
            others.spawn(executor, conn.query_one<int>("SELECT $1::int", i), gives(i));
        others.spawn(executor, conn.execute_many(divide, with_a_zero(500, 1000)), fails_with<tusk::division_by_zero>());
        for (int i = 0; i < 50; ++i)
            others.spawn(executor, conn.query_one<int>("SELECT $1::int + 1", i), gives(i + 1));
        co_await others.all();
        const auto count = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM t");
        EXPECT_EQ(count, 50'000);
    });
}

TEST(many, the_connection_is_lost_in_the_middle)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        auto numbers = std::views::iota(0);
        const auto lost = co_await thrown<tusk::error>([&] {
            return conn.execute_many("SELECT CASE WHEN $1::int = 5000 THEN pg_terminate_backend(pg_backend_pid()) END",
                                     numbers);
        });
        EXPECT_FALSE(conn.is_open()) << lost.what();
    });
}

// ---- What fails at the end.

TEST(many, a_deferred_constraint_is_told_of_all_elements_and_not_of_one)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        const std::vector<int> twice{1, 2, 1, 3};
        const auto refused = co_await thrown<tusk::server_error>(
            [&] { return conn.execute_many("INSERT INTO late VALUES ($1)", twice); });
        EXPECT_EQ(refused.sqlstate(), tusk::sqlstate::unique_violation);
        expect_mentions(refused, "behind element 3 of the batch", "nothing of the batch was kept");
        const auto left = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM late");
        EXPECT_EQ(left, 0);
    });
}

} // namespace
