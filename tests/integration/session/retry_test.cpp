// engine::begin and engine::retry.
#include "session_testing.hpp"

#include <fmt/format.h>

#include <asio/cancellation_signal.hpp>
#include <asio/experimental/awaitable_operators.hpp>

#include <chrono>
#include <stdexcept>

namespace {

using namespace tusk::test;

constexpr const char* raise_40001 = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$";
constexpr const char* raise_40P01 = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40P01'; END $$";

tusk::retry_options quickly(std::size_t attempts)
{
    return tusk::retry_options{attempts}.backoff(std::chrono::microseconds{1}, 1ms);
}

TEST(engine_begin, commits_on_return_and_rolls_back_on_any_exception)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "engine_begin");
        const int seven = co_await engine.begin([&](tusk::session& s) -> asio::awaitable<int> {
            co_await s.execute("INSERT INTO engine_begin VALUES (1, 'kept')");
            co_return 7;
        });
        EXPECT_EQ(seven, 7);
        co_await thrown<std::runtime_error>([&] {
            return engine.begin([&](tusk::session& s) -> asio::awaitable<int> {
                co_await s.execute("INSERT INTO engine_begin VALUES (2, 'lost')");
                throw std::runtime_error{"no"};
            });
        });
        const auto swallowed = co_await thrown<tusk::transaction_rolled_back>([&] {
            return engine.begin([&](tusk::session& s) -> asio::awaitable<int> {
                static_cast<void>(co_await s.try_execute("INSERT INTO engine_begin VALUES (1, 'again')"));
                co_return 0;
            });
        });
        expect_mentions(swallowed, "23505");
        EXPECT_EQ(engine.status().leased, 0U);
        tusk::session s{engine};
        const auto count = co_await s.query_one<std::int64_t>("SELECT count(*) FROM engine_begin");
        EXPECT_EQ(count, 1);
        co_await s.commit();
    });
}

TEST(retry, runs_again_on_serialization_failure_and_deadlock_in_a_fresh_session)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "retry_again");
        for (const char* const failing : {raise_40001, raise_40P01}) {
            int attempts = 0;
            const auto options = quickly(5);
            const int result = co_await engine.retry(options, [&](tusk::session& s) -> asio::awaitable<int> {
                ++attempts;
                EXPECT_FALSE(s.in_transaction());
                EXPECT_TRUE(s.info().empty());
                s.info()["mark"] = attempts;
                co_await s.execute("DELETE FROM retry_again");
                co_await s.execute("INSERT INTO retry_again VALUES ($1, '')", attempts);
                if (attempts < 3)
                    co_await s.execute(failing);
                co_return attempts;
            });
            EXPECT_EQ(result, 3);
            tusk::session s{engine};
            const auto kept = co_await s.query_one<int>("SELECT id FROM retry_again");
            EXPECT_EQ(kept, 3);
            co_await s.commit();
        }
    });
}

TEST(retry, a_block_that_swallows_the_failure_is_run_again)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        const auto options = quickly(5);
        int attempts = 0;
        co_await engine.retry(options, [&](tusk::session& s) -> asio::awaitable<void> {
            if (++attempts == 1)
                static_cast<void>(co_await s.try_execute(raise_40001));
            else
                co_await s.execute("SELECT 1");
        });
        EXPECT_EQ(attempts, 2);
        attempts = 0;
        co_await engine.retry(options, [&](tusk::session& s) -> asio::awaitable<void> {
            if (++attempts == 1)
                static_cast<void>(co_await s.try_execute(raise_40001));
            co_await s.execute("SELECT 1"); // pending_rollback the first time
        });
        EXPECT_EQ(attempts, 2);
    });
}

TEST(retry, a_serialization_failure_of_two_real_transactions)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "retry_real");
        {
            tusk::pooled_connection conn = co_await engine.connect();
            co_await conn->execute("INSERT INTO retry_real VALUES (1, '0')");
        }
        int attempts = 0;
        const auto options = quickly(5);
        co_await engine.retry(options, [&](tusk::session& s) -> asio::awaitable<void> {
            co_await s.set_isolation(tusk::isolation::serializable);
            const auto note = co_await s.query_one<std::string>("SELECT note FROM retry_real WHERE id = 1");
            if (++attempts == 1) {
                tusk::session other{engine};
                co_await other.set_isolation(tusk::isolation::serializable);
                co_await other.execute("UPDATE retry_real SET note = note || 'x' WHERE id = 1");
                co_await other.commit();
            }
            co_await s.execute("UPDATE retry_real SET note = $1 WHERE id = 1", note + "y");
        });
        EXPECT_EQ(attempts, 2);
        tusk::session s{engine};
        const auto note = co_await s.query_one<std::string>("SELECT note FROM retry_real WHERE id = 1");
        EXPECT_EQ(note, "0xy");
        co_await s.commit();
    });
}

