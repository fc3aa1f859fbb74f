// Batches, pipelines, prepared statements and notifications: recorded, taken apart at every byte.

#include "scripted_conversation.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace tusk::test {

namespace {

const std::string add = "INSERT INTO goods VALUES ($1)";
const std::string add_returning = "INSERT INTO goods VALUES ($1) RETURNING id";
const std::string divide = "SELECT 6 / $1::int4 AS share";

const std::vector<std::int64_t> three{7, 8, 9};
const std::vector<std::int64_t> with_a_zero{7, 0, 9};
const std::vector<std::int64_t> with_one_too_large{7, std::int64_t{1} << 40, 9};

const std::string described = backend::parse_complete() + backend::parameter_description({23}) + backend::no_data();
const std::string added = backend::bind_complete() + backend::complete("INSERT 0 1");
const std::string division_by_zero = backend::error({{'S', "ERROR"},
                                                     {'V', "ERROR"},
                                                     {'C', "22012"},
                                                     {'M', "division by zero"},
                                                     {'F', "int.c"},
                                                     {'L', "869"},
                                                     {'R', "int4div"}});

std::string run_one(const std::string& name, std::int64_t id)
{
    return frontend::bind(name, {{1, int32(id)}}) + frontend::execute();
}

std::string run_three(const std::string& name) { return run_one(name, 7) + run_one(name, 8) + run_one(name, 9); }

// ---- One statement for many values.

asio::awaitable<void> add_many(scripted_session& at, connection& conn)
{
    co_await at.note("many", conn.execute_many(add, three));
    co_await at.note("cached", conn.execute_many(add, three));
    co_await at.note("rows", conn.query_many(add_returning, three));
    co_await at.note("refused", conn.execute_many(add, with_a_zero));
    co_await at.note("unsendable", conn.execute_many(add, with_one_too_large));
    co_await at.note("close", conn.close());
}

script add_many_script()
{
    using namespace backend;
    const auto row = [](std::int64_t id) { return bind_complete() + data_row({int32(id)}) + complete("INSERT 0 1"); };
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", add) + frontend::sync())
        .send(described + ready('I'))
        .expect(run_three("tusk_1") + frontend::sync())
        .send(added + added + added + ready('I'))
        .expect(run_three("tusk_1") + frontend::sync())
        .send(added + added + added + ready('I'))
        .expect(frontend::prepare("tusk_2", add_returning) + frontend::sync())
        .send(parse_complete() + parameter_description({23}) + row_description({{"id", 23, 4}}) + ready('I'))
        .expect(run_three("tusk_2") + frontend::sync())
        .send(row(7) + row(8) + row(9) + ready('I'))
        .expect(run_one("tusk_1", 7) + run_one("tusk_1", 0) + run_one("tusk_1", 9) + frontend::sync())
        .send(added + bind_complete() + division_by_zero + ready('I'))
        .expect(run_one("tusk_1", 7) + frontend::command("ROLLBACK") + frontend::sync())
        .send(added + command_done("ROLLBACK") + ready('I'));
    return said_goodbye(talk);
}

// ---- The same inside a transaction, which goes on.

const std::string save = frontend::command("SAVEPOINT tusk_batch");
const std::string release = frontend::command("RELEASE SAVEPOINT tusk_batch");
const std::string undo = frontend::command("ROLLBACK TO SAVEPOINT tusk_batch");
const std::string saved = backend::command_done("SAVEPOINT");
const std::string released = backend::command_done("RELEASE");
const std::string undone = backend::command_done("ROLLBACK");

asio::awaitable<void> add_many_inside(scripted_session& at, connection& conn)
{
    {
        transaction work = co_await conn.begin();
        co_await at.note("many", work.execute_many(add, three));
        co_await at.note("refused", work.execute_many(add, with_a_zero));
        co_await at.note("unsendable", work.execute_many(add, with_one_too_large));
        co_await at.note("cached", work.execute_many(add, three));
        co_await at.note("commit", work.commit());
    }
    co_await at.note("close", conn.close());
}

script add_many_inside_script()
{
    using namespace backend;
    script talk = logged_in();
    talk.expect(frontend::command("BEGIN") + save + frontend::prepare("tusk_1", add) + frontend::sync())
        .send(command_done("BEGIN") + saved + described + ready('T'))
        .expect(run_three("tusk_1") + release + frontend::sync())
        .send(added + added + added + released + ready('T'))
        .expect(save + run_one("tusk_1", 7) + run_one("tusk_1", 0) + run_one("tusk_1", 9) + release + frontend::sync())
        .send(saved + added + bind_complete() + division_by_zero + ready('E'))
        .expect(frontend::query("ROLLBACK TO SAVEPOINT tusk_batch; RELEASE SAVEPOINT tusk_batch"))
        .send(complete("ROLLBACK") + complete("RELEASE") + ready('T'))
        .expect(save + run_one("tusk_1", 7) + undo + release + frontend::sync())
        .send(saved + added + undone + released + ready('T'))
        .expect(save + run_three("tusk_1") + release + frontend::sync())
        .send(saved + added + added + added + released + ready('T'))
        .expect(frontend::query("COMMIT"))
        .send(complete("COMMIT") + ready('I'));
    return said_goodbye(talk);
}

// ---- Different statements, all or nothing.

asio::awaitable<void> run_atomic(scripted_session& at, connection& conn)
{
    for (const int divisor : {2, 0}) {
        tusk::pipeline batch = conn.atomic_pipeline();
        const auto one = batch.execute(add, 7);
        const auto share = batch.query(divide, divisor);
        const auto two = batch.execute(add, 9);
        co_await at.note(divisor == 2 ? "atomic" : "refused", batch.run());
        if (!conn.is_open())
            break;
        at.say(one.failed() ? describe(one.error().exception()) : "kept");
        at.say(share.failed() ? describe(share.error().exception()) : "kept");
        at.say(two.failed() ? describe(two.error().exception()) : "kept");
    }
    co_await at.note("close", conn.close());
}

script atomic_script()
{
    using namespace backend;
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", add) + frontend::prepare("tusk_2", divide) + frontend::sync())
        .send(described + parse_complete() + parameter_description({23}) + row_description({{"share", 23, 4}}) +
              ready('I'))
        .expect(run_one("tusk_1", 7) + run_one("tusk_2", 2) + run_one("tusk_1", 9) + frontend::sync())
        .send(added + bind_complete() + data_row({int32(3)}) + complete("SELECT 1") + added + ready('I'))
        .expect(run_one("tusk_1", 7) + run_one("tusk_2", 0) + run_one("tusk_1", 9) + frontend::sync())
        .send(added + bind_complete() + division_by_zero + ready('I'));
    return said_goodbye(talk);
}

// ---- What is prepared by hand.

asio::awaitable<void> prepare_into(std::optional<statement>& made, connection& conn)
{
    made.emplace(co_await conn.prepare(add));
}

asio::awaitable<void> prepare(scripted_session& at, connection& conn)
{
    std::optional<statement> made;
    co_await at.note("prepare", prepare_into(made, conn));
    if (made)
        co_await at.note("run", made->execute(7));
    co_await at.note("again", prepare_into(made, conn));
    if (made)
        co_await at.note("run", made->execute(7));
    co_await at.note("close", conn.close());
}

script prepare_script()
{
    using namespace backend;
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", add) + frontend::sync())
        .send(described + ready('I'))
        .expect(frontend::run("tusk_1", {{1, int32(7)}}))
        .send(added + ready('I'))
        .expect(frontend::run("tusk_1", {{1, int32(7)}}))
        .send(added + ready('I'));
    return said_goodbye(talk);
}

// ---- Notifications, in the middle of answers and by themselves.

asio::awaitable<void> hear(scripted_session& at, connection& conn)
{
    co_await at.note("listen", conn.listen("News"));
    co_await at.note("query", conn.query("SELECT 7 AS seven"));
    for (int i = 0; i < 4; ++i)
        co_await at.note("next", conn.next_notification());
    co_await at.note("unlisten", conn.unlisten("News"));
    co_await at.note("close", conn.close());
}

script hear_script()
{
    using namespace backend;
    script talk = logged_in();
    talk.expect(frontend::query("LISTEN \"News\""))
        .send(complete("LISTEN") + ready('I') + notification(42, "News", "behind an answer"))
        .expect(frontend::prepare("tusk_1", "SELECT 7 AS seven") + frontend::run("tusk_1"))
        .send(parse_complete() + parameter_description() + row_description({{"seven", 23, 4}}) +
              notification(42, "News", "inside of one") + bind_complete() + data_row({int32(7)}) +
              complete("SELECT 1") + ready('I'))
        .send(notification(42, "News", "by itself"))
        .send(notification(42, "News", ""))
        .expect(frontend::query("UNLISTEN \"News\""))
        .send(complete("UNLISTEN") + ready('I'));
    return said_goodbye(talk);
}

std::vector<conversation> conversations()
{
    const std::string refused = "server_error 22012: division by zero";
    return {
        {"many",
         add_many_script,
         add_many,
         {"many: INSERT 0 3", "cached: INSERT 0 3", "rows: (id=7) (id=8) (id=9) INSERT 0 3", "refused: " + refused,
          "unsendable: encode_error", "close: done"}},
        {"many_inside",
         add_many_inside_script,
         add_many_inside,
         {"many: INSERT 0 3", "refused: " + refused, "unsendable: encode_error", "cached: INSERT 0 3", "commit: done",
          "close: done"}},
        {"atomic",
         atomic_script,
         run_atomic,
         {"atomic: done", "kept", "kept", "kept", "refused: " + refused, "not_executed", refused, "not_executed",
          "close: done"}},
        {"prepare",
         prepare_script,
         prepare,
         {"prepare: done", "run: INSERT 0 1", "again: done", "run: INSERT 0 1", "close: done"}},
        {"notifications",
         hear_script,
         hear,
         {"listen: done", "query: (seven=7) SELECT 1", "next: News: behind an answer", "next: News: inside of one",
          "next: News: by itself", "next: News: ", "unlisten: done", "close: done"}},
    };
}

class scripted_batch : public testing::TestWithParam<conversation>
{
};

TEST_P(scripted_batch, is_the_same_however_reads_are_split) { check_reads(GetParam()); }
TEST_P(scripted_batch, is_the_same_however_writes_are_cut) { check_writes(GetParam()); }
TEST_P(scripted_batch, is_honest_about_a_connection_lost_at_every_read) { check_lost_reads(GetParam()); }
TEST_P(scripted_batch, is_honest_about_a_connection_lost_at_every_write) { check_lost_writes(GetParam()); }

INSTANTIATE_TEST_SUITE_P(recorded, scripted_batch, testing::ValuesIn(conversations()), name_of);

// ---- A pipeline is several requests: each one is told by itself what became of it.

asio::awaitable<void> run_pipeline(scripted_session& at, connection& conn)
{
    tusk::pipeline batch = conn.pipeline();
    const auto one = batch.execute(add, 7);
    const auto refused = batch.query(divide, 0);
    const auto two = batch.execute(add, 9);
    co_await at.note("run", batch.run());
    const auto tell = [&](const auto& what) {
        at.say(!what.is_ready() ? "not ready"
               : what.failed()  ? describe(what.error().exception())
                                : describe(what.get()));
    };
    tell(one);
    tell(refused);
    tell(two);
    co_await at.note("close", conn.close());
}

script pipeline_script()
{
    using namespace backend;
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", add) + frontend::sync() + frontend::prepare("tusk_2", divide) +
                frontend::sync())
        .send(described + ready('I') + parse_complete() + parameter_description({23}) +
              row_description({{"share", 23, 4}}) + ready('I'))
        .expect(frontend::run("tusk_1", {{1, int32(7)}}) + frontend::run("tusk_2", {{1, int32(0)}}) +
                frontend::run("tusk_1", {{1, int32(9)}}))
        .send(added + ready('I') + bind_complete() + division_by_zero + ready('I') + added + ready('I'));
    return said_goodbye(talk);
}

