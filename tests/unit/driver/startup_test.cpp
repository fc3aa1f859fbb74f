#include "protocol/startup.hpp"

#include "startup_peer.hpp"

#include <tusk/driver/conditions.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::string_literals;
using tusk::protocol_error;
using tusk::usage_error;
using tusk::protocol::session_facts;
using tusk::protocol::startup;
using tusk::protocol::startup_settings;

const std::string ready_body = "I";

/// A conversation after AuthenticationOk.
class startup_logged_in : public testing::Test
{
protected:
    startup_logged_in() { peer.give('R', big_endian(0)); }

    startup_peer peer;
};

TEST(startup, trust_conversation_gives_the_facts)
{
    startup_settings settings = startup_peer::settings();
    settings.database = "shop";
    settings.parameters = {{"application_name", "till"}};
    startup_peer peer{settings};
    EXPECT_EQ(peer.opening, "\0\0\0\x4d\0\3\0\0user\0alice\0database\0shop\0application_name\0till\0"
                            "client_encoding\0UTF8\0\0"s);
    EXPECT_EQ(peer.give('R', big_endian(0)), startup::state::need_message);
    EXPECT_EQ(peer.give('S', "server_version\00015.18\0"s), startup::state::need_message);
    EXPECT_EQ(peer.give('S', "client_encoding\0UTF8\0"s), startup::state::need_message);
    EXPECT_EQ(peer.give('S', "server_version\00016.0\0"s), startup::state::need_message);
    EXPECT_EQ(peer.give('K', big_endian(4711) + "\1\2\3\4"), startup::state::need_message);
    EXPECT_EQ(peer.give('Z', ready_body), startup::state::ready);
    EXPECT_EQ(peer.sent(), "");

    const session_facts facts = peer.client.take_facts();
    EXPECT_EQ(facts.parameters.size(), 2U);
    EXPECT_EQ(facts.parameters.at("server_version"), "16.0");
    EXPECT_EQ(facts.parameters.at("client_encoding"), "UTF8");
    EXPECT_EQ(facts.backend_pid, 4711);
    EXPECT_EQ(facts.cancel_key, (std::vector{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}}));
    EXPECT_EQ(facts.transaction_status, 'I');
    EXPECT_EQ(facts.protocol_version, 0x0003'0000U);
    EXPECT_TRUE(facts.notices.empty());
}

TEST(startup, a_client_encoding_that_was_given_is_not_sent_twice)
{
    startup_settings settings = startup_peer::settings();
    settings.parameters = {{"client_encoding", "utf-8"}};
    startup_peer peer{settings};
    EXPECT_EQ(peer.opening, "\0\0\0\x2a\0\3\0\0user\0alice\0client_encoding\0utf-8\0\0"s);
}

TEST(startup, refuses_settings_that_would_log_in_somebody_else)
{
    startup_settings settings = startup_peer::settings();
    settings.parameters = {{"user", "admin"}};
    EXPECT_THROW(startup{settings}, usage_error);
    settings.parameters = {{"database", "other"}};
    EXPECT_THROW(startup{settings}, usage_error);
    settings.parameters.clear();
    settings.user.clear();
    EXPECT_THROW(startup{settings}, usage_error);
}

TEST(startup, refuses_zero_bytes_in_every_setting)
{
    for (int which = 0; which != 4; ++which) {
        startup_settings settings = startup_peer::settings();
        if (which == 0)
            settings.user = "alice\0database\0other"s;
        else if (which == 1)
            settings.database = "shop\0user\0admin"s;
        else if (which == 2)
            settings.parameters = {{"application_name", "x\0user\0admin"s}};
        else
            settings.parameters = {{"application_name\0x"s, "till"}};
        startup client{settings};
        tusk::byte_writer out;
        EXPECT_THROW(client.begin(out), usage_error) << which;
        EXPECT_TRUE(out.empty());
    }
}

TEST(startup, refuses_calls_out_of_turn)
{
    startup client{startup_peer::settings()};
    tusk::byte_writer out;
    EXPECT_THROW(client.feed({'R', {}}, out), usage_error);
    EXPECT_THROW(client.work(out), usage_error);
    EXPECT_THROW(static_cast<void>(client.take_facts()), usage_error);
    client.begin(out);
    EXPECT_THROW(client.begin(out), usage_error);
    EXPECT_THROW(client.work(out), usage_error);
    EXPECT_THROW(static_cast<void>(client.take_facts()), usage_error);
}

TEST_F(startup_logged_in, facts_can_be_taken_once_and_nothing_comes_after)
{
    peer.give('Z', ready_body);
    EXPECT_THROW(peer.give('S', "a\0b\0"s), usage_error);
    static_cast<void>(peer.client.take_facts());
    EXPECT_THROW(static_cast<void>(peer.client.take_facts()), usage_error);
}