TEST(retry, a_failure_of_the_commit_counts)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        {
            tusk::pooled_connection conn = co_await engine.connect();
            co_await conn->execute_script(
                "DROP TABLE IF EXISTS retry_commit; CREATE TABLE retry_commit (id int); "
                "CREATE OR REPLACE FUNCTION retry_commit_check() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "IF NEW.id < 3 THEN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END IF; RETURN NULL; END $$; "
                "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON retry_commit DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION retry_commit_check()");
        }
        int attempts = 0;
        const auto options = quickly(5);
        co_await engine.retry(options, [&](tusk::session& s) -> asio::awaitable<void> {
            co_await s.execute("INSERT INTO retry_commit VALUES ($1)", ++attempts);
        });
        EXPECT_EQ(attempts, 3);
        tusk::session s{engine};
        const auto kept = co_await s.query_one<int>("SELECT id FROM retry_commit");
        EXPECT_EQ(kept, 3);
        co_await s.commit();
    });
}

TEST(retry, nothing_else_is_tried_again)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        int attempts = 0;
        co_await thrown<tusk::division_by_zero>([&] {
            return engine.retry(5, [&](tusk::session& s) -> asio::awaitable<int> {
                ++attempts;
                co_await s.execute("SELECT 1/0");
                co_return 0;
            });
        });
        co_await thrown<std::runtime_error>([&] {
            return engine.retry(5, [&](tusk::session& s) -> asio::awaitable<int> {
                ++attempts;
                static_cast<void>(co_await s.try_execute(raise_40001));
                throw std::runtime_error{"what the block means by it"};
            });
        });
        EXPECT_EQ(attempts, 2);
        co_await thrown<tusk::usage_error>(
            [&] { return engine.retry(0, [&](tusk::session&) -> asio::awaitable<int> { co_return 0; }); });
    });
}

TEST(retry, the_last_error_tells_how_often_it_was_tried)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        int attempts = 0;
        const auto options = quickly(4);
        const auto gave_up = co_await thrown<tusk::retry_exhausted>([&] {
            return engine.retry(options, [&](tusk::session& s) -> asio::awaitable<int> {
                ++attempts;
                co_await s.execute(raise_40001);
                co_return 0;
            });
        });
        EXPECT_EQ(attempts, 4);
        EXPECT_EQ(gave_up.attempts(), 4U);
        expect_mentions(gave_up, "4 attempts", "40001");
        EXPECT_THROW(std::rethrow_exception(gave_up.cause()), tusk::serialization_failure);
    });
}

TEST(retry, a_deadline_for_all_attempts)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        int attempts = 0;
        const auto options = tusk::retry_options{1000}.within(50ms).backoff(20ms, 20ms);
        const auto begun = std::chrono::steady_clock::now();
        const auto gave_up = co_await thrown<tusk::retry_exhausted>([&] {
            return engine.retry(options, [&](tusk::session& s) -> asio::awaitable<int> {
                ++attempts;
                co_await s.execute(raise_40001);
                co_return 0;
            });
        });
        expect_mentions(gave_up, "time ran out");
        EXPECT_LT(attempts, 1000);
        EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s);
    });
}

TEST(retry, is_cancelled_between_two_attempts)
{
    using namespace asio::experimental::awaitable_operators;
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        int attempts = 0;
        const auto options = tusk::retry_options{1000}.backoff(std::chrono::hours{1}, std::chrono::hours{2});
        asio::steady_timer timer{co_await asio::this_coro::executor, 300ms};
        auto trying = engine.retry(options, [&](tusk::session& s) -> asio::awaitable<void> {
            ++attempts;
            co_await s.execute(raise_40001);
        });
        co_await (std::move(trying) || timer.async_wait(asio::use_awaitable));
        EXPECT_EQ(attempts, 1);
        EXPECT_EQ(engine.status().leased, 0U);
    });
}

} // namespace
