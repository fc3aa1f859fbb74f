// Connecting: every way to authenticate, every way to be refused, and peers that are no PostgreSQL server.

#include "support/run.hpp"

#include <asio/buffer.hpp>
#include <asio/detached.hpp>
#include <asio/error_code.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/write.hpp>

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tusk::test;
using asio::ip::tcp;

const std::string password{test_server::password};

/// Roles, passwords and the socket's folder are those of a server that the test started itself.
class connecting : public testing::Test
{
protected:
    void SetUp() override
    {
        if (!server().is_own())
            GTEST_SKIP() << "TUSK_TEST_URL names a server with other roles";
    }

    static void expect_login(const std::string& url, const std::string& role)
    {
        run([&]() -> asio::awaitable<void> {
            tusk::connection conn = co_await tusk::connect(url);
            const auto user = co_await conn.query_one<std::string>("SELECT current_user::text");
            EXPECT_EQ(user, role);
            co_await conn.close();
        });
    }

    static void expect_login_both_ways(const std::string& role, std::string_view its_password)
    {
        expect_login(server().socket_url(role, its_password), role);
        expect_login(server().tcp_url(role, its_password), role);
    }

    template <class Refusal>
    static void expect_refusal(const std::string& url, std::string_view remedy)
    {
        run([&]() -> asio::awaitable<void> {
            const auto refused = co_await thrown<Refusal>([&] { return tusk::connect(url); });
            expect_mentions(refused, remedy);
        });
    }
};

TEST_F(connecting, trust) { expect_login_both_ways("u_trust", ""); }
TEST_F(connecting, clear_text_password) { expect_login_both_ways("u_pass", password); }
TEST_F(connecting, md5) { expect_login_both_ways("u_md5", password); }
TEST_F(connecting, scram) { expect_login_both_ways("u_scram", password); }

TEST_F(connecting, scram_password_in_the_spelling_that_it_was_given_in)
{
    expect_login_both_ways("u_saslprep", test_server::saslprep_password);
}

TEST_F(connecting, scram_password_in_the_spelling_that_saslprep_makes_of_it)
{
    expect_login_both_ways("u_saslprep", test_server::saslprep_password_prepared);
}

TEST_F(connecting, a_wrong_password_is_invalid_password)
{
    for (const std::string role : {"u_pass", "u_md5", "u_scram", "u_saslprep"}) {
        SCOPED_TRACE(role);
        expect_refusal<tusk::invalid_password>(server().socket_url(role, "wrong"), role);
        expect_refusal<tusk::invalid_password>(server().tcp_url(role, "wrong"),
                                               "check the role's name and its password");
    }
}

TEST_F(connecting, no_password_where_one_is_asked_for)
{
    for (const std::string role : {"u_pass", "u_md5", "u_scram"}) {
        SCOPED_TRACE(role);
        expect_refusal<tusk::authentication_error>(server().tcp_url(role), "password");
    }
}

TEST_F(connecting, a_rejected_role)
{
    expect_refusal<tusk::invalid_authorization_specification>(server().tcp_url("u_reject", password), "pg_hba.conf");
    expect_refusal<tusk::invalid_authorization_specification>(server().socket_url("u_reject", password), "u_reject");
}

TEST_F(connecting, a_socket_directory_is_shown_by_the_path_of_its_socket_when_nobody_listens)
{
    tusk::connect_options options{server().url()};
    options.host = server().socket_dir() + "/nowhere";
    run([&]() -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::connection_error>([&] { return tusk::connect(options); });
        expect_mentions(refused, options.host + "/.s.PGSQL." + std::to_string(options.port),
                        "No such file or directory", "Is a PostgreSQL server running there");
        EXPECT_TRUE(refused.safe_to_retry());
    });
}

TEST(connect, an_unknown_database_is_invalid_catalog_name)
{
    tusk::connect_options options{server().url()};
    options.dbname = "no_such_database";
    run([&]() -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::invalid_catalog_name>([&] { return tusk::connect(options); });
        expect_mentions(refused, "no_such_database", "create the database");
        EXPECT_EQ(refused.sqlstate(), tusk::sqlstate::invalid_catalog_name);
        EXPECT_TRUE(refused.is_fatal());
    });
}

TEST(connect, malformed_text_is_refused_before_anything_is_tried)
{
    EXPECT_THROW(static_cast<void>(tusk::connect("postgresql://u@localhost:port/db")), tusk::usage_error);
    EXPECT_THROW(static_cast<void>(tusk::connect("host=localhost nonsense=1")), tusk::usage_error);
    const tusk::connect_options nobody;
    EXPECT_THROW(static_cast<void>(tusk::connect(nobody)), tusk::usage_error);
}

TEST(connect, what_the_server_reports_is_known_at_once)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        EXPECT_TRUE(conn.is_open());
        EXPECT_EQ(conn.transaction_status(), 'I');
        EXPECT_EQ(conn.parameter("client_encoding"), "UTF8");
        EXPECT_EQ(conn.parameter("no_such_parameter"), "");
        const auto version = co_await conn.query_one<std::string>("SHOW server_version");
        EXPECT_EQ(conn.parameter("server_version"), version);
        const auto pid = co_await conn.query_one<int>("SELECT pg_backend_pid()");
        EXPECT_EQ(conn.backend_pid(), pid);
    });
}

