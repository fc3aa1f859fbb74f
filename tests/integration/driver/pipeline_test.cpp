// Different statements in one flight: each has its own result, in order, and fails alone.

#include "callers.hpp"
#include "number_table.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace tusk::test;

struct pair_of {
    int left = 0;
    std::string right;
};

TEST(pipeline, every_result_has_its_type)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (int round = 0; round < 2; ++round) { // prepared in its own flight, and cached
            tusk::pipeline batch = conn.pipeline();
            auto number = batch.query_one<int>("SELECT $1::int * 2", 21);
            auto tuple = batch.query_one<std::tuple<int, std::string>>("SELECT 1, 'one'");
            auto whole = batch.query_one<pair_of>("SELECT $1::int, $2::text", 2, "two");
            auto some = batch.query_optional<int>("SELECT 3 WHERE $1", true);
            auto none = batch.query_optional<int>("SELECT 3 WHERE $1", false);
            auto rows = batch.query("SELECT g FROM generate_series(1, $1) AS g", 4);
            auto tag = batch.execute("SELECT 1 WHERE false");
            EXPECT_EQ(batch.size(), 7U);
            co_await batch.run();
            EXPECT_EQ(number.get(), 42);
            EXPECT_EQ(tuple.get(), (std::tuple{1, std::string{"one"}}));
            EXPECT_EQ(whole.get().left, 2);
            EXPECT_EQ(whole.get().right, "two");
            EXPECT_EQ(some.get(), 3);
            EXPECT_EQ(none.get(), std::nullopt);
            EXPECT_EQ(rows.get().size(), 4U);
            EXPECT_EQ(tag.get().command(), "SELECT");
            EXPECT_EQ(batch.size(), 0U);
        }
    });
}

TEST(pipeline, each_fails_alone)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (int round = 0; round < 2; ++round) {
            tusk::pipeline batch = conn.pipeline();
            auto before = batch.query_one<int>("SELECT 1");
            auto syntax = batch.query("SELEKT $1", 1);
            auto division = batch.execute("SELECT 1 / $1", 0);
            auto unsendable = batch.execute("SELECT $1::int", std::vector<std::byte>(3));
            auto too_many = batch.query_one<int>("SELECT g FROM generate_series(1, 2) AS g");
            auto too_few = batch.query_one<int>("SELECT 1 WHERE false");
            auto other_type = batch.query_one<int>("SELECT 'text'");
            auto wrong_number = batch.execute("SELECT $1::int + $2::int", 1);
            auto after = batch.query_one<int>("SELECT $1::int", 2);
            co_await batch.run();
            EXPECT_EQ(before.get(), 1);
            EXPECT_EQ(after.get(), 2);
            EXPECT_EQ(syntax.error().sqlstate(), "42601");
            EXPECT_THROW(static_cast<void>(syntax.get()), tusk::syntax_error);
            EXPECT_THROW(static_cast<void>(division.get()), tusk::division_by_zero);
            EXPECT_TRUE(division.failed());
            EXPECT_THROW(static_cast<void>(unsendable.get()), tusk::encode_error);
            EXPECT_THROW(static_cast<void>(too_many.get()), tusk::row_count_error);
            EXPECT_THROW(static_cast<void>(too_few.get()), tusk::row_count_error);
            EXPECT_THROW(static_cast<void>(other_type.get()), tusk::decode_error);
            EXPECT_THROW(static_cast<void>(wrong_number.get()), tusk::usage_error);
            EXPECT_FALSE(before.failed());
            EXPECT_FALSE(before.error());
        }
        co_await expect_usable(conn);
    });
}

TEST(pipeline, asking_before_it_was_run_is_a_usage_error)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::pipeline batch = conn.pipeline();
        auto number = batch.query_one<int>("SELECT 7");
        EXPECT_FALSE(number.is_ready());
        try {
            static_cast<void>(number.get());
            ADD_FAILURE() << "there is nothing to get yet";
        } catch (const tusk::usage_error& refused) {
            expect_mentions(refused, "run()");
        }
        EXPECT_THROW(static_cast<void>(number.failed()), tusk::usage_error);
        co_await batch.run();
        EXPECT_TRUE(number.is_ready());
        EXPECT_EQ(number.get(), 7);
    });
}