TEST_F(startup_logged_in, a_cancel_key_may_be_absent)
{
    peer.give('Z', ready_body);
    EXPECT_TRUE(peer.client.take_facts().cancel_key.empty());
}

TEST_F(startup_logged_in, a_cancel_key_may_have_256_bytes)
{
    peer.give('K', big_endian(1) + std::string(256, 'k'));
    peer.give('Z', ready_body);
    EXPECT_EQ(peer.client.take_facts().cancel_key.size(), 256U);
}

TEST(startup, refuses_malformed_cancel_keys)
{
    for (const std::string& body :
         {""s, "\0\0\0"s, big_endian(1), big_endian(1) + "abc", big_endian(1) + std::string(257, 'k')}) {
        startup_peer peer;
        peer.give('R', big_endian(0));
        EXPECT_THROW(peer.give('K', body), protocol_error) << body.size();
    }
    startup_peer peer;
    peer.give('R', big_endian(0));
    peer.give('K', big_endian(1) + "abcd");
    EXPECT_THROW(peer.give('K', big_endian(1) + "abcd"), protocol_error) << "twice";
}

TEST(startup, refuses_malformed_parameters_and_ends)
{
    const std::vector<std::pair<char, std::string>> malformed{
        {'S', ""},
        {'S', "a"},
        {'S', "a\0"s},
        {'S', "a\0b"s},
        {'S', "a\0b\0c"s},
        {'Z', ""},
        {'Z', "II"},
        {'Z', "X"},
        {'Z', "\0"s},
        {'T', ""},
        {'C', "SELECT 1\0"s},
        {'A', ""},
        {'R', big_endian(0)},
        {'v', big_endian(0x30000) + big_endian(0)},
        {'\0', ""},
    };
    for (const auto& [type, body] : malformed) {
        startup_peer peer;
        peer.give('R', big_endian(0));
        EXPECT_THROW(peer.give(type, body), protocol_error) << type << body;
        EXPECT_THROW(peer.give('Z', ready_body), usage_error) << "after a failure";
    }
}

TEST_F(startup_logged_in, bounds_the_number_of_parameters)
{
    for (int i = 0; i != 256; ++i)
        peer.give('S', "name" + std::to_string(i) + "\0value\0"s);
    peer.give('S', "name7\0other\0"s);
    EXPECT_THROW(peer.give('S', "name256\0value\0"s), protocol_error);
}

TEST_F(startup_logged_in, bounds_the_size_of_a_message)
{
    const std::string largest = "name\0"s + std::string(startup::max_message_size - 4 - 5 - 1, 'x') + "\0"s;
    peer.give('S', largest);
    EXPECT_THROW(peer.give('S', "n" + largest), protocol_error);
}

TEST_F(startup_logged_in, keeps_the_first_16_notices)
{
    for (int i = 0; i != 20; ++i)
        EXPECT_EQ(peer.give('N', "M" + std::to_string(i) + "\0\0"s), startup::state::need_message);
    peer.give('Z', ready_body);
    const session_facts facts = peer.client.take_facts();
    ASSERT_EQ(facts.notices.size(), 16U);
    EXPECT_EQ(facts.notices[15].size(), 5U);
}

TEST(startup, does_not_keep_a_notice_of_a_server_that_is_not_authenticated)
{
    startup_peer peer;
    EXPECT_EQ(peer.give('N', "Mtrust me\0\0"s), startup::state::need_message);
    peer.give('R', big_endian(0));
    peer.give('Z', ready_body);
    EXPECT_TRUE(peer.client.take_facts().notices.empty());
}

TEST(startup, refuses_session_messages_before_authentication)
{
    const std::vector<std::pair<char, std::string>> early{
        {'S', "a\0b\0"s}, {'K', big_endian(1) + "abcd"}, {'Z', "I"}, {'D', ""}, {'H', "TTP/1.1 400"}};
    for (const auto& [type, body] : early) {
        startup_peer peer;
        EXPECT_THROW(peer.give(type, body), protocol_error) << type;
    }
}

TEST_F(startup_logged_in, refuses_another_encoding_than_utf8)
{
    peer.give('S', "client_encoding\0SQL_ASCII\0"s);
    try {
        peer.give('Z', ready_body);
        FAIL() << "accepted";
    } catch (const protocol_error& error) {
        EXPECT_NE(std::string{error.what()}.find("client_encoding"), std::string::npos);
    }
    EXPECT_THROW(static_cast<void>(peer.client.take_facts()), usage_error);
}

