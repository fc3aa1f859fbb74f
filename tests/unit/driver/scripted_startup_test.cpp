// Start-up and every authentication method, recorded and taken apart at every byte.

#include "scram_server.hpp"
#include "scripted_conversation.hpp"

#include <asio/cancellation_signal.hpp>

#include <memory>
#include <optional>

namespace tusk::test {

namespace {

using namespace std::string_literals;

asio::awaitable<void> look_around(scripted_session& at, connection& conn)
{
    at.say(conn.parameter("server_version"));
    at.say(conn.parameter("TimeZone"));
    at.say(std::to_string(conn.backend_pid()));
    at.say(std::string{conn.transaction_status()});
    co_await at.note("close", conn.close());
}

const std::vector<std::string> around = {"15.18 (Debian 15.18-0+deb12u1)", "UTC", "25505", "I", "close: done"};

script trust_script()
{
    script talk = logged_in();
    return said_goodbye(talk);
}

script cleartext_script()
{
    script talk;
    talk.expect(startup_request("u_pass"))
        .send(backend::authentication(3))
        .expect(frontend::password("p"))
        .send(backend::authentication(0) + greeting("u_pass"));
    return said_goodbye(talk);
}

script md5_script()
{
    script talk;
    talk.expect(startup_request("u_md5"))
        .send(backend::authentication(5, "\x2a\xe1\xb3\x17"))
        .expect(frontend::password("md5e9bd4acfbbbad8125b9b10250b707465"))
        .send(backend::authentication(0) + greeting("u_md5"));
    return said_goodbye(talk);
}

// ---- SCRAM: the answers depend on the client's nonce, so the server's half is computed.

struct scram_talk {
    explicit scram_talk(unsigned iterations) : server{"p", "\x84\x39\xca\x21\x26\x37\x8f\x6f", iterations} {}

    /// The client's first message is behind the mechanism's name and a length.
    bool take_first(std::string_view message)
    {
        const std::string start = zero_terminated("SCRAM-SHA-256");
        const std::size_t at = 5 + start.size();
        if (message.front() != 'p' || message.substr(5, start.size()) != start)
            return false;
        const std::string_view data = message.substr(at + 4);
        if (message.substr(at, 4) != int32(static_cast<std::int64_t>(data.size())))
            return false;
        first = server.first(data);
        return true;
    }

    bool take_proof(std::string_view message)
    {
        proof = server.final(message.substr(5));
        return message.front() == 'p' && proof.has_value();
    }

