// What the protocol does not allow, in the middle of a session: each is a typed error at once, and the connection is
// closed, because nothing behind it can be trusted.

#include "scripted_conversation.hpp"

namespace tusk::test {

namespace {

using namespace std::string_literals;

const std::string sql = "SELECT id, name FROM goods";

asio::awaitable<void> query(scripted_session& at, connection& conn)
{
    co_await at.note("query", conn.query(sql));
    co_await at.note("again", conn.query(sql));
}

asio::awaitable<void> run_script(scripted_session& at, connection& conn)
{
    co_await at.note("script", conn.execute_script(sql));
    co_await at.note("again", conn.execute_script(sql));
}

asio::awaitable<void> commit(scripted_session& at, connection& conn)
{
    {
        transaction work = co_await conn.begin();
        co_await at.note("script", work.execute_script(sql));
        co_await at.note("commit", work.commit());
    }
    co_await at.note("again", conn.query(sql));
}

struct garbage {
    const char* name;
    std::string bytes;

    friend void PrintTo(const garbage& of, std::ostream* out) { *out << of.name; }
};

/// The first call is told `expected`, the next that the connection is closed. Behind the garbage the server is silent,
/// so that waiting for more would be a hang.
void expect_refused(const script& plays, scripted_session::program program, const std::string& expected)
{
    for (const std::size_t piece : {delivery::never, std::size_t{1}}) {
        delivery how;
        how.read_piece = piece;
        scripted_session session{plays, how, options_for(trusted_user)};
        session.run(program);
        ASSERT_TRUE(session.is_finished()) << "it hangs";
        EXPECT_EQ(session.peer().complaint(), "");
        EXPECT_TRUE(session.peer().is_closed());
        const auto& calls = session.calls();
        ASSERT_GE(calls.size(), 2U);
        const scripted_session::call& refused = calls[calls.size() - 2];
        EXPECT_EQ(refused.said, expected);
        EXPECT_FALSE(refused.open_after);
        EXPECT_EQ(calls.back().said, "connection_error, safe to retry");
    }
}

const std::string described = backend::parse_complete() + backend::parameter_description() +
                              backend::row_description({{"id", 23, 4}, {"name", 25}});
const std::string bound = described + backend::bind_complete();
const std::string row = backend::data_row({int32(1), "nut"});

std::string row_of(const std::string& body) { return bound + message('D', body); }

const std::vector<garbage> in_a_query{
    {"an_unknown_type", described + message('?', "hello")},
    {"length_0", described + message_of_length('2', 0)},
    {"length_1", described + message_of_length('2', 1)},
    {"length_2", described + message_of_length('2', 2)},
    {"length_3", described + message_of_length('2', 3)},
    {"length_7fffffff", described + message_of_length('2', 0x7fffffff)},
    {"length_80000000", described + message_of_length('2', 0x80000000)},
    {"length_ffffffff", described + message_of_length('2', 0xffffffff)},
    {"length_3_in_the_middle_of_rows", bound + row + message_of_length('D', 3)},
    {"length_80000000_in_the_middle_of_rows", bound + row + message_of_length('D', 0x80000000)},
    {"fewer_fields", bound + backend::data_row({int32(1)})},
    {"more_fields", bound + backend::data_row({int32(1), "nut", "bolt"})},
    {"no_field_count", row_of("\0"s)},
    {"a_count_without_fields", row_of(int16(2))},
    {"a_field_of_length_minus_2", row_of(int16(2) + int32(-2) + int32(-1))},
    {"a_field_of_the_smallest_length", row_of(int16(2) + int32(-1) + int32(0x80000000))},
    {"a_field_beyond_the_message", row_of(int16(2) + int32(-1) + int32(4) + "nut")},
    {"a_field_of_2_GiB", row_of(int16(2) + int32(0x7fffffff) + "nut")},
    {"bytes_behind_the_last_field", row_of(int16(2) + int32(-1) + int32(3) + "nuts")},
    {"a_bad_row_behind_a_good_one", bound + row + backend::data_row({"1"})},
    {"a_row_before_bind_complete", described + row},
    {"a_row_without_a_description", backend::parse_complete() + backend::parameter_description() + backend::no_data() +
                                        backend::bind_complete() + row},
    {"columns_without_terminator",
     backend::parse_complete() + backend::parameter_description() + message('T', int16(1) + "id")},
    {"fewer_columns_than_counted", backend::parse_complete() + backend::parameter_description() +
                                       message('T', int16(2) + "id\0"s + std::string(18, '\0'))},
    {"columns_with_bytes_behind", backend::parse_complete() + backend::parameter_description() +
                                      message('T', int16(1) + "id\0"s + std::string(18, '\0') + "x")},
    {"fewer_parameter_types_than_counted", backend::parse_complete() + message('t', int16(65535) + int32(23))},
    {"a_description_in_the_rows", bound + row + backend::row_description({{"id", 23, 4}})},
    {"ready_at_once", backend::ready('I')},
    {"ready_before_the_rows", described + backend::ready('I')},
    {"ready_in_the_middle_of_rows", bound + row + backend::ready('I')},
    {"ready_without_a_status", bound + backend::complete("SELECT 0") + message('Z')},
    {"ready_with_two_statuses", bound + backend::complete("SELECT 0") + message('Z', "II")},
    {"ready_with_an_unknown_status", bound + backend::complete("SELECT 0") + backend::ready('?')},
    {"a_tag_without_terminator", bound + message('C', "SELECT 0")},
    {"a_second_complete", bound + backend::complete("SELECT 0") + backend::complete("SELECT 0")},
    {"a_second_parse_complete", backend::parse_complete() + backend::parse_complete()},
    {"close_complete_unasked", backend::close_complete()},
    {"an_error_without_terminator", message('E', "SERROR\0C42601\0Mwrong"s)},
    {"an_error_without_its_last_terminator", message('E', "SERROR\0C42601\0"s)},
    {"an_empty_error", message('E')},
    {"a_login_in_the_session", backend::authentication(0)},
    {"a_password_wanted_in_the_session", backend::authentication(3)},
    {"a_cancel_key_in_the_session", backend::key_data(1, "abcd")},
    {"a_function_result", bound + message('V', int32(-1))},
    {"copy_data_unasked", bound + backend::copy_data("1\n")},
    {"copy_both", bound + message('W', "\0"s + int16(0))},
    {"a_frontend_message", frontend::query("DROP TABLE goods")},
    {"a_parameter_without_terminator", message('S', "TimeZone\0UTC"s)},
    {"another_encoding", backend::parameter_status("client_encoding", "LATIN1")},
};

const std::string columns = backend::row_description({{"id", 23, 4}, {"name", 25}});
const std::string text_row = backend::data_row({"1", "nut"});

const std::vector<garbage> in_a_script{
    {"an_unknown_type", message('?', "hello")},
    {"ready_at_once", backend::ready('I')},
    {"ready_in_the_middle_of_rows", columns + text_row + backend::ready('I')},
    {"ready_before_the_rows", columns + backend::ready('I')},
    {"a_row_without_a_description", text_row},
    {"a_row_behind_the_end_of_its_result", columns + text_row + backend::complete("SELECT 1") + text_row},
    {"a_description_in_the_rows", columns + text_row + columns},
    {"columns_that_change_under_their_rows",
     columns + text_row + backend::row_description({{"a", 23}, {"b", 23}, {"c", 23}, {"d", 23}}) +
         backend::complete("SELECT 1") + backend::ready('I')},
    {"an_empty_query_in_the_rows", columns + text_row + backend::empty_query()},
    {"an_unknown_column_format", backend::row_description({{"id", 23, 4, 2}})},
    {"fewer_fields", columns + backend::data_row({"1"})},
    {"bind_complete", backend::bind_complete()},
    {"copy_data_unasked", backend::copy_data("1\n")},
};

class garbage_in_a_query : public testing::TestWithParam<garbage>
{
};

TEST_P(garbage_in_a_query, is_a_protocol_error_and_closes_the_connection)
{
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", sql) + frontend::run("tusk_1")).send(GetParam().bytes);
    expect_refused(talk, query, "protocol_error");
}

std::string name_of_garbage(const testing::TestParamInfo<garbage>& of) { return of.param.name; }

INSTANTIATE_TEST_SUITE_P(scripted, garbage_in_a_query, testing::ValuesIn(in_a_query), name_of_garbage);

class garbage_in_a_script : public testing::TestWithParam<garbage>
{
};

TEST_P(garbage_in_a_script, is_a_protocol_error_and_closes_the_connection)
{
    script talk = logged_in();
    talk.expect(frontend::query(sql)).send(GetParam().bytes);
    expect_refused(talk, run_script, "protocol_error");
}

INSTANTIATE_TEST_SUITE_P(scripted, garbage_in_a_script, testing::ValuesIn(in_a_script), name_of_garbage);

// ---- A commit.

script committing(const std::string& answer)
{
    script talk = logged_in();
    talk.expect(frontend::command("BEGIN") + frontend::sync())
        .send(backend::command_done("BEGIN") + backend::ready('T'))
        .expect(frontend::query(sql))
        .send(backend::complete("SELECT 0") + backend::ready('T'))
        .expect(frontend::query("COMMIT"))
        .send(answer);
    return talk;
}

TEST(scripted_garbage, that_answers_a_commit_leaves_its_outcome_unknown)
{
    expect_refused(committing(message('?')), commit, "commit_outcome_unknown");
    expect_refused(committing(message_of_length('C', 3)), commit, "commit_outcome_unknown");
    expect_refused(committing(message('C', "COMMIT")), commit, "commit_outcome_unknown");
}

/// It would be taken for the answer to the commit, and the commit for done.
TEST(scripted_garbage, a_ready_for_query_alone_is_no_answer_to_a_commit)
{
    expect_refused(committing(backend::ready('I')), commit, "commit_outcome_unknown");
    expect_refused(committing(backend::ready('T')), commit, "commit_outcome_unknown");
}

// ---- Between requests.

TEST(scripted_garbage, a_ready_for_query_too_many_is_found_by_the_next_request)
{
    const std::string answer = bound + row + backend::complete("SELECT 1") + backend::ready('I');
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", sql) + frontend::run("tusk_1"))
        .send(answer)
        .send(backend::ready('I')) // comes when nobody reads
        .expect(frontend::run("tusk_1"));
    scripted_session session{talk, {}, options_for(trusted_user)};
    session.run(query);
    ASSERT_EQ(session.calls().size(), 2U);
    EXPECT_EQ(session.calls()[0].said, "(id=1, name=nut) SELECT 1");
    EXPECT_EQ(session.calls()[1].said, "protocol_error");
    EXPECT_FALSE(session.calls()[1].open_after);
    EXPECT_TRUE(session.peer().is_closed());
}

TEST(scripted_garbage, a_ready_for_query_too_many_in_one_piece_with_an_answer_does_not_spoil_the_answer)
{
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", sql) + frontend::run("tusk_1"))
        .send(bound + row + backend::complete("SELECT 1") + backend::ready('I') + backend::ready('I'));
    scripted_session session{talk, {}, options_for(trusted_user)};
    session.run(query);
    ASSERT_EQ(session.calls().size(), 2U);
    EXPECT_EQ(session.calls()[0].said, "(id=1, name=nut) SELECT 1");
    EXPECT_EQ(session.calls()[1].said, "connection_error, safe to retry");
    EXPECT_TRUE(session.peer().is_closed());
}

// ---- What looks odd and is allowed.

TEST(scripted_garbage, odd_errors_are_passed_on_and_the_connection_stays_usable)
{
    const std::vector<std::pair<backend::fields, std::string>> odd{
        {{{'S', "ERROR"}, {'V', "ERROR"}, {'M', "no state"}}, "server_error : no state"},
        {{{'V', "ERROR"}, {'C', "XX999"}, {'M', "new"}, {'z', "of tomorrow"}, {'P', "far"}}, "server_error XX999: new"},
        {{}, "server_error : "},
    };
    for (const auto& [fields, said] : odd) {
        script talk = logged_in();
        talk.expect(frontend::prepare("tusk_1", sql) + frontend::run("tusk_1"))
            .send(backend::error(fields) + backend::ready('I'))
            .expect(frontend::prepare("tusk_2", sql) + frontend::run("tusk_2"))
            .send(bound + row + backend::complete("SELECT 1") + backend::ready('I'))
            .expect(frontend::terminate());
        scripted_session session{talk, {}, options_for(trusted_user)};
        session.run(query);
        ASSERT_EQ(session.calls().size(), 2U);
        EXPECT_EQ(session.calls()[0].said, said);
        EXPECT_TRUE(session.calls()[0].open_after);
        EXPECT_EQ(session.calls()[1].said, "(id=1, name=nut) SELECT 1");
        EXPECT_EQ(session.peer().complaint(), "");
    }
}

TEST(scripted_garbage, a_fatal_error_behind_an_error_closes_the_connection_and_the_first_one_is_told)
{
    const std::string first = backend::error({{'S', "ERROR"}, {'V', "ERROR"}, {'C', "42P01"}, {'M', "no goods"}});
    const std::string second = backend::error({{'S', "FATAL"}, {'V', "FATAL"}, {'C', "57P01"}, {'M', "shutdown"}});
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", sql) + frontend::run("tusk_1")).send(first + second + second).close();
    expect_refused(talk, query, "server_error 42P01: no goods");
}

asio::awaitable<void> close(scripted_session& at, connection& conn) { co_await at.note("close", conn.close()); }

/// Somebody else ended the session at the same moment: it has ended, which is what the caller wanted.
TEST(scripted_garbage, the_servers_last_words_while_closing_are_no_failure)
{
    script talk = logged_in();
    talk.expect(frontend::terminate())
        .send(backend::error({{'S', "FATAL"}, {'V', "FATAL"}, {'C', "57P01"}, {'M', "shutdown"}}))
        .close();
    scripted_session session{talk, {}, options_for(trusted_user)};
    session.run(close);
    ASSERT_EQ(session.calls().size(), 1U);
    EXPECT_EQ(session.calls()[0].said, "done");
    EXPECT_FALSE(session.calls()[0].open_after);
}

/// A write can fail on its own, without the read side noticing.
TEST(scripted_garbage, a_failed_write_is_told_although_reads_stay_silent)
{
    delivery how;
    how.cut_writes_at = startup_request(trusted_user).size();
    how.silent_after_cut = true;
    scripted_session session{logged_in(), how, options_for(trusted_user)};
    session.run(query);
    ASSERT_TRUE(session.is_finished()) << "it hangs";
    ASSERT_EQ(session.calls().size(), 2U);
    EXPECT_EQ(session.calls()[0].said, "connection_error, safe to retry");
    EXPECT_FALSE(session.calls()[0].open_after);
}

} // namespace

} // namespace tusk::test