TEST(connect, a_parameter_that_changes_is_reported_anew)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("SET TimeZone = 'Asia/Tokyo'");
        EXPECT_EQ(conn.parameter("TimeZone"), "Asia/Tokyo");
        co_await conn.execute_script("SET TimeZone = 'America/Lima'");
        EXPECT_EQ(conn.parameter("TimeZone"), "America/Lima");
    });
}

TEST(connect, options_and_runtime_parameters_arrive)
{
    tusk::connect_options options{server().url()};
    options.application_name = "tusk's \"tests\"";
    options.options = "-c geqo=off -c work_mem=5MB";
    options.set_parameter("TimeZone", "Asia/Kolkata").set_parameter("search_path", "pg_catalog, \"no such\"");
    run_connected(
        [&](tusk::connection& conn) -> asio::awaitable<void> {
            EXPECT_EQ(conn.parameter("application_name"), options.application_name);
            EXPECT_EQ(conn.parameter("TimeZone"), "Asia/Kolkata");
            const auto name = co_await conn.query_one<std::string>(
                "SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()");
            EXPECT_EQ(name, options.application_name);
            using texts = std::tuple<std::string, std::string, std::string>;
            const auto shown = co_await conn.query_one<texts>(
                "SELECT current_setting('geqo'), current_setting('work_mem'), current_setting('search_path')");
            EXPECT_EQ(shown, (texts{"off", "5MB", "pg_catalog, \"no such\""}));
        },
        options);
}

TEST(connect, the_fallback_name_is_used_where_there_is_no_other)
{
    tusk::connect_options options{server().url()};
    options.application_name.clear();
    options.fallback_application_name = "fallback";
    run_connected(
        [&](tusk::connection& conn) -> asio::awaitable<void> {
            const auto name = co_await conn.query_one<std::string>("SHOW application_name");
            EXPECT_EQ(name, "fallback");
        },
        options);
}

TEST(connect, a_start_up_parameter_that_the_server_refuses)
{
    tusk::connect_options options{server().url()};
    options.set_parameter("no_such_parameter", "1");
    run([&]() -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::undefined_object>([&] { return tusk::connect(options); });
        expect_mentions(refused, "no_such_parameter");
    });
}

TEST(connect, closing_twice_does_nothing_and_a_closed_connection_says_so)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.close();
        EXPECT_FALSE(conn.is_open());
        co_await conn.close();
        const auto refused = co_await thrown<tusk::connection_error>([&] { return conn.query("SELECT 1"); });
        expect_mentions(refused, "closed");
        EXPECT_TRUE(refused.safe_to_retry());
    });
}

// ---- Peers that are no PostgreSQL server.

/// What a peer does with a connection after it has read the start-up message.
using behaviour = asio::awaitable<void> (*)(tcp::socket&);

asio::awaitable<void> serve_one(tcp::acceptor& acceptor, behaviour act)
{
    tcp::socket peer = co_await acceptor.async_accept(asio::use_awaitable);
    std::array<char, 4096> ignored{};
    co_await peer.async_read_some(asio::buffer(ignored), asio::use_awaitable);
    co_await act(peer);
}

asio::awaitable<void> wait_for_end(tcp::socket& peer)
{
    std::vector<char> ignored;
    asio::error_code end;
    co_await asio::async_read(peer, asio::dynamic_buffer(ignored), asio::redirect_error(asio::use_awaitable, end));
}

asio::awaitable<void> send(tcp::socket& peer, std::string_view bytes)
{
    co_await asio::async_write(peer, asio::buffer(bytes), asio::use_awaitable);
}

tusk::connect_options options_for(const tcp::acceptor& acceptor)
{
    tusk::connect_options options;
    options.hostaddr = "127.0.0.1";
    options.port = acceptor.local_endpoint().port();
    options.user = "somebody";
    options.sslmode = "disable"; // these peers know nothing of TLS
    return options;
}

