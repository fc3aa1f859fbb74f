#include "session_testing.hpp"

#include <tuple>
#include <vector>

namespace {

using namespace tusk::test;

TEST(session, nothing_connects_before_the_first_statement)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        co_await s.begin();
        co_await s.set_isolation(tusk::isolation::serializable);
        co_await s.commit();
        co_await s.rollback();
        EXPECT_EQ(engine.status().total(), 0U);
        EXPECT_EQ(engine.counters().connects_started, 0U);
    });
}

TEST(session, the_connection_is_held_from_the_first_statement_to_commit_or_rollback)
{
    run_with_engine(
        [](tusk::engine& engine) -> asio::awaitable<void> {
            co_await make_table(engine, "session_held");
            tusk::session s{engine};
            EXPECT_FALSE(s.in_transaction());
            co_await s.execute("INSERT INTO session_held VALUES (1, 'a')");
            EXPECT_TRUE(s.in_transaction());
            EXPECT_EQ(engine.status().leased, 1U);
            co_await s.commit();
            EXPECT_FALSE(s.in_transaction());
            EXPECT_EQ(engine.status().leased, 0U);
            const auto note = co_await s.query_one<std::string>("SELECT note FROM session_held WHERE id = $1", 1);
            EXPECT_EQ(note, "a");
            EXPECT_EQ(engine.status().leased, 1U);
            co_await s.execute("DELETE FROM session_held");
            co_await s.rollback();
            EXPECT_EQ(engine.status().leased, 0U);
            const auto count = co_await s.query_one<std::int64_t>("SELECT count(*) FROM session_held");
            EXPECT_EQ(count, 1);
            co_await s.rollback();
        },
        connections(1));
}

TEST(session, destroying_it_rolls_back)
{
    run_with_engine(
        [](tusk::engine& engine) -> asio::awaitable<void> {
            co_await make_table(engine, "session_destroyed");
            {
                tusk::session s{engine};
                co_await s.execute("INSERT INTO session_destroyed VALUES (1, 'a')");
                const tusk::savepoint inner = co_await s.begin_nested();
                co_await s.execute("INSERT INTO session_destroyed VALUES (2, 'b')");
            }
            tusk::session other{engine};
            const auto count = co_await other.query_one<std::int64_t>("SELECT count(*) FROM session_destroyed");
            EXPECT_EQ(count, 0);
            co_await other.commit();
        },
        connections(1));
}

