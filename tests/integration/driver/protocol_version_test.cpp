// Versions of the protocol and direct TLS: what servers agree to, and what is done about those that mishandle it.

#include "connection/open_stream.hpp"
#include "protocol/framing.hpp"
#include "protocol/startup.hpp"
#include "support/run.hpp"
#include "support/script_messages.hpp"
#include "support/tls_server.hpp"
#include "transport/await.hpp"

#include <asio/buffer.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/write.hpp>

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tusk::test;
using asio::ip::tcp;

tusk::connect_options options_of(const std::string& conninfo)
{
    return tusk::connect_options{conninfo, [](std::string_view) { return std::optional<std::string>{}; }};
}

// ---- A real server.

/// What the start-up with a version tells.
tusk::protocol::session_facts facts_of(std::uint32_t version)
{
    tusk::protocol::session_facts facts;
    run([&]() -> asio::awaitable<void> {
        const tusk::connect_options options = options_of(tls_server::shared().conninfo("t_any"));
        tusk::detail::candidate to;
        to.name = "the server";
        to.address.emplace(asio::ip::address_v4::loopback(), tls_server::shared().port());
        const tusk::transport::secured_stream stream = co_await tusk::detail::open_stream(
            to, tusk::detail::encryption::required, options, std::chrono::seconds{30});
        tusk::protocol::startup_settings settings;
        settings.user = options.user;
        settings.database = options.dbname;
        settings.protocol_version = version;
        tusk::protocol::startup machine{std::move(settings)};
        tusk::protocol::framing input{tusk::protocol::startup::max_message_size};
        tusk::byte_writer out;
        machine.begin(out);
        co_await tusk::transport::write(*stream.bytes, out.bytes());
        for (bool ready = false; !ready;) {
            if (const auto message = input.next())
                ready = machine.feed(*message, out) == tusk::protocol::startup::state::ready;
            else
                input.commit(co_await tusk::transport::read(*stream.bytes, input.prepare()));
        }
        facts = machine.take_facts();
    });
    return facts;
}

TEST(protocol_version, a_server_is_asked_for_3_0_and_gives_a_key_of_four_bytes)
{
    const auto facts = facts_of(tusk::protocol::protocol_version_3_0);
    EXPECT_EQ(facts.protocol_version, tusk::protocol::protocol_version_3_0);
    EXPECT_EQ(facts.cancel_key.size(), 4U);
}

TEST(protocol_version, an_older_server_negotiates_3_2_down)
{
    if (tls_server::shared().major_version() >= 18)
        GTEST_SKIP() << "needs a server older than PostgreSQL 18";
    const auto facts = facts_of(tusk::protocol::protocol_version_3_2);
    EXPECT_EQ(facts.protocol_version, tusk::protocol::protocol_version_3_0);
    EXPECT_EQ(facts.cancel_key.size(), 4U);
}

TEST(protocol_version, a_newer_server_speaks_3_2_and_gives_a_long_key)
{
    if (tls_server::shared().major_version() < 18)
        GTEST_SKIP() << "needs PostgreSQL 18: protocol 3.2";
    const auto facts = facts_of(tusk::protocol::protocol_version_3_2);
    EXPECT_EQ(facts.protocol_version, tusk::protocol::protocol_version_3_2);
    EXPECT_EQ(facts.cancel_key.size(), 32U);
}

TEST(protocol_version, the_newest_version_may_be_asked_of_any_server)
{
    for (const char* version : {"3.0", "3.2", "latest"})
        run_connected([](tusk::connection& conn) -> asio::awaitable<void> { co_await expect_usable(conn); },
                      options_of(tls_server::shared().conninfo("t_any") + " max_protocol_version=" + version));
}

TEST(protocol_version, the_oldest_version_is_demanded)
{
    const tusk::connect_options options =
        options_of(tls_server::shared().conninfo("t_any") + " min_protocol_version=3.2");
    if (tls_server::shared().major_version() >= 18) {
        run_connected([](tusk::connection& conn) -> asio::awaitable<void> { co_await expect_usable(conn); }, options);
        return;
    }
    run([&]() -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::connection_error>([&] { return tusk::connect(options); });
        expect_mentions(refused, "3.0", "min_protocol_version");
    });
}

