// An error in place of each message of the server, one at a time: who was refused is told so, alone; everybody else
// gets his answer, and the connection goes on. A fatal error ends it.

#include "refusing_server.hpp"
#include "scripted_conversation.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tusk::test {

namespace {

const std::string add = "INSERT INTO goods VALUES ($1)";
const std::string add_returning = "INSERT INTO goods VALUES ($1) RETURNING id";
const std::string divide = "SELECT 6 / $1::int4 AS share";
const std::string count = "SELECT count(*) AS count FROM goods";
const std::string goods = "SELECT id, name FROM goods ORDER BY id";
const std::string seven = "SELECT 7 AS seven";
const std::string copy_text_in = "COPY goods FROM STDIN";
const std::string copy_text_out = "COPY goods TO STDOUT";

const std::vector<backend::column> goods_columns{{"id", 23, 4}, {"name", 25}};

std::map<std::string, refusing_server::answer> known_statements()
{
    using answer = refusing_server::answer;
    std::map<std::string, answer> all;
    all[add] = answer{{23}, {}, {}, "INSERT 0 1"};
    all[add_returning] = answer{{23}, {{"id", 23, 4}}, {{int32(7)}}, "INSERT 0 1"};
    all[divide] = answer{{23}, {{"share", 23, 4}}, {{int32(3)}}, "SELECT 1"};
    all[count] = answer{{}, {{"count", 20, 8}}, {{int64(2)}}, "SELECT 1"};
    all[goods] =
        answer{{}, goods_columns, {{int32(1), "nut"}, {int32(2), "bolt"}, {int32(3), std::nullopt}}, "SELECT 3"};
    all[seven] = answer{{}, {{"seven", 23, 4}}, {{int32(7)}}, "SELECT 1"};
    all[R"(SELECT "id", "name" FROM "goods")"] = answer{{}, goods_columns, {}, "SELECT 0"};
    all[copy_text_in] = answer{{}, {}, {}, "COPY 1", true};
    all[R"(COPY "goods" ("id", "name") FROM STDIN (FORMAT binary))"] = answer{{}, {}, {}, "COPY 2", true, {}, 2};
    all[copy_text_out] = answer{{}, {}, {}, "COPY 2", false, {"1\tnut\n", "2\tbolt\n"}};
    return all;
}

const backend::fields refusal{{'S', "ERROR"}, {'V', "ERROR"}, {'C', "22012"}, {'M', "refused"}};
const backend::fields fatal{{'S', "FATAL"}, {'V', "FATAL"}, {'C', "57P01"}, {'M', "shutdown"}};
const std::string was_refused = "server_error 22012: refused";
const std::string was_shut_down = "server_error 57P01: shutdown";
const std::string is_gone = "connection_error, safe to retry";
const std::string unknown_outcome = "commit_outcome_unknown";

/// A program, run once with an error in place of each message.
struct refusals {
    std::string name;
    scripted_session::program program = nullptr;
    /// What it is told when nothing is refused.
    std::vector<std::string> told;

