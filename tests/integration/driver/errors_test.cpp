// Refusals: what they tell, and in which state they leave the connection.

#include "support/run.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tusk::test;
using namespace std::chrono_literals;

TEST(errors, the_server_s_fields_arrive)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script("CREATE TEMP TABLE person (id int PRIMARY KEY, age int CONSTRAINT grown_up CHECK "
                                     "(age > 17), name text NOT NULL)");
        const std::string insert = "INSERT INTO person VALUES ($1, $2, $3)";
        co_await conn.execute(insert, 1, 30, "Ada");

        const auto twice = co_await thrown<tusk::unique_violation>([&] { return conn.execute(insert, 1, 40, "Bob"); });
        EXPECT_EQ(twice.severity(), "ERROR");
        EXPECT_EQ(twice.sqlstate(), tusk::sqlstate::unique_violation);
        EXPECT_EQ(twice.constraint_name(), "person_pkey");
        EXPECT_EQ(twice.table_name(), "person");
        EXPECT_EQ(twice.schema_name().substr(0, 7), "pg_temp");
        EXPECT_EQ(twice.detail(), "Key (id)=(1) already exists.");
        EXPECT_EQ(twice.query(), insert);
        EXPECT_FALSE(twice.routine().empty());
        EXPECT_FALSE(twice.is_fatal());
        EXPECT_FALSE(twice.is_retryable());
        expect_mentions(twice, "23505", "unique_violation", "person_pkey");

        const auto young = co_await thrown<tusk::check_violation>([&] { return conn.execute(insert, 2, 5, "Cid"); });
        EXPECT_EQ(young.constraint_name(), "grown_up");
        const auto nameless =
            co_await thrown<tusk::not_null_violation>([&] { return conn.execute(insert, 3, 50, std::nullopt); });
        EXPECT_EQ(nameless.column_name(), "name");
        co_await expect_usable(conn);
    });
}

TEST(errors, each_is_thrown_as_its_condition_and_as_its_class)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        static_cast<void>(co_await thrown<tusk::undefined_table>([&] { return conn.query("SELECT * FROM nowhere"); }));
        static_cast<void>(co_await thrown<tusk::undefined_column>([&] { return conn.query("SELECT nothing"); }));
        static_cast<void>(
            co_await thrown<tusk::syntax_error_or_access_rule_violation>([&] { return conn.query("SELEC 1"); }));
        static_cast<void>(co_await thrown<tusk::data_exception>([&] { return conn.query("SELECT 1 / 0"); }));
        static_cast<void>(co_await thrown<tusk::server_error>([&] { return conn.query("SELECT 1 / 0"); }));
        static_cast<void>(co_await thrown<tusk::error>([&] { return conn.query("SELECT 1 / 0"); }));
        co_await expect_usable(conn);
    });
}

TEST(errors, a_position_counts_characters)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string sql = "SELECT '\u65e5\u672c', missing";
        const auto refused = co_await thrown<tusk::undefined_column>([&] { return conn.query(sql); });
        EXPECT_EQ(refused.position(), 14);
        EXPECT_EQ(refused.query(), sql);
    });
}

TEST(errors, an_error_in_a_function_has_a_context)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::server_error>([&] {
            return conn.execute(
                "DO $$ BEGIN RAISE EXCEPTION 'no %', 'way' USING ERRCODE = 'TU001', DETAIL = 'a detail', "
                "HINT = 'a hint'; END $$");
        });
        EXPECT_EQ(refused.sqlstate(), "TU001");
        EXPECT_EQ(refused.message(), "no way");
        EXPECT_EQ(refused.detail(), "a detail");
        EXPECT_EQ(refused.hint(), "a hint");
        EXPECT_NE(refused.context().find("inline_code_block"), std::string::npos) << refused.context();
        expect_mentions(refused, "TU001", "no way", "a detail", "a hint");

        const auto inner =
            co_await thrown<tusk::syntax_error>([&] { return conn.execute("DO $$ BEGIN EXECUTE 'SELEC 1'; END $$"); });
        EXPECT_EQ(inner.internal_query(), "SELEC 1");
        EXPECT_EQ(inner.internal_position(), 1);
    });
}

TEST(errors, an_error_in_the_middle_of_rows)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (int i = 0; i < 2; ++i) {
            const auto refused = co_await thrown<tusk::division_by_zero>(
                [&] { return conn.query("SELECT 1 / (50000 - x) FROM generate_series(1, 100000) x"); });
            EXPECT_EQ(refused.sqlstate(), tusk::sqlstate::division_by_zero);
        }
        co_await expect_usable(conn);
    });
}

TEST(errors, values_of_parameters_are_not_in_messages_of_ours)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto misfit =
            co_await thrown<tusk::encode_error>([&] { return conn.query("SELECT $1::date", 987'654'321); });
        EXPECT_EQ(std::string_view{misfit.what()}.find("987654321"), std::string_view::npos) << misfit.what();
        const auto range =
            co_await thrown<tusk::encode_error>([&] { return conn.query("SELECT $1::smallint", 987'654'321); });
        EXPECT_EQ(std::string_view{range.what()}.find("987654321"), std::string_view::npos) << range.what();
    });
}

