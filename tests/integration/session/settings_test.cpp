// What a transaction is like: isolation, access, parameters, role.
#include "session_testing.hpp"

#include <fmt/format.h>

namespace {

using namespace tusk::test;

TEST(transaction_settings, isolation_access_and_deferrable)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        co_await s.set_isolation(tusk::isolation::serializable);
        co_await s.set_read_only();
        co_await s.set_deferrable();
        const auto shown = co_await s.query_one<std::string>(
            "SELECT concat_ws(',', current_setting('transaction_isolation'), current_setting('transaction_read_only'), "
            "current_setting('transaction_deferrable'))");
        EXPECT_EQ(shown, "serializable,on,on");
        const auto late = co_await thrown<tusk::usage_error>([&]() -> asio::awaitable<int> {
            co_await s.set_isolation(tusk::isolation::repeatable_read);
            co_return 0;
        });
        expect_mentions(late, "before its first statement");
        co_await s.commit();
        const auto next = co_await s.query_one<std::string>("SELECT current_setting('transaction_isolation')");
        EXPECT_EQ(next, "read committed") << "it was for one transaction";
        co_await s.commit();
    });
}

TEST(transaction_settings, the_engines_isolation_is_the_default)
{
    tusk::engine_options options;
    options.isolation = tusk::isolation::repeatable_read;
    run_with_engine(
        [](tusk::engine& engine) -> asio::awaitable<void> {
            tusk::session s{engine};
            const auto usual = co_await s.query_one<std::string>("SELECT current_setting('transaction_isolation')");
            EXPECT_EQ(usual, "repeatable read");
            co_await s.commit();
            co_await s.set_isolation(tusk::isolation::read_committed);
            const auto other = co_await s.query_one<std::string>("SELECT current_setting('transaction_isolation')");
            EXPECT_EQ(other, "read committed");
            co_await s.commit();
        },
        options);
}

TEST(transaction_settings, parameters_travel_with_begin_and_end_with_the_transaction)
{
    std::vector<std::string> lines;
    tusk::engine_options options = connections(1);
    options.echo = true;
    options.echo_sink = [&](std::string_view line) { lines.emplace_back(line); };
    run_with_engine(
        [&](tusk::engine& engine) -> asio::awaitable<void> {
            tusk::session s{engine};
            co_await s.set("app.tenant", R"(O'Brien \ "co")");
            co_await s.set("search_path", "pg_temp, public");
            co_await s.set("statement_timeout", "12345");
            lines.clear();
            const auto tenant = co_await s.query_one<std::string>("SELECT current_setting('app.tenant')");
            EXPECT_EQ(tenant, R"(O'Brien \ "co")");
            EXPECT_EQ(lines.size(), 2U) << "BEGIN and one statement";
            const auto path = co_await s.query_one<std::string>("SHOW search_path");
            EXPECT_EQ(path, "pg_temp, public");
            co_await s.set("app.tenant", "late");
            const auto late = co_await s.query_one<std::string>("SELECT current_setting('app.tenant')");
            EXPECT_EQ(late, "late");
            co_await s.commit();
            const auto after = co_await s.query_one<std::string>(
                "SELECT current_setting('statement_timeout') || current_setting('search_path') || "
                "current_setting('app.tenant', true)");
            EXPECT_EQ(after, R"(0"$user", public)");
            co_await s.commit();
        },
        options);
}

TEST(transaction_settings, a_parameter_that_is_refused_fails_the_first_statement)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        EXPECT_THROW(static_cast<void>(s.set("", "x")), tusk::usage_error);
        co_await s.set("statement_timeout", "soon");
        co_await thrown<tusk::invalid_parameter_value>([&] { return s.query("SELECT 1"); });
        const auto refused = co_await thrown<tusk::pending_rollback>([&] { return s.query("SELECT 1"); });
        expect_mentions(refused, "statement_timeout");
        co_await s.rollback();
        co_await expect_usable(s);
        co_await s.commit();
    });
}

TEST(transaction_settings, a_role_for_one_transaction)
{
    run_with_engine(
        [](tusk::engine& engine) -> asio::awaitable<void> {
            {
                tusk::pooled_connection conn = co_await engine.connect();
                co_await conn->execute_script("DROP ROLE IF EXISTS session_clerk; CREATE ROLE session_clerk");
            }
            tusk::session s{engine};
            co_await s.set_role("session_clerk");
            const auto who = co_await s.query_one<std::string>("SELECT current_user::text");
            EXPECT_EQ(who, "session_clerk");
            co_await s.commit();
            const auto again = co_await s.query_one<std::string>("SELECT current_user::text");
            EXPECT_NE(again, "session_clerk");
            co_await s.execute("DROP ROLE session_clerk");
            co_await s.commit();
        },
        connections(1));
}

TEST(transaction_settings, time_limits_of_the_engine)
{
    tusk::engine_options options;
    options.statement_timeout = 1500ms;
    options.lock_timeout = 2s;
    options.idle_in_transaction_session_timeout = 3s;
    for (const bool through_proxy : {false, true}) {
        SCOPED_TRACE(through_proxy);
        run([&]() -> asio::awaitable<void> {
            tusk::connect_options where{server().url()};
            if (through_proxy)
                where.pooling_proxy = tusk::pooling_proxy::transaction;
            const auto executor = co_await asio::this_coro::executor;
            tusk::engine engine{executor, where, options};
            tusk::session s{engine};
            const auto shown = co_await s.query_one<std::string>(
                "SELECT concat_ws(',', current_setting('statement_timeout'), current_setting('lock_timeout'), "
                "current_setting('idle_in_transaction_session_timeout'))");
            EXPECT_EQ(shown, "1500ms,2s,3s");
            co_await thrown<tusk::query_canceled>([&] { return s.query("SELECT pg_sleep(30)"); });
            co_await s.rollback();
        });
    }
}

} // namespace