TEST(pipeline, results_outlive_the_pipeline_and_the_connection)
{
    std::optional<tusk::pending<tusk::result>> rows;
    std::optional<tusk::pending<std::string>> text;
    run([&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(server().url());
        tusk::pipeline batch = conn.pipeline();
        rows.emplace(batch.query("SELECT 'kept' AS word"));
        text.emplace(batch.query_one<std::string>("SELECT repeat('x', 100)"));
        co_await batch.run();
    });
    EXPECT_EQ(rows->get()[0]["word"].as<std::string>(), "kept");
    EXPECT_EQ(std::move(*text).get().size(), 100U);
}

TEST(pipeline, one_that_is_never_run_sends_nothing)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        {
            tusk::pipeline batch = conn.pipeline();
            auto lost = batch.execute("INSERT INTO t VALUES ($1)", 1);
            auto never_awaited = batch.run();
            auto refilled = batch.execute("INSERT INTO t VALUES ($1)", 2);
            EXPECT_FALSE(lost.is_ready());
            EXPECT_FALSE(refilled.is_ready());
        }
        const auto left = co_await contents(conn);
        EXPECT_EQ(left, "");
        const auto prepared = co_await conn.query_one<bool>(
            "SELECT EXISTS (SELECT FROM pg_prepared_statements WHERE statement LIKE 'INSERT%')");
        EXPECT_FALSE(prepared);
    });
}

TEST(pipeline, is_run_filled_again_and_run_again)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::pipeline batch = conn.pipeline();
        co_await batch.run(); // nothing in it
        for (int round = 0; round < 3; ++round) {
            auto inserted = batch.execute("INSERT INTO t VALUES ($1)", round);
            auto count = batch.query_one<std::int64_t>("SELECT count(*) FROM t");
            co_await batch.run();
            EXPECT_EQ(inserted.get().rows_affected(), 1U);
            EXPECT_EQ(count.get(), round + 1);
        }
        co_await batch.run(); // what was run is not run again
        const auto left = co_await contents(conn);
        EXPECT_EQ(left, "0,1,2");
    });
}

TEST(pipeline, does_not_refer_to_its_arguments)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::pipeline batch = conn.pipeline();
        std::vector<tusk::pending<std::string>> words;
        for (int i = 0; i < 20; ++i) {
            const std::string sql = fmt::format("SELECT $1 || $2 || '{}'", i % 3);
            const std::string first(100, static_cast<char>('a' + i));
            words.push_back(batch.query_one<std::string>(sql, first, std::string_view{first}));
        }
        tusk::pipeline moved = std::move(batch);
        co_await moved.run();
        for (int i = 0; i < 20; ++i)
            EXPECT_EQ(words[static_cast<std::size_t>(i)].get(),
                      std::string(200, static_cast<char>('a' + i)) + std::to_string(i % 3));
    });
}

// ---- Order.

TEST(pipeline, keeps_its_order_whatever_is_prepared_already)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const std::string cached = "INSERT INTO t VALUES ($1)";
        co_await conn.execute(cached, 0);
        tusk::pipeline batch = conn.pipeline();
        std::vector<tusk::pending<std::int64_t>> counts;
        for (int i = 1; i <= 30; ++i) {
            auto inserted = i % 3 == 0   ? batch.execute(cached, i)
                            : i % 3 == 1 ? batch.execute(fmt::format("INSERT INTO t SELECT $1 -- {}", i), i)
                                         : batch.execute(fmt::format("INSERT INTO t VALUES ({})", i));
            // Cached from the second round on, without parameters, and new each time.
            counts.push_back(i % 2 == 0
                                 ? batch.query_one<std::int64_t>("SELECT count(*) FROM t")
                                 : batch.query_one<std::int64_t>(fmt::format("SELECT count(*) FROM t -- {}", i)));
        }
        co_await batch.run();
        for (std::size_t i = 0; i < counts.size(); ++i)
            EXPECT_EQ(counts[i].get(), static_cast<std::int64_t>(i) + 2);
    });
}

TEST(pipeline, the_same_new_statement_twice_is_not_overtaken)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::pipeline batch = conn.pipeline();
        auto one = batch.execute("INSERT INTO t VALUES (7)");
        auto two = batch.execute("INSERT INTO t VALUES (7)");
        auto count = batch.query_one<std::int64_t>("SELECT count(*) FROM t");
        co_await batch.run();
        EXPECT_EQ(count.get(), 2);
        EXPECT_EQ(one.get().rows_affected() + two.get().rows_affected(), 2U);
    });
}