TEST(session, every_verb_of_a_connection)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "session_verbs");
        tusk::session s{engine};
        const tusk::command_tag tag = co_await s.execute("INSERT INTO session_verbs VALUES ($1, $2)", 1, "one");
        EXPECT_EQ(tag.rows_affected(), 1U);
        const std::vector<std::tuple<int, std::string>> more{{2, "two"}, {3, "three"}};
        const tusk::command_tag many = co_await s.execute_many("INSERT INTO session_verbs VALUES ($1, $2)", more);
        EXPECT_EQ(many.rows_affected(), 2U);
        const std::vector<int> keys{1, 3};
        const tusk::result returned =
            co_await s.query_many("UPDATE session_verbs SET note = upper(note) WHERE id = $1 RETURNING note", keys);
        EXPECT_EQ(returned.size(), 2U);
        const auto none = co_await s.query_optional<int>("SELECT id FROM session_verbs WHERE id = $1", 9);
        EXPECT_FALSE(none.has_value());
        const tusk::result rows = co_await s.query("SELECT id FROM session_verbs ORDER BY id");
        EXPECT_EQ(rows.size(), 3U);
        const auto scripted = co_await s.execute_script("SELECT 1; SELECT 2");
        EXPECT_EQ(scripted.size(), 2U);

        tusk::row_stream stream = co_await s.stream(tusk::fetch_size{2}, "SELECT id FROM session_verbs ORDER BY id");
        std::vector<int> streamed;
        while (co_await stream.next_batch())
            for (auto [id] : stream.as<int>())
                streamed.push_back(id);
        EXPECT_EQ(streamed, (std::vector<int>{1, 2, 3}));

        tusk::copy_writer writer = co_await s.copy_into("session_verbs", "id", "note");
        EXPECT_FALSE(writer.add(4, "four"));
        co_await writer.finish();
        tusk::raw_copy_writer raw = co_await s.copy_in("COPY session_verbs FROM STDIN");
        EXPECT_FALSE(raw.add("5\tfive\n"));
        co_await raw.finish();
        tusk::copy_reader reader = co_await s.copy_out("COPY (SELECT id FROM session_verbs ORDER BY id) TO STDOUT");
        std::string copied;
        while (co_await reader.next_batch())
            copied += reader.text();
        EXPECT_EQ(copied, "1\n2\n3\n4\n5\n");

        tusk::pipeline several = co_await s.pipeline();
        const auto first = several.query_one<int>("SELECT 1");
        const auto second = several.query_one<int>("SELECT $1::int", 2);
        co_await several.run();
        EXPECT_EQ(first.get() + second.get(), 3);
        tusk::pipeline atomic = co_await s.atomic_pipeline();
        const auto third = atomic.execute("DELETE FROM session_verbs WHERE id = $1", 5);
        co_await atomic.run();
        EXPECT_EQ(third.get().rows_affected(), 1U);

        tusk::statement prepared = co_await s.prepare("SELECT note FROM session_verbs WHERE id = $1");
        const auto note = co_await prepared.query_one<std::string>(1);
        EXPECT_EQ(note, "ONE");
        const tusk::connection* conn = co_await s.connection();
        EXPECT_GT(conn->backend_pid(), 0);
        co_await s.commit();

        const auto answer = co_await s.try_query_one<int>("SELECT count(*)::int FROM session_verbs");
        EXPECT_EQ(answer.value(), 4);
        const auto refused = co_await s.try_execute("INSERT INTO session_verbs VALUES (1, 'again')");
        EXPECT_EQ(refused.error().sqlstate(), "23505");
        co_await s.rollback();
    });
}

TEST(session, a_verb_may_be_stored_and_awaited_in_a_later_transaction)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        co_await s.execute("SELECT 1");
        auto stored = s.query_one<std::string>("SELECT $1::text", std::string(100, 'x'));
        co_await s.commit();
        const std::string came = co_await std::move(stored);
        EXPECT_EQ(came, std::string(100, 'x'));
        EXPECT_TRUE(s.in_transaction());
        co_await s.rollback();
    });
}

TEST(session, moving_it_or_its_engine_disturbs_nothing)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        tusk::session s{engine};
        auto stored = s.query_one<int>("SELECT 1");
        tusk::engine moved = std::move(engine);
        tusk::session taken = std::move(s);
        const int one = co_await std::move(stored);
        EXPECT_EQ(one, 1);
        const int two = co_await taken.query_one<int>("SELECT 2");
        EXPECT_EQ(two, 2);
        EXPECT_THROW(static_cast<void>(s.query("SELECT 3")), tusk::usage_error);
        co_await taken.commit();
        engine = std::move(moved);
    });
}

TEST(session, begin_with_a_block)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "session_begin");
        tusk::session s{engine};
        const int seven = co_await s.begin([&]() -> asio::awaitable<int> {
            co_await s.execute("INSERT INTO session_begin VALUES (1, 'kept')");
            co_return 7;
        });
        EXPECT_EQ(seven, 7);
        EXPECT_FALSE(s.in_transaction());
        co_await thrown<std::runtime_error>([&] {
            return s.begin([&]() -> asio::awaitable<int> {
                co_await s.execute("INSERT INTO session_begin VALUES (2, 'lost')");
                throw std::runtime_error{"no"};
            });
        });
        EXPECT_FALSE(s.in_transaction());
        const auto count = co_await s.query_one<std::int64_t>("SELECT count(*) FROM session_begin");
        EXPECT_EQ(count, 1);
        const auto refused = co_await thrown<tusk::usage_error>([&]() -> asio::awaitable<int> {
            co_await s.begin();
            co_return 0;
        });
        expect_mentions(refused, "begun already");
        co_await s.rollback();
    });
}

} // namespace
