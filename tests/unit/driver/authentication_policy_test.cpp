// What a server may ask for, and what it never gets: require_auth, channel binding, clear text, tokens, callbacks.

#include "protocol/authentication_policy.hpp"
#include "protocol/startup.hpp"

#include "scram_server.hpp"
#include "startup_peer.hpp"

#include <tusk/driver/conditions.hpp>
#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::string_literals;
using tusk::authentication_error;
using tusk::protocol::authentication_policy;
using tusk::protocol::channel_binding;
using tusk::protocol::credential;
using tusk::protocol::parse_require_auth;
using tusk::protocol::secret_text;
using tusk::protocol::startup;
using tusk::protocol::startup_settings;

const std::string ok = big_endian(0);
const std::string cleartext = big_endian(3);
const std::string md5 = big_endian(5) + "salt";
const std::string gss = big_endian(7);
const std::string sspi = big_endian(9);
const std::string scram = big_endian(10) + "SCRAM-SHA-256\0\0"s;
const std::string scram_plus = big_endian(10) + "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"s;
const std::string oauth = big_endian(10) + "OAUTHBEARER\0\0"s;

startup_settings settings_with(std::string_view require_auth)
{
    startup_settings settings = startup_peer::settings();
    settings.cleartext_allowed = true;
    settings.can_ask_token = true;
    settings.policy = parse_require_auth(require_auth);
    return settings;
}

/// Whether a request is answered, and never with a byte where it is not.
bool is_answered(const startup_settings& settings, const std::string& request)
{
    startup_peer peer{settings};
    try {
        peer.give('R', request);
        return true;
    } catch (const authentication_error&) {
        EXPECT_EQ(peer.sent(), "");
        return false;
    }
}

TEST(require_auth, every_list_against_every_method)
{
    const std::vector<std::pair<std::string, std::string>> requests = {
        {"none", ok}, {"password", cleartext}, {"md5", md5}, {"scram-sha-256", scram}, {"oauth", oauth}};
    const auto is_in = [](const std::string& list, const std::string& word) {
        return ("," + list + ",").find("," + word + ",") != std::string::npos;
    };
    for (const std::string list : {"none", "password", "md5", "scram-sha-256", "oauth", "gss", "sspi", "md5,none",
                                   "scram-sha-256,oauth,none", "password,md5,scram-sha-256,oauth,none"}) {
        std::string negated = "!";
        for (const char letter : list)
            negated += letter == ',' ? ",!"s : std::string(1, letter);
        for (const auto& [name, request] : requests) {
            EXPECT_EQ(is_answered(settings_with(list), request), is_in(list, name)) << list << " and " << name;
            EXPECT_EQ(is_answered(settings_with(negated), request), !is_in(list, name)) << negated << " and " << name;
            EXPECT_TRUE(is_answered(settings_with(""), request)) << name;
        }
    }
}

TEST(require_auth, malformed_lists_are_refused)
{
    for (const char* list :
         {"x", "md5,", ",md5", "md5,,none", "md5,md5", "!md5,none", "md5,!none", "!", "MD5", "md5 ", "scram", "!!md5"})
        EXPECT_THROW(static_cast<void>(parse_require_auth(list)), tusk::usage_error) << list;
}

TEST(require_auth, scram_that_is_cut_short_is_no_scram)
{
    startup_peer peer{settings_with("scram-sha-256")};
    peer.give('R', scram);
    EXPECT_THROW(peer.give('R', ok), authentication_error);
}

// ---- Channel binding.

startup_settings bound(channel_binding binding, std::string end_point = "hash of the certificate")
{
    startup_settings settings = startup_peer::settings();
    settings.cleartext_allowed = true;
    settings.can_ask_token = true;
    settings.encrypted = true;
    settings.binding = binding;
    settings.server_end_point = std::move(end_point);
    return settings;
}

/// The mechanism that a client chose, and the header of its first message.
std::string choice(const startup_settings& settings, const std::string& offer)
{
    startup_peer peer{settings};
    peer.give('R', offer);
    const std::string sent = peer.sent();
    const std::size_t end = sent.find('\0', 5);
    const std::string data = sent.substr(end + 5);
    return sent.substr(5, end - 5) + " " + data.substr(0, data.find(",n=") + 1);
}

