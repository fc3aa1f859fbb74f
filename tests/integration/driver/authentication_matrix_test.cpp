// Every method of authentication, by TLS and without, with the policies that allow it and those that do not.

#include "support/run.hpp"
#include "support/tls_server.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

namespace {

using namespace tusk::test;

tusk::connect_options options_of(const std::string& conninfo)
{
    return tusk::connect_options{conninfo, [](std::string_view) { return std::optional<std::string>{}; }};
}

struct method {
    std::string role;
    std::string name; ///< As require_auth has it.
    bool by_tls_only = false;
};

const std::vector<method> methods = {{"t_any", "none"},        {"t_pass", "password"},
                                     {"t_md5", "md5"},         {"t_scram", "scram-sha-256"},
                                     {"t_cert", "none", true}, {"t_both", "scram-sha-256", true}};

std::string conninfo(const method& of, std::string_view more = {})
{
    const tls_server& server = tls_server::shared();
    // t_both has a certificate of its own, whose key is encrypted.
    const certificate_files& files = of.role == "t_both" ? server.client_with_passphrase() : server.client();
    return fmt::format("{} host=localhost sslcert={} sslkey={} sslpassword=secret password=p {}",
                       server.conninfo(of.role), files.certificate.string(), files.key.string(), more);
}

/// Who is logged in; empty where the login is refused by one of the two sides.
std::string role_of(const std::string& where)
{
    std::string name;
    run([&]() -> asio::awaitable<void> {
        const tusk::connect_options options = options_of(where);
        try {
            tusk::connection conn = co_await tusk::connect(options);
            name = co_await conn.query_one<std::string>("SELECT current_user::text");
        } catch (const tusk::authentication_error&) {
        } catch (const tusk::server_error& said) {
            EXPECT_TRUE(said.sqlstate().starts_with("28")) << said.what();
        }
    });
    return name;
}

TEST(authentication_matrix, every_method_by_tls_and_without)
{
    for (const method& each : methods) {
        SCOPED_TRACE(each.role);
        EXPECT_EQ(role_of(conninfo(each, "sslmode=require")), each.role);
        EXPECT_EQ(role_of(conninfo(each, "sslmode=disable")), each.by_tls_only ? "" : each.role);
    }
}

TEST(authentication_matrix, require_auth_allows_what_it_names_and_nothing_else)
{
    for (const method& each : methods) {
        for (const char* name : {"none", "password", "md5", "scram-sha-256"}) {
            SCOPED_TRACE(each.role + " with " + name);
            const bool same = name == each.name;
            EXPECT_EQ(role_of(conninfo(each, fmt::format("sslmode=require require_auth={}", name))),
                      same ? each.role : "");
            EXPECT_EQ(role_of(conninfo(each, fmt::format("sslmode=require require_auth=!{}", name))),
                      same ? "" : each.role);
        }
    }
}

TEST(authentication_matrix, channel_binding_needs_tls_and_scram)
{
    for (const method& each : methods) {
        SCOPED_TRACE(each.role);
        const bool is_scram = each.name == "scram-sha-256";
        EXPECT_EQ(role_of(conninfo(each, "sslmode=require channel_binding=require")), is_scram ? each.role : "");
        EXPECT_EQ(role_of(conninfo(each, "sslmode=disable channel_binding=require")), "");
        for (const char* binding : {"prefer", "disable"})
            EXPECT_EQ(role_of(conninfo(each, fmt::format("sslmode=require channel_binding={}", binding))), each.role);
    }
}

TEST(authentication_matrix, a_wrong_password_is_refused_by_the_server)
{
    for (const char* role : {"t_pass", "t_md5", "t_scram"}) {
        for (const char* mode : {"disable", "require"}) {
            run([&]() -> asio::awaitable<void> {
                const tusk::connect_options options = options_of(fmt::format(
                    "{} host=localhost password=wrong sslmode={}", tls_server::shared().conninfo(role), mode));
                const auto refused = co_await thrown<tusk::invalid_password>([&] { return tusk::connect(options); });
                expect_mentions(refused, role);
            });
        }
    }
}

TEST(authentication_matrix, peer_is_the_user_who_runs_the_program)
{
    const tls_server& server = tls_server::shared();
    const std::string where = fmt::format("host={} port={} dbname=postgres", server.socket_dir(), server.port());
    EXPECT_EQ(role_of(where + " user=t_peer"), "t_peer");
    EXPECT_EQ(role_of(where + " user=t_peer require_auth=none"), "t_peer");
}

TEST(authentication_matrix, the_servers_own_user_can_be_demanded_of_a_socket)
{
    const tls_server& server = tls_server::shared();
    const std::string where =
        fmt::format("host={} port={} dbname=postgres user=t_any", server.socket_dir(), server.port());
    EXPECT_EQ(role_of(where + " requirepeer=nobody-of-that-name"), "");
    const std::string owner = ::geteuid() == 0 ? "postgres" : tusk::connect_options{"user="}.user;
    EXPECT_EQ(role_of(where + " requirepeer=" + owner), "t_any");
}

TEST(authentication_matrix, ten_passwords_that_saslprep_changes_or_leaves)
{
    const std::vector<std::string> passwords = {
        "I\u00ADX",              // a soft hyphen goes
        "\u00AA",                // a feminine ordinal becomes a letter
        "\u2168",                // a Roman numeral becomes two
        "a\u0308",               // two code points become one
        "\u00A0 space",          // another space becomes a plain one
        "\u00E9t\u00E9",         // stays
        "comma,equals=percent%", // means something in SCRAM
        "\uE000",                // forbidden, for private use: the bytes as they are
        "\u0221",                // forbidden, had no meaning in Unicode 3.2
        "\u0627\u0031",          // forbidden by the rules for right-to-left
    };
    const tls_server& server = tls_server::shared();
    for (const std::string& password : passwords) {
        SCOPED_TRACE(password);
        server.run_sql(
            fmt::format("SET password_encryption = 'scram-sha-256'; ALTER ROLE t_scram PASSWORD '{}'", password));
        tusk::connect_options options = options_of(server.conninfo("t_scram"));
        options.password = password;
        run_connected([](tusk::connection& conn) -> asio::awaitable<void> { co_await expect_usable(conn); }, options);
    }
    server.run_sql("ALTER ROLE t_scram PASSWORD 'p'");
}

TEST(authentication_matrix, a_password_can_come_from_the_program_each_time_anew)
{
    tusk::connect_options options = options_of(tls_server::shared().conninfo("t_scram") + " host=localhost");
    std::vector<std::string> asked;
    options.password_callback = [&asked](tusk::login_request who) -> asio::awaitable<std::string> {
        co_await pause(std::chrono::milliseconds{1});
        asked.push_back(fmt::format("{}@{}:{}/{} {}", who.user, who.host, who.port, who.dbname, who.encrypted));
        co_return asked.size() == 1 ? "wrong" : "p";
    };
    options.sslmode = "require";
    run([&]() -> asio::awaitable<void> {
        static_cast<void>(co_await thrown<tusk::invalid_password>([&] { return tusk::connect(options); }));
        tusk::connection conn = co_await tusk::connect(options);
        co_await expect_usable(conn);
    });
    const std::string line = fmt::format("t_scram@localhost:{}/postgres true", tls_server::shared().port());
    EXPECT_EQ(asked, (std::vector<std::string>{line, line}));
}

TEST(authentication_matrix, what_the_callback_throws_reaches_the_caller)
{
    tusk::connect_options options = options_of(tls_server::shared().conninfo("t_scram"));
    options.password_callback = [](tusk::login_request) -> asio::awaitable<std::string> {
        throw std::runtime_error{"the vault is closed"};
        co_return "";
    };
    run([&]() -> asio::awaitable<void> {
        const auto failed = co_await thrown<std::runtime_error>([&] { return tusk::connect(options); });
        expect_mentions(failed, "the vault is closed");
    });
}

TEST(authentication_matrix, no_password_is_asked_for_where_none_is_needed)
{
    tusk::connect_options options = options_of(tls_server::shared().conninfo("t_any"));
    options.password_callback = [](tusk::login_request) -> asio::awaitable<std::string> {
        ADD_FAILURE() << "asked";
        co_return "";
    };
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> { co_await expect_usable(conn); }, options);
}

} // namespace
