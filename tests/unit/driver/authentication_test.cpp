#include "protocol/startup.hpp"

#include "scram_server.hpp"
#include "startup_peer.hpp"

#include <tusk/driver/conditions.hpp>
#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::string_literals;
using tusk::authentication_error;
using tusk::protocol_error;
using tusk::protocol::startup;
using tusk::protocol::startup_settings;

const std::string ok = big_endian(0);
const std::string scram_offer = big_endian(10) + "SCRAM-SHA-256\0\0"s;

std::string challenge(const std::string& text) { return big_endian(11) + text; }
std::string outcome(const std::string& text) { return big_endian(12) + text; }

startup_settings without_password()
{
    startup_settings settings = startup_peer::settings();
    settings.password.reset();
    return settings;
}

/// The data of the SASLInitialResponse that a client has sent.
std::string initial_data(const std::string& sent)
{
    const std::string head = "SCRAM-SHA-256\0"s;
    EXPECT_EQ(sent.substr(0, 1), "p");
    EXPECT_EQ(sent.substr(1, 4), big_endian(static_cast<int>(sent.size()) - 1));
    EXPECT_EQ(sent.substr(5, head.size()), head);
    const std::string data = sent.substr(5 + head.size() + 4);
    EXPECT_EQ(sent.substr(5 + head.size(), 4), big_endian(static_cast<int>(data.size())));
    return data;
}

/// The data of the SASLResponse that a client has sent.
std::string response_data(const std::string& sent)
{
    EXPECT_EQ(sent.substr(0, 1), "p");
    EXPECT_EQ(sent.substr(1, 4), big_endian(static_cast<int>(sent.size()) - 1));
    return sent.substr(5);
}

/// Expects an authentication_error, and that its text holds a piece that helps, and never the password.
template <class Action>
void expect_refused(const Action& action, const std::string& piece)
{
    try {
        action();
        FAIL() << "accepted; expected: " << piece;
    } catch (const authentication_error& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find(piece), std::string::npos) << text;
        EXPECT_EQ(text.find("secret"), std::string::npos) << text;
    }
}

/// A conversation with a server that asks for SCRAM, brought to each of its steps.
class authentication_scram : public testing::Test
{
protected:
    void offer()
    {
        EXPECT_EQ(peer.give('R', scram_offer), startup::state::need_message);
        server_first = server.first(initial_data(peer.sent()));
    }

    void challenge_client()
    {
        offer();
        EXPECT_EQ(peer.give('R', challenge(server_first)), startup::state::working);
        EXPECT_EQ(peer.sent(), "");
    }

    void let_client_answer()
    {
        challenge_client();
        while (peer.work() == startup::state::working)
            ++slices;
        server_final = server.final(response_data(peer.sent()));
    }