TEST(channel_binding, the_choice_of_the_mechanism_and_of_the_header)
{
    using enum channel_binding;
    EXPECT_EQ(choice(bound(prefer), scram_plus), "SCRAM-SHA-256-PLUS p=tls-server-end-point,,");
    EXPECT_EQ(choice(bound(require), scram_plus), "SCRAM-SHA-256-PLUS p=tls-server-end-point,,");
    EXPECT_EQ(choice(bound(disable), scram_plus), "SCRAM-SHA-256 n,,");
    // We could, and tell the server that it did not offer to.
    EXPECT_EQ(choice(bound(prefer), scram), "SCRAM-SHA-256 y,,");
    EXPECT_EQ(choice(bound(disable), scram), "SCRAM-SHA-256 n,,");
    startup_settings plain = bound(prefer, "");
    plain.encrypted = false;
    EXPECT_EQ(choice(plain, scram), "SCRAM-SHA-256 n,,");
}

TEST(channel_binding, CVE_2025_49146_what_cannot_be_bound_sees_no_secret_where_binding_is_required)
{
    for (const std::string& request : {ok, cleartext, md5, gss, sspi, scram, oauth})
        EXPECT_FALSE(is_answered(bound(channel_binding::require), request)) << testing::PrintToString(request);
    EXPECT_TRUE(is_answered(bound(channel_binding::require), scram_plus));
}

TEST(channel_binding, CVE_2026_54291_a_certificate_without_a_hash_is_no_silent_downgrade)
{
    // Signed with Ed25519, say: there is nothing to bind to.
    EXPECT_FALSE(is_answered(bound(channel_binding::require, ""), scram_plus));
    EXPECT_EQ(choice(bound(channel_binding::prefer, ""), scram_plus), "SCRAM-SHA-256 n,,");
    EXPECT_EQ(choice(bound(channel_binding::prefer, ""), scram), "SCRAM-SHA-256 n,,");
}

TEST(channel_binding, the_hash_travels_in_the_final_message)
{
    startup_peer peer{bound(channel_binding::require)};
    peer.give('R', scram_plus);
    const std::string sent = peer.sent();
    const std::string bare = sent.substr(sent.find(",,") + 2);
    peer.give('R', big_endian(11) + bare.substr(bare.find("r=")) + "more,s=" + scram_server::base64("salt") + ",i=1");
    while (peer.work() == startup::state::working) {}
    const std::string header = "p=tls-server-end-point,,hash of the certificate";
    EXPECT_NE(peer.sent().find("c=" + scram_server::base64(header) + ",r="), std::string::npos);
}

// ---- Credentials that the program is asked for.

startup_settings asking()
{
    startup_settings settings = startup_peer::settings();
    settings.password.reset();
    settings.can_ask_password = true;
    settings.cleartext_allowed = true;
    return settings;
}

TEST(credentials, a_password_is_asked_for_where_the_server_wants_one_and_not_before)
{
    startup_peer trusted{asking()};
    EXPECT_EQ(trusted.give('R', ok), startup::state::need_message);

    startup_peer peer{asking()};
    EXPECT_EQ(peer.give('R', cleartext), startup::state::need_credential);
    EXPECT_EQ(peer.client.wanted(), credential::password);
    EXPECT_EQ(peer.sent(), "");
    tusk::byte_writer out;
    EXPECT_EQ(peer.client.supply(secret_text{"late"}, out), startup::state::need_message);
    EXPECT_EQ((std::string{reinterpret_cast<const char*>(out.bytes().data()), out.size()}), "p\0\0\0\x09late\0"s);
    EXPECT_EQ(peer.give('R', ok), startup::state::need_message);
}

TEST(credentials, a_password_that_is_there_is_not_asked_for)
{
    startup_settings settings = asking();
    settings.password = "here";
    startup_peer peer{settings};
    EXPECT_EQ(peer.give('R', cleartext), startup::state::need_message);
    EXPECT_EQ(peer.sent(), "p\0\0\0\x09here\0"s);
}

TEST(credentials, an_empty_answer_is_a_missing_password)
{
    for (const std::string& request : {cleartext, md5, scram}) {
        startup_peer peer{asking()};
        ASSERT_EQ(peer.give('R', request), startup::state::need_credential);
        tusk::byte_writer out;
        EXPECT_THROW(peer.client.supply(secret_text{}, out), authentication_error);
        EXPECT_TRUE(out.empty());
    }
}

