// `pooling_proxy = transaction` through a real PgBouncer, which gives every transaction whichever session is free.
// Where it is not installed the tests are skipped and say so.

#include "callers.hpp"
#include "support/pgbouncer.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace tusk::test;

const std::string my_session = "SELECT pg_backend_pid()";

/// PgBouncer with two sessions, and as many clients of it as a test wants.
class pooling_proxy : public testing::Test
{
protected:
    void SetUp() override
    {
        if (const std::string why = pgbouncer::missing(); !why.empty())
            GTEST_SKIP() << why;
        proxy_.emplace(sessions);
    }

    static constexpr int sessions = 2;

    [[nodiscard]] tusk::connect_options options(tusk::pooling_proxy how = tusk::pooling_proxy::transaction) const
    {
        tusk::connect_options where{proxy_->url()};
        where.pooling_proxy = how;
        return where;
    }

    [[nodiscard]] asio::awaitable<tusk::connection>
    client(tusk::pooling_proxy how = tusk::pooling_proxy::transaction) const
    {
        return tusk::connect(options(how));
    }

    /// Two clients that hold sessions, so that a test decides which one is left for the next client.
    struct holders {
        tusk::connection first;
        tusk::connection second;
        std::optional<tusk::transaction> held;
    };

    [[nodiscard]] asio::awaitable<std::unique_ptr<holders>> make_holders() const
    {
        tusk::connection first = co_await client();
        tusk::connection second = co_await client();
        co_return std::unique_ptr<holders>{new holders{std::move(first), std::move(second), std::nullopt}};
    }

    /// From now on whoever comes gets a session other than this one (or, with `only`, this one).
    static asio::awaitable<void> leave(holders& with, int session, bool only)
    {
        with.held.reset();
        tusk::transaction one = co_await with.first.begin();
        const int of_one = co_await one.query_one<int>(my_session);
        tusk::transaction two = co_await with.second.begin();
        const int of_two = co_await two.query_one<int>(my_session);
        EXPECT_NE(of_one, of_two);
        EXPECT_TRUE(of_one == session || of_two == session);
        const bool keep_one = (of_one == session) != only;
        co_await (keep_one ? two : one).rollback();
        with.held.emplace(std::move(keep_one ? one : two));
    }
    static asio::awaitable<void> leave_another_than(holders& with, int session) { return leave(with, session, false); }
    static asio::awaitable<void> leave_only(holders& with, int session) { return leave(with, session, true); }

    /// Both sessions are as they were at their beginning.
    asio::awaitable<void> expect_clean_sessions() const
    {
        tusk::connection one = co_await client();
        tusk::connection two = co_await client();
        tusk::transaction first = co_await one.begin();
        tusk::transaction second = co_await two.begin();
        std::set<int> seen;
        for (tusk::transaction* each : {&first, &second}) {
            const auto [session, statements, portals, channels, locks, work_mem] =
                co_await each
                    ->query_one<std::tuple<int, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::string>>(
                        "SELECT pg_backend_pid(), (SELECT count(*) FROM pg_prepared_statements), "
                        "(SELECT count(*) FROM pg_cursors WHERE name <> ''), "
                        "(SELECT count(*) FROM pg_listening_channels()), "
                        "(SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'), "
                        "current_setting('work_mem')");
            seen.insert(session);
            EXPECT_EQ(statements, 0);
            EXPECT_EQ(portals, 0);
            EXPECT_EQ(channels, 0);
            EXPECT_EQ(locks, 0);
            EXPECT_EQ(work_mem, "4MB");
        }
        EXPECT_EQ(seen.size(), 2U);
    }

    std::optional<pgbouncer> proxy_;
};

// ---- Statements.