TEST(pipeline, a_statement_that_another_caller_prepares_is_not_overtaken)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        auto executor = co_await asio::this_coro::executor;
        for (const std::string insert : {"INSERT INTO t VALUES ($1)", "INSERT INTO t SELECT $1::text::int"}) {
            const auto before = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM t");
            callers other;
            // Text needs no description of the parameters, a number does.
            if (insert.ends_with("int"))
                other.spawn(executor, conn.execute(insert, "1"), succeeds());
            else
                other.spawn(executor, conn.execute(insert, 1), succeeds());
            co_await asio::post(executor, asio::use_awaitable);
            tusk::pipeline batch = conn.pipeline();
            auto inserted = insert.ends_with("int") ? batch.execute(insert, "2") : batch.execute(insert, 2);
            auto after = batch.query_one<std::int64_t>("SELECT count(*) FROM t");
            co_await batch.run();
            co_await other.all();
            EXPECT_EQ(after.get(), before + 2);
            EXPECT_EQ(inserted.get().rows_affected(), 1U);
        }
    });
}

TEST(pipeline, one_statement_creates_what_the_next_ones_use)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::pipeline batch = conn.pipeline();
        auto created = batch.execute("CREATE TEMP TABLE made (n int, s text)");
        auto inserted = batch.execute("INSERT INTO made VALUES ($1, $2)", 1, "one");
        auto again = batch.execute("INSERT INTO made VALUES ($1, $2)", 2, "two");
        auto count = batch.query_one<std::int64_t>("SELECT count(*) FROM made");
        auto word = batch.query_one<std::string>("SELECT s FROM made WHERE n = $1", 2);
        co_await batch.run();
        EXPECT_EQ(created.get().command(), "CREATE TABLE");
        EXPECT_EQ(inserted.get().rows_affected(), 1U);
        EXPECT_EQ(again.get().rows_affected(), 1U);
        EXPECT_EQ(count.get(), 2);
        EXPECT_EQ(word.get(), "two");
    });
}

TEST(pipeline, a_statement_that_has_to_be_prepared_anew_does_not_come_late)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        const std::string count = "SELECT count(*) FROM t";
        co_await conn.query_one<std::int64_t>(count);
        co_await conn.execute("INSERT INTO t VALUES ($1)", 1);
        co_await conn.execute_script("DO $$ DECLARE s record; BEGIN FOR s IN SELECT name FROM pg_prepared_statements "
                                     "LOOP EXECUTE format('DEALLOCATE %I', s.name); END LOOP; END $$");
        tusk::pipeline batch = conn.pipeline();
        auto before = batch.query_one<std::int64_t>(count);
        auto inserted = batch.execute("INSERT INTO t VALUES (2)");
        co_await batch.run();
        // Either it is answered as of its place, or it says that it was not run.
        if (before.failed())
            EXPECT_EQ(before.error().sqlstate(), "26000");
        else
            EXPECT_EQ(before.get(), 1);
        EXPECT_EQ(inserted.get().rows_affected(), 1U);
        const auto now = co_await conn.query_one<std::int64_t>(count);
        EXPECT_EQ(now, 2);
    });
}

// ---- In all places where there are verbs.

TEST(pipeline, inside_a_transaction)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (int round = 0; round < 2; ++round) {
            co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
                tusk::pipeline batch = tx.pipeline();
                auto inserted = batch.execute("INSERT INTO t VALUES ($1)", round);
                auto count = batch.query_one<std::int64_t>("SELECT count(*) FROM t WHERE n >= $1", 0);
                co_await batch.run();
                EXPECT_EQ(inserted.get().rows_affected(), 1U);
                EXPECT_EQ(count.get(), round + 1);
            });
            tusk::transaction undone = co_await conn.begin();
            tusk::pipeline batch = undone.pipeline();
            auto inserted = batch.execute("INSERT INTO t VALUES ($1)", 100);
            co_await batch.run();
            EXPECT_EQ(inserted.get().rows_affected(), 1U);
            co_await undone.rollback();
        }
        const auto left = co_await contents(conn);
        EXPECT_EQ(left, "0,1");
    });
}

TEST(pipeline, inside_a_transaction_one_statement_creates_what_the_next_ones_use)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            tusk::pipeline batch = tx.pipeline();
            auto created = batch.execute("CREATE TEMP TABLE made (n int)");
            auto inserted = batch.execute("INSERT INTO made VALUES ($1)", 1);
            auto count = batch.query_one<std::int64_t>("SELECT count(*) FROM made");
            co_await batch.run();
            EXPECT_EQ(created.get().command(), "CREATE TABLE");
            EXPECT_EQ(inserted.get().rows_affected(), 1U);
            EXPECT_EQ(count.get(), 1);
        });
    });
}

