// The truth table of sslmode: every cell is compared with a rule written down here and with what libpq's psql does.

#include "support/process.hpp"
#include "support/run.hpp"
#include "support/tls_server.hpp"

#include <fmt/format.h>

#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tusk::test;

enum class outcome { refused, plain, encrypted };

enum class issuer { none, right, wrong };

struct cell {
    std::string_view mode;
    bool server_has_tls = true;
    std::string_view role; ///< t_any, t_tls (hostssl) or t_plain (hostnossl)
    issuer trusted = issuer::none;
    bool right_name = true;
    bool certificate = false;
};

const tls_server& server_of(const cell& of)
{
    return of.server_has_tls ? tls_server::shared() : tls_server::shared_without_tls();
}

std::string conninfo(const cell& of)
{
    // The files are the TLS server's in both cases.
    const tls_server& files = tls_server::shared();
    std::string text = fmt::format("{} host={} sslmode={}", server_of(of).conninfo(of.role),
                                   of.right_name ? "localhost" : "other.example", of.mode);
    if (of.trusted != issuer::none)
        text +=
            fmt::format(" sslrootcert={}", (of.trusted == issuer::right ? files.root() : files.wrong_root()).string());
    if (of.certificate)
        text += fmt::format(" sslcert={} sslkey={}", files.client().certificate.string(), files.client().key.string());
    return text;
}

outcome expected(const cell& of)
{
    const bool verifies = of.trusted != issuer::none;
    const bool mode_verifies = of.mode.starts_with("verify");
    const bool has_tls = of.server_has_tls && of.trusted != issuer::wrong && (verifies || !mode_verifies) &&
                         (of.right_name || of.mode != "verify-full");
    const bool by_tls = has_tls && of.role != "t_plain";
    const bool by_plain = of.role != "t_tls";
    if (of.mode == "disable")
        return by_plain ? outcome::plain : outcome::refused;
    if (of.mode == "allow")
        return by_plain ? outcome::plain : by_tls ? outcome::encrypted : outcome::refused;
    if (of.mode == "prefer")
        return by_tls ? outcome::encrypted : by_plain ? outcome::plain : outcome::refused;
    return by_tls ? outcome::encrypted : outcome::refused;
}

constexpr const char* question = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

outcome outcome_of_tusk(const std::string& where)
{
    outcome found = outcome::refused;
    run([&]() -> asio::awaitable<void> {
        std::optional<tusk::connection> conn;
        const tusk::connect_options options{where, [](std::string_view) { return std::optional<std::string>{}; }};
        try {
            conn.emplace(co_await tusk::connect(options));
        } catch (const tusk::error&) {
            co_return;
        }
        const bool encrypted = co_await conn->query_one<bool>(question);
        found = encrypted ? outcome::encrypted : outcome::plain;
        co_await conn->close();
    });
    return found;
}

outcome outcome_of_psql(const std::string& where)
{
    const finished_process psql =
        run_process({"env", "HOME=/nonexistent", "psql", "-X", "-A", "-t", "-d", where, "-c", question});
    if (psql.status != 0)
        return outcome::refused;
    return psql.out.starts_with("t") ? outcome::encrypted : outcome::plain;
}

std::vector<cell> cells(std::string_view mode)
{
    std::vector<cell> all;
    for (const bool tls : {true, false}) {
        for (const std::string_view role : {"t_any", "t_tls", "t_plain"}) {
            for (const issuer trusted : {issuer::none, issuer::right, issuer::wrong}) {
                for (const bool right_name : {true, false}) {
                    for (const bool certificate : {true, false}) {
                        if (tls || role != "t_tls") // a server without TLS has no line for it
                            all.push_back({mode, tls, role, trusted, right_name, certificate});
                    }
                }
            }
        }
    }
    return all;
}

class sslmode : public testing::TestWithParam<std::string_view>
{
};

TEST_P(sslmode, every_cell_of_the_truth_table_is_as_in_libpq)
{
    for (const cell& each : cells(GetParam())) {
        const std::string where = conninfo(each);
        SCOPED_TRACE(where);
        const outcome wanted = expected(each);
        EXPECT_EQ(outcome_of_tusk(where), wanted);
        EXPECT_EQ(outcome_of_psql(where), wanted) << "the rule is not libpq's";
    }
}

INSTANTIATE_TEST_SUITE_P(modes, sslmode,
                         testing::Values("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
                         [](const testing::TestParamInfo<std::string_view>& of) {
                             std::string name{of.param};
                             for (char& letter : name)
                                 letter = std::isalnum(static_cast<unsigned char>(letter)) != 0 ? letter : '_';
                             return name;
                         });

} // namespace