TEST_F(startup_logged_in, reports_a_transaction_that_is_open)
{
    peer.give('Z', "T");
    EXPECT_EQ(peer.client.take_facts().transaction_status, 'T');
}

TEST(startup, takes_the_version_that_the_server_negotiates)
{
    startup_settings settings = startup_peer::settings();
    settings.protocol_version = 0x0003'0002;
    startup_peer peer{settings};
    EXPECT_EQ(peer.opening.substr(4, 4), "\0\3\0\2"s);
    EXPECT_EQ(peer.give('v', big_endian(0x0003'0000) + big_endian(1) + "_pq_.other\0"s), startup::state::need_message);
    peer.give('R', big_endian(0));
    peer.give('Z', ready_body);
    EXPECT_EQ(peer.client.take_facts().protocol_version, 0x0003'0000U);
}

TEST(startup, keeps_the_version_that_nobody_negotiated)
{
    startup_settings settings = startup_peer::settings();
    settings.protocol_version = 0x0003'0002;
    startup_peer peer{settings};
    peer.give('R', big_endian(0));
    peer.give('Z', ready_body);
    EXPECT_EQ(peer.client.take_facts().protocol_version, 0x0003'0002U);
}

TEST(startup, refuses_a_version_that_it_did_not_ask_for)
{
    // Higher, another major version, the reserved 3.1, a bare minor version.
    for (const int version : {0x0003'0003, 0x0004'0000, 0x0002'0000, 0x0003'0001, 0, 2, -1}) {
        startup_settings settings = startup_peer::settings();
        settings.protocol_version = 0x0003'0002;
        startup_peer peer{settings};
        EXPECT_THROW(peer.give('v', big_endian(version) + big_endian(0)), protocol_error) << version;
    }
    startup_peer peer;
    EXPECT_THROW(peer.give('v', big_endian(0x0003'0002) + big_endian(0)), protocol_error);
}

TEST(startup, refuses_to_go_on_without_a_protocol_option_that_was_asked_for)
{
    startup_settings settings = startup_peer::settings();
    settings.parameters = {{"_pq_.wanted", "on"}};
    startup_peer peer{settings};
    try {
        peer.give('v', big_endian(0x0003'0000) + big_endian(2) + "_pq_.other\0_pq_.wanted\0"s);
        FAIL() << "accepted";
    } catch (const tusk::connection_error& error) {
        EXPECT_NE(std::string{error.what()}.find("_pq_.wanted"), std::string::npos);
    }
}

TEST(startup, refuses_malformed_or_late_negotiation)
{
    const std::string version = big_endian(0x0003'0000);
    for (const std::string& body :
         {""s, version, version + big_endian(-1), version + big_endian(1), version + big_endian(1) + "x",
          version + big_endian(0) + "x", version + big_endian(0x7fffffff) + "a\0b\0"s}) {
        startup_peer peer;
        EXPECT_THROW(peer.give('v', body), protocol_error);
    }
    startup_peer peer;
    peer.give('v', version + big_endian(0));
    EXPECT_THROW(peer.give('v', version + big_endian(0)), protocol_error) << "twice";
}

TEST(startup, an_error_is_thrown_as_its_condition_at_each_step)
{
    startup_peer first;
    EXPECT_THROW(first.give('E', error_body("28000", "no pg_hba.conf entry")),
                 tusk::invalid_authorization_specification);

    startup_settings settings = startup_peer::settings();
    settings.cleartext_allowed = true;
    startup_peer password{settings};
    password.give('R', big_endian(3));
    EXPECT_THROW(password.give('E', error_body("28P01", "password authentication failed")), tusk::invalid_password);
    EXPECT_THROW(password.give('R', big_endian(0)), usage_error);

    startup_peer session;
    session.give('R', big_endian(0));
    EXPECT_THROW(session.give('E', error_body("3D000", "database does not exist")), tusk::invalid_catalog_name);

    startup_peer late;
    late.give('R', big_endian(0));
    late.give('S', "a\0b\0"s);
    EXPECT_THROW(late.give('E', error_body("57P03", "shutting down")), tusk::cannot_connect_now);
}

TEST(startup, an_error_tells_how_to_mend_it_and_is_safe_to_print)
{
    startup_peer peer;
    try {
        peer.give('E', error_body("53300", "too many\x1b[2J clients"));
        FAIL() << "accepted";
    } catch (const tusk::too_many_connections& error) {
        EXPECT_NE(std::string{error.what()}.find("max_connections"), std::string::npos);
        EXPECT_EQ(std::string{error.what()}.find('\x1b'), std::string::npos);
    }
}

TEST(startup, refuses_a_malformed_error)
{
    startup_peer peer;
    EXPECT_THROW(peer.give('E', std::string(4000, 'x')), protocol_error);
}

} // namespace
