// GSSAPI as the state machine sees it: who speaks when, and that nobody is believed before the library is satisfied.

#include "protocol/startup.hpp"

#include "startup_peer.hpp"

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>

namespace {

using tusk::protocol::credential;
using tusk::protocol::startup;

const std::string gss = big_endian(7);
const std::string ok = big_endian(0);

std::string gss_continue(const std::string& token) { return big_endian(8) + token; }

/// A conversation with a server that asks for GSSAPI.
struct gss_peer {
    explicit gss_peer(const tusk::protocol::startup_settings& settings = with_gss()) : peer{settings} {}

    static tusk::protocol::startup_settings with_gss()
    {
        auto settings = startup_peer::settings();
        settings.can_use_gss = true;
        return settings;
    }

    startup::state supply(std::string_view token, bool complete)
    {
        out.clear();
        return peer.client.supply_gss(std::as_bytes(std::span{token}), complete, out);
    }

    [[nodiscard]] std::string challenge() const
    {
        const auto bytes = peer.client.gss_challenge();
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }

    [[nodiscard]] std::string sent() const { return {reinterpret_cast<const char*>(out.bytes().data()), out.size()}; }

    startup_peer peer;
    tusk::byte_writer out;
};

std::string response(const std::string& token) { return "p" + big_endian(static_cast<int>(token.size()) + 4) + token; }

TEST(gss_authentication, tokens_go_both_ways_until_the_library_is_satisfied)
{
    gss_peer talk;
    EXPECT_EQ(talk.peer.give('R', gss), startup::state::need_credential);
    EXPECT_EQ(talk.peer.client.wanted(), credential::gss_token);
    EXPECT_EQ(talk.challenge(), "");
    EXPECT_EQ(talk.supply("first", false), startup::state::need_message);
    EXPECT_EQ(talk.sent(), response("first"));
    EXPECT_EQ(talk.peer.give('R', gss_continue("theirs")), startup::state::need_credential);
    EXPECT_EQ(talk.challenge(), "theirs");
    EXPECT_EQ(talk.supply("second", false), startup::state::need_message);
    EXPECT_EQ(talk.peer.give('R', gss_continue("proof")), startup::state::need_credential);
    EXPECT_EQ(talk.supply("", true), startup::state::need_message);
    EXPECT_EQ(talk.sent(), "");
    EXPECT_EQ(talk.peer.give('R', ok), startup::state::need_message);
    EXPECT_EQ(talk.peer.give('Z', "I"), startup::state::ready);
    EXPECT_EQ(talk.peer.sent(), ""); // the password that was there, too, was not needed
}

TEST(gss_authentication, a_server_that_did_not_prove_itself_is_not_believed)
{
    gss_peer talk;
    talk.peer.give('R', gss);
    talk.supply("first", false);
    EXPECT_THROW(talk.peer.give('R', ok), tusk::authentication_error);
    EXPECT_THROW(talk.peer.give('R', ok), tusk::usage_error);
}

TEST(gss_authentication, what_is_out_of_order_is_refused)
{
    const auto refused = [](const std::string& second, bool complete) {
        gss_peer talk;
        talk.peer.give('R', gss);
        talk.supply("first", complete);
        EXPECT_THROW(talk.peer.give('R', second), tusk::protocol_error);
    };
    refused(gss, false);
    refused(gss_continue("more"), true);
    refused(big_endian(3), false);
    refused(big_endian(11) + "r=x", false);
    gss_peer early;
    EXPECT_THROW(early.peer.give('R', gss_continue("x")), tusk::protocol_error);
    gss_peer longer;
    EXPECT_THROW(longer.peer.give('R', gss + "x"), tusk::protocol_error);
}

TEST(gss_authentication, a_library_with_nothing_to_say_ends_it)
{
    gss_peer talk;
    talk.peer.give('R', gss);
    EXPECT_THROW(talk.supply("", false), tusk::authentication_error);
    EXPECT_THROW(talk.supply("late", false), tusk::usage_error);
}

TEST(gss_authentication, a_password_is_no_token_and_a_token_no_password)
{
    gss_peer talk;
    talk.peer.give('R', gss);
    tusk::byte_writer out;
    EXPECT_THROW(talk.peer.client.supply(tusk::protocol::secret_text{"p"}, out), tusk::usage_error);
    EXPECT_TRUE(out.empty());
}

TEST(gss_authentication, a_build_without_it_says_what_to_do)
{
    startup_peer talk;
    try {
        talk.give('R', gss);
        FAIL() << "accepted";
    } catch (const tusk::authentication_error& said) {
        EXPECT_NE(std::string_view{said.what()}.find("built without"), std::string_view::npos) << said.what();
    }
    EXPECT_EQ(talk.sent(), "");
}

TEST(gss_authentication, require_auth_and_channel_binding_come_first)
{
    for (const char* list : {"scram-sha-256", "!gss", "none"}) {
        auto settings = gss_peer::with_gss();
        settings.policy = tusk::protocol::parse_require_auth(list);
        gss_peer talk{settings};
        EXPECT_THROW(talk.peer.give('R', gss), tusk::authentication_error) << list;
    }
    auto settings = gss_peer::with_gss();
    settings.binding = tusk::protocol::channel_binding::require;
    gss_peer talk{settings};
    EXPECT_THROW(talk.peer.give('R', gss), tusk::authentication_error);
}

} // namespace
