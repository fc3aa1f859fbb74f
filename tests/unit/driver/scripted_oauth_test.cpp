// OAUTHBEARER from the callback to the session, split at every byte.

#include "scripted_conversation.hpp"

#include <stdexcept>

namespace tusk::test {

namespace {

using namespace std::string_literals;

connect_options with_token(connect_options::credential_callback callback)
{
    connect_options options = options_for("u_oauth");
    options.token_callback = std::move(callback);
    options.oauth_issuer = "https://issuer.example";
    options.oauth_client_id = "client";
    options.oauth_scope = "openid db";
    return options;
}

asio::awaitable<std::string> give_token(login_request who)
{
    co_return who.user + "." + who.oauth_client_id + "." + std::to_string(who.oauth_issuer.size()) + "." +
        std::to_string(who.oauth_scope.size());
}

const std::string offer = backend::authentication(10, zero_terminated("OAUTHBEARER") + '\0');
const std::string presented = frontend::sasl_initial_response("OAUTHBEARER", "n,,\x01"
                                                                             "auth=Bearer u_oauth.client.22.9\x01\x01");

script good()
{
    script talk;
    talk.expect(startup_request("u_oauth"))
        .send(offer)
        .expect(presented)
        .send(backend::authentication(0) + greeting("u_oauth"));
    return said_goodbye(talk);
}

asio::awaitable<void> close(scripted_session& at, connection& conn) { co_await at.note("close", conn.close()); }

TEST(scripted_oauth, a_token_of_the_program_logs_in_however_the_bytes_come)
{
    conversation talk{"oauth", good, close, {"close: done"}, with_token(give_token)};
    talk.first_read = 0;
    talk.first_written = 0;
    check_reads(talk);
    check_writes(talk);
    check_lost_reads(talk);
    check_lost_writes(talk);
}

TEST(scripted_oauth, a_refused_token_is_the_servers_error)
{
    script talk;
    talk.expect(startup_request("u_oauth"))
        .send(offer)
        .expect(presented)
        .send(backend::authentication(11, R"({"status":"invalid_token"})"))
        .expect(frontend::sasl_response("\x01"))
        .send(backend::error({{'S', "FATAL"}, {'V', "FATAL"}, {'C', "28000"}, {'M', "no such token"}}))
        .close();
    scripted_session session{talk, {}, with_token(give_token)};
    session.start_connect();
    session.drive();
    EXPECT_EQ(session.peer().complaint(), "");
    EXPECT_EQ(describe(session.failure()), "server_error 28000: no such token");
}

TEST(scripted_oauth, what_the_callback_throws_ends_the_attempt)
{
    script talk;
    talk.expect(startup_request("u_oauth")).send(offer);
    scripted_session session{talk, {}, with_token([](login_request) -> asio::awaitable<std::string> {
                                 throw std::runtime_error{"no token today"};
                                 co_return ""s;
                             })};
    session.start_connect();
    session.drive();
    EXPECT_EQ(describe(session.failure()), "something else: no token today");
    EXPECT_TRUE(session.peer().is_closed());
}

TEST(scripted_oauth, without_a_callback_it_is_said_what_to_set)
{
    script talk;
    talk.expect(startup_request("u_oauth")).send(offer);
    scripted_session session{talk, {}, options_for("u_oauth", "a password is no token")};
    session.start_connect();
    session.drive();
    EXPECT_TRUE(is<authentication_error>(session.failure())) << describe(session.failure());
    EXPECT_EQ(session.peer().written(), startup_request("u_oauth"));
}

} // namespace

} // namespace tusk::test
