// Transactions recorded and taken apart: BEGIN riding with the first statement, every end, savepoints, and what is
// known of a COMMIT when the connection is lost.

#include "scripted_conversation.hpp"

#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include <stdexcept>

namespace tusk::test {

namespace {

const std::string insert = "INSERT INTO goods VALUES (3, 'bolt')";
const std::string count = "SELECT count(*) FROM goods";

const std::string begun = backend::command_done("BEGIN");
const std::string saved = backend::command_done("SAVEPOINT");
const std::string prepared =
    backend::parse_complete() + backend::parameter_description() + backend::no_data() + backend::ready('T');

std::string done(std::string_view tag, char status)
{
    return backend::bind_complete() + backend::complete(tag) + backend::ready(status);
}

std::string answered(std::string_view tag, char status) { return backend::complete(tag) + backend::ready(status); }

/// The first statement of a transaction and its answer, with what starts the transaction in front.
script& add_first(script& talk, const std::string& statement, const std::string& sql, const std::string& tag,
                  const std::string& start = frontend::command("BEGIN"), const std::string& started = begun)
{
    return talk.expect(start + frontend::prepare(statement, sql) + frontend::sync())
        .send(started + prepared)
        .expect(frontend::run(statement))
        .send(done(tag, 'T'));
}

// ---- Committed.

asio::awaitable<void> commit(scripted_session& at, connection& conn)
{
    {
        transaction work = co_await conn.begin();
        co_await at.note("insert", work.execute(insert));
        co_await at.note("count", work.query(count));
        co_await at.note("commit", work.commit());
    }
    co_await at.note("close", conn.close());
}

script commit_script()
{
    script talk = logged_in();
    add_first(talk, "tusk_1", insert, "INSERT 0 1")
        .expect(frontend::prepare("tusk_2", count) + frontend::sync())
        .send(backend::parse_complete() + backend::parameter_description() +
              backend::row_description({{"count", 20, 8}}) + backend::ready('T'))
        .expect(frontend::run("tusk_2"))
        .send(backend::bind_complete() + backend::data_row({int64(3)}) + backend::complete("SELECT 1") +
              backend::ready('T'))
        .expect(frontend::query("COMMIT"))
        .send(answered("COMMIT", 'I'));
    return said_goodbye(talk);
}

// ---- Rolled back.

asio::awaitable<void> roll_back(scripted_session& at, connection& conn)
{
    {
        transaction work = co_await conn.begin(isolation::serializable);
        co_await at.note("insert", work.execute(insert));
        co_await at.note("rollback", work.rollback());
    }
    co_await at.note("close", conn.close());
}

script roll_back_script()
{
    script talk = logged_in();
    add_first(talk, "tusk_1", insert, "INSERT 0 1", frontend::command("BEGIN ISOLATION LEVEL SERIALIZABLE"))
        .expect(frontend::query("ROLLBACK"))
        .send(answered("ROLLBACK", 'I'));
    return said_goodbye(talk);
}

asio::awaitable<void> drop(scripted_session& at, connection& conn)
{
    {
        transaction work = co_await conn.begin();
        co_await at.note("insert", work.execute(insert));
    }
    // The rollback is on its way before the next call begins, so that its bytes do not count as that call's.
    co_await asio::post(conn.get_executor(), asio::use_awaitable);
    co_await at.note("insert", conn.execute(insert));
    co_await at.note("close", conn.close());
}

script drop_script()
{
    script talk = logged_in();
    add_first(talk, "tusk_1", insert, "INSERT 0 1")
        .expect(frontend::query("ROLLBACK"))
        .send(answered("ROLLBACK", 'I'))
        .expect(frontend::run("tusk_1"))
        .send(done("INSERT 0 1", 'I'));
    return said_goodbye(talk);
}

// ---- Nested.

const std::string delete_all = "DELETE FROM goods";
const std::string delete_one = "DELETE FROM goods WHERE id = 1";

asio::awaitable<void> nest(scripted_session& at, connection& conn)
{
    {
        transaction outer = co_await conn.begin();
        transaction dropped = co_await outer.begin();
        co_await at.note("delete all", dropped.execute(delete_all));
        co_await at.note("rollback", dropped.rollback());
        transaction kept = co_await outer.begin();
        co_await at.note("delete one", kept.execute(delete_one));
        co_await at.note("release", kept.commit());
        co_await at.note("commit", outer.commit());
    }
    co_await at.note("close", conn.close());
}

script nest_script()
{
    const std::string savepoint = frontend::command("SAVEPOINT tusk_2");
    script talk = logged_in();
    add_first(talk, "tusk_1", delete_all, "DELETE 3", frontend::command("BEGIN") + savepoint, begun + saved)
        .expect(frontend::query("ROLLBACK TO SAVEPOINT tusk_2; RELEASE SAVEPOINT tusk_2"))
        .send(backend::complete("ROLLBACK") + answered("RELEASE", 'T'));
    add_first(talk, "tusk_2", delete_one, "DELETE 1", savepoint, saved)
        .expect(frontend::query("RELEASE SAVEPOINT tusk_2"))
        .send(answered("RELEASE", 'T'))
        .expect(frontend::query("COMMIT"))
        .send(answered("COMMIT", 'I'));
    return said_goodbye(talk);
}

// ---- COMMIT answered with ROLLBACK.

asio::awaitable<void> fail(scripted_session& at, connection& conn)
{
    {
        transaction work = co_await conn.begin();
        co_await at.note("delete", work.execute("DELETE FROM nowhere"));
        co_await at.note("select", work.execute("SELECT 1"));
        co_await at.note("failed commit", work.commit());
    }
    co_await at.note("close", conn.close());
}

script fail_script()
{
    using namespace backend;
    script talk = logged_in();
    talk.expect(frontend::command("BEGIN") + frontend::prepare("tusk_1", "DELETE FROM nowhere") + frontend::sync())
        .send(begun +
              error({{'S', "ERROR"},
                     {'V', "ERROR"},
                     {'C', "42P01"},
                     {'M', "relation \"nowhere\" does not exist"},
                     {'P', "13"},
                     {'F', "parse_relation.c"},
                     {'L', "1392"},
                     {'R', "parserOpenTable"}}) +
              ready('E'))
        .expect(frontend::prepare("tusk_2", "SELECT 1") + frontend::sync())
        .send(error({{'S', "ERROR"},
                     {'V', "ERROR"},
                     {'C', "25P02"},
                     {'M', "current transaction is aborted, commands ignored until end of transaction block"},
                     {'F', "postgres.c"},
                     {'L', "1439"},
                     {'R', "exec_parse_message"}}) +
              ready('E'))
        .expect(frontend::query("COMMIT"))
        .send(answered("ROLLBACK", 'I'));
    return said_goodbye(talk);
}

// ---- COMMIT refused.

asio::awaitable<void> be_refused(scripted_session& at, connection& conn)
{
    {
        transaction work = co_await conn.begin();
        co_await at.note("insert", work.execute(insert));
        co_await at.note("failed commit", work.commit());
    }
    co_await at.note("close", conn.close());
}

script be_refused_script()
{
    using namespace backend;
    script talk = logged_in();
    add_first(talk, "tusk_1", insert, "INSERT 0 1")
        .expect(frontend::query("COMMIT"))
        .send(error({{'S', "ERROR"},
                     {'V', "ERROR"},
                     {'C', "23505"},
                     {'M', "duplicate key value violates unique constraint \"goods_pkey\""},
                     {'D', "Key (id)=(2) already exists."},
                     {'s', "pg_temp_3"},
                     {'t', "goods"},
                     {'n', "goods_pkey"},
                     {'F', "nbtinsert.c"},
                     {'L', "664"},
                     {'R', "_bt_check_unique"}}) +
              ready('I'));
    return said_goodbye(talk);
}

// ---- A script in a transaction.

const std::string two_selects = "SELECT 1 AS one; SELECT 2 AS two";

asio::awaitable<void> run_script(scripted_session& at, connection& conn)
{
    {
        transaction work = co_await conn.begin();
        co_await at.note("script", work.execute_script(two_selects));
        co_await at.note("commit", work.commit());
    }
    co_await at.note("close", conn.close());
}

script script_script()
{
    using namespace backend;
    script talk = logged_in();
    talk.expect(frontend::command("BEGIN") + frontend::sync())
        .send(begun + ready('T'))
        .expect(frontend::query(two_selects))
        .send(row_description({{"one", 23, 4}}) + data_row({"1"}) + complete("SELECT 1") +
              row_description({{"two", 23, 4}}) + data_row({"2"}) + complete("SELECT 1") + ready('T'))
        .expect(frontend::query("COMMIT"))
        .send(answered("COMMIT", 'I'));
    return said_goodbye(talk);
}

// ---- Blocks.

asio::awaitable<void> insert_in(transaction& work) { co_await work.execute(insert); }

asio::awaitable<void> insert_and_throw(transaction& work)
{
    co_await work.execute(insert);
    throw std::runtime_error{"changed my mind"};
}

asio::awaitable<void> run_blocks(scripted_session& at, connection& conn)
{
    co_await at.note("kept", conn.with_transaction(insert_in));
    co_await at.note("dropped", conn.with_transaction(insert_and_throw));
    co_await at.note("close", conn.close());
}

script blocks_script()
{
    script talk = logged_in();
    add_first(talk, "tusk_1", insert, "INSERT 0 1")
        .expect(frontend::query("COMMIT"))
        .send(answered("COMMIT", 'I'))
        .expect(frontend::command("BEGIN") + frontend::run("tusk_1"))
        .send(begun + done("INSERT 0 1", 'T'))
        .expect(frontend::query("ROLLBACK"))
        .send(answered("ROLLBACK", 'I'));
    return said_goodbye(talk);
}

std::vector<conversation> conversations()
{
    return {
        {"commit",
         commit_script,
         commit,
         {"insert: INSERT 0 1", "count: (count=3) SELECT 1", "commit: done", "close: done"}},
        {"rollback", roll_back_script, roll_back, {"insert: INSERT 0 1", "rollback: done", "close: done"}},
        {"dropped", drop_script, drop, {"insert: INSERT 0 1", "insert: INSERT 0 1", "close: done"}},
        {"nested",
         nest_script,
         nest,
         {"delete all: DELETE 3", "rollback: done", "delete one: DELETE 1", "release: done", "commit: done",
          "close: done"}},
        {"failed",
         fail_script,
         fail,
         {"delete: server_error 42P01: relation \"nowhere\" does not exist",
          "select: server_error 25P02: current transaction is aborted, commands ignored until end of transaction block",
          "failed commit: transaction_rolled_back because of server_error 42P01: relation \"nowhere\" does not exist",
          "close: done"}},
        {"refused",
         be_refused_script,
         be_refused,
         {"insert: INSERT 0 1",
          "failed commit: server_error 23505: duplicate key value violates unique constraint \"goods_pkey\"",
          "close: done"}},
        {"script",
         script_script,
         run_script,
         {"script: (one=1) SELECT 1; (two=2) SELECT 1; ", "commit: done", "close: done"}},
    };
}

class scripted_transaction : public testing::TestWithParam<conversation>
{
};

TEST_P(scripted_transaction, is_the_same_however_reads_are_split) { check_reads(GetParam()); }
TEST_P(scripted_transaction, is_the_same_however_writes_are_cut) { check_writes(GetParam()); }
TEST_P(scripted_transaction, is_honest_about_a_connection_lost_at_every_read) { check_lost_reads(GetParam()); }
TEST_P(scripted_transaction, is_honest_about_a_connection_lost_at_every_write) { check_lost_writes(GetParam()); }

INSTANTIATE_TEST_SUITE_P(recorded, scripted_transaction, testing::ValuesIn(conversations()), name_of);

/// Several verbs hide in one call, so of a loss only its type can be said.
const conversation blocks{
    "blocks", blocks_script, run_blocks, {"kept: done", "dropped: something else: changed my mind", "close: done"}};

TEST(scripted_transaction_block, is_the_same_however_reads_are_split) { check_reads(blocks); }
TEST(scripted_transaction_block, is_the_same_however_writes_are_cut) { check_writes(blocks); }

TEST(scripted_transaction_block, knows_of_its_commit_what_can_be_known)
{
    const totals whole = play_undisturbed(blocks);
    const std::size_t committing = whole.written.find(frontend::query("COMMIT"));
    delivery how;
    for (how.cut_reads_at = blocks.first_read; how.cut_reads_at != whole.given; ++how.cut_reads_at) {
        SCOPED_TRACE(testing::Message() << "reads end at " << how.cut_reads_at);
        scripted_session session{blocks.plays(), how, blocks.options};
        session.run(blocks.program);
        ASSERT_EQ(session.calls().size(), 3U);
        const scripted_session::call& kept = session.calls().front();
        if (!kept.error)
            continue;
        EXPECT_TRUE(is<connection_error>(kept.error));
        EXPECT_EQ(is<commit_outcome_unknown>(kept.error), kept.taken_after > committing) << kept.said;
    }
}

/// After COMMIT was taken, words that end the session without a ReadyForQuery say nothing about the commit.
TEST(scripted_transaction, cannot_know_the_outcome_when_the_session_is_ended_in_the_middle_of_a_commit)
{
    const std::string fatal = backend::error(
        {{'S', "FATAL"}, {'V', "FATAL"}, {'C', "57P01"}, {'M', "terminating connection due to administrator command"}});
    for (const std::string& words : {fatal, backend::complete("COMMIT") + fatal}) {
        script talk = logged_in();
        add_first(talk, "tusk_1", insert, "INSERT 0 1").expect(frontend::query("COMMIT")).send(words).close();
        scripted_session session{talk, {}, options_for(trusted_user)};
        session.run(be_refused);
        ASSERT_EQ(session.calls().size(), 3U);
        EXPECT_EQ(session.calls()[1].said, "commit_outcome_unknown");
        EXPECT_FALSE(session.calls()[1].open_after);
    }
}

} // namespace

} // namespace tusk::test
