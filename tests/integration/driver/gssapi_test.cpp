// GSSAPI against a KDC of our own. Where there is none, or the server or the driver was built without it, the tests are
// skipped and say so.

#include "connection/gss_client.hpp"
#include "support/kerberos.hpp"
#include "support/process.hpp"
#include "support/run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace tusk::test;

tusk::connect_options options_of(const std::string& conninfo)
{
    return tusk::connect_options{conninfo, [](std::string_view) { return std::optional<std::string>{}; }};
}

class gssapi : public testing::Test
{
protected:
    void SetUp() override
    {
        if (!tusk::detail::gss_client::is_available())
            GTEST_SKIP() << "the driver was built without GSSAPI (Debian: libkrb5-dev)";
        if (const std::string why = kerberos::missing(); !why.empty())
            GTEST_SKIP() << why;
        inside_.emplace(kerberos::shared());
    }

    void TearDown() override { inside_.reset(); }

    static std::string conninfo(std::string_view user, std::string_view more)
    {
        return fmt::format("{} {}", kerberos::shared().conninfo(user), more);
    }

    static void expect_login(std::string_view more)
    {
        const std::string where = conninfo("t_gss", more);
        SCOPED_TRACE(where);
        run_connected(
            [](tusk::connection& conn) -> asio::awaitable<void> {
                const auto principal = co_await conn.query_one<std::string>(
                    "SELECT principal FROM pg_stat_gssapi WHERE pid = pg_backend_pid() AND gss_authenticated");
                EXPECT_EQ(principal, "t_gss@TUSK.TEST");
            },
            options_of(where));
    }

    template <class... Pieces>
    static void expect_refused(const std::string& where, const Pieces&... pieces)
    {
        SCOPED_TRACE(where);
        run([&]() -> asio::awaitable<void> {
            const tusk::connect_options options = options_of(where);
            const auto refused = co_await thrown<tusk::authentication_error>([&] { return tusk::connect(options); });
            expect_mentions(refused, pieces...);
        });
    }

private:
    std::optional<kerberos::inside> inside_;
};

TEST_F(gssapi, a_ticket_logs_in_by_tls_and_without)
{
    expect_login("sslmode=disable");
    expect_login("sslmode=require");
    EXPECT_NE(kerberos::shared().log().find("postgres/localhost@TUSK.TEST"), std::string::npos);
}

TEST_F(gssapi, libpq_logs_in_the_same_way)
{
    const finished_process psql =
        run_process({"psql", "-X", "-A", "-t", "-d", conninfo("t_gss", "gssencmode=disable sslmode=disable"), "-c",
                     "SELECT principal FROM pg_stat_gssapi WHERE pid = pg_backend_pid()"});
    EXPECT_EQ(psql.out, "t_gss@TUSK.TEST\n") << psql.err;
}

TEST_F(gssapi, require_auth_allows_it_or_does_not)
{
    expect_login("require_auth=gss");
    expect_login("require_auth=!password,!md5");
    expect_refused(conninfo("t_gss", "require_auth=scram-sha-256"), "GSSAPI", "require_auth");
    expect_refused(conninfo("t_gss", "require_auth=!gss"), "GSSAPI", "require_auth");
}

TEST_F(gssapi, it_cannot_be_bound_to_the_channel)
{
    expect_refused(conninfo("t_gss", "sslmode=require channel_binding=require"), "channel_binding");
}

TEST_F(gssapi, another_role_is_refused_by_the_server)
{
    run([]() -> asio::awaitable<void> {
        const tusk::connect_options options = options_of(conninfo("t_other", "sslmode=disable"));
        const auto refused = co_await thrown<tusk::server_error>([&] { return tusk::connect(options); });
        EXPECT_TRUE(refused.sqlstate().starts_with("28")) << refused.what();
    });
}

TEST_F(gssapi, a_server_that_the_realm_does_not_know_gets_nothing)
{
    expect_refused(conninfo("t_gss", "krbsrvname=mysql"), "mysql@localhost", "klist");
    expect_refused(conninfo("t_gss", "krbsrvname=''"), "krbsrvname");
    expect_refused(conninfo("t_gss", "host=db.example"), "postgres@db.example");
}

TEST_F(gssapi, a_kdc_that_does_not_answer_runs_into_connect_timeout_and_blocks_nobody)
{
    kerberos& realm = kerberos::shared();
    realm.forget_tickets();
    realm.freeze(true);
    run([&]() -> asio::awaitable<void> {
        const tusk::connect_options options = options_of(conninfo("t_gss", "sslmode=disable connect_timeout=1"));
        const auto begun = std::chrono::steady_clock::now();
        const auto late = co_await thrown<tusk::timeout_error>([&] { return tusk::connect(options); });
        EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{8});
        expect_mentions(late, "Kerberos", "connect_timeout");
        realm.freeze(false);
    });
    expect_login("sslmode=disable");
}

} // namespace
