// The caller is cancelled at every point at which it can be suspended: it is released, nothing hangs, and whoever comes
// next finds the connection usable and in no transaction.

#include "scripted_cancelling.hpp"
#include "scripted_lookup.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace tusk::test {

namespace {

const std::string next = "SELECT $1::int4 + 1 AS next";
const std::string insert = "INSERT INTO goods VALUES (3, 'bolt')";

const std::string add = "INSERT INTO goods VALUES ($1, 'new')";
const std::vector<int> ids{7, 8, 9};

/// The executions of a batch.
std::string run_many(const std::string& name)
{
    std::string flight;
    for (const int id : ids)
        flight += frontend::bind(name, {{1, int32(id)}}) + frontend::execute();
    return flight;
}

/// What a server answers to all batches of the programs below.
void answer_batches(script& talk)
{
    using namespace backend;
    const std::string described = parse_complete() + parameter_description({23}) + no_data();
    const std::string added = bind_complete() + complete("INSERT 0 1");
    const std::string save = frontend::command("SAVEPOINT tusk_batch");
    const std::string release = frontend::command("RELEASE SAVEPOINT tusk_batch");
    const std::string saved = command_done("SAVEPOINT");
    const std::string released = command_done("RELEASE");
    for (const char* const name : {"tusk_1", "tusk_2", "tusk_3"}) {
        talk.whenever(frontend::prepare(name, add) + frontend::sync(), described + ready('I'))
            .whenever(frontend::command("BEGIN") + frontend::prepare(name, add) + frontend::sync(),
                      command_done("BEGIN") + described + ready('T'))
            .whenever(frontend::command("BEGIN") + save + frontend::prepare(name, add) + frontend::sync(),
                      command_done("BEGIN") + saved + described + ready('T'))
            .whenever(run_many(name) + frontend::sync(), added + added + added + ready('I'))
            .whenever(run_many(name) + release + frontend::sync(), added + added + added + released + ready('T'))
            .whenever(save + run_many(name) + release + frontend::sync(),
                      saved + added + added + added + released + ready('T'));
        for (const int id : ids)
            talk.whenever(frontend::run(name, {{1, int32(id)}}), added + ready('I'));
    }
    talk.whenever(frontend::query("ROLLBACK TO SAVEPOINT tusk_batch; RELEASE SAVEPOINT tusk_batch"),
                  complete("ROLLBACK") + complete("RELEASE") + ready('T'));
}

/// A server that answers whatever part of the programs below arrives.
script server()
{
    using namespace backend;
    const std::string no_parameters = parse_complete() + parameter_description();
    const std::string done = bind_complete() + complete("INSERT 0 1");
    script talk = logged_in();
    for (const char* const name : {"tusk_1", "tusk_2", "tusk_3"})
        talk.whenever(frontend::prepare(name, next) + frontend::sync(),
                      parse_complete() + parameter_description({23}) + row_description({{"next", 23, 4}}) + ready('I'))
            .whenever(frontend::run(name, {{1, int32(41)}}),
                      bind_complete() + data_row({int32(42)}) + complete("SELECT 1") + ready('I'))
            .whenever(frontend::command("BEGIN") + frontend::prepare(name, insert) + frontend::sync(),
                      command_done("BEGIN") + no_parameters + no_data() + ready('T'))
            .whenever(frontend::run(name), done + ready('T'))
            .whenever(frontend::command("SAVEPOINT tusk_2") + frontend::run(name),
                      command_done("SAVEPOINT") + done + ready('T'));
    for (const char* const name : {"tusk_1", "tusk_2", "tusk_3"})
        talk.whenever(frontend::prepare(name, felt) + frontend::run(name, {{0, "sad"}}),
                      described(mood, "felt") + one_row("sad"))
            .whenever(frontend::run(name, {{1, "ok"}}), one_row("ok"));
    talk.whenever(lookup({mood}), lookup_described() + bind_complete() + mood_row + complete("SELECT 1") + ready('I'));
    answer_batches(talk);
    return answer_seven(talk)
        .whenever(frontend::query("COMMIT"), complete("COMMIT") + ready('I'))
        .whenever(frontend::query("ROLLBACK"), complete("ROLLBACK") + ready('I'))
        .whenever(frontend::query("RELEASE SAVEPOINT tusk_2"), complete("RELEASE") + ready('T'))
        .whenever(frontend::query("ROLLBACK TO SAVEPOINT tusk_2; RELEASE SAVEPOINT tusk_2"),
                  complete("ROLLBACK") + complete("RELEASE") + ready('T'));
}

asio::awaitable<void> query(scripted_session& at, connection& conn)
{
    co_await at.note("next", conn.query(next, 41));
    co_await at.note("cached", conn.query(next, 41));
}

asio::awaitable<void> look_types_up(scripted_session& at, connection& conn)
{
    co_await at.note("first", conn.query(felt, std::string{"sad"}));
    co_await at.note("cached", conn.query(felt, std::string{"ok"}));
}

asio::awaitable<void> transact(scripted_session& at, connection& conn)
{
    transaction work = co_await conn.begin();
    co_await at.note("insert", work.execute(insert));
    transaction inner = co_await work.begin();
    co_await at.note("inner", inner.execute(insert));
    co_await at.note("release", inner.commit());
    co_await at.note("commit", work.commit());
}

asio::awaitable<void> insert_nested(transaction& work)
{
    co_await work.execute(insert);
    co_await work.with_transaction([](transaction& inner) -> asio::awaitable<void> { co_await inner.execute(insert); });
}

asio::awaitable<void> transact_in_blocks(scripted_session& at, connection& conn)
{
    co_await at.note("block", conn.with_transaction(insert_nested));
}

asio::awaitable<void> run_batches(scripted_session& at, connection& conn)
{
    co_await at.note("many", conn.execute_many(add, ids));
    tusk::pipeline atomic = conn.atomic_pipeline();
    for (const int id : ids)
        static_cast<void>(atomic.execute(add, id));
    co_await at.note("atomic", atomic.run());
}

asio::awaitable<void> run_batches_in_a_transaction(scripted_session& at, connection& conn)
{
    transaction work = co_await conn.begin();
    co_await at.note("many", work.execute_many(add, ids));
    tusk::pipeline atomic = work.atomic_pipeline();
    for (const int id : ids)
        static_cast<void>(atomic.execute(add, id));
    co_await at.note("atomic", atomic.run());
    co_await at.note("commit", work.commit());
}

asio::awaitable<void> run_pipelines(scripted_session& at, connection& conn)
{
    tusk::pipeline batch = conn.pipeline();
    for (int round = 0; round < 2; ++round) {
        std::vector<pending<command_tag>> results;
        for (const int id : ids)
            results.push_back(batch.execute(add, id));
        co_await at.note("pipeline", batch.run());
        for (const auto& each : results)
            EXPECT_TRUE(each.is_ready());
    }
}

asio::awaitable<void> prepare(scripted_session& at, connection& conn)
{
    for (int i = 0; i < 2; ++i) { // asked for, and from the cache
        const statement prepared = co_await conn.prepare(next);
        at.say(prepared.sql());
    }
}

TEST(scripted_cancellation, of_preparing_leaves_the_connection_usable) { cancel_everywhere(server(), prepare); }
TEST(scripted_cancellation, of_a_query_leaves_the_connection_usable) { cancel_everywhere(server(), query); }
TEST(scripted_cancellation, of_a_transaction_leaves_the_connection_usable) { cancel_everywhere(server(), transact); }
TEST(scripted_cancellation, of_blocks_leaves_the_connection_usable) { cancel_everywhere(server(), transact_in_blocks); }
TEST(scripted_cancellation, of_a_lookup_of_types_leaves_the_connection_usable)
{
    cancel_everywhere(server(), look_types_up);
}

TEST(scripted_cancellation, of_batches_leaves_the_connection_usable) { cancel_everywhere(server(), run_batches); }
TEST(scripted_cancellation, of_pipelines_leaves_the_connection_usable) { cancel_everywhere(server(), run_pipelines); }
TEST(scripted_cancellation, of_batches_in_a_transaction_leaves_the_connection_usable)
{
    cancel_everywhere(server(), run_batches_in_a_transaction);
}

TEST(scripted_cancellation, of_one_caller_touches_no_other)
{
    for (const asio::cancellation_type type : all_types)
        for (int steps = 0; steps != 100; ++steps) {
            SCOPED_TRACE(steps);
            delivery how;
            how.read_piece = 3;
            asio::cancellation_signal signal;
            scripted_session session{server(), how, options_for(trusted_user)};
            session.start_connect();
            session.drive();
            session.start(query, signal.slot());
            session.start(ask_for_seven);
            for (int i = 0; i != steps && session.step(); ++i) {}
            signal.emit(type);
            session.drive();
            ASSERT_TRUE(session.is_finished()) << "it hangs";
            const auto answered = std::ranges::find(session.calls(), "seven", &scripted_session::call::what);
            ASSERT_NE(answered, session.calls().end());
            EXPECT_EQ(answered->said, "(seven=7) SELECT 1");
            EXPECT_EQ(session.peer().complaint(), "");
        }
}

asio::awaitable<void> close(scripted_session& /*at*/, connection& conn) { co_await conn.close(); }

TEST(scripted_cancellation, of_closing_closes_all_the_same)
{
    script polite = logged_in();
    said_goodbye(polite);
    delivery slow;
    slow.write_piece = 1;
    for (const delivery& how : {delivery{}, slow})
        for (const asio::cancellation_type type : all_types) {
            bool had_ended = false;
            int steps = 0;
            for (; !had_ended; ++steps) {
                SCOPED_TRACE(steps);
                asio::cancellation_signal signal;
                scripted_session session{polite, how, options_for(trusted_user)};
                session.start_connect();
                session.drive();
                session.start(close, signal.slot());
                for (int i = 0; i != steps && !session.is_finished(); ++i)
                    ASSERT_TRUE(session.step()) << "it hangs before it is cancelled";
                had_ended = session.is_finished();
                const bool had_begun = !session.conn().is_open();
                signal.emit(type);
                session.drive();
                ASSERT_TRUE(session.is_finished()) << "it hangs";
                EXPECT_EQ(session.peer().complaint(), "");
                if (session.failure()) {
                    EXPECT_TRUE(is_cancellation(session.failure())) << describe(session.failure());
                }
                if (had_begun) {
                    EXPECT_FALSE(session.conn().is_open());
                    EXPECT_TRUE(session.peer().is_done());
                    EXPECT_TRUE(session.peer().is_closed());
                }
            }
            EXPECT_GT(steps, 1);
        }
}

TEST(scripted_cancellation, of_connecting_closes_the_stream)
{
    script md5;
    md5.expect(startup_request("u_md5"))
        .send(backend::authentication(5, "\x2a\xe1\xb3\x17"))
        .expect(frontend::password("md5e9bd4acfbbbad8125b9b10250b707465"))
        .send(backend::authentication(0) + greeting("u_md5"))
        .expect(frontend::terminate());
    for (const asio::cancellation_type type : all_types) {
        bool had_ended = false;
        int steps = 1; // with the first one the stream is opened
        for (; !had_ended; ++steps) {
            SCOPED_TRACE(steps);
            delivery how;
            how.read_piece = 7;
            asio::cancellation_signal signal;
            scripted_session session{md5, how, options_for("u_md5", "p")};
            session.start_connect(signal.slot());
            for (int i = 0; i != steps && !session.is_finished(); ++i)
                ASSERT_TRUE(session.step()) << "it hangs before it is cancelled";
            had_ended = session.is_finished();
            signal.emit(type);
            session.drive();
            ASSERT_TRUE(session.is_finished()) << "it hangs";
            EXPECT_EQ(session.peer().complaint(), "");
            ASSERT_EQ(session.peer().is_closed(), !session.is_connected());
            if (session.is_connected())
                continue;
            EXPECT_TRUE(is<tusk::error>(session.failure()) || is<asio::system_error>(session.failure()));
        }
        EXPECT_GT(steps, 20);
    }
}

} // namespace

} // namespace tusk::test
