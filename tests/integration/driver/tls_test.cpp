// TLS with a real server: names, addresses, revoked certificates, client certificates, versions, large transfers.

#include "support/run.hpp"
#include "support/tls_server.hpp"

#include <asio/detached.hpp>

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace tusk::test;

tusk::connect_options options_of(const std::string& conninfo)
{
    return tusk::connect_options{conninfo, [](std::string_view) { return std::optional<std::string>{}; }};
}

std::string verified(std::string_view role, std::string_view host, std::string_view more = {})
{
    const tls_server& server = tls_server::shared();
    return fmt::format("{} host={} sslmode=verify-full sslrootcert={} {}", server.conninfo(role), host,
                       server.root().string(), more);
}

std::string with_certificate(const certificate_files& files)
{
    return fmt::format("sslcert={} sslkey={}", files.certificate.string(), files.key.string());
}

std::string logged_in_as(const tusk::connect_options& options)
{
    std::string name;
    run_connected(
        [&](tusk::connection& conn) -> asio::awaitable<void> {
            name = co_await conn.query_one<std::string>("SELECT current_user::text");
            co_await conn.close();
        },
        options);
    return name;
}

template <class Refusal, class... Pieces>
void expect_refused(const tusk::connect_options& options, const Pieces&... pieces)
{
    run([&]() -> asio::awaitable<void> {
        const auto refused = co_await thrown<Refusal>([&] { return tusk::connect(options); });
        expect_mentions(refused, pieces...);
    });
}

TEST(tls, a_name_of_the_certificate_is_accepted_and_another_is_not)
{
    for (const char* name : {"localhost", "db.example", "DB.Example", "one.wild.example", "127.0.0.1"})
        EXPECT_EQ(logged_in_as(options_of(verified("t_any", name))), "t_any") << name;
    for (const char* name :
         {"example", "xdb.example", "wild.example", "one.two.wild.example", "127.0.0.2", "::1", "server"}) {
        SCOPED_TRACE(name);
        expect_refused<tusk::connection_error>(options_of(verified("t_any", name)), "certificate is not for", name);
    }
}

TEST(tls, without_a_name_there_is_nothing_to_compare_the_certificate_with)
{
    tusk::connect_options options = options_of(verified("t_any", "localhost"));
    options.host.clear();
    expect_refused<tusk::connection_error>(options, "verify-full", "give `host`");
}

TEST(tls, verify_needs_certificates_to_trust)
{
    const std::string where = tls_server::shared().conninfo("t_any") + " host=localhost sslmode=verify-ca";
    expect_refused<tusk::usage_error>(options_of(where), "sslrootcert=system");
    expect_refused<tusk::usage_error>(options_of(where + " sslrootcert=/no/such/file"), "/no/such/file");
}

TEST(tls, the_root_certificate_in_the_home_directory_is_used)
{
    const std::filesystem::path folder = tls_server::shared().folder() / "home" / ".postgresql";
    std::filesystem::create_directories(folder);
    std::filesystem::copy_file(tls_server::shared().root(), folder / "root.crt",
                               std::filesystem::copy_options::overwrite_existing);
    tusk::connect_options options =
        options_of(tls_server::shared().conninfo("t_any") + " host=other.example sslmode=verify-ca");
    options.home = folder.parent_path();
    EXPECT_EQ(logged_in_as(options), "t_any");
    options.sslmode = "verify-full";
    expect_refused<tusk::connection_error>(options, "other.example");
}

TEST(tls, a_revoked_certificate_is_refused)
{
    const tls_server& server = tls_server::shared();
    EXPECT_EQ(logged_in_as(options_of(verified("t_any", "localhost", "sslcrl=" + server.nobody_revoked().string()))),
              "t_any");
    expect_refused<tusk::connection_error>(
        options_of(verified("t_any", "localhost", "sslcrl=" + server.revoked().string())), "revoked");
}

TEST(tls, a_client_certificate_logs_in)
{
    const tls_server& server = tls_server::shared();
    const std::string own = with_certificate(server.client());
    EXPECT_EQ(logged_in_as(options_of(verified("t_cert", "localhost", own))), "t_cert");
    EXPECT_EQ(logged_in_as(options_of(verified("t_cert", "localhost", own + " sslcertmode=require"))), "t_cert");
    expect_refused<tusk::server_error>(options_of(verified("t_cert", "localhost")), "certificate");
    expect_refused<tusk::authentication_error>(
        options_of(server.conninfo("t_any") + " sslmode=disable sslcertmode=require"), "sslcertmode=require");
    expect_refused<tusk::authentication_error>(options_of(verified("t_any", "localhost", "sslcertmode=require")),
                                               "sslcertmode=require");
    expect_refused<tusk::server_error>(options_of(verified("t_cert", "localhost", own + " sslcertmode=disable")),
                                       "certificate");
}

