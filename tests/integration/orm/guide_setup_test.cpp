// Rows 1 to 16 of the guide: engine, pool, sessions.
#include "unit_of_work_testing.hpp"

#include "support/observe.hpp"

#include <chrono>

namespace tusk::test {
namespace {

using namespace std::chrono_literals;
using blog::user;

template <class Body>
void run_with_engine(engine_options options, Body body)
{
    run([&]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        const engine made{executor, server().url(), options};
        co_await body(made);
    });
}

engine_options sized(std::size_t size, int overflow)
{
    engine_options made;
    made.pool_size = size;
    made.max_overflow = overflow;
    return made;
}

user someone(std::string name)
{
    user made;
    made.email = name + "@example.com";
    made.name = std::move(name);
    made.hashed_password = "x";
    return made;
}

/// Which connection a session of its own is given.
asio::awaitable<std::int32_t> backend_of(const engine& on)
{
    session s{on};
    const auto pid = co_await s.query_one<std::int32_t>("SELECT pg_backend_pid()");
    co_await s.commit();
    co_return pid;
}

TEST(guide_setup, guide_01_an_engine_connects_at_the_first_statement)
{
    run([]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        const engine nowhere{executor,
                             "postgresql://me:p%40ss@one.invalid:5432,two.invalid:5433/db?application_name=x"};
        EXPECT_EQ(nowhere.counters().connects_started, 0U);
        EXPECT_EQ(connect_options{"postgresql://me:p%40ss@one.invalid/db"}.password, "p@ss");
        EXPECT_THROW((engine{executor, "postgresql://one.invalid:port/db"}), usage_error);

        const engine here{executor, server().url()};
        EXPECT_EQ(here.status().total(), 0U);
        co_await backend_of(here);
        EXPECT_EQ(here.status().total(), 1U);
    });
}

TEST(guide_setup, guide_03_echo_shows_statements_and_hides_values)
{
    std::vector<std::string> lines;
    engine_options options = sized(1, 0);
    options.echo = true;
    options.echo_sink = [&](std::string_view line) { lines.emplace_back(line); };
    run_with_engine(options, [](const engine& on) -> asio::awaitable<void> {
        session s{on};
        co_await s.execute("SELECT $1::text", "secret");
        co_await s.commit();
    });
    std::string all;
    for (const std::string& each : lines)
        all += each + "\n";
    EXPECT_TRUE(all.starts_with("BEGIN")) << all;
    EXPECT_NE(all.find("SELECT $1::text [1 parameter hidden]"), std::string::npos) << all;
    EXPECT_NE(all.find("COMMIT"), std::string::npos) << all;
    EXPECT_EQ(all.find("secret"), std::string::npos) << all;
}

TEST(guide_setup, guide_04_pool_size_is_what_is_kept)
{
    run_with_engine(sized(2, 1), [](const engine& on) -> asio::awaitable<void> {
        {
            session one{on};
            session two{on};
            session three{on};
            co_await one.execute("SELECT 1");
            co_await two.execute("SELECT 1");
            co_await three.execute("SELECT 1");
            EXPECT_EQ(on.status().leased, 3U);
        }
        const bool kept = co_await eventually([&] { return on.status().total() == 2 && on.status().idle == 2; });
        EXPECT_TRUE(kept) << to_string(on.status());
    });
}

TEST(guide_setup, guide_05_overflow_connections_are_closed_again)
{
    run_with_engine(sized(1, 1), [](const engine& on) -> asio::awaitable<void> {
        session one{on};
        session two{on};
        co_await one.execute("SELECT 1");
        co_await two.execute("SELECT 1");
        EXPECT_EQ(on.status().overflow, 1U);
        co_await one.commit();
        co_await two.commit();
        const bool closed = co_await eventually([&] { return on.status().total() == 1; });
        EXPECT_TRUE(closed) << to_string(on.status());
    });
}

TEST(guide_setup, guide_06_pre_ping_replaces_a_dead_connection)
{
    engine_options options = sized(1, 0);
    options.pool_pre_ping = true;
    options.pool.ping_threshold = {};
    run_with_engine(options, [](const engine& on) -> asio::awaitable<void> {
        const auto before = co_await backend_of(on);
        EXPECT_EQ(co_await backend_of(on), before);
        EXPECT_GE(on.counters().pings, 1U);
        server().run_sql("SELECT pg_terminate_backend(" + std::to_string(before) + ")");
        EXPECT_NE(co_await backend_of(on), before) << "and nobody saw an error";
    });
}

TEST(guide_setup, guide_07_pool_recycle_replaces_an_old_connection)
{
    engine_options options = sized(1, 0);
    options.pool_recycle = 1ms;
    run_with_engine(options, [](const engine& on) -> asio::awaitable<void> {
        const auto before = co_await backend_of(on);
        co_await pause(5ms);
        EXPECT_NE(co_await backend_of(on), before);
    });
}

