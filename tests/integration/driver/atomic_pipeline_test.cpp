// Different statements under one Sync: all or nothing.

#include "callers.hpp"
#include "number_table.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace tusk::test;

const std::string insert = "INSERT INTO t VALUES ($1)";

/// The failure of one result, and what the others say.
template <class Culprit, class Other>
void expect_culprit(const Culprit& culprit, const Other& other, std::string_view sqlstate)
{
    EXPECT_EQ(culprit.error().sqlstate(), sqlstate) << culprit.error().message();
    ASSERT_TRUE(other.failed());
    try {
        other.error().raise();
    } catch (const tusk::not_executed& said) {
        expect_mentions(said, "all or nothing", culprit.error().fields()->message);
    } catch (const std::exception& said) {
        ADD_FAILURE() << "it is something else: " << said.what();
    }
}

TEST(atomic_pipeline, every_result_has_its_type)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (int round = 0; round < 2; ++round) {
            tusk::pipeline batch = conn.atomic_pipeline();
            auto inserted = batch.execute(insert, round);
            auto doubled = batch.query_one<int>("SELECT $1::int * 2", 21);
            auto none = batch.query_optional<int>("SELECT 1 WHERE false");
            auto rows = batch.query("SELECT n FROM t ORDER BY n");
            co_await batch.run();
            EXPECT_EQ(inserted.get().rows_affected(), 1U);
            EXPECT_EQ(doubled.get(), 42);
            EXPECT_EQ(none.get(), std::nullopt);
            EXPECT_EQ(rows.get().size(), static_cast<std::size_t>(round) + 1);
        }
        tusk::pipeline empty = conn.atomic_pipeline();
        co_await empty.run();
        co_await expect_usable(conn);
    });
}

TEST(atomic_pipeline, nothing_is_kept_when_one_fails)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (int round = 0; round < 2; ++round) { // new statements, and cached ones
            tusk::pipeline batch = conn.atomic_pipeline();
            auto before = batch.execute(insert, 1);
            auto culprit = batch.execute("SELECT 1 / $1", 0);
            auto behind = batch.execute(insert, 2);
            const auto refused = co_await thrown<tusk::division_by_zero>([&] { return batch.run(); });
            expect_mentions(refused, "division by zero", "element 1");
            expect_culprit(culprit, before, "22012");
            expect_culprit(culprit, behind, "22012");
            const auto left = co_await contents(conn);
            EXPECT_EQ(left, "");
        }
    });
}

TEST(atomic_pipeline, one_that_cannot_be_prepared)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (int round = 0; round < 2; ++round) {
            tusk::pipeline batch = conn.atomic_pipeline();
            auto before = batch.execute(insert, 1);
            auto culprit = batch.execute("INSERT INTO nowhere VALUES ($1)", 1);
            auto behind = batch.query_one<int>("SELECT $1::int", 2);
            static_cast<void>(co_await thrown<tusk::undefined_table>([&] { return batch.run(); }));
            expect_culprit(culprit, before, "42P01");
            expect_culprit(culprit, behind, "42P01");
            const auto left = co_await contents(conn);
            EXPECT_EQ(left, "");
        }
        // The others are prepared all the same, and go without it.
        tusk::pipeline batch = conn.atomic_pipeline();
        auto inserted = batch.execute(insert, 3);
        co_await batch.run();
        EXPECT_EQ(inserted.get().rows_affected(), 1U);
    });
}

TEST(atomic_pipeline, one_that_cannot_be_encoded)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (const bool first : {false, true, false, true}) {
            tusk::pipeline batch = conn.atomic_pipeline();
            std::optional<tusk::pending<tusk::command_tag>> before;
            if (!first)
                before.emplace(batch.execute(insert, 1));
            auto culprit = batch.execute(insert, std::vector<std::byte>(3));
            auto behind = batch.execute(insert, 2);
            const auto refused = co_await thrown<tusk::encode_error>([&] { return batch.run(); });
            expect_mentions(refused, first ? "element 0" : "element 1", "$1", "integer");
            EXPECT_THROW(static_cast<void>(culprit.get()), tusk::encode_error);
            EXPECT_THROW(static_cast<void>(behind.get()), tusk::not_executed);
            if (before) {
                EXPECT_THROW(static_cast<void>(before->get()), tusk::not_executed);
            }
            const auto left = co_await contents(conn);
            EXPECT_EQ(left, "");
        }
    });
}

