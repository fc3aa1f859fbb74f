// What the protocol does not allow in the answers to streams, COPY and batches, and servers that end a session in the
// middle of one: a typed error at once, and the connection is closed.

#include "scripted_conversation.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tusk::test {

namespace {

using namespace std::string_literals;

const std::string goods = "SELECT id, name FROM goods";
const std::string insert = "INSERT INTO goods VALUES ($1)";
const std::string copy_text_in = "COPY goods FROM STDIN";
const std::string copy_text_out = "COPY goods TO STDOUT";

const std::string described = backend::parse_complete() + backend::parameter_description() +
                              backend::row_description({{"id", 23, 4}, {"name", 25}});
const std::string bound = described + backend::bind_complete();
const std::string row = backend::data_row({int32(1), "nut"});
const std::string copying_in = backend::parse_complete() + backend::bind_complete() + backend::copy_in(2);
const std::string copying_out = backend::parse_complete() + backend::bind_complete() + backend::copy_out(2);
const std::string line = backend::copy_data("1\tnut\n");
const std::string shutdown = backend::error({{'S', "FATAL"}, {'V', "FATAL"}, {'C', "57P01"}, {'M', "shutdown"}});

asio::awaitable<std::string> read_all(asio::awaitable<row_stream> opening)
{
    row_stream from = co_await std::move(opening);
    while (co_await from.next_batch()) {}
    co_return "the end";
}

asio::awaitable<std::string> fetch_all(connection& conn)
{
    transaction work = co_await conn.begin();
    co_return co_await read_all(work.stream(fetch_size{1}, goods));
}

asio::awaitable<std::string> copy_lines(asio::awaitable<raw_copy_writer> opening)
{
    raw_copy_writer writer = co_await std::move(opening);
    static_cast<void>(writer.add("1\tnut\n"));
    co_await writer.finish();
    co_return "the end";
}

asio::awaitable<std::string> read_lines(asio::awaitable<copy_reader> opening)
{
    copy_reader from = co_await std::move(opening);
    while (co_await from.next_batch()) {}
    co_return "the end";
}

asio::awaitable<void> stream(scripted_session& at, connection& conn)
{
    co_await conn.query(goods); // prepares it
    co_await at.note("stream", read_all(conn.stream(goods)));
    co_await at.note("again", conn.query(goods));
}

/// The stream is what comes next.
script with_goods_prepared()
{
    script talk = logged_in();
    return talk.expect(frontend::prepare("tusk_1", goods) + frontend::run("tusk_1"))
        .send(bound + backend::complete("SELECT 0") + backend::ready('I'))
        .expect(frontend::run("tusk_1"));
}

asio::awaitable<void> fetch(scripted_session& at, connection& conn)
{
    co_await at.note("fetch", fetch_all(conn));
    co_await at.note("again", conn.query(goods));
}

asio::awaitable<void> write(scripted_session& at, connection& conn)
{
    co_await at.note("in", copy_lines(conn.copy_in(copy_text_in)));
    co_await at.note("again", conn.query(goods));
}

asio::awaitable<void> read(scripted_session& at, connection& conn)
{
    co_await at.note("out", read_lines(conn.copy_out(copy_text_out)));
    co_await at.note("again", conn.query(goods));
}

asio::awaitable<void> insert_many(scripted_session& at, connection& conn)
{
    const std::vector<int> numbers{1, 2};
    co_await at.note("many", conn.execute_many(insert, numbers));
    co_await at.note("again", conn.query(goods));
}

asio::awaitable<void> query(scripted_session& at, connection& conn)
{
    co_await at.note("query", conn.query(goods));
    co_await at.note("again", conn.query(goods));
}

/// The first call is told `expected`, the next that the connection is closed. Behind the garbage the server is silent,
/// so that waiting for more would be a hang.
void expect_refused(const script& plays, scripted_session::program program, const std::string& expected)
{
    for (const std::size_t piece : {delivery::never, std::size_t{1}}) {
        delivery how;
        how.read_piece = piece;
        scripted_session session{plays, how, options_for(trusted_user)};
        session.run(program);
        EXPECT_TRUE(session.is_finished()) << "it hangs";
        EXPECT_EQ(session.peer().complaint(), "");
        EXPECT_TRUE(session.peer().is_closed());
        const auto& calls = session.calls();
        ASSERT_EQ(calls.size(), 2U);
        EXPECT_EQ(calls[0].said, expected);
        EXPECT_FALSE(calls[0].open_after);
        EXPECT_EQ(calls[1].said, "connection_error, safe to retry");
    }
}

TEST(scripted_lease_garbage, in_a_stream)
{
    for (const std::string& garbage :
         {message('?', "hello"), message_of_length('D', 3), backend::data_row({int32(1)}), backend::ready('I'),
          backend::bind_complete(), backend::copy_data("x"), backend::copy_done(), message('C', "SELECT 1"),
          backend::complete("SELECT 1") + backend::complete("SELECT 1"), backend::row_description({{"id", 23, 4}})}) {
        SCOPED_TRACE(testing::PrintToString(garbage));
        for (const std::string& before : {backend::bind_complete(), backend::bind_complete() + row})
            expect_refused(with_goods_prepared().send(before + garbage), stream, "protocol_error");
    }
}

TEST(scripted_lease_garbage, in_a_fetch)
{
    for (const std::string& garbage : {message('?', "hello"), backend::ready('T'), backend::bind_complete(),
                                       backend::empty_query(), row + backend::data_row({int32(1)}), backend::copy_in(1),
                                       backend::portal_suspended() + backend::portal_suspended()}) {
        SCOPED_TRACE(testing::PrintToString(garbage));
        script talk = logged_in();
        talk.expect(frontend::command("BEGIN") + frontend::prepare("tusk_1", goods) + frontend::sync())
            .send(backend::command_done("BEGIN") + described + backend::ready('T'))
            .expect(frontend::bind("tusk_1", {}, "tusk_p1") + frontend::execute("tusk_p1", 1) + frontend::sync())
            .send(backend::bind_complete() + row + backend::portal_suspended() + backend::ready('T'))
            .expect(frontend::execute("tusk_p1", 1) + frontend::sync())
            .send(garbage);
        expect_refused(talk, fetch, "protocol_error");
    }
}

TEST(scripted_lease_garbage, in_a_copy_in)
{
    const std::string opening = frontend::command(copy_text_in) + frontend::flush();
    const std::string ended = frontend::copy_data("1\tnut\n") + frontend::copy_done() + frontend::sync();
    for (const std::string& garbage : {message('?', "hello"), row, backend::bind_complete(), line, backend::copy_done(),
                                       backend::copy_in(2), message('C', "COPY 1")}) {
        SCOPED_TRACE(testing::PrintToString(garbage));
        script talk = logged_in();
        talk.expect(opening).send(copying_in).expect(ended).send(garbage);
        expect_refused(talk, write, "protocol_error");
    }
    // Before its writer has begun.
    for (const std::string& garbage :
         {backend::ready('I'), message('G'), message('G', "\0\0"s), backend::copy_in(1), backend::parse_complete()}) {
        SCOPED_TRACE(testing::PrintToString(garbage));
        script talk = logged_in();
        talk.expect(opening).send(backend::parse_complete() + garbage);
        expect_refused(talk, write, "protocol_error");
    }
}

TEST(scripted_lease_garbage, in_a_copy_out)
{
    for (const std::string& garbage :
         {message('?', "hello"), row, backend::bind_complete(), message_of_length('d', 3), backend::ready('I'),
          backend::complete("COPY 1"), backend::copy_out(2), backend::copy_done() + line}) {
        SCOPED_TRACE(testing::PrintToString(garbage));
        for (const std::string& before : {copying_out, copying_out + line}) {
            script talk = logged_in();
            talk.expect(frontend::command(copy_text_out) + frontend::sync()).send(before + garbage);
            expect_refused(talk, read, "protocol_error");
        }
    }
}

script inserting(const std::string& answer)
{
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", insert) + frontend::sync())
        .send(backend::parse_complete() + backend::parameter_description({23}) + backend::no_data() +
              backend::ready('I'))
        .expect(frontend::bind("tusk_1", {{1, int32(1)}}) + frontend::execute() +
                frontend::bind("tusk_1", {{1, int32(2)}}) + frontend::execute() + frontend::sync())
        .send(answer);
    return talk;
}

TEST(scripted_lease_garbage, in_a_batch)
{
    const std::string one = backend::bind_complete() + backend::complete("INSERT 0 1");
    for (const std::string& garbage :
         {message('?', "hello"), one + backend::ready('I'), one + one + one, one + backend::complete("INSERT 0 1"),
          backend::bind_complete() + row, one + backend::bind_complete() + backend::copy_in(1)}) {
        SCOPED_TRACE(testing::PrintToString(garbage));
        expect_refused(inserting(garbage), insert_many, "protocol_error");
    }
}

// ---- The end of the session in the middle of an answer.

TEST(scripted_lease_garbage, a_fatal_error_behind_the_end_of_a_command_is_what_its_caller_is_told)
{
    const std::string told = "server_error 57P01: shutdown";
    for (const std::string& words : {shutdown, shutdown + shutdown + shutdown}) {
        script plain = logged_in();
        plain.expect(frontend::prepare("tusk_1", goods) + frontend::run("tusk_1"))
            .send(bound + row + backend::complete("SELECT 1") + words)
            .close();
        expect_refused(plain, query, told);
        script streamed = with_goods_prepared();
        streamed.send(backend::bind_complete() + row + backend::complete("SELECT 1") + words).close();
        expect_refused(streamed, stream, told);
        script in = logged_in();
        in.expect(frontend::command(copy_text_in) + frontend::flush())
            .send(copying_in)
            .expect(frontend::copy_data("1\tnut\n") + frontend::copy_done() + frontend::sync())
            .send(backend::complete("COPY 1") + words)
            .close();
        expect_refused(in, write, told);
        script out = logged_in();
        out.expect(frontend::command(copy_text_out) + frontend::sync())
            .send(copying_out + line + backend::copy_done() + backend::complete("COPY 1") + words)
            .close();
        expect_refused(out, read, told);
        const std::string one = backend::bind_complete() + backend::complete("INSERT 0 1");
        expect_refused(inserting(one + one + words).close(), insert_many, told);
    }
}

} // namespace

} // namespace tusk::test
