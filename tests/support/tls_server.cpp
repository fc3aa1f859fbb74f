#include "support/tls_server.hpp"

#include "support/process.hpp"

#include <fmt/format.h>

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include <stdexcept>

namespace tusk::test {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view authentication = R"(
host all t_any 127.0.0.1/32 trust
hostnossl all t_plain 127.0.0.1/32 trust
host all t_scram 127.0.0.1/32 scram-sha-256
host all t_pass 127.0.0.1/32 password
host all t_md5 127.0.0.1/32 md5
local all t_any trust
local all t_peer peer map=tests
)";

constexpr std::string_view authentication_by_tls = R"(
hostssl all t_tls 127.0.0.1/32 trust
hostssl all t_cert 127.0.0.1/32 cert
hostssl all t_both 127.0.0.1/32 scram-sha-256 clientcert=verify-full
)";

constexpr std::string_view roles = R"(
SET password_encryption = 'scram-sha-256';
CREATE ROLE t_any LOGIN; CREATE ROLE t_tls LOGIN; CREATE ROLE t_plain LOGIN; CREATE ROLE t_cert LOGIN;
CREATE ROLE t_peer LOGIN;
CREATE ROLE t_scram LOGIN PASSWORD 'p'; CREATE ROLE t_pass LOGIN PASSWORD 'p'; CREATE ROLE t_both LOGIN PASSWORD 'p';
SET password_encryption = 'md5';
CREATE ROLE t_md5 LOGIN PASSWORD 'p';
)";

std::string own_name()
{
    const passwd* entry = ::getpwuid(::geteuid());
    if (entry == nullptr)
        throw std::runtime_error{"the system has no name for the user who runs the test"};
    return entry->pw_name;
}

} // namespace

tls_server::temporary_folder::temporary_folder()
{
    std::string name = fs::temp_directory_path() / "tusk-tls-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error{"mkdtemp failed"};
    path = name;
}

tls_server::temporary_folder::~temporary_folder()
{
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

cluster_recipe tls_server::recipe(bool encrypted)
{
    cluster_recipe made;
    made.authentication = std::string{authentication};
    made.identities = fmt::format("tests {} t_peer\n", own_name());
    if (!encrypted)
        return made;
    made.authentication += authentication_by_tls;
    made.settings = {"ssl=on", "ssl_cert_file=server.crt", "ssl_key_file=server.key", "ssl_ca_file=right_ca.crt"};
    made.prepare = [this](const fs::path& data) {
        certificate_authority right{folder_, "right_ca"};
        const certificate_authority wrong{folder_, "wrong_ca"};
        const certificate_files server =
            right.issue("server", {"DNS:localhost", "DNS:db.example", "DNS:*.wild.example", "IP:127.0.0.1"});
        client_ = right.issue("t_cert");
        client_with_passphrase_ = right.issue("t_both", {}, "secret");
        revoked_ = right.revoke(server);
        nobody_revoked_ = right.revoke({});
        for (const char* file : {"server.crt", "server.key", "right_ca.crt"})
            fs::copy_file(folder_ / file, data / file);
    };
    return made;
}

tls_server::tls_server(bool encrypted) : cluster_{encrypted ? "tls_server" : "plain_server", recipe(encrypted)}
{
    run_sql(roles);
}

std::string tls_server::conninfo(std::string_view user) const
{
    return fmt::format("hostaddr=127.0.0.1 port={} user={} dbname=postgres", port(), user);
}

std::string tls_server::run_sql(std::string_view sql) const
{
    std::string psql = "psql";
    if (fs::exists(cluster_.bin() / "psql"))
        psql = cluster_.bin() / "psql";
    const std::string where = fmt::format("host={} port={} user=postgres dbname=postgres", socket_dir(), port());
    finished_process finished =
        run_process({psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", where, "-f", "-"}, nullptr, sql);
    if (finished.status != 0)
        throw std::runtime_error{fmt::format("psql failed with status {}:\n{}", finished.status, finished.err)};
    return std::move(finished.out);
}

tls_server& tls_server::shared()
{
    static tls_server instance;
    return instance;
}

tls_server& tls_server::shared_without_tls()
{
    static tls_server instance{false};
    return instance;
}

} // namespace tusk::test
