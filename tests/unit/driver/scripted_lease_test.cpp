// Streams and COPY, recorded and taken apart at every byte; lost at every read and write.

#include "scripted_conversation.hpp"

#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include <cstdint>
#include <optional>

namespace tusk::test {

namespace {

using namespace std::string_literals;

const std::string goods = "SELECT id, name FROM goods ORDER BY id";
const std::string no_parameters = backend::parse_complete() + backend::parameter_description();
const std::string columns = backend::row_description({{"id", 23, 4}, {"name", 25}});
const std::string nut = backend::data_row({int32(1), "nut"});
const std::string bolt = backend::data_row({int32(2), "bolt"});
const std::string gap = backend::data_row({int32(3), std::nullopt});

const backend::fields division_by_zero{{'S', "ERROR"}, {'V', "ERROR"}, {'C', "22012"},  {'M', "division by zero"},
                                       {'F', "int.c"}, {'L', "869"},   {'R', "int4div"}};

/// All rows of a stream however they came, and the error that followed them.
asio::awaitable<std::string> read_all(row_stream& from)
{
    std::string text;
    try {
        while (co_await from.next_batch())
            for (const row_view row : from)
                text += describe(row) + ' ';
        text += from.tag().text();
    } catch (const server_error& refused) {
        text += refused.sqlstate();
    }
    co_return text;
}

asio::awaitable<std::string> open_and_read(asio::awaitable<row_stream> opening)
{
    row_stream from = co_await std::move(opening);
    co_return co_await read_all(from);
}

// ---- A stream outside a transaction.

asio::awaitable<void> stream(scripted_session& at, connection& conn)
{
    co_await at.note("prepared", conn.query(goods));
    co_await at.note("first", open_and_read(conn.stream(goods)));
    co_await at.note("second", open_and_read(conn.stream(goods)));
    co_await at.note("failing", open_and_read(conn.stream(goods)));
    co_await at.note("refused", open_and_read(conn.stream(goods)));
    co_await at.note("none", open_and_read(conn.stream(goods)));
    co_await at.note("close", conn.close());
}

script stream_script()
{
    using namespace backend;
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", goods) + frontend::run("tusk_1"))
        .send(no_parameters + columns + bind_complete() + complete("SELECT 0") + ready('I'))
        .expect(frontend::run("tusk_1"))
        .send(bind_complete() + nut + bolt + gap + complete("SELECT 3") + ready('I'))
        .expect(frontend::run("tusk_1"))
        .send(bind_complete() + nut + bolt + complete("SELECT 2") + ready('I'))
        .expect(frontend::run("tusk_1"))
        .send(bind_complete() + nut + bolt + error(division_by_zero) + ready('I'))
        .expect(frontend::run("tusk_1"))
        .send(bind_complete() + error(division_by_zero) + ready('I'))
        .expect(frontend::run("tusk_1"))
        .send(bind_complete() + complete("SELECT 0") + ready('I'));
    return said_goodbye(talk);
}

// ---- Streams inside a transaction.

asio::awaitable<std::string> drop_after_one(transaction& work)
{
    row_stream from = co_await work.stream(fetch_size{2}, goods);
    const bool more = co_await from.next_batch();
    co_return fmt::format("{} {}", more, from.size());
}

asio::awaitable<void> fetch(scripted_session& at, connection& conn)
{
    {
        transaction work = co_await conn.begin();
        co_await at.note("read", open_and_read(work.stream(fetch_size{2}, goods)));
        co_await at.note("dropped", drop_after_one(work));
        // The Close of its portal is on its way before the next call begins.
        co_await asio::post(conn.get_executor(), asio::use_awaitable);
        co_await at.note("failing", open_and_read(work.stream(fetch_size{2}, goods)));
        co_await at.note("failed commit", work.commit());
    }
    co_await at.note("close", conn.close());
}

script fetch_script()
{
    using namespace backend;
    const auto run = [](std::string_view portal) {
        return frontend::bind("tusk_1", {}, portal) + frontend::execute(portal, 2) + frontend::sync();
    };
    const auto fetch_from = [](std::string_view portal) { return frontend::execute(portal, 2) + frontend::sync(); };
    script talk = logged_in();
    talk.expect(frontend::command("BEGIN") + frontend::prepare("tusk_1", goods) + frontend::sync())
        .send(command_done("BEGIN") + no_parameters + columns + ready('T'))
        .expect(run("tusk_p1"))
        .send(bind_complete() + nut + bolt + portal_suspended() + ready('T'))
        .expect(fetch_from("tusk_p1"))
        .send(gap + complete("SELECT 1") + ready('T'))
        .expect(run("tusk_p2"))
        .send(bind_complete() + nut + bolt + portal_suspended() + ready('T'))
        .expect(frontend::close_portal("tusk_p2") + frontend::sync())
        .send(close_complete() + ready('T'))
        .expect(run("tusk_p3"))
        .send(bind_complete() + nut + bolt + portal_suspended() + ready('T'))
        .expect(fetch_from("tusk_p3"))
        .send(gap + error(division_by_zero) + ready('E'))
        .expect(frontend::query("COMMIT"))
        .send(complete("ROLLBACK") + ready('I'));
    return said_goodbye(talk);
}

// ---- Typed COPY into a table.

const std::string header = "PGCOPY\n\xff\r\n\0"s + int32(0) + int32(0);
const std::string trailer = int16(-1);
const std::string copy_goods = R"(COPY "goods" ("id", "name") FROM STDIN (FORMAT binary))";
const std::string open_typed =
    frontend::prepare("", R"(SELECT "id", "name" FROM "goods")") + frontend::command(copy_goods) + frontend::flush();
const std::string typed_is_open =
    no_parameters + columns + backend::parse_complete() + backend::bind_complete() + backend::copy_in(2, 1);

std::string row_of(int id, std::optional<std::string> name)
{
    return int16(2) + int32(4) + int32(id) +
           (name ? int32(static_cast<std::int64_t>(name->size())) + *name : int32(-1));
}

asio::awaitable<std::string> copy_two(connection& conn)
{
    copy_writer writer = co_await conn.copy_into("goods", "id", "name");
    std::string due = fmt::format("{}", writer.add(1, "nut"));
    co_await writer.flush();
    due += fmt::format(" {} ", writer.add(std::int64_t{2}, std::nullopt));
    const command_tag tag = co_await writer.finish();
    co_return due.append(tag.text());
}

asio::awaitable<std::string> copy_one(connection& conn)
{
    copy_writer writer = co_await conn.copy_into("goods", "id", "name");
    co_return fmt::format("{} {}", writer.add(1, "nut"), (co_await writer.finish()).text());
}

asio::awaitable<std::string> drop_unfinished(connection& conn)
{
    copy_writer writer = co_await conn.copy_into("goods", "id", "name");
    co_return fmt::format("{}", writer.add(1, "nut"));
}

asio::awaitable<void> copy_into(scripted_session& at, connection& conn)
{
    co_await at.note("copied", copy_two(conn));
    co_await at.note("refused", copy_one(conn));
    co_await at.note("dropped", drop_unfinished(conn));
    co_await asio::post(conn.get_executor(), asio::use_awaitable);
    co_await at.note("undefined", copy_one(conn));
    co_await at.note("close", conn.close());
}

const backend::fields not_unique{{'S', "ERROR"}, {'V', "ERROR"}, {'C', "23505"}, {'M', "duplicate key"}};
const backend::fields given_up{
    {'S', "ERROR"}, {'V', "ERROR"}, {'C', "57014"}, {'M', "COPY from stdin failed: its writer gave the COPY up"}};
const backend::fields undefined{{'S', "ERROR"}, {'V', "ERROR"}, {'C', "42P01"}, {'M', "no such table"}};
const std::string give_up = frontend::copy_fail("its writer gave the COPY up") + frontend::sync();

script copy_into_script()
{
    using namespace backend;
    script talk = logged_in();
    talk.expect(open_typed)
        .send(typed_is_open)
        .expect(frontend::copy_data(header + row_of(1, "nut")))
        .expect(frontend::copy_data(row_of(2, std::nullopt) + trailer) + frontend::copy_done() + frontend::sync())
        .send(complete("COPY 2") + ready('I'))
        .expect(open_typed)
        .send(typed_is_open)
        .expect(frontend::copy_data(header + row_of(1, "nut") + trailer) + frontend::copy_done() + frontend::sync())
        .send(error(not_unique) + ready('I'))
        .expect(open_typed)
        .send(typed_is_open)
        .expect(give_up)
        .send(error(given_up) + ready('I'))
        .expect(open_typed)
        .send(error(undefined))
        .expect(give_up)
        .send(ready('I'));
    return said_goodbye(talk);
}

// ---- COPY in the user's words.

const std::string copy_text_in = "COPY goods FROM STDIN";

asio::awaitable<std::string> write_text(asio::awaitable<raw_copy_writer> opening)
{
    raw_copy_writer writer = co_await std::move(opening);
    const bool due = writer.add("1\tnut\n");
    const command_tag tag = co_await writer.finish();
    co_return fmt::format("{} {}", due, tag.text());
}

asio::awaitable<std::string> read_text(asio::awaitable<copy_reader> opening)
{
    copy_reader from = co_await std::move(opening);
    std::string text;
    try {
        while (co_await from.next_batch())
            text += from.text();
        text += from.tag().text();
    } catch (const server_error& refused) {
        text += refused.sqlstate();
    }
    co_return text;
}

asio::awaitable<std::string> read_typed(asio::awaitable<copy_reader> opening)
{
    copy_reader from = co_await std::move(opening);
    std::string text;
    while (co_await from.next_batch())
        for (const auto& [id, name] : from.as<std::int32_t, std::optional<std::string>>())
            text += fmt::format("({}, {}) ", id, name.value_or("NULL"));
    co_return text.append(from.tag().text());
}

asio::awaitable<void> copy_raw(scripted_session& at, connection& conn)
{
    co_await at.note("in", write_text(conn.copy_in(copy_text_in)));
    co_await at.note("out", read_text(conn.copy_out("COPY goods TO STDOUT")));
    co_await at.note("failing", read_text(conn.copy_out("COPY goods TO STDOUT")));
    co_await at.note("typed", read_typed(conn.copy_out("COPY (SELECT * FROM goods) TO STDOUT (FORMAT binary)")));
    co_await at.note("no copy", write_text(conn.copy_in("SELECT id FROM goods")));
    co_await at.note("the other", read_text(conn.copy_out(copy_text_in)));
    co_await at.note("close", conn.close());
}

script copy_raw_script()
{
    using namespace backend;
    const std::string bound = parse_complete() + bind_complete();
    const std::string typed = "COPY (SELECT * FROM goods) TO STDOUT (FORMAT binary)";
    script talk = logged_in();
    talk.expect(frontend::command(copy_text_in) + frontend::flush())
        .send(bound + copy_in(2))
        .expect(frontend::copy_data("1\tnut\n") + frontend::copy_done() + frontend::sync())
        .send(complete("COPY 1") + ready('I'))
        .expect(frontend::command("COPY goods TO STDOUT") + frontend::sync())
        .send(bound + copy_out(2) + copy_data("1\tnut\n") + copy_data("2\tbolt\n") + copy_done() + complete("COPY 2") +
              ready('I'))
        .expect(frontend::command("COPY goods TO STDOUT") + frontend::sync())
        .send(bound + copy_out(2) + copy_data("1\tnut\n") + error(division_by_zero) + ready('I'))
        .expect(frontend::prepare("", "SELECT * FROM goods") + frontend::command(typed) + frontend::sync())
        .send(no_parameters + columns + bound + copy_out(2, 1) + copy_data(header + row_of(1, "nut")) +
              copy_data(row_of(2, std::nullopt)) + copy_data(trailer) + copy_done() + complete("COPY 2") + ready('I'))
        .expect(frontend::command("SELECT id FROM goods") + frontend::flush())
        .send(bound + data_row({"1"}) + complete("SELECT 1"))
        .expect(give_up)
        .send(ready('I'))
        .expect(frontend::command(copy_text_in) + frontend::sync())
        .send(bound + copy_in(2))
        .expect(frontend::copy_fail("the statement was not run by a COPY verb") + frontend::sync())
        .send(error(given_up) + ready('I'));
    return said_goodbye(talk);
}

std::vector<conversation> conversations()
{
    const std::string three = "(id=1, name=nut) (id=2, name=bolt) (id=3, name=NULL) ";
    const std::string two = "(id=1, name=nut) (id=2, name=bolt) ";
    return {
        {"stream",
         stream_script,
         stream,
         {"prepared: SELECT 0", "first: " + three + "SELECT 3", "second: " + two + "SELECT 2",
          "failing: " + two + "22012", "refused: server_error 22012: division by zero", "none: SELECT 0",
          "close: done"}},
        {"portal",
         fetch_script,
         fetch,
         {"read: " + three + "SELECT 1", "dropped: true 2", "failing: " + three + "22012",
          "failed commit: transaction_rolled_back because of server_error 22012: division by zero", "close: done"}},
        {"copy_into",
         copy_into_script,
         copy_into,
         {"copied: false false COPY 2", "refused: server_error 23505: duplicate key", "dropped: false",
          "undefined: server_error 42P01: no such table", "close: done"}},
        {"copy_raw",
         copy_raw_script,
         copy_raw,
         {"in: false COPY 1", "out: 1\tnut\n2\tbolt\nCOPY 2", "failing: 1\tnut\n22012",
          "typed: (1, nut) (2, NULL) COPY 2", "no copy: usage_error", "the other: usage_error", "close: done"}},
    };
}

class scripted_lease : public testing::TestWithParam<conversation>
{
};

TEST_P(scripted_lease, is_the_same_however_reads_are_split) { check_reads(GetParam()); }
TEST_P(scripted_lease, is_the_same_however_writes_are_cut) { check_writes(GetParam()); }
TEST_P(scripted_lease, is_honest_about_a_connection_lost_at_every_read) { check_lost_reads(GetParam()); }
TEST_P(scripted_lease, is_honest_about_a_connection_lost_at_every_write) { check_lost_writes(GetParam()); }

INSTANTIATE_TEST_SUITE_P(recorded, scripted_lease, testing::ValuesIn(conversations()), name_of);

} // namespace

} // namespace tusk::test