TEST(pipeline, inside_a_transaction_the_first_error_is_told_and_what_came_before_it)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (const std::string broken : {"INSERT INTO nowhere VALUES ($1)", "INSERT INTO t SELECT 1 / $1"}) {
            tusk::transaction tx = co_await conn.begin();
            tusk::pipeline batch = tx.pipeline();
            auto before = batch.execute("INSERT INTO t VALUES ($1)", 1);
            auto culprit = batch.execute(broken, 0);
            auto behind = batch.query_one<int>("SELECT $1::int", 2);
            co_await batch.run();
            EXPECT_EQ(before.get().rows_affected(), 1U);
            EXPECT_TRUE(culprit.error().sqlstate() == "42P01" || culprit.error().sqlstate() == "22012")
                << culprit.error().message();
            EXPECT_EQ(behind.error().sqlstate(), "25P02");
            const auto rolled_back = co_await thrown<tusk::transaction_rolled_back>([&] { return tx.commit(); });
            EXPECT_EQ(message_of(rolled_back.cause()), culprit.error().message());
        }
        const auto left = co_await contents(conn);
        EXPECT_EQ(left, "");
    });
}

TEST(pipeline, on_a_shared_connection)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        callers others;
        tusk::shared_connection shared = conn.share();
        for (int i = 0; i < 50; ++i)
            others.spawn(executor, shared.query_one<int>("SELECT $1::int", i), gives(i));
        tusk::pipeline batch = shared.pipeline();
        std::vector<tusk::pending<int>> answers;
        for (int i = 0; i < 50; ++i)
            answers.push_back(batch.query_one<int>("SELECT $1::int + 1", i));
        co_await batch.run();
        for (int i = 0; i < 50; ++i)
            EXPECT_EQ(answers[static_cast<std::size_t>(i)].get(), i + 1);
        co_await others.all();
    });
}

TEST(pipeline, while_a_transaction_holds_the_connection)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::pipeline batch = conn.pipeline();
        auto number = batch.query_one<int>("SELECT 1");
        tusk::transaction tx = co_await conn.begin();
        const auto refused = co_await thrown<tusk::usage_error>([&] { return batch.run(); });
        expect_mentions(refused, "transaction");
        EXPECT_FALSE(number.is_ready());
        co_await expect_usable(tx);
        co_await tx.rollback();
    });
}

// ---- Deadlines, cancellation, the end of the connection.

TEST(pipeline, a_deadline_covers_the_whole)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::int32_t pid = conn.backend_pid();
        for (int round = 0; round < 2; ++round) {
            tusk::pipeline batch = conn.with_timeout(300ms).pipeline();
            auto quick = batch.query_one<int>("SELECT $1::int", 1);
            auto slow = batch.execute("SELECT pg_sleep($1)", 30);
            auto behind = batch.query_one<int>("SELECT $1::int + 1", 1);
            const auto late = co_await thrown<tusk::timeout_error>([&] { return batch.run(); });
            expect_mentions(late, "pipeline");
            EXPECT_EQ(quick.get(), 1);
            EXPECT_THROW(static_cast<void>(slow.get()), tusk::timeout_error);
            EXPECT_THROW(static_cast<void>(behind.get()), tusk::timeout_error);
            co_await expect_usable(conn); // long before the sleep would have ended
        }
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

TEST(pipeline, cancelled_in_the_middle)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        const std::int32_t pid = conn.backend_pid();
        gate closed = co_await gate::shut();
        tusk::pipeline batch = conn.pipeline();
        auto quick = batch.query_one<int>("SELECT $1::int", 1);
        auto held = batch.query_one<int>(closed.wait_for(2));
        auto behind = batch.query_one<int>("SELECT $1::int", 3);
        asio::cancellation_signal signal;
        bool released = false;
        asio::co_spawn(executor, batch.run(),
                       asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr& why) {
                           released = true;
                           EXPECT_TRUE(is_a<tusk::operation_aborted>(why)) << message_of(why);
                           // What is not there yet fails, and can be asked from now on.
                           EXPECT_THROW(static_cast<void>(held.get()), tusk::operation_aborted);
                           EXPECT_THROW(static_cast<void>(behind.get()), tusk::operation_aborted);
                       }));
        while (!quick.is_ready())
            co_await pause(1ms);
        EXPECT_FALSE(held.is_ready());
        signal.emit(asio::cancellation_type::terminal);
        co_await expect_usable(conn); // the server has stopped it: nobody opens the gate
        EXPECT_TRUE(released);
        EXPECT_EQ(quick.get(), 1);
        EXPECT_EQ(conn.backend_pid(), pid);
        EXPECT_EQ(conn.transaction_status(), 'I');
    });
}

