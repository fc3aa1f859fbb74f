#pragma once

#include "support/cluster.hpp"
#include "support/guarded_program.hpp"

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tusk::test {

/// A Kerberos realm of our own, TUSK.TEST, with a KDC on a private port, and a PostgreSQL server in it.
///
/// Who is `inside` is the principal `t_gss`: the process' environment points to the realm's configuration, which
/// gives the library a key in place of a ticket. The server is `postgres/localhost`, by TLS and without; its roles
/// `t_gss` and `t_other`, who nobody is, log in by GSSAPI.
class kerberos
{
public:
    /// Why there can be none here; empty where there can.
    static std::string missing();

    /// @throws std::runtime_error  The KDC or the server does not start.
    kerberos();
    kerberos(const kerberos&) = delete;
    kerberos& operator=(const kerberos&) = delete;
    /// Ends the KDC.
    ~kerberos();

    /// `key=value` for one role by TCP, with the host's name that its principal has.
    [[nodiscard]] std::string conninfo(std::string_view user) const;

    /// What the KDC has answered so far.
    [[nodiscard]] std::string log() const;

    /// Sets the process' environment for as long as it lives; nobody else's psql is to find a realm there.
    class inside
    {
    public:
        explicit inside(const kerberos& realm);
        inside(const inside&) = delete;
        inside& operator=(const inside&) = delete;
        ~inside();
    };

    /// The next login has to ask the KDC again.
    void forget_tickets() const;

    /// Freezes the KDC, or lets it go on.
    void freeze(bool frozen) const;

    /// That of the process, started by whoever asks first.
    static kerberos& shared();

private:
    void configure();
    void start_kdc();

    struct temporary_folder {
        temporary_folder();
        ~temporary_folder();
        std::filesystem::path path;
    };

    temporary_folder owned_folder_;
    const std::filesystem::path& folder_{owned_folder_.path};
    unsigned short port_ = 0;
    pid_t kdc_ = -1;
    std::optional<guarded_program> kdc_program_;
    std::unique_ptr<cluster> cluster_;
};

} // namespace tusk::test
