// Several hosts: which one is taken, which errors lead to the next one, and what is said when none will do.

#include "support/replication_pair.hpp"
#include "support/run.hpp"
#include "support/tls_server.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/buffer.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/write.hpp>

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace {

using namespace tusk::test;
using asio::ip::tcp;

/// A port on which nobody listens.
unsigned short closed_port()
{
    asio::io_context io;
    tcp::acceptor acceptor{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    return acceptor.local_endpoint().port();
}

tusk::connect_options options_of(const std::string& conninfo)
{
    return tusk::connect_options{conninfo, [](std::string_view) { return std::optional<std::string>{}; }};
}

/// Two ports on this machine.
tusk::connect_options two(unsigned short first, unsigned short second, std::string_view more = {})
{
    return options_of(
        fmt::format("hostaddr=127.0.0.1,127.0.0.1 port={},{} user=t_any dbname=postgres {}", first, second, more));
}

/// The port of the server that a session is with; 0 where there is none.
unsigned short port_of(const tusk::connect_options& options)
{
    unsigned short port = 0;
    run([&]() -> asio::awaitable<void> {
        std::optional<tusk::connection> conn;
        try {
            conn.emplace(co_await tusk::connect(options));
        } catch (const tusk::connection_error& said) {
            expect_mentions(said, "target_session_attrs");
            co_return;
        }
        port = static_cast<unsigned short>(co_await conn->query_one<int>("SELECT inet_server_port()"));
    });
    return port;
}

template <class Refusal, class... Pieces>
void expect_refused(const tusk::connect_options& options, const Pieces&... pieces)
{
    run([&]() -> asio::awaitable<void> {
        const auto refused = co_await thrown<Refusal>([&] { return tusk::connect(options); });
        expect_mentions(refused, pieces...);
    });
}

TEST(several_hosts, target_session_attrs_finds_the_right_server_before_and_after_a_promotion)
{
    replication_pair pair;
    const unsigned short primary = pair.primary_port();
    const unsigned short standby = pair.standby_port();
    const auto expect = [&](std::string_view wanted, unsigned short first, unsigned short second) {
        SCOPED_TRACE(wanted);
        const std::string attribute = fmt::format("target_session_attrs={}", wanted);
        EXPECT_EQ(port_of(two(primary, standby, attribute)), first);
        EXPECT_EQ(port_of(two(standby, primary, attribute)), second);
    };
    expect("any", primary, standby);
    expect("read-write", primary, primary);
    expect("primary", primary, primary);
    expect("standby", standby, standby);
    expect("read-only", standby, standby);
    expect("prefer-standby", standby, standby);

    // A primary that is read-only by default.
    pair.on_primary("ALTER ROLE t_any SET default_transaction_read_only = on");
    const std::string wait = "SELECT count(*) FROM pg_db_role_setting";
    for (int i = 0; i != 500 && !pair.on_standby(wait).starts_with('1'); ++i)
        run([]() -> asio::awaitable<void> { co_await pause(std::chrono::milliseconds{20}); });
    expect("read-write", 0, 0);
    expect("read-only", primary, standby);
    expect("primary", primary, primary);
    pair.on_primary("ALTER ROLE t_any RESET default_transaction_read_only");
    for (int i = 0; i != 500 && !pair.on_standby(wait).starts_with('0'); ++i)
        run([]() -> asio::awaitable<void> { co_await pause(std::chrono::milliseconds{20}); });

    pair.promote();
    expect("any", standby, standby);
    expect("read-write", standby, standby);
    expect("primary", standby, standby);
    expect("prefer-standby", standby, standby);
    expect("standby", 0, 0);
    expect("read-only", 0, 0);
}

TEST(several_hosts, a_host_that_cannot_be_reached_is_passed_over)
{
    const unsigned short open = tls_server::shared().port();
    EXPECT_EQ(port_of(two(closed_port(), open)), open);
    tusk::connect_options options = options_of(fmt::format(
        "host=no-such-host.invalid,localhost port={} user=t_any dbname=postgres", tls_server::shared().port()));
    EXPECT_EQ(port_of(options), open);
}

TEST(several_hosts, what_each_of_them_said_is_in_the_error)
{
    const unsigned short first = closed_port();
    const unsigned short second = closed_port();
    expect_refused<tusk::connection_error>(two(first, second), fmt::format("127.0.0.1:{}", first),
                                           fmt::format("127.0.0.1:{}", second), "Connection refused");
}

TEST(several_hosts, a_refused_login_is_final)
{
    tls_server& server = tls_server::shared();
    tusk::connect_options options = two(server.port(), server.port());
    options.user = "t_scram";
    options.password = "wrong";
    expect_refused<tusk::invalid_password>(options, "t_scram");
    options.password.clear();
    expect_refused<tusk::authentication_error>(options, "password");
}

asio::awaitable<void> answer(tcp::acceptor& acceptor, std::string with)
{
    tcp::socket peer = co_await acceptor.async_accept(asio::use_awaitable);
    std::string request(4096, '\0');
    co_await peer.async_read_some(asio::buffer(request), asio::use_awaitable);
    co_await asio::async_write(peer, asio::buffer(with), asio::use_awaitable);
    asio::error_code ignored;
    co_await peer.async_read_some(asio::buffer(request), asio::redirect_error(asio::use_awaitable, ignored));
}

std::string error_message(std::string_view sqlstate)
{
    const std::string body = fmt::format("SFATAL{0}VFATAL{0}C{1}{0}Mno{0}{0}", std::string(1, '\0'), sqlstate);
    std::string message = "E";
    message += std::string(3, '\0');
    message += static_cast<char>(body.size() + 4);
    return message + body;
}

/// Connects to a server that answers with an error, and then to one that lets us in.
unsigned short port_behind(std::string_view sqlstate)
{
    unsigned short port = 0;
    asio::io_context io;
    tcp::acceptor acceptor{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    const tusk::connect_options options =
        two(acceptor.local_endpoint().port(), tls_server::shared().port(), "sslmode=disable");
    asio::co_spawn(io, answer(acceptor, error_message(sqlstate)), asio::detached);
    run(io, [&]() -> asio::awaitable<void> {
        try {
            tusk::connection conn = co_await tusk::connect(options);
            port = static_cast<unsigned short>(co_await conn.query_one<int>("SELECT inet_server_port()"));
        } catch (const tusk::server_error& said) {
            EXPECT_EQ(said.sqlstate(), sqlstate);
        }
    }());
    return port;
}

TEST(several_hosts, a_server_that_starts_stops_or_is_full_leads_to_the_next_one_and_other_errors_do_not)
{
    for (const char* sqlstate : {"57P03", "57P01", "57P02", "53300"})
        EXPECT_EQ(port_behind(sqlstate), tls_server::shared().port()) << sqlstate;
    for (const char* sqlstate : {"28000", "28P01", "3D000", "42501", "XX000"})
        EXPECT_EQ(port_behind(sqlstate), 0) << sqlstate;
}

TEST(several_hosts, each_address_has_its_own_time)
{
    asio::io_context io;
    tcp::acceptor silent{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    const unsigned short open = tls_server::shared().port();
    EXPECT_EQ(port_of(two(silent.local_endpoint().port(), open, "connect_timeout=1")), open);
    expect_refused<tusk::timeout_error>(two(closed_port(), silent.local_endpoint().port(), "connect_timeout=1"),
                                        "connect_timeout", "Connection refused");
}

TEST(several_hosts, an_attempt_that_is_cancelled_says_so_and_tries_no_other)
{
    asio::io_context io;
    tcp::acceptor silent{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    const tusk::connect_options options = two(silent.local_endpoint().port(), tls_server::shared().port());
    for (const asio::cancellation_type type : {asio::cancellation_type::terminal, asio::cancellation_type::total}) {
        asio::cancellation_signal stop;
        std::exception_ptr thrown_by_it;
        bool ended = false;
        const auto body = [&]() -> asio::awaitable<void> {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            tusk::connection conn = co_await tusk::connect(options);
        };
        asio::co_spawn(io, body(), asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr how) {
                           ended = true;
                           thrown_by_it = std::move(how);
                       }));
        io.restart();
        io.run_for(std::chrono::milliseconds{50}); // connected, though nobody accepts, and waiting for an answer
        EXPECT_FALSE(ended);
        stop.emit(type);
        io.restart();
        io.run_for(std::chrono::seconds{10});
        ASSERT_TRUE(ended);
        EXPECT_THROW(std::rethrow_exception(thrown_by_it), tusk::operation_aborted);
    }
}

TEST(several_hosts, at_random_every_host_is_taken_sometimes)
{
    const unsigned short first = tls_server::shared().port();
    const unsigned short second = tls_server::shared_without_tls().port();
    std::set<unsigned short> seen;
    for (int i = 0; i != 64 && seen.size() < 2; ++i)
        seen.insert(port_of(two(first, second, "load_balance_hosts=random")));
    EXPECT_EQ(seen.size(), 2U);
    for (int i = 0; i != 8; ++i)
        EXPECT_EQ(port_of(two(first, second)), first);
}

TEST(several_hosts, CVE_2018_10915_a_password_that_a_file_gives_for_one_host_is_not_sent_to_another)
{
    tls_server& server = tls_server::shared();
    const std::filesystem::path file = server.folder() / "pgpass";
    std::ofstream{file} << "first.example:*:*:*:p\n";
    std::filesystem::permissions(file, std::filesystem::perms{0600});
    tusk::connect_options options = two(closed_port(), server.port());
    options.host = "first.example,second.example";
    options.user = "t_scram";
    options.passfile = file;
    expect_refused<tusk::authentication_error>(options, "password");
    options = two(closed_port(), server.port());
    options.host = "second.example,first.example";
    options.user = "t_scram";
    options.passfile = file;
    EXPECT_EQ(port_of(options), server.port());
}

TEST(several_hosts, CVE_2020_25694_the_second_host_is_verified_as_the_first_would_have_been)
{
    tls_server& server = tls_server::shared();
    tusk::connect_options options = two(closed_port(), server.port());
    options.sslmode = "verify-full";
    options.sslrootcert = server.root();
    options.host = "db.example,other.example";
    expect_refused<tusk::connection_error>(options, "other.example");
    options.host = "other.example,db.example";
    EXPECT_EQ(port_of(options), server.port());
    options.ports[1] = tls_server::shared_without_tls().port();
    expect_refused<tusk::connection_error>(options, "does not support TLS");
}

} // namespace