TEST_F(pooling_proxy, without_the_option_prepared_statements_of_several_clients_collide)
{
    run([&]() -> asio::awaitable<void> {
        tusk::connection one = co_await client(tusk::pooling_proxy::none);
        tusk::connection two = co_await client(tusk::pooling_proxy::none);
        const auto others = co_await make_holders();
        const int session = co_await one.query_one<int>(my_session);

        // The other client gives its first statement the same name.
        co_await leave_only(*others, session);
        const auto taken = co_await thrown<tusk::server_error>([&] { return two.query("SELECT 2 AS two"); });
        EXPECT_EQ(taken.sqlstate(), tusk::sqlstate::duplicate_prepared_statement);

        // And the session that comes next does not have the first client's.
        co_await leave_another_than(*others, session);
        tusk::transaction work = co_await one.begin();
        const auto missing = co_await thrown<tusk::server_error>([&] { return work.query(my_session); });
        EXPECT_EQ(missing.sqlstate(), tusk::sqlstate::invalid_sql_statement_name);
    });
}

TEST_F(pooling_proxy, a_statement_runs_on_whichever_session_there_is)
{
    run([&]() -> asio::awaitable<void> {
        tusk::connection one = co_await client();
        tusk::connection two = co_await client();
        const auto others = co_await make_holders();
        const int session = co_await one.query_one<int>(my_session);

        co_await leave_only(*others, session);
        const int same = co_await two.query_one<int>("SELECT 1 + pg_backend_pid()");
        EXPECT_EQ(same, session + 1);

        co_await leave_another_than(*others, session);
        {
            tusk::transaction work = co_await one.begin();
            const int elsewhere = co_await work.query_one<int>(my_session);
            EXPECT_NE(elsewhere, session);
            const int again = co_await work.query_one<int>(my_session);
            EXPECT_EQ(again, elsewhere);
            co_await work.commit();
        }
        tusk::statement kept = co_await one.prepare("SELECT $1::int + pg_backend_pid()");
        EXPECT_EQ(kept.parameters().size(), 1U);
        const int through_it = co_await kept.query_one<int>(1);
        EXPECT_NE(through_it, session + 1);
        co_await leave_only(*others, session);
        const int back = co_await kept.query_one<int>(1);
        EXPECT_EQ(back, session + 1);
    });
}

TEST_F(pooling_proxy, a_statement_whose_types_have_changed_is_described_anew)
{
    run([&]() -> asio::awaitable<void> {
        tusk::connection reader = co_await client();
        tusk::connection changer = co_await client();
        co_await changer.execute_script("DROP TABLE IF EXISTS proxied_thing;"
                                        "CREATE TABLE proxied_thing (id int, size int);"
                                        "INSERT INTO proxied_thing VALUES (1, 258)");
        const std::string sql = "SELECT size FROM proxied_thing WHERE id = $1";
        const std::vector<int> ids{1};
        for (int round = 0; round < 2; ++round) {
            const int as_number = co_await reader.query_one<int>(sql, 1);
            EXPECT_EQ(as_number, 258);
        }
        co_await changer.execute("ALTER TABLE proxied_thing ALTER size TYPE text, ALTER id TYPE bigint");
        const auto as_text = co_await reader.query_one<std::string>(sql, 1);
        EXPECT_EQ(as_text, "258");
        const tusk::result of_many = co_await reader.query_many(sql, ids);
        EXPECT_EQ(of_many.front()[0].as<std::string>(), "258");
        const auto misread = co_await thrown<tusk::decode_error>([&] { return reader.query_one<int>(sql, 1); });
        expect_mentions(misread, "text");

        co_await changer.execute("ALTER TABLE proxied_thing ALTER size TYPE float8 USING size::float8 / 2, "
                                 "ALTER id TYPE text");
        const auto as_real = co_await reader.query_one<double>(sql, "1");
        EXPECT_EQ(as_real, 129.0);
        const auto misfit = co_await thrown<tusk::encode_error>([&] { return reader.query(sql, 1); });
        expect_mentions(misfit, "text");
        co_await expect_usable(reader);
        co_await changer.execute("DROP TABLE proxied_thing");
    });
}