TEST(pipeline, the_connection_is_lost_in_the_middle)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::pipeline batch = conn.pipeline();
        auto before = batch.query_one<int>("SELECT $1::int", 1);
        auto suicide = batch.execute("SELECT pg_terminate_backend(pg_backend_pid())");
        auto behind = batch.query_one<int>("SELECT $1::int", 2);
        co_await batch.run();
        EXPECT_EQ(before.get(), 1);
        EXPECT_THROW(static_cast<void>(suicide.get()), tusk::admin_shutdown);
        EXPECT_THROW(static_cast<void>(behind.get()), tusk::connection_error);
        EXPECT_FALSE(conn.is_open());
        auto late = batch.query_one<int>("SELECT 3");
        static_cast<void>(co_await thrown<tusk::connection_error>([&] { return batch.run(); }));
    });
}

TEST(pipeline, closing_waits_for_what_was_run_before)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        tusk::pipeline batch = conn.pipeline();
        auto number = batch.query_one<int>("SELECT $1::int * 2", 21); // takes a flight of its own to be prepared
        bool ended = false;
        asio::co_spawn(executor, batch.run(), [&](const std::exception_ptr& why) {
            EXPECT_EQ(message_of(why), "");
            ended = true;
        });
        co_await asio::post(executor, asio::use_awaitable);
        co_await conn.close();
        EXPECT_TRUE(ended);
        EXPECT_EQ(number.get(), 42);
    });
}

TEST(pipeline, a_destroyed_connection_answers_it_first)
{
    run([]() -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        std::optional<tusk::connection> conn{co_await tusk::connect(server().url())};
        tusk::pipeline batch = conn->pipeline();
        auto number = batch.query_one<int>("SELECT $1::int * 2", 21);
        auto other = batch.query_one<int>("SELECT $1::int * 3", 21);
        bool ended = false;
        asio::co_spawn(executor, batch.run(), [&](const std::exception_ptr& why) {
            EXPECT_EQ(message_of(why), "");
            ended = true;
        });
        co_await asio::post(executor, asio::use_awaitable);
        conn.reset();
        while (!ended)
            co_await pause(1ms);
        EXPECT_EQ(number.get(), 42);
        EXPECT_EQ(other.get(), 63);
    });
}

// ---- Size.

TEST(pipeline, eight_megabytes_against_eight_megabytes)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::pipeline batch = conn.pipeline();
        std::vector<tusk::pending<std::string>> echoes;
        for (int i = 0; i < 128; ++i)
            echoes.push_back(
                batch.query_one<std::string>("SELECT $1::text", std::string(65536, static_cast<char>('a' + i % 26))));
        co_await batch.run();
        for (int i = 0; i < 128; ++i) {
            const std::string& echo = echoes[static_cast<std::size_t>(i)].get();
            EXPECT_EQ(echo.size(), 65536U);
            EXPECT_EQ(echo.find_first_not_of(static_cast<char>('a' + i % 26)), std::string::npos);
        }
    });
}

TEST(pipeline, of_ten_thousand_statements)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        tusk::pipeline batch = conn.pipeline();
        std::vector<tusk::pending<int>> answers;
        for (int i = 0; i < 10'000; ++i) // one text, some, and more than are kept
            answers.push_back(i % 10 == 0
                                  ? batch.query_one<int>(fmt::format("SELECT $1::int + {}", i % 4000), i - i % 4000)
                                  : batch.query_one<int>("SELECT $1::int", i));
        co_await batch.run();
        int wrong = 0;
        for (int i = 0; i < 10'000; ++i)
            wrong += answers[static_cast<std::size_t>(i)].get() != i;
        EXPECT_EQ(wrong, 0);
        const auto kept = co_await conn.execute_script("SELECT count(*) FROM pg_prepared_statements");
        EXPECT_LE(kept[0][0][0].as<std::int64_t>(), 256);
    });
}

} // namespace