TEST(guide_setup, guide_08_pool_timeout_says_how_the_pool_stands)
{
    engine_options options = sized(1, 0);
    options.pool_timeout = 2s;
    run_with_engine(options, [](const engine& on) -> asio::awaitable<void> {
        session holder{on};
        co_await holder.execute("SELECT 1");
        session waits{on};
        const auto refused = co_await thrown<pool_timeout>([&] { return waits.execute("SELECT 1"); });
        EXPECT_EQ(refused.status().leased, 1U);
        expect_mentions(refused, "guide_setup_test.cpp"); // who holds it
        co_await holder.rollback();
    });
}

TEST(guide_setup, guide_09_defaults)
{
    const engine_options made;
    EXPECT_EQ(made.pool_size, 5U);
    EXPECT_EQ(made.max_overflow, 10);
    EXPECT_EQ(made.pool_timeout, 30s);
    EXPECT_EQ(made.pool_recycle, 0s) << "off";
    EXPECT_FALSE(made.pool_pre_ping);
    EXPECT_FALSE(made.echo);
}

TEST(guide_setup, guide_10_an_engine_never_has_more_than_size_and_overflow)
{
    engine_options options = sized(1, 1);
    options.pool_timeout = 2s;
    run_with_engine(options, [](const engine& on) -> asio::awaitable<void> {
        EXPECT_EQ(on.status().cap, 2U);
        session one{on};
        session two{on};
        session three{on};
        co_await one.execute("SELECT 1");
        co_await two.execute("SELECT 1");
        co_await thrown<pool_timeout>([&] { return three.execute("SELECT 1"); });
        EXPECT_EQ(on.status().total(), 2U);
    });
}

TEST(guide_setup, guide_11_nothing_expires_at_commit)
{
    run_with_models(blog::metadata, [](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        const orm::session_factory sessions{on};
        orm::session s = sessions();
        const orm::ref<user> ann = s.add(someone("ann"));
        co_await s.commit();
        sent.clear();
        EXPECT_EQ(ann->name, "ann");
        EXPECT_EQ(ann->id, 1);
        EXPECT_TRUE(sent.all().empty());
    });
}

TEST(guide_setup, guide_12_the_end_of_a_session_is_no_commit)
{
    run_with_models(blog::metadata, [](const engine& on, sent_requests&) -> asio::awaitable<void> {
        {
            orm::session s{on};
            s.add(someone("ann"));
            co_await s.flush();
            EXPECT_EQ(on.status().leased, 1U);
        }
        const bool given_back = co_await eventually([&] { return on.status().idle == 1; });
        EXPECT_TRUE(given_back) << to_string(on.status());
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM users"), 0);
    });
}

TEST(guide_setup, guide_14_dispose_closes_and_the_engine_stays_usable)
{
    run_with_engine(sized(1, 0), [](const engine& on) -> asio::awaitable<void> {
        const auto before = co_await backend_of(on);
        co_await on.dispose();
        const bool gone = co_await eventually([&] { return activity_of(before).empty(); });
        EXPECT_TRUE(gone);
        EXPECT_NE(co_await backend_of(on), before);
    });
}

TEST(guide_setup, guide_15_begin_commits_and_connect_leaves_it_to_you)
{
    run_with_models(blog::metadata, [](const engine& on, sent_requests&) -> asio::awaitable<void> {
        const auto kept = [](session& s) -> asio::awaitable<void> {
            co_await s.execute("INSERT INTO tags (label) VALUES ('kept')");
        };
        co_await on.begin(kept);
        {
            pooled_connection conn = co_await on.connect();
            transaction lost = co_await conn->begin();
            co_await lost.execute("INSERT INTO tags (label) VALUES ('lost')");
        }
        session twice{on};
        co_await twice.begin();
        co_await thrown<usage_error>([&]() -> asio::awaitable<int> {
            co_await twice.begin();
            co_return 0;
        });
        EXPECT_EQ(co_await committed<std::string>("SELECT string_agg(label, ',') FROM tags"), "kept");
    });
}

TEST(guide_setup, guide_16_create_all_is_an_await)
{
    run_with_models(blog::metadata, [](const engine& on, sent_requests&) -> asio::awaitable<void> {
        co_await orm::create_all(on, blog::metadata); // what is there stays
        const auto tables = [] {
            return committed<std::int64_t>("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname = "
                                           "ANY('{users,posts,tags,post_tags}')");
        };
        EXPECT_EQ(co_await tables(), 4);
        co_await orm::drop_all(on, blog::metadata);
        EXPECT_EQ(co_await tables(), 0);
    });
}

} // namespace
} // namespace tusk::test