    friend void PrintTo(const refusals& of, std::ostream* out) { *out << of.name; }
};

struct played {
    std::vector<std::string> told;
    std::string refused;
    char refused_type = 0;
    std::size_t sent = 0;
    bool is_open = false;
};

/// Runs it, and looks at what has to be true whatever was refused.
played play(const refusals& of, std::size_t at, const backend::fields& said, const delivery& how)
{
    refusing_server server{known_statements(), at, said};
    script talk = logged_in();
    talk.answer_all([&](std::string_view message) { return server.receive(message); });
    scripted_session session{talk, how, options_for(trusted_user)};
    session.run(of.program);
    EXPECT_TRUE(session.is_finished()) << "it hangs";
    EXPECT_EQ(session.peer().complaint(), "");
    EXPECT_FALSE(session.failure());
    played seen{session.transcript(), server.refused(), server.refused_type(), server.sent(), session.conn().is_open()};
    if (seen.is_open) {
        EXPECT_EQ(server.status(), 'I') << "the server was left in a transaction";
        EXPECT_EQ(session.conn().transaction_status(), 'I');
    }
    return seen;
}

asio::awaitable<void> probe(scripted_session& at, connection& conn) { co_await at.note("seven", conn.query(seven)); }

// ---- The programs. Each ends with a statement that shows that the connection goes on.

template <class T>
void tell(scripted_session& at, const pending<T>& what)
{
    at.say(!what.is_ready() ? "not ready" : what.failed() ? describe(what.error().exception()) : describe(what.get()));
}

asio::awaitable<void> run_pipeline(scripted_session& at, connection& conn, bool atomic)
{
    pipeline batch = atomic ? conn.atomic_pipeline() : conn.pipeline();
    const auto one = batch.execute(add, 7);
    const auto two = batch.query(divide, 2);
    const auto three = batch.query(count);
    co_await at.note("run", batch.run());
    tell(at, one);
    tell(at, two);
    tell(at, three);
    co_await probe(at, conn);
}

asio::awaitable<void> pipelined(scripted_session& at, connection& conn) { co_await run_pipeline(at, conn, false); }
asio::awaitable<void> atomic(scripted_session& at, connection& conn) { co_await run_pipeline(at, conn, true); }

asio::awaitable<void> prepare(connection& conn, const std::string& sql)
{
    static_cast<void>(co_await conn.prepare(sql));
}

asio::awaitable<void> prepared_before(scripted_session& at, connection& conn, bool is_atomic)
{
    // The statements are in the cache already, so that there is one flight.
    for (const std::string* each : {&add, &divide, &count})
        co_await at.note("prepare", prepare(conn, *each));
    co_await run_pipeline(at, conn, is_atomic);
}

asio::awaitable<void> cached_pipeline(scripted_session& at, connection& conn)
{
    co_await prepared_before(at, conn, false);
}

asio::awaitable<void> cached_atomic(scripted_session& at, connection& conn)
{
    co_await prepared_before(at, conn, true);
}

const std::vector<int> three_ids{7, 8, 9};

asio::awaitable<void> many(scripted_session& at, connection& conn)
{
    co_await at.note("execute", conn.execute_many(add, three_ids));
    co_await at.note("query", conn.query_many(add_returning, three_ids));
    co_await at.note("again", conn.execute_many(add, three_ids));
    co_await probe(at, conn);
}

asio::awaitable<std::string> two_batches(connection& conn)
{
    transaction work = co_await conn.begin();
    std::string told;
    for (int i = 0; i < 2; ++i) {
        try {
            told += (co_await work.execute_many(add, three_ids)).text();
        } catch (const server_error& refused) {
            if (refused.message() != "refused")
                throw;
            told += refused.message();
        }
        told += "; ";
    }
    co_await work.commit();
    co_return told;
}

asio::awaitable<void> many_inside(scripted_session& at, connection& conn)
{
    co_await at.note("batches", two_batches(conn));
    co_await probe(at, conn);
}

asio::awaitable<std::string> read_all(asio::awaitable<row_stream> opening)
{
    row_stream from = co_await std::move(opening);
    std::string text;
    while (co_await from.next_batch())
        for (const row_view row : from)
            text += describe(row) + ' ';
    co_return text.append(from.tag().text());
}

asio::awaitable<void> streamed(scripted_session& at, connection& conn)
{
    co_await at.note("stream", read_all(conn.stream(goods)));
    co_await at.note("cached", read_all(conn.stream(goods)));
    co_await probe(at, conn);
}

asio::awaitable<std::string> fetch_all(connection& conn)
{
    transaction work = co_await conn.begin();
    const std::string text = co_await read_all(work.stream(fetch_size{2}, goods));
    co_await work.commit();
    co_return text;
}

asio::awaitable<void> fetched(scripted_session& at, connection& conn)
{
    co_await at.note("fetch", fetch_all(conn));
    co_await probe(at, conn);
}

asio::awaitable<std::string> copy_rows(connection& conn)
{
    copy_writer writer = co_await conn.copy_into("goods", "id", "name");
    static_cast<void>(writer.add(1, "nut"));
    co_await writer.flush();
    static_cast<void>(writer.add(2, std::nullopt));
    const command_tag tag = co_await writer.finish();
    co_return std::string{tag.text()};
}

asio::awaitable<std::string> copy_text(connection& conn)
{
    raw_copy_writer writer = co_await conn.copy_in(copy_text_in);
    static_cast<void>(writer.add("1\tnut\n"));
    const command_tag tag = co_await writer.finish();
    co_return std::string{tag.text()};
}

asio::awaitable<void> copied_in(scripted_session& at, connection& conn)
{
    co_await at.note("typed", copy_rows(conn));
    co_await at.note("raw", copy_text(conn));
    co_await probe(at, conn);
}

asio::awaitable<std::string> read_text(connection& conn)
{
    copy_reader from = co_await conn.copy_out(copy_text_out);
    std::string text;
    while (co_await from.next_batch())
        text += from.text();
    co_return text.append(from.tag().text());
}

asio::awaitable<void> copied_out(scripted_session& at, connection& conn)
{
    co_await at.note("text", read_text(conn));
    co_await at.note("again", read_text(conn));
    co_await probe(at, conn);
}

asio::awaitable<void> listened(scripted_session& at, connection& conn)
{
    co_await at.note("listen", conn.listen("News"));
    co_await at.note("unlisten", conn.unlisten("News"));
    co_await at.note("all", conn.unlisten_all());
    co_await probe(at, conn);
}

// ---- Verbs that are one call: whoever was refused is told so, and nobody else.

class scripted_refusal : public testing::TestWithParam<refusals>
{
protected:
    template <class Check>
    static void refuse_each(const backend::fields& said, Check check)
    {
        const refusals& of = GetParam();
        for (const std::size_t piece : {delivery::never, std::size_t{1}}) {
            delivery how;
            how.read_piece = piece;
            const played whole = play(of, refusing_server::never, said, how);
            ASSERT_EQ(whole.told, of.told);
            ASSERT_GT(whole.sent, 3U);
            for (std::size_t at = 0; at != whole.sent; ++at) {
                const played seen = play(of, at, said, how);
                SCOPED_TRACE(testing::Message() << "message " << at << " in answer to " << seen.refused_type << ' '
                                                << seen.refused << ", told: " << testing::PrintToString(seen.told));
                ASSERT_EQ(seen.told.size(), whole.told.size());
                ASSERT_NE(seen.refused_type, 0);
                check(seen);
                if (HasFailure())
                    return;
            }
        }
    }