TEST(tls, a_certificate_and_a_password_together)
{
    const tls_server& server = tls_server::shared();
    tusk::connect_options options =
        options_of(verified("t_both", "localhost", "password=p " + with_certificate(server.client_with_passphrase())));
    options.sslpassword = "secret";
    EXPECT_EQ(logged_in_as(options), "t_both");
}

TEST(tls, the_passphrase_of_a_key_can_come_from_the_program)
{
    const tls_server& server = tls_server::shared();
    tusk::connect_options options =
        options_of(verified("t_both", "localhost", "password=p " + with_certificate(server.client_with_passphrase())));
    int asked = 0;
    options.sslpassword_callback = [&asked] {
        ++asked;
        return std::string{"secret"};
    };
    EXPECT_EQ(logged_in_as(options), "t_both");
    EXPECT_EQ(asked, 1);
    options.sslpassword_callback = [] { return std::string{"wrong"}; };
    expect_refused<tusk::connection_error>(options, "sslkey", "sslpassword");
    options.sslpassword_callback = nullptr;
    expect_refused<tusk::connection_error>(options, "sslkey", "sslpassword");
}

TEST(tls, a_key_that_others_can_read_is_refused)
{
    const tls_server& server = tls_server::shared();
    const std::filesystem::path open = server.folder() / "open.key";
    std::filesystem::copy_file(server.client().key, open, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::permissions(open, std::filesystem::perms{0604});
    tusk::connect_options options =
        options_of(verified("t_cert", "localhost", "sslcert=" + server.client().certificate.string()));
    options.sslkey = open;
    expect_refused<tusk::connection_error>(options, "open.key", "chmod 0600");
    options.sslkey = server.client_with_passphrase().key;
    options.sslpassword = "secret";
    expect_refused<tusk::connection_error>(options, "t_both.key");
}

TEST(tls, the_versions_can_be_limited)
{
    for (const char* version : {"TLSv1.2", "TLSv1.3"}) {
        const std::string only = fmt::format("ssl_min_protocol_version={0} ssl_max_protocol_version={0}", version);
        run_connected(
            [&](tusk::connection& conn) -> asio::awaitable<void> {
                const auto spoken = co_await conn.query_one<std::string>(
                    "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
                EXPECT_EQ(spoken, version);
            },
            options_of(verified("t_any", "localhost", only)));
    }
}

TEST(tls, large_results_and_parameters_arrive_whole)
{
    run_connected(
        [](tusk::connection& conn) -> asio::awaitable<void> {
            const std::string large(5'000'000, 'x');
            const auto length = co_await conn.query_one<int>("SELECT length($1::text)", large);
            EXPECT_EQ(length, 5'000'000);
            const auto rows = co_await conn.query("SELECT i, repeat('y', 1000) FROM generate_series(1, 20000) AS i");
            EXPECT_EQ(rows.size(), 20'000U);
            const auto echoed = co_await conn.query_one<std::string>("SELECT $1::text", large);
            EXPECT_TRUE(echoed == large);
        },
        options_of(verified("t_any", "localhost")));
}

TEST(tls, a_session_that_the_server_ends_is_no_truncation)
{
    run_connected(
        [](tusk::connection& conn) -> asio::awaitable<void> {
            const auto ended = co_await thrown<tusk::error>(
                [&] { return conn.query("SELECT pg_terminate_backend(pg_backend_pid())"); });
            EXPECT_EQ(std::string_view{ended.what()}.find("cut off"), std::string_view::npos) << ended.what();
        },
        options_of(verified("t_any", "localhost")));
}

TEST(tls, the_execution_context_may_go_while_a_query_runs)
{
    auto io = std::make_unique<asio::io_context>();
    bool ended = false;
    bool began = false;
    asio::co_spawn(
        *io,
        [&]() -> asio::awaitable<void> {
            tusk::connection conn = co_await tusk::connect(options_of(verified("t_any", "localhost")));
            began = true;
            co_await conn.query("SELECT pg_sleep(60)");
            ended = true;
        },
        asio::detached);
    while (!began)
        io->run_one_for(std::chrono::seconds{10});
    io->poll();
    io.reset();
    EXPECT_FALSE(ended);
}

TEST(tls, a_unix_socket_is_never_encrypted)
{
    const tls_server& server = tls_server::shared();
    for (const char* mode : {"prefer", "require"}) {
        const std::string where = fmt::format("host={} port={} user=t_any dbname=postgres sslmode={}",
                                              server.socket_dir(), server.port(), mode);
        run_connected(
            [](tusk::connection& conn) -> asio::awaitable<void> {
                const auto encrypted = co_await conn.query_one<bool>(
                    "SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)");
                EXPECT_FALSE(encrypted);
            },
            options_of(where));
    }
}

} // namespace