TEST(atomic_pipeline, inside_a_transaction_that_goes_on)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (const std::string broken :
             {"SELECT 1 / $1", "INSERT INTO nowhere VALUES ($1)", "SELECT 1 / $1", "INSERT INTO nowhere VALUES ($1)"}) {
            for (const bool begun : {false, true}) { // BEGIN travels with the batch, or was sent before
                co_await conn.execute("TRUNCATE t");
                co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
                    if (begun)
                        co_await tx.execute(insert, 1);
                    tusk::pipeline batch = tx.atomic_pipeline();
                    auto before = batch.execute(insert, 100);
                    auto culprit = batch.execute(broken, 0);
                    auto behind = batch.execute(insert, 101);
                    static_cast<void>(co_await thrown<tusk::server_error>([&] { return batch.run(); }));
                    EXPECT_TRUE(culprit.error().fields() != nullptr);
                    EXPECT_THROW(static_cast<void>(before.get()), tusk::not_executed);
                    EXPECT_THROW(static_cast<void>(behind.get()), tusk::not_executed);
                    co_await tx.execute(insert, 2);
                    tusk::pipeline good = tx.atomic_pipeline();
                    auto three = good.execute(insert, 3);
                    auto four = good.execute(insert, 4);
                    co_await good.run();
                    EXPECT_EQ(three.get().rows_affected() + four.get().rows_affected(), 2U);
                });
                const auto left = co_await contents(conn);
                EXPECT_EQ(left, begun ? "1,2,3,4" : "2,3,4");
            }
        }
    });
}

TEST(atomic_pipeline, leaves_no_savepoint_in_its_transaction)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        for (const int broken : {0, 1, 2}) {
            tusk::transaction tx = co_await conn.begin();
            tusk::pipeline batch = tx.atomic_pipeline();
            if (broken == 0) // the first one, behind a flight that prepares
                static_cast<void>(batch.execute("SELECT $1::int + 0", std::vector<std::byte>(3)));
            auto one = batch.execute(insert, 1);
            if (broken == 1)
                static_cast<void>(batch.execute("SELECT 1 / $1", 0));
            bool failed = false;
            try {
                co_await batch.run();
            } catch (const tusk::error&) {
                failed = true;
            }
            EXPECT_EQ(failed, broken != 2);
            static_cast<void>(co_await thrown<tusk::invalid_savepoint_specification>(
                [&] { return tx.execute("RELEASE SAVEPOINT tusk_batch"); }));
            co_await tx.rollback();
        }
        const auto left = co_await contents(conn);
        EXPECT_EQ(left, "");
    });
}

TEST(atomic_pipeline, in_a_savepoint)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.with_transaction([&](tusk::transaction& inner) -> asio::awaitable<void> {
                tusk::pipeline batch = inner.atomic_pipeline();
                auto good = batch.execute(insert, 1);
                auto bad = batch.execute("SELECT 1 / $1", 0);
                static_cast<void>(co_await thrown<tusk::division_by_zero>([&] { return batch.run(); }));
                EXPECT_TRUE(good.failed() && bad.failed());
                co_await inner.execute(insert, 2);
            });
            tusk::pipeline batch = tx.atomic_pipeline();
            auto good = batch.execute(insert, 3);
            co_await batch.run();
            EXPECT_EQ(good.get().rows_affected(), 1U);
        });
        const auto left = co_await contents(conn);
        EXPECT_EQ(left, "2,3");
    });
}

/// Its savepoint must not take along what somebody else does in the same transaction.
TEST(atomic_pipeline, another_caller_of_the_transaction_is_not_undone_with_it)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        auto executor = co_await asio::this_coro::executor;
        co_await conn.execute(insert, 0);
        for (int round = 0; round < 2; ++round) {
            co_await conn.execute("TRUNCATE t");
            co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
                co_await tx.execute(insert, 1);
                tusk::pipeline batch = tx.atomic_pipeline();
                auto good = batch.execute(insert, 100);
                auto bad = batch.execute("SELECT 1 / $1", 0); // prepared in a flight of its own the first time
                bool ended = false;
                asio::co_spawn(executor, batch.run(), [&](const std::exception_ptr& why) {
                    EXPECT_TRUE(is_a<tusk::division_by_zero>(why)) << message_of(why);
                    ended = true;
                });
                callers others;
                others.spawn(executor, tx.execute(insert, 2), succeeds());
                others.spawn(executor, tx.execute(insert, 3), succeeds());
                co_await others.all();
                while (!ended)
                    co_await pause(1ms);
                EXPECT_TRUE(good.failed() && bad.failed());
            });
            const auto left = co_await contents(conn);
            EXPECT_EQ(left, "1,2,3");
        }
    });
}