    static std::string what_of(const std::string& line) { return line.substr(0, line.find(": ") + 2); }
};

TEST_P(scripted_refusal, is_told_to_the_one_call_that_it_is_about)
{
    refuse_each(refusal, [&](const played& seen) {
        EXPECT_TRUE(seen.is_open);
        int refused = 0;
        for (std::size_t i = 0; i != seen.told.size(); ++i) {
            if (seen.told[i] == GetParam().told[i])
                continue;
            ++refused;
            EXPECT_EQ(seen.told[i], what_of(seen.told[i]) + was_refused);
        }
        EXPECT_EQ(refused, 1);
    });
}

TEST_P(scripted_refusal, that_is_fatal_ends_the_connection)
{
    refuse_each(fatal, [&](const played& seen) {
        EXPECT_FALSE(seen.is_open);
        bool lost = false;
        for (std::size_t i = 0; i != seen.told.size(); ++i) {
            if (!lost && seen.told[i] == GetParam().told[i])
                continue;
            const bool in_commit = seen.refused == "COMMIT" && !lost; // it may have been made durable
            const std::string& expected = lost ? is_gone : in_commit ? unknown_outcome : was_shut_down;
            EXPECT_EQ(seen.told[i], what_of(seen.told[i]) + expected);
            lost = true;
        }
        EXPECT_TRUE(lost);
    });
}

std::vector<refusals> single_calls()
{
    const std::string three = "(id=1, name=nut) (id=2, name=bolt) (id=3, name=NULL) SELECT 3";
    const std::string seven_told = "seven: (seven=7) SELECT 1";
    return {
        {"many",
         many,
         {"execute: INSERT 0 3", "query: (id=7) (id=7) (id=7) INSERT 0 3", "again: INSERT 0 3", seven_told}},
        {"stream", streamed, {"stream: " + three, "cached: " + three, seven_told}},
        {"portal", fetched, {"fetch: " + three, seven_told}},
        {"copy_in", copied_in, {"typed: COPY 2", "raw: COPY 1", seven_told}},
        {"copy_out", copied_out, {"text: 1\tnut\n2\tbolt\nCOPY 2", "again: 1\tnut\n2\tbolt\nCOPY 2", seven_told}},
        {"listen", listened, {"listen: done", "unlisten: done", "all: done", seven_told}},
    };
}

INSTANTIATE_TEST_SUITE_P(every_message, scripted_refusal, testing::ValuesIn(single_calls()),
                         [](const auto& of) { return of.param.name; });

// ---- Pipelines: which of the pending results it is.

constexpr std::array statements_of_pipeline{&add, &divide, &count};

/// Where the three results are among the lines: behind whatever came before `run`.
std::size_t first_pending(const refusals& of)
{
    return static_cast<std::size_t>(std::ranges::find(of.told, "run: done") - of.told.begin()) + 1;
}

class scripted_refused_pipeline : public scripted_refusal
{
};

TEST_P(scripted_refused_pipeline, fails_one_result_alone)
{
    const std::size_t first = first_pending(GetParam());
    refuse_each(refusal, [&](const played& seen) {
        EXPECT_TRUE(seen.is_open);
        int refused = 0;
        for (std::size_t i = 0; i != seen.told.size(); ++i) {
            if (seen.told[i] == GetParam().told[i])
                continue;
            ++refused;
            EXPECT_TRUE(seen.told[i].ends_with(was_refused)) << seen.told[i];
            if (i >= first && i < first + 3) {
                EXPECT_EQ(seen.refused, *statements_of_pipeline[i - first]);
            }
        }
        // What is refused while it is prepared ahead is prepared again when its turn comes, and that succeeds here.
        EXPECT_LE(refused, 1);
        if (seen.refused_type == 'B' || seen.refused_type == 'E') {
            EXPECT_EQ(refused, 1);
        }
    });
}

TEST_P(scripted_refused_pipeline, that_is_fatally_refused_tells_every_result)
{
    const std::size_t first = first_pending(GetParam());
    refuse_each(fatal, [&](const played& seen) {
        EXPECT_FALSE(seen.is_open);
        bool lost = false;
        for (std::size_t i = 0; i != seen.told.size(); ++i) {
            if (seen.told[i] == GetParam().told[i])
                continue;
            // Where the connection was closed before, the pipeline was not begun.
            const bool not_begun = seen.told[i] == "not ready" && seen.told[first - 1] == "run: " + is_gone;
            const bool is_lost = seen.told[i].find("connection_error") != std::string::npos;
            EXPECT_TRUE(not_begun || is_lost || seen.told[i].ends_with(was_shut_down)) << seen.told[i];
            lost = true;
        }
        EXPECT_TRUE(lost);
    });
}

std::vector<refusals> pipelines()
{
    const std::string seven_told = "seven: (seven=7) SELECT 1";
    const std::vector<std::string> results{"run: done", "INSERT 0 1", "(share=3) SELECT 1", "(count=2) SELECT 1",
                                           seven_told};
    std::vector<std::string> behind_preparing{"prepare: done", "prepare: done", "prepare: done"};
    behind_preparing.insert(behind_preparing.end(), results.begin(), results.end());
    return {{"fresh", pipelined, results}, {"cached", cached_pipeline, behind_preparing}};
}

INSTANTIATE_TEST_SUITE_P(every_message, scripted_refused_pipeline, testing::ValuesIn(pipelines()),
                         [](const auto& of) { return of.param.name; });

class scripted_refused_atomic_pipeline : public scripted_refusal
{
};

TEST_P(scripted_refused_atomic_pipeline, fails_as_a_whole_and_names_the_culprit)
{
    const std::size_t first = first_pending(GetParam());
    refuse_each(refusal, [&](const played& seen) {
        EXPECT_TRUE(seen.is_open);
        if (seen.refused == seven)
            return;
        EXPECT_EQ(seen.told.back(), GetParam().told.back());
        if (seen.told[first - 1] == "run: done") { // refused while it was prepared by itself
            EXPECT_EQ(std::ranges::count(seen.told, "prepare: " + was_refused), 1);
            return;
        }
        EXPECT_EQ(seen.told[first - 1], "run: " + was_refused);
        for (std::size_t i = 0; i != 3; ++i) {
            // The end of the whole (its Sync) is nobody's fault.
            const bool is_culprit = seen.refused_type != 'S' && seen.refused == *statements_of_pipeline[i];
            EXPECT_EQ(seen.told[first + i], is_culprit ? was_refused : "not_executed");
        }
    });
}

std::vector<refusals> atomic_pipelines()
{
    std::vector<refusals> all = pipelines();
    all[0].program = atomic;
    all[1].program = cached_atomic;
    return all;
}

INSTANTIATE_TEST_SUITE_P(every_message, scripted_refused_atomic_pipeline, testing::ValuesIn(atomic_pipelines()),
                         [](const auto& of) { return of.param.name; });

// ---- Batches inside a transaction.

TEST(scripted_refused_batch, inside_a_transaction_is_undone_alone)
{
    const refusals of{"inside", many_inside, {"batches: INSERT 0 3; INSERT 0 3; ", "seven: (seven=7) SELECT 1"}};
    const played whole = play(of, refusing_server::never, refusal, {});
    ASSERT_EQ(whole.told, of.told);
    int undone = 0;
    for (std::size_t at = 0; at != whole.sent; ++at) {
        const played seen = play(of, at, refusal, {});
        SCOPED_TRACE(testing::Message() << "message " << at << " in answer to " << seen.refused_type << ' '
                                        << seen.refused << ", told: " << testing::PrintToString(seen.told));
        EXPECT_TRUE(seen.is_open);
        ASSERT_EQ(seen.told.size(), 2U);
        if (seen.refused == seven) {
            EXPECT_EQ(seen.told[0], of.told[0]);
            continue;
        }
        EXPECT_EQ(seen.told[1], of.told[1]);
        if (seen.refused == add) {
            EXPECT_TRUE(seen.told[0] == "batches: refused; INSERT 0 3; " ||
                        seen.told[0] == "batches: INSERT 0 3; refused; ");
            ++undone;
        }
        // BEGIN, the savepoint and COMMIT: it is the transaction that fails.
        EXPECT_NE(seen.told[0], of.told[0]);
    }
    EXPECT_GT(undone, 8);
}

} // namespace

} // namespace tusk::test
