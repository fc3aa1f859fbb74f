// Known attacks of a hostile server, or of somebody on the way, before the login is complete. Each test is named after
// the vulnerability of another client.

#include "scram_server.hpp"
#include "scripted_conversation.hpp"
#include "startup_peer.hpp"

#include "config/keys.hpp"
#include "protocol/framing.hpp"
#include "protocol/scram_messages.hpp"

#include <tusk/driver/error.hpp>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::test {

namespace {

using namespace std::string_literals;
using protocol::startup;
using protocol::startup_settings;

/// What connecting to such a server throws.
std::exception_ptr failure_of(const script& plays, const connect_options& options)
{
    scripted_session session{plays, {}, options};
    session.start_connect();
    session.drive();
    EXPECT_TRUE(session.is_finished()) << "it hangs";
    EXPECT_FALSE(session.is_connected());
    EXPECT_TRUE(session.peer().is_closed());
    return session.failure();
}

script answering(const std::string& bytes, std::string_view user = "u_scram")
{
    script talk;
    talk.expect(startup_request(std::string{user})).send(bytes);
    return talk;
}

const std::string offer = big_endian(10) + "SCRAM-SHA-256\0\0"s;

/// A client that has sent its first SCRAM message, and the nonce in it.
struct scram_begun {
    scram_begun()
    {
        peer.give('R', offer);
        const std::string sent = peer.sent();
        nonce = sent.substr(sent.find("r=") + 2);
    }

    void challenge(const std::string& text) { peer.give('R', big_endian(11) + text); }

