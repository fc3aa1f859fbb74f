// Known attacks of a hostile server in the middle of a session. Each case is named after the vulnerability of another
// client; what they have in common is a typed error, a closed connection, and no memory on the server's word.

#include "scripted_conversation.hpp"

namespace tusk::test {

namespace {

using namespace std::string_literals;

struct attack {
    const char* name;
    std::vector<std::string> answers;

    friend void PrintTo(const attack& of, std::ostream* out) { *out << of.name; }
};

const std::string described = backend::parse_complete() + backend::parameter_description() +
                              backend::row_description({{"id", 23, 4}, {"name", 25}});
const std::string bound = described + backend::bind_complete();

std::string row_of(const std::string& body) { return bound + message('D', body); }

const std::vector<attack> attacks{
    {"CVE_2026_4427_field_lengths_below_minus_1",
     {row_of(int16(2) + int32(-2) + int32(-1)), row_of(int16(2) + int32(-1) + int32(0x80000000)),
      row_of(int16(2) + int32(-1) + int32(4) + "nut"), row_of(int16(2) + int32(0x7fffffff) + "nut")}},
    {"CVE_2026_33815_a_function_result_that_nobody_asked_for", {bound + message('V', int32(-2))}},
    {"RUSTSEC_2026_0178_rows_that_do_not_fit_their_description",
     {bound + backend::data_row({int32(1)}), bound + backend::data_row({}),
      bound + backend::data_row({int32(1), "nut", "bolt"}),
      backend::parse_complete() + backend::parameter_description() + backend::no_data() + backend::bind_complete() +
          backend::data_row({int32(1)})}},
    {"postgres_js_a_name_without_an_end",
     {backend::parse_complete() + backend::parameter_description() + message('T', int16(1) + "id")}},
    {"CVE_2026_6668_absurd_lengths",
     {bound + message_of_length('D', 0x7fffffff), bound + message_of_length('D', 0x80000000),
      bound + message_of_length('D', 0xffffffff), bound + message_of_length('D', 0),
      bound + message_of_length('D', 3)}},
    {"CVE_2026_6664_lengths_within_messages",
     {backend::parse_complete() + message('t', int16(65535) + int32(23)),
      backend::parse_complete() + backend::parameter_description() + message('T', int16(-1)), row_of(int16(-1))}},
    {"CVE_2026_6666_errors_without_a_terminator",
     {message('E'), message('E', "SERROR"), message('E', "SERROR\0C42601\0"s)}},
    {"RUSTSEC_2024_0363_counts_that_wrap", {row_of(int16(0x7fff) + int32(-1)), bound + message('C', "")}},
    {"CVE_2021_23222_a_login_in_the_session",
     {backend::authentication(0), backend::authentication(3), backend::key_data(1, "abcd")}},
};

asio::awaitable<void> query(scripted_session& at, connection& conn)
{
    co_await at.note("query", conn.query("SELECT id, name FROM goods"));
    co_await at.note("again", conn.query("SELECT id, name FROM goods"));
}

class security_session : public testing::TestWithParam<attack>
{
};

TEST_P(security_session, is_a_typed_error_and_ends_the_connection)
{
    for (const std::string& answer : GetParam().answers) {
        for (const std::size_t piece : {delivery::never, std::size_t{1}}) {
            script talk = logged_in();
            talk.expect_that("a request", [](std::string_view) { return true; }).send(answer);
            delivery how;
            how.read_piece = piece;
            scripted_session session{talk, how, options_for(trusted_user)};
            session.run(query);
            ASSERT_TRUE(session.is_finished()) << "it hangs";
            ASSERT_EQ(session.calls().size(), 2U);
            EXPECT_EQ(session.calls().front().said, "protocol_error") << testing::PrintToString(answer);
            EXPECT_TRUE(session.peer().is_closed());
            EXPECT_FALSE(session.conn().is_open());
        }
    }
}

INSTANTIATE_TEST_SUITE_P(attacks, security_session, testing::ValuesIn(attacks),
                         [](const testing::TestParamInfo<attack>& of) { return std::string{of.param.name}; });

} // namespace

} // namespace tusk::test