// ---- Rows that cannot be read as asked.

TEST(errors, null_where_no_null_was_expected)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto refused =
            co_await thrown<tusk::decode_error>([&] { return conn.query_one<int>("SELECT NULL::int AS age"); });
        expect_mentions(refused, "\"age\"", "NULL", "std::optional<std::int32_t>");
        const auto results = co_await conn.execute_script("SELECT NULL AS note");
        try {
            static_cast<void>(results.front().front()["note"].as<std::string>());
            ADD_FAILURE() << "NULL is not a string";
        } catch (const tusk::decode_error& said) {
            expect_mentions(said, "\"note\"", "NULL", "std::optional<std::string>");
        }
        co_await expect_usable(conn);
    });
}

struct narrow {
    int id{};
    std::string name;
};

TEST(errors, a_column_that_does_not_fit)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto wide =
            co_await thrown<tusk::decode_error>([&] { return conn.query_one<int>("SELECT count(*) AS total"); });
        expect_mentions(wide, "\"total\"", "bigint", "std::int32_t", "cast");
        const auto kind = co_await thrown<tusk::decode_error>(
            [&] { return conn.query_one<narrow>("SELECT 1 AS id, now() AS name"); });
        expect_mentions(kind, "\"name\"", "timestamp with time zone", "std::string", "::text");
        const auto many = co_await thrown<tusk::decode_error>(
            [&] { return conn.query_one<narrow>("SELECT 1 AS id, 'x' AS name, 2 AS more"); });
        expect_mentions(many, "3 column(s)", "2 value(s)");

        const tusk::result rows = co_await conn.query("SELECT 1 AS id, 'x' AS name");
        EXPECT_THROW(static_cast<void>(rows.as<int>()), tusk::decode_error);
        EXPECT_THROW(static_cast<void>(rows.as<std::string, int>()), tusk::decode_error);
        EXPECT_THROW(static_cast<void>(rows[1]), tusk::usage_error);
        EXPECT_EQ(rows.front().as<narrow>().name, "x");
        co_await expect_usable(conn);
    });
}

// ---- COPY needs verbs of its own.

TEST(errors, copy_is_refused_and_the_connection_stays_usable)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script("CREATE TEMP TABLE t AS SELECT x FROM generate_series(1, 20000) x");
        for (int i = 0; i < 2; ++i) {
            const auto in = co_await thrown<tusk::usage_error>([&] { return conn.execute("COPY t FROM STDIN"); });
            expect_mentions(in, "COPY");
            co_await expect_usable(conn);
            const auto out = co_await thrown<tusk::usage_error>([&] { return conn.execute("COPY t TO STDOUT"); });
            expect_mentions(out, "COPY");
            co_await expect_usable(conn);
            const auto query = co_await thrown<tusk::usage_error>([&] { return conn.query("COPY t TO STDOUT"); });
            expect_mentions(query, "COPY");
        }
        const auto count = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM t");
        EXPECT_EQ(count, 20'000);
        EXPECT_EQ(conn.transaction_status(), 'I');
    });
}

TEST(errors, copy_in_a_script_is_refused_and_the_connection_stays_usable)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute_script("CREATE TEMP TABLE t AS SELECT x FROM generate_series(1, 20000) x");
        for (const std::string_view script :
             {"COPY t FROM STDIN", "SELECT 1; COPY t FROM STDIN; SELECT 2", "COPY t TO STDOUT",
              "SELECT 1; COPY t TO STDOUT; SELECT 2", "COPY t TO STDOUT; COPY t FROM STDIN"}) {
            SCOPED_TRACE(script);
            const auto refused = co_await thrown<tusk::usage_error>([&] { return conn.execute_script(script); });
            expect_mentions(refused, "COPY");
            co_await expect_usable(conn);
        }
    });
}

TEST(errors, copy_in_a_transaction_fails_at_most_the_transaction)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE t (id int)");
        const auto refused = co_await thrown<tusk::usage_error>([&] {
            return conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
                co_await tx.execute("INSERT INTO t VALUES (1)");
                co_await tx.execute("COPY t FROM STDIN");
            });
        });
        expect_mentions(refused, "COPY");
        EXPECT_EQ(conn.transaction_status(), 'I');
        const auto count = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM t");
        EXPECT_EQ(count, 0);
    });
}

// ---- Another encoding than UTF-8 would garble every text from then on.

TEST(errors, another_client_encoding_closes_the_connection)
{
    for (const bool as_script : {false, true}) {
        run_connected([&](tusk::connection& conn) -> asio::awaitable<void> {
            const std::string sql = "SET client_encoding = 'LATIN1'";
            std::optional<tusk::protocol_error> refused;
            if (as_script)
                refused.emplace(co_await thrown<tusk::protocol_error>([&] { return conn.execute_script(sql); }));
            else
                refused.emplace(co_await thrown<tusk::protocol_error>([&] { return conn.execute(sql); }));
            expect_mentions(*refused, "client_encoding", "LATIN1", "UTF-8", "do not set");
            EXPECT_FALSE(conn.is_open());
            const auto later = co_await thrown<tusk::connection_error>([&] { return conn.query("SELECT 1"); });
            expect_mentions(later, "client_encoding");
            EXPECT_TRUE(later.safe_to_retry());
        });
    }
}