    startup_peer peer;
    std::string nonce;
};

template <class Refusal>
void expect_challenge_refused(const std::string& after_nonce)
{
    scram_begun client;
    EXPECT_THROW(client.challenge("r=" + client.nonce + after_nonce), Refusal) << after_nonce.substr(0, 60);
    EXPECT_EQ(client.peer.sent(), "");
}

TEST(security_startup, CVE_2026_6668_absurd_lengths_are_refused_at_once_and_nothing_is_allocated_for_them)
{
    for (const std::int64_t length : {0x7fffffffLL, 0x80000000LL, 0xffffffffLL, 0x10001LL, 0LL, 1LL, 2LL, 3LL}) {
        for (const char type : {'R', 'E', 'N', 'S', 'v'}) {
            const auto failed = failure_of(answering(message_of_length(type, length)), options_for("u_scram", "p"));
            EXPECT_TRUE(is<protocol_error>(failed)) << type << ' ' << length << ' ' << describe(failed);
        }
    }
    // A message that is announced at the limit is not given room before it comes.
    protocol::framing input{startup::max_message_size};
    const std::string head = message_of_length('R', 0xffff);
    const auto room = input.prepare();
    EXPECT_LT(room.size(), std::size_t{1} << 20);
    std::memcpy(room.data(), head.data(), head.size());
    input.commit(head.size());
    EXPECT_FALSE(input.next());
    EXPECT_LT(input.prepare().size(), std::size_t{1} << 20);
}

TEST(security_startup, CVE_2026_42198_the_server_does_not_choose_how_long_we_compute)
{
    for (const char* count : {"2147483647", "4294967296", "1000001", "99999999999999999999"})
        expect_challenge_refused<authentication_error>("x,s=c2FsdA==,i="s + count);
    for (const char* count : {"0", "-1", "", "+1", "1e9", "0x10", "1 "})
        expect_challenge_refused<protocol_error>("x,s=c2FsdA==,i="s + count);
    // At the limit it goes in slices, and giving up between two of them costs nothing.
    scram_begun client;
    client.challenge("r=" + client.nonce + "x,s=c2FsdA==,i=1000000");
    for (int slice = 0; slice != 10; ++slice)
        EXPECT_EQ(client.peer.work(), startup::state::working);
}

TEST(security_startup, ponylang_204_a_server_that_did_not_prove_itself_is_not_believed)
{
    {
        scram_begun at_once;
        EXPECT_THROW(at_once.peer.give('R', big_endian(0)), authentication_error);
    }
    {
        scram_begun twice;
        twice.challenge("r=" + twice.nonce + "x,s=c2FsdA==,i=5000");
        EXPECT_THROW(twice.challenge("r=" + twice.nonce + "x,s=c2FsdA==,i=1"), protocol_error);
    }
    {
        scram_begun early;
        EXPECT_THROW(early.peer.give('R', big_endian(12) + "v=" + scram_server::base64(std::string(32, 'x'))),
                     protocol_error);
    }
    {
        scram_begun unproven;
        unproven.challenge("r=" + unproven.nonce + "x,s=c2FsdA==,i=1");
        while (unproven.peer.work() == startup::state::working) {}
        EXPECT_THROW(unproven.peer.give('R', big_endian(0)), authentication_error);
    }
    {
        scram_begun forged;
        forged.challenge("r=" + forged.nonce + "x,s=c2FsdA==,i=1");
        while (forged.peer.work() == startup::state::working) {}
        EXPECT_THROW(forged.peer.give('R', big_endian(12) + "v=" + scram_server::base64(std::string(32, 'x'))),
                     authentication_error);
    }
    {
        scram_begun other;
        EXPECT_THROW(other.challenge("r=somebody-else,s=c2FsdA==,i=1"), authentication_error);
    }
}

TEST(security_startup, CVE_2026_6665_nonces_salts_and_attributes_of_every_size_and_order)
{
    expect_challenge_refused<authentication_error>(",s=c2FsdA==,i=1"); // nothing was added to ours
    expect_challenge_refused<protocol_error>("x,s=,i=1");
    expect_challenge_refused<protocol_error>("x,i=1,s=c2FsdA==");
    expect_challenge_refused<protocol_error>("x,s=c2FsdA==,s=c2FsdA==,i=1");
    expect_challenge_refused<protocol_error>("x,s=c2FsdA==,i=1,i=1");
    expect_challenge_refused<protocol_error>("x,i=1");
    expect_challenge_refused<protocol_error>("x,s=c2FsdA==");
    expect_challenge_refused<protocol_error>("x");
    expect_challenge_refused<protocol_error>(std::string(protocol::max_scram_message_size, 'n') + ",s=c2FsdA==,i=1");
    expect_challenge_refused<protocol_error>("x,s=" + std::string(1 << 20, 'A') + ",i=1");
    // One letter more than ours, and as many as a message may have.
    for (const std::size_t more : {1U, 60'000U}) {
        scram_begun client;
        client.challenge("r=" + client.nonce + std::string(more, 'n') + ",s=c2FsdA==,i=1");
        EXPECT_EQ(client.peer.work(), startup::state::need_message);
        EXPECT_GT(client.peer.sent().size(), more);
    }
}

TEST(security_startup, CVE_2026_6666_errors_without_fields_and_with_strange_ones)
{
    const std::string good = "SFATAL\0VFATAL\0C28000\0Mno\0"s;
    for (const std::string& body :
         {"\0"s, "Mno\0\0"s, "SFATAL\0\0"s, "C28000\0\0"s, good + "C28P01\0Mother\0\0"s, good + "?what\0\0"s,
          "C2\0Mno\0\0"s, "C\0M\0\0"s, "M\xff\xfe\x1b[2J\0C28000\0\0"s, good, ""s, "M"s, "Mno"s}) {
        const auto failed = failure_of(answering(message('E', body)), options_for("u_scram", "p"));
        EXPECT_TRUE(is<server_error>(failed) || is<protocol_error>(failed)) << describe(failed);
    }
}

TEST(security_startup, a_server_that_asks_for_the_password_in_clear_gets_it_on_a_private_link_alone)
{
    startup_settings settings = startup_peer::settings();
    startup_peer peer{settings};
    EXPECT_THROW(peer.give('R', big_endian(3)), authentication_error);
    EXPECT_EQ(peer.sent(), "");
    // The other way down: SCRAM was begun, and then it would like to see it in clear after all.
    scram_begun client;
    EXPECT_THROW(client.peer.give('R', big_endian(3)), protocol_error);
    EXPECT_THROW(client.peer.give('R', big_endian(3)), usage_error);
    EXPECT_EQ(client.peer.sent(), "");
}

TEST(security_startup, CVE_2024_27304_what_is_too_long_to_be_announced_is_not_written)
{
    const std::string long_value(20'000, 'x');
    for (const char* name : {"application_name", "search_path"}) {
        connect_options options = options_for("u_scram", "p");
        if (name == "application_name"s)
            options.application_name = long_value;
        else
            options.set_parameter(name, long_value);
        const auto session = std::make_unique<scripted_session>(script{}, delivery{}, options);
        session->start_connect();
        session->drive();
        EXPECT_TRUE(is<usage_error>(session->failure())) << describe(session->failure());
        EXPECT_EQ(session->peer().written(), "");
    }
    startup_settings settings = startup_peer::settings();
    settings.password = std::string(70'000, 'x');
    settings.cleartext_allowed = true;
    startup_peer peer{settings};
    EXPECT_THROW(peer.give('R', big_endian(3)), usage_error);
    EXPECT_EQ(peer.sent(), "");
}

TEST(security_startup, pgx_startup_message_a_zero_byte_cannot_add_a_parameter)
{
    connect_options options = options_for("u_scram", "p");
    options.application_name = "x\0user\0admin"s;
    EXPECT_THROW(options.validate(), usage_error);
    scripted_session session{script{}, {}, options};
    session.start_connect();
    session.drive();
    EXPECT_TRUE(is<usage_error>(session.failure()));
    EXPECT_EQ(session.peer().written(), "");
}

TEST(security_startup, CVE_2022_21724_no_key_loads_code_or_writes_files)
{
    for (const char* text :
         {"sslkeylogfile=/tmp/x", "gsslib=/tmp/x.so", "socketFactory=x", "loggerFile=x", "sslfactory=x", "plugin=x"})
        EXPECT_THROW(connect_options{text}, usage_error) << text;
    EXPECT_THROW(connect_options("postgresql://h/d?sslkeylogfile=/tmp/x"), usage_error);
}

TEST(security_startup, an_oversized_greeting_is_bounded)
{
    std::string flood = backend::authentication(0);
    for (int i = 0; i != 300; ++i)
        flood += backend::parameter_status("p" + std::to_string(i), "x");
    EXPECT_TRUE(is<protocol_error>(failure_of(answering(flood, trusted_user), options_for(trusted_user))));
    const std::string keys = backend::authentication(0) + message('K', std::string(300, 'k'));
    EXPECT_TRUE(is<protocol_error>(failure_of(answering(keys, trusted_user), options_for(trusted_user))));
}

} // namespace

} // namespace tusk::test
