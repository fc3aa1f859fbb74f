#include "session_testing.hpp"

#include <tusk/driver/connection_observer.hpp>

#include <atomic>
#include <map>
#include <set>
#include <variant>
#include <vector>

namespace {

using namespace tusk::test;

TEST(engine, is_lazy_and_tells_what_is_wrong_with_its_options_at_once)
{
    asio::io_context io;
    const tusk::engine nowhere{io.get_executor(), "postgresql://nobody@nowhere.invalid/nothing"};
    EXPECT_EQ(nowhere.status().total(), 0U);
    EXPECT_THROW((tusk::engine{io.get_executor(), "postgresql://host:port/"}), tusk::usage_error);
    tusk::engine_options options;
    options.max_overflow = -2;
    EXPECT_THROW((tusk::engine{io.get_executor(), server().url(), options}), tusk::usage_error);
    options = {};
    options.sqlcommenter = {{"", "value"}};
    EXPECT_THROW((tusk::engine{io.get_executor(), server().url(), options}), tusk::usage_error);
}

TEST(engine, options_reach_the_pool)
{
    run_with_engine(
        [](tusk::engine& engine) -> asio::awaitable<void> {
            tusk::session first{engine};
            co_await first.execute("SELECT 1");
            tusk::session second{engine};
            const auto refused = co_await thrown<tusk::pool_timeout>([&] { return second.query("SELECT 1"); });
            expect_mentions(refused, "engine_test.cpp");
            EXPECT_FALSE(second.in_transaction());
            co_await first.commit();
            co_await expect_usable(second);
            co_await second.commit();
        },
        tusk::engine_options{.pool_size = 1, .max_overflow = 0, .pool_timeout = 50ms});
}

TEST(engine, dispose_closes_its_connections_and_leaves_it_usable)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session held{engine};
        const auto first = co_await held.query_one<std::int32_t>("SELECT pg_backend_pid()");
        co_await engine.dispose();
        co_await expect_usable(held);
        co_await held.commit();
        const auto second = co_await held.query_one<std::int32_t>("SELECT pg_backend_pid()");
        EXPECT_NE(first, second);
        const tusk::pool_disposal gone = co_await engine.dispose(20ms);
        EXPECT_EQ(gone.forced, 1U);
        co_await thrown<tusk::error>([&] { return held.query("SELECT 1"); });
        co_await held.rollback();
        const bool over = co_await eventually([&] { return activity_of(second).empty(); });
        EXPECT_TRUE(over);
        const tusk::pool_disposal nothing = co_await engine.dispose(1s);
        EXPECT_EQ(nothing.forced, 0U);
    });
}

TEST(engine, sessions_outlive_it)
{
    run([]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        std::optional<tusk::session> left;
        {
            const tusk::engine engine{executor, server().url()};
            left.emplace(engine);
        }
        co_await expect_usable(*left);
        co_await left->commit();
    });
}

// ---- What it shows.

struct shown {
    std::vector<std::string> lines;
    tusk::engine_options options = connections(1);

    shown()
    {
        options.echo = true;
        options.echo_sink = [this](std::string_view line) { lines.emplace_back(line); };
    }
    bool any(std::string_view piece) const
    {
        for (const std::string& each : lines)
            if (each.find(piece) != std::string::npos)
                return true;
        return false;
    }
};

TEST(engine_echo, statements_their_time_and_no_values)
{
    shown out;
    run_with_engine(
        [&](tusk::engine& engine) -> asio::awaitable<void> {
            tusk::session s{engine};
            co_await s.query("SELECT $1::text,\n       $2::int", "secret", 7);
            co_await s.commit();
            static_cast<void>(co_await s.try_query("SELECT 1/0"));
            co_await s.rollback();
        },
        out.options);
    ASSERT_EQ(out.lines.size(), 6U);
    EXPECT_TRUE(out.lines[0].starts_with("BEGIN")) << out.lines[0];
    EXPECT_TRUE(out.lines[1].starts_with("SELECT $1::text, $2::int [2 parameters hidden] -- ")) << out.lines[1];
    EXPECT_TRUE(out.lines[1].ends_with(" ms, 1 row")) << out.lines[1];
    EXPECT_TRUE(out.lines[2].starts_with("COMMIT -- ")) << out.lines[2];
    EXPECT_TRUE(out.lines[4].find("refused: 22012 division_by_zero") != std::string::npos) << out.lines[4];
    EXPECT_TRUE(out.lines[5].starts_with("ROLLBACK -- ")) << out.lines[5];
    EXPECT_FALSE(out.any("secret"));
}