TEST(atomic_pipeline, cancelled_in_the_middle)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        auto executor = co_await asio::this_coro::executor;
        const std::int32_t pid = conn.backend_pid();
        co_await conn.execute(insert, 0);
        gate closed = co_await gate::shut();
        const auto cancel_one = [&](tusk::pipeline& batch) -> asio::awaitable<void> {
            auto inserted = batch.execute(insert, 1);
            auto held = batch.query_one<int>(closed.wait_for(2));
            asio::cancellation_signal signal;
            bool released = false;
            asio::co_spawn(executor, batch.run(),
                           asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr& why) {
                               released = true;
                               EXPECT_TRUE(is_a<tusk::operation_aborted>(why)) << message_of(why);
                               EXPECT_TRUE(inserted.failed());
                               EXPECT_TRUE(held.failed());
                           }));
            co_await pause(20ms);
            EXPECT_FALSE(released);
            signal.emit(asio::cancellation_type::terminal);
            while (!released)
                co_await pause(1ms);
        };
        tusk::pipeline outside = conn.atomic_pipeline();
        co_await cancel_one(outside);
        auto left = co_await contents(conn);
        EXPECT_EQ(left, "0");

        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute(insert, 5);
            tusk::pipeline inside = tx.atomic_pipeline();
            co_await cancel_one(inside);
            co_await tx.execute(insert, 6); // the transaction goes on
        });
        left = co_await contents(conn);
        EXPECT_EQ(left, "0,5,6");
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

TEST(atomic_pipeline, a_deadline_covers_the_whole)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        tusk::pipeline batch = conn.with_timeout(200ms).atomic_pipeline();
        auto inserted = batch.execute(insert, 1);
        auto slow = batch.execute("SELECT pg_sleep($1)", 30);
        static_cast<void>(co_await thrown<tusk::timeout_error>([&] { return batch.run(); }));
        EXPECT_THROW(static_cast<void>(inserted.get()), tusk::not_executed);
        EXPECT_THROW(static_cast<void>(slow.get()), tusk::not_executed);
        const auto left = co_await contents(conn);
        EXPECT_EQ(left, "");
    });
}

TEST(atomic_pipeline, of_more_statements_than_are_kept)
{
    tusk::connect_options options{server().url()};
    options.statement_cache_size = 2;
    run_connected(
        [](tusk::connection& conn) -> asio::awaitable<void> {
            for (int round = 0; round < 2; ++round) {
                tusk::pipeline batch = conn.atomic_pipeline();
                std::vector<tusk::pending<int>> answers;
                for (int i = 0; i < 20; ++i)
                    answers.push_back(batch.query_one<int>("SELECT $1::int + " + std::to_string(i), 100));
                co_await batch.run();
                for (int i = 0; i < 20; ++i)
                    EXPECT_EQ(answers[static_cast<std::size_t>(i)].get(), 100 + i);
                co_await conn.execute_script(""); // the Close of what is forgotten rides with it
                const auto kept = co_await conn.execute_script("SELECT count(*) FROM pg_prepared_statements");
                EXPECT_LE(kept[0][0][0].as<std::int64_t>(), 2);
            }
        },
        options);
}

TEST(atomic_pipeline, a_statement_that_the_server_forgot_works_in_the_next_one)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await connect_with_table();
        co_await conn.execute(insert, 1);
        co_await conn.execute_script("DO $$ DECLARE s record; BEGIN FOR s IN SELECT name FROM pg_prepared_statements "
                                     "LOOP EXECUTE format('DEALLOCATE %I', s.name); END LOOP; END $$");
        for (int round = 0; round < 2; ++round) {
            tusk::pipeline batch = conn.atomic_pipeline();
            auto inserted = batch.execute(insert, 2);
            bool forgotten = false;
            try {
                co_await batch.run();
            } catch (const tusk::invalid_sql_statement_name&) {
                forgotten = true;
            }
            EXPECT_EQ(forgotten, round == 0);
            EXPECT_EQ(inserted.failed(), round == 0);
        }
        const auto left = co_await contents(conn);
        EXPECT_EQ(left, "1,2");
    });
}

} // namespace