TEST_F(pooling_proxy, types_of_the_database_are_looked_up_where_the_statement_runs)
{
    run([&]() -> asio::awaitable<void> {
        using pair = std::tuple<int, std::string>;
        tusk::connection one = co_await client();
        const auto others = co_await make_holders();
        co_await one.execute_script("DROP TYPE IF EXISTS proxied_pair; DROP TYPE IF EXISTS proxied_mood;"
                                    "CREATE TYPE proxied_mood AS ENUM ('sad', 'ok');"
                                    "CREATE TYPE proxied_pair AS (a int, b text)");
        const std::vector<std::string> moods{"ok", "sad"};
        const pair whole{7, "x"};
        const int session = co_await one.query_one<int>(my_session);
        for (const bool same : {true, false, true}) {
            co_await leave(*others, session, same);
            for (const bool again : {false, true}) {
                // Whoever comes new knows none of the types; whoever comes again does.
                std::optional<tusk::connection> fresh;
                if (!again)
                    fresh.emplace(co_await client());
                tusk::connection& conn = again ? one : *fresh;
                const auto mood = co_await conn.query_one<std::string>("SELECT $1::proxied_mood", "ok");
                EXPECT_EQ(mood, "ok");
                const auto list = co_await conn.query_one<std::vector<std::string>>("SELECT $1::proxied_mood[]", moods);
                EXPECT_EQ(list, moods);
                const auto there = co_await conn.query_one<std::string>("SELECT $1::proxied_pair::text", whole);
                EXPECT_EQ(there, "(7,x)");
                const auto back = co_await conn.query_one<std::tuple<pair>>("SELECT $1::proxied_pair", whole);
                EXPECT_EQ(std::get<0>(back), whole);
                co_await conn.with_transaction([&](tusk::transaction& work) -> asio::awaitable<void> {
                    const auto inside = co_await work.query_one<std::tuple<pair>>("SELECT $1::proxied_pair", whole);
                    EXPECT_EQ(std::get<0>(inside), whole);
                });
                const std::vector<pair> both{whole, pair{8, "y"}};
                const tusk::result rows = co_await conn.query_many("SELECT (ROW($1::int, $2)::proxied_pair).b", both);
                EXPECT_EQ(rows.size(), 2U);
            }
        }
        others->held.reset();
        co_await one.execute_script("DROP TYPE proxied_pair; DROP TYPE proxied_mood");
    });
}

// ---- Transactions.

TEST_F(pooling_proxy, many_clients_at_once_keep_their_transactions_apart)
{
    constexpr int clients = 12;
    constexpr int rounds = 20;
    run([&]() -> asio::awaitable<void> {
        tusk::connection maker = co_await client();
        co_await maker.execute_script("DROP TABLE IF EXISTS proxied_account;"
                                      "CREATE TABLE proxied_account (owner int PRIMARY KEY, amount int);");
        std::set<int> seen;
        callers everybody;
        const auto executor = co_await asio::this_coro::executor;
        const auto work = [&](int number) -> asio::awaitable<int> {
            tusk::connection conn = co_await client();
            co_await conn.execute("INSERT INTO proxied_account VALUES ($1, 0)", number);
            for (int round = 0; round < rounds; ++round) {
                tusk::transaction tx = co_await conn.begin();
                co_await tx.execute("SET LOCAL work_mem = '8MB'");
                const int before = co_await tx.query_one<int>(my_session);
                co_await tx.execute("UPDATE proxied_account SET amount = amount + $1 WHERE owner = $2", number, number);
                const auto setting = co_await tx.query_one<std::string>("SELECT current_setting('work_mem')");
                EXPECT_EQ(setting, "8MB");
                const int after = co_await tx.query_one<int>(my_session);
                EXPECT_EQ(before, after);
                seen.insert(after);
                if (round % 4 == 3)
                    co_await tx.rollback();
                else
                    co_await tx.commit();
                const int own = co_await conn.query_one<int>("SELECT $1 * 1000 + 1", number);
                EXPECT_EQ(own, number * 1000 + 1);
            }
            co_return co_await conn.query_one<int>("SELECT amount FROM proxied_account WHERE owner = $1", number);
        };
        for (int number = 0; number < clients; ++number)
            everybody.spawn(executor, work(number), gives(number * rounds * 3 / 4));
        co_await everybody.all();
        EXPECT_GE(seen.size(), 1U);
        EXPECT_LE(seen.size(), std::size_t{sessions});
        co_await maker.execute("DROP TABLE proxied_account");
        co_await expect_clean_sessions();
    });
}