TEST(credentials, nothing_is_accepted_while_one_is_awaited_and_none_is_accepted_unasked)
{
    startup_peer peer{asking()};
    tusk::byte_writer out;
    EXPECT_THROW(peer.client.supply(secret_text{"x"}, out), tusk::usage_error);
    startup_peer waiting{asking()};
    waiting.give('R', cleartext);
    EXPECT_THROW(waiting.give('R', ok), tusk::usage_error);
    EXPECT_THROW(waiting.client.supply(secret_text{"x"}, out), tusk::usage_error);
}

TEST(credentials, why_the_password_file_was_not_used_is_in_the_message)
{
    startup_settings settings = startup_peer::settings();
    settings.password.reset();
    settings.password_remark = "the password file \"f\" is ignored";
    startup_peer peer{settings};
    try {
        peer.give('R', md5);
        FAIL() << "accepted";
    } catch (const authentication_error& error) {
        EXPECT_NE(std::string{error.what()}.find("\"f\" is ignored"), std::string::npos) << error.what();
    }
}

// ---- OAUTHBEARER, RFC 7628.

startup_settings with_token()
{
    startup_settings settings = startup_peer::settings();
    settings.can_ask_token = true;
    settings.cleartext_allowed = true;
    return settings;
}

TEST(oauth, a_token_logs_in)
{
    startup_peer peer{with_token()};
    EXPECT_EQ(peer.give('R', oauth), startup::state::need_credential);
    EXPECT_EQ(peer.client.wanted(), credential::token);
    tusk::byte_writer out;
    EXPECT_EQ(peer.client.supply(secret_text{"abc.DEF-123_~+/=="}, out), startup::state::need_message);
    const std::string data = "n,,\x01"
                             "auth=Bearer abc.DEF-123_~+/==\x01\x01";
    const std::string body = "OAUTHBEARER\0"s + big_endian(static_cast<int>(data.size())) + data;
    EXPECT_EQ((std::string{reinterpret_cast<const char*>(out.bytes().data()), out.size()}),
              "p" + big_endian(static_cast<int>(body.size()) + 4) + body);
    EXPECT_EQ(peer.give('R', ok), startup::state::need_message);
    EXPECT_EQ(peer.give('Z', "I"), startup::state::ready);
}

TEST(oauth, a_refused_token_is_answered_as_the_rfc_says_and_ends_with_the_servers_error)
{
    startup_peer peer{with_token()};
    peer.give('R', oauth);
    tusk::byte_writer out;
    peer.client.supply(secret_text{"expired"}, out);
    peer.give('R', big_endian(11) + R"({"status":"invalid_token","scope":"x"})");
    EXPECT_EQ(peer.sent(), "p\0\0\0\x05\x01"s);
    EXPECT_THROW(peer.give('E', error_body("28000", "OAuth bearer authentication failed")),
                 tusk::invalid_authorization_specification);
}

TEST(oauth, ok_after_a_refused_token_is_out_of_order)
{
    startup_peer peer{with_token()};
    peer.give('R', oauth);
    tusk::byte_writer out;
    peer.client.supply(secret_text{"expired"}, out);
    peer.give('R', big_endian(11) + "{}");
    EXPECT_THROW(peer.give('R', ok), tusk::protocol_error);
}

TEST(oauth, what_is_no_token_is_not_sent)
{
    for (const std::string& token : {"a b"s, "a\x01"s, "a\nb"s, "a,b"s, ""s, "\xc3\xa4"s}) {
        startup_peer peer{with_token()};
        peer.give('R', oauth);
        tusk::byte_writer out;
        EXPECT_THROW(peer.client.supply(secret_text{token}, out), authentication_error);
        EXPECT_TRUE(out.empty());
    }
}

TEST(oauth, a_link_that_others_can_read_gets_no_token)
{
    startup_settings settings = with_token();
    settings.cleartext_allowed = false;
    EXPECT_FALSE(is_answered(settings, oauth));
}

TEST(oauth, the_password_is_never_taken_for_a_token)
{
    startup_settings settings = startup_peer::settings();
    settings.cleartext_allowed = true;
    EXPECT_FALSE(is_answered(settings, oauth)); // there is a password, and no token
}

} // namespace