    scram_server server;
    std::string first;
    std::optional<std::string> proof;
};

script scram_script_of(unsigned iterations, std::string_view answer_to_proof = {})
{
    auto talk_to = std::make_shared<scram_talk>(iterations);
    script talk;
    talk.expect(startup_request("u_scram"))
        .send(backend::authentication(10, zero_terminated("SCRAM-SHA-256") + '\0'))
        .expect_that("SASLInitialResponse", [=](std::string_view message) { return talk_to->take_first(message); })
        .send_made([=] { return backend::authentication(11, talk_to->first); })
        .expect_that("SASLResponse", [=](std::string_view message) { return talk_to->take_proof(message); });
    if (!answer_to_proof.empty()) {
        talk.send(std::string{answer_to_proof}).close();
        return talk;
    }
    talk.send_made([=] { return backend::authentication(12, *talk_to->proof) + backend::authentication(0); })
        .send(greeting("u_scram"));
    return said_goodbye(talk);
}

/// As the server asks for it: several slices of key derivation, with other handlers between.
script scram_script() { return scram_script_of(4096); }

/// Few, so that a thousand runs are quick.
script quick_scram_script() { return scram_script_of(1); }

conversation of(const char* name, std::function<script()> plays, const std::string& user, std::string_view password)
{
    conversation made{name, std::move(plays), look_around, around, options_for(user, password)};
    made.first_read = 0;
    made.first_written = 0;
    return made;
}

std::vector<conversation> conversations()
{
    conversation scram = of("scram", quick_scram_script, "u_scram", "p");
    scram.repeatable = false;
    return {of("trust", trust_script, trusted_user, {}), of("cleartext", cleartext_script, "u_pass", "p"),
            of("md5", md5_script, "u_md5", "p"), scram};
}

class scripted_startup : public testing::TestWithParam<conversation>
{
};

TEST_P(scripted_startup, is_the_same_however_reads_are_split) { check_reads(GetParam()); }
TEST_P(scripted_startup, is_the_same_however_writes_are_cut) { check_writes(GetParam()); }
TEST_P(scripted_startup, is_honest_about_a_connection_lost_at_every_read) { check_lost_reads(GetParam()); }
TEST_P(scripted_startup, is_honest_about_a_connection_lost_at_every_write) { check_lost_writes(GetParam()); }

INSTANTIATE_TEST_SUITE_P(recorded, scripted_startup, testing::ValuesIn(conversations()), name_of);

TEST(scripted_startup, derives_a_key_of_many_iterations_between_other_handlers)
{
    conversation scram = of("scram", scram_script, "u_scram", "p");
    scram.repeatable = false;
    expect_the_same(scram, {}, {});
    delivery how;
    how.read_piece = 1;
    expect_the_same(scram, how, {});
}

TEST(scripted_startup, can_be_cancelled_at_every_point_of_scram)
{
    bool had_ended = false;
    int steps = 1; // with the first one the stream is opened
    for (; !had_ended; ++steps) {
        SCOPED_TRACE(steps);
        asio::cancellation_signal signal;
        delivery how;
        how.read_piece = 20;
        scripted_session session{scram_script(), how, options_for("u_scram", "p")};
        session.start_connect(signal.slot());
        for (int i = 0; i != steps && !session.is_finished(); ++i)
            ASSERT_TRUE(session.step()) << "it hangs before it is cancelled";
        had_ended = session.is_finished();
        signal.emit(asio::cancellation_type::terminal);
        session.drive();
        ASSERT_TRUE(session.is_finished()) << "it hangs";
        EXPECT_EQ(session.peer().complaint(), "");
        ASSERT_EQ(session.peer().is_closed(), !session.is_connected());
    }
    EXPECT_GT(steps, 20); // messages, and slices of the key's derivation
}

/// Connects and gives what came of it.
std::string failure_of(const script& plays, const connect_options& options, std::size_t read_piece = delivery::never)
{
    delivery how;
    how.read_piece = read_piece;
    scripted_session session{plays, how, options};
    session.start_connect();
    session.drive();
    EXPECT_TRUE(session.is_finished());
    EXPECT_FALSE(session.is_connected());
    EXPECT_EQ(session.peer().complaint(), "");
    EXPECT_TRUE(session.peer().is_closed());
    return session.failure() ? describe(session.failure()) : "connected";
}

backend::fields refusal(const char* sqlstate, const char* message)
{
    return {{'S', "FATAL"}, {'V', "FATAL"}, {'C', sqlstate}, {'M', message}, {'F', "auth.c"}, {'L', "334"}};
}

TEST(scripted_startup, tells_why_the_server_refused)
{
    const std::string nobody = "no pg_hba.conf entry for host \"[local]\", user \"nobody\", database \"postgres\"";
    script stranger;
    stranger.expect(startup_request("nobody")).send(backend::error(refusal("28000", nobody.c_str()))).close();
    const std::string wrong = backend::error(refusal("28P01", "password authentication failed for user \"u_scram\""));
    for (const std::size_t piece : {delivery::never, std::size_t{1}}) {
        EXPECT_EQ(failure_of(stranger, options_for("nobody"), piece), "server_error 28000: " + nobody);
        EXPECT_EQ(failure_of(scram_script_of(1, wrong), options_for("u_scram", "p"), piece),
                  "server_error 28P01: password authentication failed for user \"u_scram\"");
    }
}

TEST(scripted_startup, refuses_a_server_that_does_not_prove_itself)
{
    const std::string forged = backend::authentication(12, "v=" + scram_server::base64(std::string(32, 'x')));
    const std::string skipped = backend::authentication(0) + greeting("u_scram");
    EXPECT_EQ(failure_of(scram_script_of(1, forged + skipped), options_for("u_scram", "p")), "authentication_error");
    EXPECT_EQ(failure_of(scram_script_of(1, skipped), options_for("u_scram", "p")), "authentication_error");
}

TEST(scripted_startup, refuses_what_is_no_postgresql_server)
{
    const std::string hello = backend::authentication(0);
    const std::vector<std::pair<std::string, std::string>> garbage{
        {"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n"},
        {"an unknown type", message('?', "hello")},
        {"a length of 0", message_of_length('R', 0, "\0\0\0\0"s)},
        {"a length of 3", message_of_length('R', 3, "\0\0\0\0"s)},
        {"a length of 2 GiB", message_of_length('R', 0x7fffffff, "\0\0\0\0"s)},
        {"a negative length", message_of_length('R', 0x80000000, "\0\0\0\0"s)},
        {"a length above the limit of the start-up", message_of_length('R', 64 * 1024 + 1)},
        {"a request without a code", message('R', "\0\0"s)},
        {"ReadyForQuery at once", backend::ready('I')},
        {"rows at once", hello + backend::data_row({"1"})},
        {"a second login", hello + hello},
        {"a password wanted after the login", hello + backend::authentication(3)},
        {"a parameter without an end", hello + message('S', "TimeZone\0UTC"s)},
        {"an unknown transaction status", hello + backend::ready('?')},
        {"an error without an end", message('E', "SFATAL")},
    };
    for (const auto& [what, bytes] : garbage) {
        SCOPED_TRACE(what);
        script talk;
        talk.expect(startup_request(trusted_user)).send(bytes); // and silence, so that waiting would be a hang
        EXPECT_EQ(failure_of(talk, options_for(trusted_user)), "protocol_error");
        EXPECT_EQ(failure_of(talk, options_for(trusted_user), 1), "protocol_error");
    }
}

} // namespace

} // namespace tusk::test