/// Connects to a peer with that behaviour, and returns what came of it.
template <class Expected>
Expected refusal_of_peer(behaviour act, std::chrono::seconds timeout = std::chrono::seconds{0},
                         const std::string& mode = "disable")
{
    asio::io_context io;
    tcp::acceptor acceptor{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    tusk::connect_options options = options_for(acceptor);
    options.connect_timeout = timeout;
    options.sslmode = mode;
    std::optional<Expected> said;
    asio::co_spawn(io, serve_one(acceptor, act), asio::detached);
    run(io, [&]() -> asio::awaitable<void> {
        said.emplace(co_await thrown<Expected>([&] { return tusk::connect(options); }));
    }());
    return std::move(said).value();
}

TEST(connect, a_refused_port_is_named)
{
    asio::io_context io;
    tcp::acceptor acceptor{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    const tusk::connect_options options = options_for(acceptor);
    acceptor.close();
    run(io, [&]() -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::connection_error>([&] { return tusk::connect(options); });
        expect_mentions(refused, fmt::format("127.0.0.1:{}", options.port), "Connection refused",
                        "Is a PostgreSQL server running there");
        EXPECT_TRUE(refused.safe_to_retry());
    }());
}

TEST(connect, a_peer_that_never_answers_runs_into_connect_timeout)
{
    const auto refused = refusal_of_peer<tusk::timeout_error>(wait_for_end, std::chrono::seconds{1});
    expect_mentions(refused, "127.0.0.1", "1 s", "connect_timeout");
}

TEST(connect, a_peer_that_stops_in_the_middle_of_authentication_runs_into_connect_timeout)
{
    const auto stall = [](tcp::socket& peer) -> asio::awaitable<void> {
        co_await send(peer, {"R\0\0\0\x08\0\0", 7});
        co_await wait_for_end(peer);
    };
    const auto refused = refusal_of_peer<tusk::timeout_error>(stall, std::chrono::seconds{1});
    expect_mentions(refused, "connect_timeout");
}

TEST(connect, a_peer_that_falls_silent_in_the_middle_of_tls_runs_into_connect_timeout)
{
    const auto agree = [](tcp::socket& peer) -> asio::awaitable<void> {
        co_await send(peer, "S");
        co_await wait_for_end(peer);
    };
    for (const char* mode : {"prefer", "require"}) {
        const auto silent = refusal_of_peer<tusk::timeout_error>(wait_for_end, std::chrono::seconds{1}, mode);
        expect_mentions(silent, "127.0.0.1", "TLS", "connect_timeout");
        const auto agreed = refusal_of_peer<tusk::timeout_error>(agree, std::chrono::seconds{1}, mode);
        expect_mentions(agreed, "127.0.0.1", "TLS", "connect_timeout");
    }
}

TEST(connect, a_flood_of_notices_does_not_outlive_connect_timeout)
{
    const auto flood = [](tcp::socket& peer) -> asio::awaitable<void> {
        std::string many;
        while (many.size() < 60'000)
            many += std::string{"N\0\0\0\x09Mno\0\0", 10};
        asio::error_code end;
        while (!end)
            co_await asio::async_write(peer, asio::buffer(many), asio::redirect_error(asio::use_awaitable, end));
    };
    const auto refused = refusal_of_peer<tusk::timeout_error>(flood, std::chrono::seconds{1});
    expect_mentions(refused, "connect_timeout");
}

TEST(connect, a_peer_of_another_protocol_is_a_protocol_error)
{
    const auto http = [](tcp::socket& peer) -> asio::awaitable<void> {
        co_await send(peer, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        co_await wait_for_end(peer);
    };
    const auto refused = refusal_of_peer<tusk::protocol_error>(http);
    expect_mentions(refused, "check that a PostgreSQL server listens there");
}

TEST(connect, a_message_of_absurd_length_is_a_protocol_error)
{
    const auto absurd = [](tcp::socket& peer) -> asio::awaitable<void> {
        co_await send(peer, {"R\x7f\xff\xff\xff\0\0\0\0", 9});
        co_await wait_for_end(peer);
    };
    static_cast<void>(refusal_of_peer<tusk::protocol_error>(absurd));
}

TEST(connect, a_peer_that_hangs_up_at_once)
{
    const auto hang_up = [](tcp::socket&) -> asio::awaitable<void> { co_return; };
    const auto refused = refusal_of_peer<tusk::connection_error>(hang_up);
    expect_mentions(refused, "127.0.0.1", "closed the connection during start-up");
    EXPECT_EQ(std::string_view{refused.what()}.find("running there"), std::string_view::npos) << refused.what();
    EXPECT_TRUE(refused.safe_to_retry());
}

TEST(connect, a_name_that_does_not_exist_is_what_the_error_is_about)
{
    tusk::connect_options options;
    options.user = "u";
    options.host = "no-such-host.invalid";
    run([&]() -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::connection_error>([&] { return tusk::connect(options); });
        EXPECT_TRUE(std::string_view{refused.what()}.starts_with("the host name \"no-such-host.invalid\""))
            << refused.what();
        EXPECT_TRUE(refused.safe_to_retry());
    });
}

TEST(connect, an_address_is_never_looked_up)
{
    tusk::connect_options options;
    options.user = "u";
    options.hostaddr = "localhost";
    run([&]() -> asio::awaitable<void> {
        const auto refused = co_await thrown<tusk::connection_error>([&] { return tusk::connect(options); });
        expect_mentions(refused, "\"localhost\"", "hostaddr");
    });
}

TEST(connect, a_peer_that_hangs_up_in_the_middle_of_a_message)
{
    const auto half = [](tcp::socket& peer) -> asio::awaitable<void> { co_await send(peer, {"R\0\0\0\x08\0", 6}); };
    const auto refused = refusal_of_peer<tusk::connection_error>(half);
    expect_mentions(refused, "during start-up");
}

} // namespace