TEST(errors, setting_the_encoding_that_it_is_changes_nothing)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("SET client_encoding = 'UTF8'");
        co_await conn.execute("SET client_encoding TO 'utf-8'");
        co_await expect_usable(conn);
    });
}

// ---- Sessions that the server ends.

/// Ends another session, once it runs a statement that begins like this; at once where it is empty.
asio::awaitable<void> terminate(std::int32_t pid, std::string statement)
{
    tusk::connection other = co_await tusk::connect(server().url());
    bool there = statement.empty();
    for (int tries = 0; !there && tries < 1000; ++tries) {
        co_await pause(5ms);
        there = co_await other.query_one<bool>(
            "SELECT state = 'active' AND starts_with(query, $2) FROM pg_stat_activity WHERE pid = $1", pid, statement);
    }
    EXPECT_TRUE(there);
    co_await other.execute("SELECT pg_terminate_backend($1)", pid);
    bool gone = false;
    for (int tries = 0; !gone && tries < 1000; ++tries) {
        gone = co_await other.query_one<bool>("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $1", pid);
        co_await pause(5ms);
    }
    EXPECT_TRUE(gone);
}

asio::awaitable<void> expect_dead(tusk::connection& conn)
{
    EXPECT_FALSE(conn.is_open());
    for (int i = 0; i < 2; ++i) {
        const auto later = co_await thrown<tusk::connection_error>([&] { return conn.query("SELECT 1"); });
        expect_mentions(later, "terminating connection due to administrator command");
        EXPECT_TRUE(later.safe_to_retry());
    }
    const auto script = co_await thrown<tusk::connection_error>([&] { return conn.execute_script("SELECT 1"); });
    expect_mentions(script, "administrator command");
    const auto begun = co_await thrown<tusk::connection_error>([&] { return conn.begin(); });
    expect_mentions(begun, "administrator command");
    co_await conn.close();
}

TEST(errors, a_session_that_is_terminated_during_a_query)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        asio::co_spawn(executor, terminate(conn.backend_pid(), "SELECT pg_sleep"), asio::detached);
        const auto refused =
            co_await thrown<tusk::admin_shutdown>([&] { return conn.query("SELECT pg_sleep(30)::text"); });
        EXPECT_EQ(refused.sqlstate(), "57P01");
        EXPECT_TRUE(refused.is_fatal());
        co_await expect_dead(conn);
    });
}

TEST(errors, everybody_who_waits_hears_of_a_terminated_session)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        std::vector<bool> safe_to_retry;
        for (int i = 0; i < 5; ++i)
            asio::co_spawn(executor, conn.query(i == 0 ? "SELECT pg_sleep(30)" : fmt::format("SELECT {}", i)),
                           [&](std::exception_ptr why, const tusk::result&) {
                               try {
                                   if (why)
                                       std::rethrow_exception(why);
                                   ADD_FAILURE() << "the session was terminated";
                               } catch (const tusk::admin_shutdown&) {
                                   safe_to_retry.push_back(false);
                               } catch (const tusk::connection_error& lost) {
                                   expect_mentions(lost, "administrator command");
                                   safe_to_retry.push_back(lost.safe_to_retry());
                               }
                           });
        co_await terminate(conn.backend_pid(), "SELECT pg_sleep");
        for (int tries = 0; safe_to_retry.size() < 5 && tries < 1000; ++tries)
            co_await pause(5ms);
        // All of them had been written, so none may be run again blindly.
        EXPECT_EQ(safe_to_retry, std::vector<bool>(5, false));
        co_await expect_dead(conn);
    });
}

TEST(errors, a_session_that_is_terminated_while_nobody_uses_it)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await expect_usable(conn);
        co_await terminate(conn.backend_pid(), "");
        // The server's last words are found when somebody asks; either form tells what happened.
        std::string said;
        try {
            co_await conn.query("SELECT 1");
        } catch (const tusk::admin_shutdown& shutdown) {
            said = shutdown.what();
        } catch (const tusk::connection_error& lost) {
            said = lost.what();
        }
        EXPECT_NE(said.find("terminating connection due to administrator command"), std::string::npos) << said;
        co_await expect_dead(conn);
    });
}

TEST(errors, a_session_that_is_terminated_in_a_transaction)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto ended = conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("SELECT 1");
            co_await terminate(conn.backend_pid(), "");
            co_await tx.execute("SELECT 2");
        });
        const auto refused = co_await thrown<tusk::error>([&] { return std::move(ended); });
        expect_mentions(refused, "administrator command");
        co_await expect_dead(conn);
    });
}

TEST(errors, a_session_that_ends_itself)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::admin_shutdown>(
            [&] { return conn.query("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(30)::text"); });
        expect_mentions(refused, "57P01", "admin_shutdown");
        co_await expect_dead(conn);
    });
}

} // namespace