TEST_F(pooling_proxy, a_failed_or_dropped_transaction_is_over_before_the_session_goes_to_somebody_else)
{
    run([&]() -> asio::awaitable<void> {
        tusk::connection one = co_await client();
        tusk::connection two = co_await client();
        const auto others = co_await make_holders();
        const int session = co_await one.query_one<int>(my_session);
        co_await leave_only(*others, session);
        {
            tusk::transaction work = co_await one.begin();
            co_await thrown<tusk::server_error>([&] { return work.query("SELECT 1 / 0"); });
            const auto why = co_await thrown<tusk::transaction_rolled_back>([&] { return work.commit(); });
            EXPECT_TRUE(why.cause());
        }
        const int after_failure = co_await two.query_one<int>(my_session);
        EXPECT_EQ(after_failure, session);
        {
            tusk::transaction dropped = co_await one.begin();
            co_await dropped.execute("CREATE TABLE proxied_draft (id int)");
        }
        const auto left = co_await two.query_one<bool>("SELECT to_regclass('proxied_draft') IS NOT NULL");
        EXPECT_FALSE(left);
        const int after_drop = co_await two.query_one<int>(my_session);
        EXPECT_EQ(after_drop, session);
    });
}

// ---- Everything else, and what it leaves behind.

asio::awaitable<void> use_every_verb(tusk::connection& conn)
{
    const std::vector<int> numbers{1, 2, 3};
    co_await conn.execute_many("INSERT INTO proxied_goods (id) VALUES ($1)", numbers);
    const tusk::result made =
        co_await conn.query_many("INSERT INTO proxied_goods (id) VALUES ($1) RETURNING id", numbers);
    EXPECT_EQ(made.size(), 3U);
    for (const bool atomic : {false, true}) {
        tusk::pipeline batch = atomic ? conn.atomic_pipeline() : conn.pipeline();
        const auto one = batch.query_one<int>("SELECT $1::int + 1", 1);
        const auto two = batch.query_one<std::string>("SELECT $1 || 'x'", "y");
        const auto again = batch.query_one<int>("SELECT $1::int + 1", 2);
        co_await batch.run();
        EXPECT_EQ(one.get(), 2);
        EXPECT_EQ(two.get(), "yx");
        EXPECT_EQ(again.get(), 3);
    }
    {
        tusk::row_stream rows = co_await conn.stream("SELECT g FROM generate_series(1, $1) AS g", 100'000);
        std::int64_t sum = 0;
        while (co_await rows.next_batch())
            for (const auto& [g] : rows.as<int>())
                sum += g;
        EXPECT_EQ(sum, std::int64_t{100'000} * 100'001 / 2);
    }
    {
        tusk::row_stream dropped = co_await conn.stream("SELECT g FROM generate_series(1, 1000000) AS g");
        const bool more = co_await dropped.next_batch();
        EXPECT_TRUE(more);
    }
    {
        tusk::transaction work = co_await conn.begin();
        tusk::row_stream rows =
            co_await work.stream(tusk::fetch_size{10}, "SELECT g FROM generate_series(1, $1) AS g", 25);
        int batches = 0;
        while (co_await rows.next_batch()) {
            ++batches;
            const int between = co_await work.query_one<int>("SELECT $1::int", batches);
            EXPECT_EQ(between, batches);
        }
        EXPECT_EQ(batches, 3);
        co_await work.commit();
    }
    {
        tusk::copy_writer writer = co_await conn.copy_into("proxied_goods", "id", "name");
        static_cast<void>(writer.add(4, "nut"));
        const tusk::command_tag copied = co_await writer.finish();
        EXPECT_EQ(copied.text(), "COPY 1");
    }
    {
        tusk::copy_reader reader = co_await conn.copy_out("COPY (SELECT id FROM proxied_goods) TO STDOUT");
        while (co_await reader.next_batch()) {}
    }
    {
        tusk::copy_writer dropped = co_await conn.copy_into("proxied_goods", "id");
        static_cast<void>(dropped.add(5));
    }
    co_await thrown<tusk::server_error>([&] { return conn.query("SELECT $1::int / 0", 1); });
    co_await expect_usable(conn);
}

TEST_F(pooling_proxy, every_verb_works_for_several_clients_and_leaves_nothing_on_the_sessions)
{
    run([&]() -> asio::awaitable<void> {
        tusk::connection maker = co_await client();
        co_await maker.execute_script(
            "DROP TABLE IF EXISTS proxied_goods; CREATE TABLE proxied_goods (id int, name text)");
        callers everybody;
        const auto executor = co_await asio::this_coro::executor;
        const auto work = [&]() -> asio::awaitable<bool> {
            tusk::connection conn = co_await client();
            for (int round = 0; round < 3; ++round)
                co_await use_every_verb(conn);
            co_return true;
        };
        for (int number = 0; number < 5; ++number)
            everybody.spawn(executor, work(), gives(true));
        co_await everybody.all();
        const auto rows = co_await maker.query_one<std::int64_t>("SELECT count(*) FROM proxied_goods");
        EXPECT_EQ(rows, 5 * 3 * 7);
        co_await maker.execute("DROP TABLE proxied_goods");
        co_await expect_clean_sessions();
    });
}

TEST_F(pooling_proxy, many_callers_on_each_of_several_connections_get_their_own_answers)
{
    run([&]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        std::vector<tusk::connection> all;
        for (int number = 0; number < 4; ++number)
            all.push_back(co_await client());
        callers everybody;
        for (int i = 0; i < 200; ++i)
            for (tusk::connection& conn : all) {
                // With and without a flight of its own for the parameter's type, and one that is refused.
                everybody.spawn(executor, conn.query_one<int>("SELECT $1::int + 1", i), gives(i + 1));
                everybody.spawn(executor, conn.query_one<std::string>("SELECT $1 || 'x'", std::to_string(i)),
                                gives(std::to_string(i) + "x"));
                if (i % 10 == 0)
                    everybody.spawn(executor, conn.query_one<int>("SELECT $1::int / 0", i),
                                    fails_with<tusk::server_error>());
            }
        co_await everybody.all();
        for (tusk::connection& conn : all)
            co_await expect_usable(conn);
    });
}

TEST_F(pooling_proxy, listening_is_refused)
{
    run([&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await client();
        const auto refused = co_await thrown<tusk::usage_error>([&] { return conn.listen("news"); });
        expect_mentions(refused, "session of its own", "connect to the server itself");
        co_await expect_usable(conn);
    });
    EXPECT_THROW((tusk::listener{options(), {"news"}}), tusk::usage_error);
}

TEST_F(pooling_proxy, a_deadline_ends_the_statement_of_its_client_and_no_other)
{
    run([&]() -> asio::awaitable<void> {
        tusk::connection late = co_await client();
        tusk::connection patient = co_await client();
        gate closed = co_await gate::shut();
        const std::string waiting = closed.wait_for(7);
        callers other;
        const auto executor = co_await asio::this_coro::executor;
        other.spawn(executor, patient.query_one<int>(waiting), gives(7));
        for (int round = 0; round < 3; ++round) {
            co_await thrown<tusk::timeout_error>(
                [&] { return late.with_timeout(100ms).execute("SELECT pg_sleep(60)"); });
            co_await expect_usable(late);
        }
        co_await closed.open();
        co_await other.all();
        const auto asleep = co_await patient.query_one<std::int64_t>(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(60)%' "
            "AND pid <> pg_backend_pid()");
        EXPECT_EQ(asleep, 0);
        co_await expect_clean_sessions();
    });
}

} // namespace