TEST(direct_tls, is_spoken_by_newer_servers)
{
    if (tls_server::shared().major_version() < 17)
        GTEST_SKIP() << "needs PostgreSQL 17: sslnegotiation=direct";
    const tls_server& server = tls_server::shared();
    run_connected(
        [](tusk::connection& conn) -> asio::awaitable<void> {
            const auto encrypted =
                co_await conn.query_one<bool>("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
            EXPECT_TRUE(encrypted);
        },
        options_of(fmt::format("{} host=localhost sslmode=verify-full sslnegotiation=direct sslrootcert={} password=p "
                               "channel_binding=require",
                               server.conninfo("t_scram"), server.root().string())));
}

TEST(direct_tls, is_refused_by_older_servers_with_a_typed_error)
{
    if (tls_server::shared().major_version() >= 17)
        GTEST_SKIP() << "needs a server older than PostgreSQL 17";
    run([&]() -> asio::awaitable<void> {
        const tusk::connect_options options =
            options_of(tls_server::shared().conninfo("t_any") + " sslmode=require sslnegotiation=direct");
        const auto refused = co_await thrown<tusk::connection_error>([&] { return tusk::connect(options); });
        expect_mentions(refused, "TLS");
    });
}

// ---- Servers and poolers that mishandle the newer version.

std::string let_in()
{
    return backend::authentication(0) + backend::parameter_status("server_version", "9.9") +
           backend::key_data(1, "keys") + backend::ready('I');
}

/// Answers one connection after the other, and notes which version each of them asked for.
asio::awaitable<void> serve(tcp::acceptor& acceptor, std::vector<std::string> answers, std::vector<int>& versions)
{
    for (const std::string& answer : answers) {
        tcp::socket peer = co_await acceptor.async_accept(asio::use_awaitable);
        std::string head(8, '\0');
        co_await asio::async_read(peer, asio::buffer(head), asio::use_awaitable);
        versions.push_back(head[7]);
        co_await asio::async_write(peer, asio::buffer(answer), asio::use_awaitable);
        if (answer.empty())
            continue;
        std::string rest(4096, '\0');
        asio::error_code end;
        while (!end)
            co_await peer.async_read_some(asio::buffer(rest), asio::redirect_error(asio::use_awaitable, end));
    }
}

struct told {
    std::vector<int> versions;
    std::string error;
};

told connect_to(const std::vector<std::string>& answers, std::string_view more)
{
    told all;
    asio::io_context io;
    tcp::acceptor acceptor{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    const tusk::connect_options options = options_of(
        fmt::format("hostaddr=127.0.0.1 port={} user=u sslmode=disable {}", acceptor.local_endpoint().port(), more));
    asio::co_spawn(io, serve(acceptor, answers, all.versions), asio::detached);
    run(io, [&]() -> asio::awaitable<void> {
        try {
            tusk::connection conn = co_await tusk::connect(options);
        } catch (const tusk::error& said) {
            all.error = said.what();
        }
        acceptor.close();
    }());
    return all;
}

const std::string hang_up;

std::string refusal(const std::string& sqlstate)
{
    return backend::error({{'S', "FATAL"}, {'V', "FATAL"}, {'C', sqlstate}, {'M', "unsupported frontend protocol"}});
}

TEST(protocol_version, a_server_that_stumbles_over_3_2_is_asked_for_3_0)
{
    for (const std::string& answer : {hang_up, refusal("08P01"), refusal("0A000")}) {
        const told all = connect_to({answer, let_in()}, "max_protocol_version=3.2");
        EXPECT_EQ(all.error, "");
        EXPECT_EQ(all.versions, (std::vector<int>{2, 0}));
    }
}

TEST(protocol_version, another_error_is_no_reason_to_ask_again)
{
    const told full = connect_to({refusal("53300")}, "max_protocol_version=3.2");
    EXPECT_NE(full.error, "");
    EXPECT_EQ(full.versions, (std::vector<int>{2}));
    // It has understood the version, and fails later.
    const told later = connect_to({backend::authentication(0) + refusal("08P01")}, "max_protocol_version=3.2");
    EXPECT_NE(later.error, "");
    EXPECT_EQ(later.versions, (std::vector<int>{2}));
}

TEST(protocol_version, a_silent_server_is_not_asked_twice)
{
    // Its answer is the first byte of a message that never comes.
    const told all = connect_to({"R"}, "max_protocol_version=3.2 connect_timeout=1");
    EXPECT_NE(all.error.find("connect_timeout"), std::string::npos) << all.error;
    EXPECT_EQ(all.versions, (std::vector<int>{2}));
}

TEST(protocol_version, what_is_demanded_is_not_given_up)
{
    const told all = connect_to({hang_up}, "min_protocol_version=3.2");
    EXPECT_NE(all.error, "");
    EXPECT_EQ(all.versions, (std::vector<int>{2}));
}

TEST(protocol_version, a_server_that_stumbles_over_3_0_too_is_not_asked_a_third_time)
{
    const told all = connect_to({hang_up, hang_up}, "max_protocol_version=latest");
    EXPECT_NE(all.error.find("during start-up"), std::string::npos) << all.error;
    EXPECT_EQ(all.versions, (std::vector<int>{2, 0}));
}

} // namespace
