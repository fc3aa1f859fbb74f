// Queries, cached and new, their errors, scripts, and what a server says unasked: recorded, taken apart at every byte.

#include "scripted_conversation.hpp"

namespace tusk::test {

namespace {

using namespace std::string_literals;

const std::string goods = "SELECT id, name FROM (VALUES (1, 'nut'), (2, NULL), (3, '')) AS v (id, name)";
const std::string next = "SELECT $1::int4 + 1 AS next";

const std::string no_parameters = backend::parse_complete() + backend::parameter_description();
const std::string nothing_described = no_parameters + backend::no_data();
const std::string int4_parameter = backend::parse_complete() + backend::parameter_description({23});

const frontend::value forty_one{1, int32(41)};
const frontend::value forty_two{1, int32(42)};
const frontend::value abc{0, "abc"};

// ---- Rows.

asio::awaitable<void> read_rows(scripted_session& at, connection& conn)
{
    co_await at.note("first", conn.query(goods));
    co_await at.note("cached", conn.query(goods));
    co_await at.note("two flights", conn.query(next, 41));
    co_await at.note("cached", conn.query(next, 42));
    co_await at.note("empty", conn.query(""));
    co_await at.note("close", conn.close());
}

script rows_script()
{
    using namespace backend;
    const std::string rows = bind_complete() + data_row({int32(1), "nut"}) + data_row({int32(2), std::nullopt}) +
                             data_row({int32(3), ""}) + complete("SELECT 3") + ready('I');
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", goods) + frontend::run("tusk_1"))
        .send(no_parameters + row_description({{"id", 23, 4}, {"name", 25}}) + rows)
        .expect(frontend::run("tusk_1"))
        .send(rows)
        .expect(frontend::prepare("tusk_2", next) + frontend::sync())
        .send(int4_parameter + row_description({{"next", 23, 4}}) + ready('I'))
        .expect(frontend::run("tusk_2", {forty_one}))
        .send(bind_complete() + data_row({int32(42)}) + complete("SELECT 1") + ready('I'))
        .expect(frontend::run("tusk_2", {forty_two}))
        .send(bind_complete() + data_row({int32(43)}) + complete("SELECT 1") + ready('I'))
        .expect(frontend::prepare("tusk_3", "") + frontend::run("tusk_3"))
        .send(nothing_described + bind_complete() + empty_query() + ready('I'));
    return said_goodbye(talk);
}

// ---- Errors.

asio::awaitable<void> make_mistakes(scripted_session& at, connection& conn)
{
    co_await at.note("parse", conn.query("SELEKT 1"));
    co_await at.note("bind", conn.query("SELECT $1::int4 AS n", "abc"s));
    co_await at.note("execute", conn.query("SELECT 6 / (n - 1) AS share FROM generate_series(0, 2) AS g (n)"));
    co_await at.note("cached", conn.query("SELECT $1::int4 AS n", "42"s));
    co_await at.note("close", conn.close());
}

const backend::fields division_by_zero{{'S', "ERROR"}, {'V', "ERROR"}, {'C', "22012"},  {'M', "division by zero"},
                                       {'F', "int.c"}, {'L', "869"},   {'R', "int4div"}};

script mistakes_script()
{
    using namespace backend;
    const std::string quotient = "SELECT 6 / (n - 1) AS share FROM generate_series(0, 2) AS g (n)";
    const std::string in_text = "SELECT $1::int4 AS n";
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", "SELEKT 1") + frontend::run("tusk_1"))
        .send(error({{'S', "ERROR"},
                     {'V', "ERROR"},
                     {'C', "42601"},
                     {'M', "syntax error at or near \"SELEKT\""},
                     {'P', "1"},
                     {'F', "scan.l"},
                     {'L', "1188"},
                     {'R', "scanner_yyerror"}}) +
              ready('I'))
        .expect(frontend::prepare("tusk_2", in_text) + frontend::run("tusk_2", {abc}))
        .send(int4_parameter + row_description({{"n", 23, 4}}) +
              error({{'S', "ERROR"},
                     {'V', "ERROR"},
                     {'C', "22P02"},
                     {'M', "invalid input syntax for type integer: \"abc\""},
                     {'W', "unnamed portal parameter $1 = '...'"},
                     {'F', "numutils.c"},
                     {'L', "232"},
                     {'R', "pg_strtoint32"}}) +
              ready('I'))
        .expect(frontend::prepare("tusk_3", quotient) + frontend::run("tusk_3"))
        .send(no_parameters + row_description({{"share", 23, 4}}) + bind_complete() + data_row({int32(-6)}) +
              error(division_by_zero) + ready('I'))
        .expect(frontend::run("tusk_2", {{0, "42"}}))
        .send(bind_complete() + data_row({int32(42)}) + complete("SELECT 1") + ready('I'));
    return said_goodbye(talk);
}

// ---- Scripts.

const std::string long_script =
    "SELECT 1 AS one; CREATE TEMP TABLE goods (id int PRIMARY KEY, name text); INSERT INTO goods VALUES (1, 'nut'), "
    "(2, NULL); SELECT name FROM goods ORDER BY id";
const std::string failing_script = "SELECT 1 AS one; SELECT 1 / 0; SELECT 3";

asio::awaitable<void> run_scripts(scripted_session& at, connection& conn)
{
    co_await at.note("script", conn.execute_script(long_script));
    co_await at.note("empty", conn.execute_script(""));
    co_await at.note("failing", conn.execute_script(failing_script));
    co_await at.note("close", conn.close());
}

script scripts_script()
{
    using namespace backend;
    const std::string one = row_description({{"one", 23, 4}}) + data_row({"1"}) + complete("SELECT 1");
    script talk = logged_in();
    talk.expect(frontend::query(long_script))
        .send(one + complete("CREATE TABLE") + complete("INSERT 0 2") +
              row_description({{"name", 25, -1, 0, 16648, 2}}) + data_row({"nut"}) + data_row({std::nullopt}) +
              complete("SELECT 2") + ready('I'))
        .expect(frontend::query(""))
        .send(empty_query() + ready('I'))
        .expect(frontend::query(failing_script))
        .send(one + error(division_by_zero) + ready('I'));
    return said_goodbye(talk);
}

// ---- What comes unasked.

asio::awaitable<void> hear_asides(scripted_session& at, connection& conn)
{
    co_await at.note("listen", conn.execute("LISTEN till"));
    co_await at.note("notice", conn.execute("DO $$ BEGIN RAISE NOTICE 'counting'; END $$"));
    co_await at.note("set", conn.execute("SET TIME ZONE 'Asia/Tokyo'"));
    if (at.calls().back().open_after)
        at.say(conn.parameter("TimeZone"));
    co_await at.note("notify", conn.execute("NOTIFY till, 'closed'"));
    co_await at.note("close", conn.close());
}

script& add_command(script& talk, const std::string& statement, const std::string& sql, const std::string& answer)
{
    return talk.expect(frontend::prepare(statement, sql) + frontend::run(statement))
        .send(nothing_described + backend::bind_complete() + answer + backend::ready('I'));
}

script asides_script()
{
    using namespace backend;
    script talk = logged_in();
    add_command(talk, "tusk_1", "LISTEN till", complete("LISTEN"));
    add_command(talk, "tusk_2", "DO $$ BEGIN RAISE NOTICE 'counting'; END $$",
                notice({{'S', "NOTICE"},
                        {'V', "NOTICE"},
                        {'C', "00000"},
                        {'M', "counting"},
                        {'W', "PL/pgSQL function inline_code_block line 1 at RAISE"},
                        {'F', "pl_exec.c"},
                        {'L', "3891"},
                        {'R', "exec_stmt_raise"}}) +
                    complete("DO"));
    add_command(talk, "tusk_3", "SET TIME ZONE 'Asia/Tokyo'",
                complete("SET") + parameter_status("TimeZone", "Asia/Tokyo"));
    add_command(talk, "tusk_4", "NOTIFY till, 'closed'", complete("NOTIFY") + notification(25505, "till", "closed"));
    return said_goodbye(talk);
}

// ---- COPY by a verb that is not made for it.

asio::awaitable<void> copy_by_mistake(scripted_session& at, connection& conn)
{
    co_await at.note("copy in", conn.execute("COPY goods FROM STDIN"));
    co_await at.note("copy out", conn.execute("COPY goods TO STDOUT"));
    co_await at.note("close", conn.close());
}

script copy_script()
{
    using namespace backend;
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", "COPY goods FROM STDIN") + frontend::run("tusk_1"))
        .send(nothing_described + bind_complete() + copy_in(2))
        .expect(frontend::copy_fail("the statement was not run by a COPY verb") + frontend::sync())
        .send(error({{'S', "ERROR"},
                     {'V', "ERROR"},
                     {'C', "57014"},
                     {'M', "COPY from stdin failed: the statement was not run by a COPY verb"},
                     {'W', "COPY goods, line 1"},
                     {'F', "copyfromparse.c"},
                     {'L', "315"},
                     {'R', "CopyGetData"}}) +
              ready('I'))
        .expect(frontend::prepare("tusk_2", "COPY goods TO STDOUT") + frontend::run("tusk_2"))
        .send(nothing_described + bind_complete() + copy_out(2) + copy_data("2\t\\N\n") + copy_data("3\tbolt\n") +
              copy_done() + complete("COPY 2") + ready('I'));
    return said_goodbye(talk);
}

// ---- The server ends the session.

const backend::fields shutdown{{'S', "FATAL"},
                               {'V', "FATAL"},
                               {'C', "57P01"},
                               {'M', "terminating connection due to administrator command"},
                               {'F', "postgres.c"},
                               {'L', "3211"},
                               {'R', "ProcessInterrupts"}};

asio::awaitable<void> be_terminated(scripted_session& at, connection& conn)
{
    co_await at.note("query", conn.query("SELECT pg_terminate_backend(pg_backend_pid())"));
    co_await at.note("query", conn.query("SELECT 1"));
    co_await at.note("close", conn.close());
}

script terminated_script()
{
    using namespace backend;
    const std::string sql = "SELECT pg_terminate_backend(pg_backend_pid())";
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", sql) + frontend::run("tusk_1"))
        .send(no_parameters + row_description({{"pg_terminate_backend", 16, 1}}) + bind_complete() + data_row({"\1"}) +
              error(shutdown))
        .close();
    return talk;
}

/// The words were sent in one piece with the greeting: whoever read that has read them too.
script terminated_at_once_script()
{
    script talk;
    talk.expect(startup_request(trusted_user))
        .send(backend::authentication(0) + greeting(trusted_user) + backend::error(shutdown))
        .refuse_writes()
        .close();
    return talk;
}

/// The words were sent while nobody read; they are found by the next query.
script terminated_idle_script()
{
    script talk = logged_in();
    talk.send(backend::error(shutdown)).refuse_writes().close();
    return talk;
}

std::vector<conversation> conversations()
{
    const std::string three_rows = "(id=1, name=nut) (id=2, name=NULL) (id=3, name=) SELECT 3";
    const std::string terminated = "query: server_error 57P01: terminating connection due to administrator command";
    const std::string unsent = "query: connection_error, safe to retry";
    return {
        {"rows",
         rows_script,
         read_rows,
         {"first: " + three_rows, "cached: " + three_rows, "two flights: (next=42) SELECT 1",
          "cached: (next=43) SELECT 1", "empty: ", "close: done"}},
        {"errors",
         mistakes_script,
         make_mistakes,
         {"parse: server_error 42601: syntax error at or near \"SELEKT\"",
          "bind: server_error 22P02: invalid input syntax for type integer: \"abc\"",
          "execute: server_error 22012: division by zero", "cached: (n=42) SELECT 1", "close: done"}},
        {"scripts",
         scripts_script,
         run_scripts,
         {"script: (one=1) SELECT 1; CREATE TABLE; INSERT 0 2; (name=nut) (name=NULL) SELECT 2; ", "empty: ; ",
          "failing: server_error 22012: division by zero", "close: done"}},
        {"asides",
         asides_script,
         hear_asides,
         {"listen: LISTEN", "notice: DO", "set: SET", "Asia/Tokyo", "notify: NOTIFY", "close: done"}},
        {"copy", copy_script, copy_by_mistake, {"copy in: usage_error", "copy out: usage_error", "close: done"}},
        {"fatal_in_a_query", terminated_script, be_terminated, {terminated, unsent, "close: done"}},
        {"fatal_while_idle", terminated_idle_script, be_terminated, {unsent, unsent, "close: done"}},
        {"fatal_behind_the_greeting", terminated_at_once_script, be_terminated, {unsent, unsent, "close: done"}},
    };
}

class scripted_query : public testing::TestWithParam<conversation>
{
};

TEST_P(scripted_query, is_the_same_however_reads_are_split) { check_reads(GetParam()); }
TEST_P(scripted_query, is_the_same_however_writes_are_cut) { check_writes(GetParam()); }
TEST_P(scripted_query, is_honest_about_a_connection_lost_at_every_read) { check_lost_reads(GetParam()); }
TEST_P(scripted_query, is_honest_about_a_connection_lost_at_every_write) { check_lost_writes(GetParam()); }

INSTANTIATE_TEST_SUITE_P(recorded, scripted_query, testing::ValuesIn(conversations()), name_of);

/// The server's goodbye and a query cross on the way: it may have been received, so it is not safe to send it again.
TEST(scripted_query, that_crosses_the_end_of_the_session_is_told_the_servers_words)
{
    const std::string sql = "SELECT pg_terminate_backend(pg_backend_pid())";
    script talk = logged_in();
    talk.send(backend::error(shutdown)).expect(frontend::prepare("tusk_1", sql) + frontend::run("tusk_1")).close();
    const conversation crossing{"crossing",
                                [=] { return talk; },
                                be_terminated,
                                {"query: server_error 57P01: terminating connection due to administrator command",
                                 "query: connection_error, safe to retry", "close: done"}};
    check_reads(crossing);
}

} // namespace

} // namespace tusk::test