conversation pipelined()
{
    return {"pipeline",
            pipeline_script,
            run_pipeline,
            {"run: done", "INSERT 0 1", "server_error 22012: division by zero", "INSERT 0 1", "close: done"}};
}

TEST(scripted_pipeline, is_the_same_however_reads_are_split) { check_reads(pipelined()); }
TEST(scripted_pipeline, is_the_same_however_writes_are_cut) { check_writes(pipelined()); }

void expect_told_or_lost(const conversation& of, const delivery& how)
{
    scripted_session session{of.plays(), how, of.options};
    session.run(of.program);
    EXPECT_TRUE(session.is_finished()) << "it hangs";
    EXPECT_EQ(session.peer().complaint(), "");
    const std::vector<std::string> lines = session.transcript();
    ASSERT_EQ(lines.size(), of.told.size());
    bool lost = false;
    for (std::size_t i = 0; i != lines.size(); ++i) {
        const bool is_lost = lines[i].find("connection_error") != std::string::npos;
        EXPECT_TRUE(is_lost || lines[i] == of.told[i]) << lines[i];
        if (i > 0 && i < 4) { // an answer cannot come behind a loss
            EXPECT_FALSE(lost && !is_lost) << lines[i];
            lost = lost || is_lost;
        }
    }
}

TEST(scripted_pipeline, every_result_is_there_when_the_connection_is_lost)
{
    const conversation of = pipelined();
    const totals whole = play_undisturbed(of);
    delivery how;
    for (how.cut_reads_at = of.first_read; how.cut_reads_at < whole.given; ++how.cut_reads_at) {
        SCOPED_TRACE(testing::Message() << "reads end at " << how.cut_reads_at);
        expect_told_or_lost(of, how);
        if (HasFailure())
            return;
    }
    how = {};
    for (how.cut_writes_at = of.first_written; how.cut_writes_at < whole.written.size(); ++how.cut_writes_at) {
        SCOPED_TRACE(testing::Message() << "writes end at " << how.cut_writes_at);
        expect_told_or_lost(of, how);
        if (HasFailure())
            return;
    }
}

} // namespace

} // namespace tusk::test
