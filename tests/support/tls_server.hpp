#pragma once

#include "support/certificates.hpp"
#include "support/cluster.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace tusk::test {

/// A server of our own that speaks TLS, with the certificates that go with it.
///
/// Its roles: `t_any` (trust, both ways), `t_tls` (trust, by TLS alone), `t_plain` (trust, without TLS alone),
/// `t_scram`, `t_pass` (clear text), `t_md5`, `t_cert` (a certificate with its name), `t_both` (SCRAM and such a
/// certificate) and `t_peer` (the user of the system who runs the test, by the socket). Passwords are "p".
class tls_server
{
public:
    /// @param encrypted  False: the same server with `ssl = off`, and without the roles that need it.
    explicit tls_server(bool encrypted = true);

    /// `key=value` for one role by TCP: with hostaddr 127.0.0.1, so that any `host` can be given.
    [[nodiscard]] std::string conninfo(std::string_view user) const;

    /// 15 for PostgreSQL 15: tests of what an older one lacks are skipped.
    [[nodiscard]] int major_version() const { return cluster_.major_version(); }

    [[nodiscard]] unsigned short port() const noexcept { return cluster_.port(); }
    [[nodiscard]] std::string socket_dir() const { return cluster_.socket_dir(); }

    /// Issued the server's certificate: for `localhost`, `db.example` and 127.0.0.1.
    [[nodiscard]] std::filesystem::path root() const { return folder_ / "right_ca.crt"; }
    /// Issued none of it.
    [[nodiscard]] std::filesystem::path wrong_root() const { return folder_ / "wrong_ca.crt"; }
    /// Of the role `t_cert`; the second one has an encrypted key with the passphrase "secret".
    [[nodiscard]] const certificate_files& client() const noexcept { return client_; }
    [[nodiscard]] const certificate_files& client_with_passphrase() const noexcept { return client_with_passphrase_; }
    /// Revocation lists of the right issuer: one holds the server's certificate.
    [[nodiscard]] const std::filesystem::path& revoked() const noexcept { return revoked_; }
    [[nodiscard]] const std::filesystem::path& nobody_revoked() const noexcept { return nobody_revoked_; }

    /// A folder for files of the test.
    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

    /// Runs statements with psql as the superuser.
    std::string run_sql(std::string_view sql) const;

    /// Those of the process, started by whoever asks first.
    static tls_server& shared();
    static tls_server& shared_without_tls();

private:
    /// A folder that goes with the process.
    struct temporary_folder {
        temporary_folder();
        ~temporary_folder();
        std::filesystem::path path;
    };

    [[nodiscard]] cluster_recipe recipe(bool encrypted);

    temporary_folder owned_folder_;
    const std::filesystem::path& folder_{owned_folder_.path};
    certificate_files client_;
    certificate_files client_with_passphrase_;
    std::filesystem::path revoked_;
    std::filesystem::path nobody_revoked_;
    cluster cluster_;
};

} // namespace tusk::test