    startup_peer peer;
    scram_server server{"secret", "salty salt", 10'000};
    std::string server_first;
    std::optional<std::string> server_final;
    int slices = 1;
};

TEST(authentication, cleartext_conversation)
{
    startup_settings settings = startup_peer::settings();
    settings.cleartext_allowed = true;
    startup_peer peer{settings};
    EXPECT_EQ(peer.give('R', big_endian(3)), startup::state::need_message);
    EXPECT_EQ(peer.sent(), "p\0\0\0\x0bsecret\0"s);
    EXPECT_EQ(peer.give('R', ok), startup::state::need_message);
    EXPECT_EQ(peer.give('Z', "I"), startup::state::ready);
    EXPECT_EQ(peer.sent(), "");
}

TEST(authentication, cleartext_is_refused_unless_allowed)
{
    startup_peer peer;
    expect_refused([&] { peer.give('R', big_endian(3)); }, "clear text");
    EXPECT_EQ(peer.sent(), "");
}

TEST(authentication, md5_conversation)
{
    startup_peer peer;
    EXPECT_EQ(peer.give('R', big_endian(5) + "\x01\x02\xfe\0"s), startup::state::need_message);
    EXPECT_EQ(peer.sent(), "p\0\0\0\x28"
                           "md5219241086d97207b1680e30a8d1e9331\0"s); // from md5sum
    EXPECT_EQ(peer.give('R', ok), startup::state::need_message);
    EXPECT_EQ(peer.give('Z', "I"), startup::state::ready);
}

TEST_F(authentication_scram, conversation_in_bounded_slices)
{
    let_client_answer();
    EXPECT_EQ(slices, 3); // of 4096 iterations
    ASSERT_TRUE(server_final.has_value());
    EXPECT_EQ(peer.give('R', outcome(*server_final)), startup::state::need_message);
    EXPECT_EQ(peer.give('R', ok), startup::state::need_message);
    EXPECT_EQ(peer.give('Z', "I"), startup::state::ready);
    EXPECT_EQ(peer.sent(), "");
}

TEST(authentication, scram_is_chosen_among_others)
{
    startup_settings settings = startup_peer::settings();
    settings.encrypted = true;
    startup_peer peer{settings};
    peer.give('R', big_endian(10) + "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0OTHER\0\0"s);
    EXPECT_EQ(initial_data(peer.sent()).substr(0, 8), "n,,n=,r=");
}

TEST(authentication, channel_binding_offered_without_tls_is_refused)
{
    startup_peer peer;
    expect_refused([&] { peer.give('R', big_endian(10) + "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"s); }, "not encrypted");
    EXPECT_EQ(peer.sent(), "");
}

TEST(authentication, other_mechanisms_are_named)
{
    startup_peer peer;
    expect_refused([&] { peer.give('R', big_endian(10) + "GS2-KRB5\0SCRAM-SHA-512\0\x1b[2J\0\0"s); },
                   "[GS2-KRB5, SCRAM-SHA-512, (unreadable)]");
    startup_peer nothing;
    expect_refused([&] { nothing.give('R', big_endian(10) + "\0"s); }, "[]");
    startup_peer prefix;
    expect_refused([&] { prefix.give('R', big_endian(10) + "SCRAM-SHA-25\0\0"s); }, "[SCRAM-SHA-25]");
}

TEST(authentication, a_flood_of_mechanisms_does_not_flood_the_message)
{
    std::string list;
    while (list.size() < 60'000)
        list += "MECHANISM\0"s;
    startup_peer peer;
    try {
        peer.give('R', big_endian(10) + list + "\0"s);
        FAIL() << "accepted";
    } catch (const authentication_error& error) {
        EXPECT_LT(std::string{error.what()}.size(), 500U);
    }
}

TEST(authentication, unsupported_methods_are_named)
{
    const std::vector<std::pair<int, std::string>> methods{{2, "Kerberos V5"}, {4, "crypt"},    {6, "SCM"},
                                                           {9, "SSPI"},        {1, "number 1"}, {13, "number 13"},
                                                           {-1, "number -1"}};
    for (const auto& [code, name] : methods) {
        startup_peer peer;
        expect_refused([&, request = big_endian(code) + "payload"] { peer.give('R', request); }, name);
        EXPECT_EQ(peer.sent(), "");
    }
}

TEST(authentication, a_missing_password_is_an_error_that_tells_how_to_give_one)
{
    startup_settings clear = without_password();
    clear.cleartext_allowed = true;
    startup_peer cleartext{clear};
    expect_refused([&] { cleartext.give('R', big_endian(3)); }, "PGPASSWORD");
    startup_peer md5{without_password()};
    expect_refused([&] { md5.give('R', big_endian(5) + "salt"); }, "PGPASSWORD");
    startup_peer scram{without_password()};
    expect_refused([&] { scram.give('R', scram_offer); }, "PGPASSWORD");
    startup_settings empty = startup_peer::settings();
    empty.password = "";
    startup_peer no_characters{empty};
    expect_refused([&] { no_characters.give('R', scram_offer); }, "PGPASSWORD");
    startup_peer trust{without_password()};
    EXPECT_EQ(trust.give('R', ok), startup::state::need_message);
}

TEST(authentication, malformed_requests_are_refused)
{
    for (const std::string& body :
         {""s, "\0\0\0"s, ok + "x", big_endian(3) + "x", big_endian(5), big_endian(5) + "sal", big_endian(5) + "salty",
          big_endian(10), big_endian(10) + "SCRAM-SHA-256", big_endian(10) + "SCRAM-SHA-256\0"s, scram_offer + "x"}) {
        startup_settings settings = startup_peer::settings();
        settings.cleartext_allowed = true;
        startup_peer peer{settings};
        EXPECT_THROW(peer.give('R', body), protocol_error);
        EXPECT_EQ(peer.sent(), "");
    }
}

TEST(authentication, a_second_request_is_refused)
{
    for (const std::string& second :
         {big_endian(3), big_endian(5) + "salt", scram_offer, challenge("r=x"), outcome("v=x"), big_endian(7)}) {
        startup_settings settings = startup_peer::settings();
        settings.cleartext_allowed = true;
        startup_peer peer{settings};
        peer.give('R', big_endian(5) + "salt");
        EXPECT_THROW(peer.give('R', second), protocol_error);
    }
}

TEST_F(authentication_scram, refuses_ok_instead_of_a_challenge)
{
    offer();
    expect_refused([&] { peer.give('R', ok); }, "without proving");
}

TEST_F(authentication_scram, refuses_ok_while_the_key_is_derived)
{
    challenge_client();
    expect_refused([&] { peer.give('R', ok); }, "without proving");
}

TEST_F(authentication_scram, refuses_ok_instead_of_the_servers_proof)
{
    let_client_answer();
    expect_refused([&] { peer.give('R', ok); }, "without proving");
}

TEST_F(authentication_scram, refuses_a_second_challenge)
{
    challenge_client();
    EXPECT_THROW(peer.give('R', challenge(server_first)), protocol_error);
}

TEST_F(authentication_scram, refuses_a_second_challenge_after_the_answer)
{
    let_client_answer();
    EXPECT_THROW(peer.give('R', challenge(server_first)), protocol_error);
}

TEST_F(authentication_scram, refuses_the_proof_before_the_challenge)
{
    offer();
    EXPECT_THROW(peer.give('R', outcome("v=" + scram_server::base64(std::string(32, 'x')))), protocol_error);
}

TEST_F(authentication_scram, refuses_a_wrong_proof)
{
    let_client_answer();
    expect_refused([&] { peer.give('R', outcome("v=" + scram_server::base64(std::string(32, 'x')))); },
                   "could not prove");
}

TEST_F(authentication_scram, refuses_a_nonce_that_does_not_extend_ours)
{
    offer();
    expect_refused([&] { peer.give('R', challenge("r=stranger,s=c2FsdA==,i=4096")); }, "nonce");
    EXPECT_EQ(peer.sent(), "");
}

TEST_F(authentication_scram, refuses_to_change_the_method_half_way)
{
    offer();
    EXPECT_THROW(peer.give('R', big_endian(3)), protocol_error);
    EXPECT_EQ(peer.sent(), "");
}

TEST_F(authentication_scram, refuses_to_begin_again_when_verified)
{
    let_client_answer();
    peer.give('R', outcome(server_final.value()));
    EXPECT_THROW(peer.give('R', scram_offer), protocol_error);
}

TEST_F(authentication_scram, refuses_session_messages_before_ok)
{
    let_client_answer();
    peer.give('R', outcome(server_final.value()));
    EXPECT_THROW(peer.give('Z', "I"), protocol_error);
}

TEST_F(authentication_scram, refuses_challenge_and_proof_outside_of_scram)
{
    EXPECT_THROW(peer.give('R', challenge("r=x,s=c2FsdA==,i=1")), protocol_error);
    startup_peer other;
    EXPECT_THROW(other.give('R', outcome("v=x")), protocol_error);
}

TEST_F(authentication_scram, keeps_to_its_own_limit_of_iterations)
{
    startup_settings settings = startup_peer::settings();
    settings.scram_max_iterations = 9'999;
    startup_peer strict{settings};
    strict.give('R', scram_offer);
    const std::string first = server.first(initial_data(strict.sent()));
    expect_refused([&] { strict.give('R', challenge(first)); }, "scram_max_iterations");
}

TEST_F(authentication_scram, a_notice_does_not_disturb_the_derivation)
{
    challenge_client();
    EXPECT_EQ(peer.give('N', "Mhello\0\0"s), startup::state::working);
    while (peer.work() == startup::state::working) {}
    EXPECT_TRUE(server.final(response_data(peer.sent())).has_value());
}

TEST_F(authentication_scram, an_error_while_the_key_is_derived_is_thrown)
{
    challenge_client();
    EXPECT_THROW(peer.give('E', error_body("57P01", "terminating connection")), tusk::admin_shutdown);
    EXPECT_THROW(peer.work(), tusk::usage_error);
}

TEST_F(authentication_scram, a_wrong_password_is_the_servers_error)
{
    let_client_answer();
    EXPECT_THROW(peer.give('E', error_body("28P01", "password authentication failed")), tusk::invalid_password);
}

TEST_F(authentication_scram, an_error_after_the_offer_is_thrown)
{
    offer();
    EXPECT_THROW(peer.give('E', error_body("28000", "no")), tusk::invalid_authorization_specification);
}

} // namespace