TEST(engine_echo, values_where_they_are_not_hidden)
{
    shown out;
    out.options.hide_parameters = false;
    run_with_engine(
        [&](tusk::engine& engine) -> asio::awaitable<void> {
            tusk::session s{engine};
            co_await s.query("SELECT $1::text, $2::int, $3::bool, $4::float8, $5::bigint", "a\x1b", 7, true, 1.5,
                             std::nullopt);
            co_await s.query("SELECT $1::bytea", std::vector<std::byte>(40, std::byte{0xab}));
            co_await s.rollback();
        },
        out.options);
    EXPECT_TRUE(out.any(R"(['a\x1b', 7, true, 1.5, NULL])")) << out.lines[1];
    EXPECT_TRUE(out.any("(40 bytes of bytea)")) << out.lines[2];
}

TEST(engine_hooks, statements_with_opentelemetrys_names)
{
    class counting final : public tusk::connection_observer
    {
    public:
        std::atomic<int> ended{0};
        void query_ended(const tusk::query_summary& /*what*/) noexcept override { ++ended; }
    };
    const auto own = std::make_shared<counting>();
    std::vector<std::map<std::string, std::string>> events;
    tusk::engine_options options = connections(1);
    options.on_statement = [&](const tusk::statement_event& event) {
        std::map<std::string, std::string> seen;
        event.for_each_attribute([&](std::string_view name, const auto& value) {
            using type = std::remove_cvref_t<decltype(value)>;
            if constexpr (std::is_same_v<type, std::string_view>)
                seen.emplace(name, value);
            else
                seen.emplace(name, std::to_string(value));
        });
        events.push_back(std::move(seen));
    };
    run([&]() -> asio::awaitable<void> {
        tusk::connect_options where{server().url()};
        where.observer = own;
        const auto executor = co_await asio::this_coro::executor;
        tusk::engine engine{executor, where, options};
        tusk::session s{engine};
        co_await s.query("SELECT generate_series(1, $1)", 3);
        static_cast<void>(co_await s.try_query("SELECT nonsense"));
        co_await s.rollback();
    });
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0]["db.system.name"], "postgresql");
    EXPECT_EQ(events[0]["db.query.text"], "SELECT generate_series(1, $1)");
    EXPECT_EQ(events[0]["db.operation.name"], "SELECT");
    EXPECT_EQ(events[0]["db.response.returned_rows"], "3");
    EXPECT_FALSE(events[0].contains("error.type"));
    EXPECT_GT(std::stod(events[0]["db.client.operation.duration"]), 0.0);
    EXPECT_EQ(events[1]["db.response.status_code"], "42703");
    EXPECT_EQ(events[1]["error.type"], "42703");
    EXPECT_EQ(events[2]["db.query.text"], "ROLLBACK");
    EXPECT_EQ(own->ended, 3) << "the user's own observer is told too";
}

TEST(engine_hooks, sqlcommenter)
{
    tusk::engine_options options = connections(1);
    options.sqlcommenter = {{"route", "/cart*/x'y"}, {"application", "shop"}};
    run_with_engine(
        [](tusk::engine& engine) -> asio::awaitable<void> {
            tusk::session s{engine};
            const auto seen =
                co_await s.query_one<std::string>("SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()");
            EXPECT_TRUE(seen.ends_with(" /*application='shop',route='%2Fcart%2A%2Fx%27y'*/")) << seen;
            co_await s.commit();
        },
        options);
}

TEST(session_hooks, after_commit_and_after_rollback)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        std::vector<std::string> called;
        tusk::session s{engine};
        s.after_commit([&] { called.emplace_back("committed"); });
        s.after_rollback([&] { called.emplace_back("rolled back"); });
        co_await s.execute("SELECT 1");
        EXPECT_TRUE(called.empty());
        co_await s.commit();
        co_await s.execute("SELECT 1");
        co_await s.commit();
        EXPECT_EQ(called, (std::vector<std::string>{"committed"})) << "once";
        called.clear();
        s.after_commit([&] { called.emplace_back("committed"); });
        s.after_rollback([&] { called.emplace_back("rolled back"); });
        static_cast<void>(co_await s.try_query("SELECT 1/0"));
        co_await thrown<tusk::transaction_rolled_back>([&]() -> asio::awaitable<int> {
            co_await s.commit();
            co_return 0;
        });
        EXPECT_EQ(called, (std::vector<std::string>{"rolled back"}));
        called.clear();
        {
            const tusk::savepoint lost = co_await s.begin_nested();
            s.after_commit([&] { called.emplace_back("of what was lost"); });
        }
        co_await s.begin_nested([&]() -> asio::awaitable<void> {
            s.after_commit([&] { called.emplace_back("of what was kept"); });
            co_return;
        });
        co_await s.commit();
        EXPECT_EQ(called, (std::vector<std::string>{"of what was kept"}));
    });
}

} // namespace
