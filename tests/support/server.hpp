#pragma once

#include "support/cluster.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tusk::test {

/// The PostgreSQL server that tests talk to: a throw-away cluster of our own, or the one that TUSK_TEST_URL names.
///
/// A cluster of our own has a superuser `postgres`, who comes in by the socket without a password, and one role an
/// authentication method, by socket and by TCP: `u_trust`, `u_pass` (clear text), `u_md5`, `u_scram`, `u_saslprep`
/// (SCRAM, with a password that SASLprep changes) and `u_reject`. All of them may create tables in schema public.
class test_server
{
public:
    /// The password of u_pass, u_md5, u_scram and u_reject.
    static constexpr std::string_view password = "p";
    /// The password that u_saslprep was given: an a umlaut in two code points, a soft hyphen and a Roman numeral nine.
    static constexpr std::string_view saslprep_password = "pa\u0308s\u00ADs\u2168";
    /// What SASLprep makes of it: another spelling that has to be accepted too.
    static constexpr std::string_view saslprep_password_prepared = "p\u00E4ssIX";

    /// Starts a server, unless TUSK_TEST_URL names one.
    /// @param log_name  Names the log that is kept in TUSK_TEST_LOG_DIR; the program's own name when empty.
    /// @throws std::runtime_error  There is no server to start, or it does not.
    explicit test_server(std::string_view log_name = {});

    /// Whether the cluster is ours. If not, it has neither the roles above nor signals nor a log: skip what needs them.
    bool is_own() const noexcept { return cluster_.has_value(); }

    /// The default: the superuser of our own cluster by its socket, or TUSK_TEST_URL.
    const std::string& url() const noexcept { return url_; }

    /// One of the roles above by the socket. @throws std::logic_error  The cluster is not ours.
    std::string socket_url(std::string_view user, std::string_view its_password = {}) const;

    /// One of the roles above by TCP. @throws std::logic_error  The cluster is not ours.
    std::string tcp_url(std::string_view user, std::string_view its_password = {}) const;

    /// The folder of the socket. @throws std::logic_error  The cluster is not ours.
    std::string socket_dir() const;

    /// The TCP port on 127.0.0.1. @throws std::logic_error  The cluster is not ours.
    unsigned short port() const;

    /// Runs statements with psql as the default user, each in a transaction of its own, independently of any driver.
    /// @returns one line a row, columns separated by `|`.
    /// @throws std::runtime_error  One failed; the message is psql's.
    std::string run_sql(std::string_view sql) const;

    /// Ends a session from the server's side, in order: FATAL 57P01, then the end of the connection.
    void terminate_backend(pid_t backend) const;

    /// Sends a signal to a server process: SIGSTOP freezes one session, SIGKILL makes the whole server start over.
    /// @throws std::logic_error    The cluster is not ours.
    /// @throws std::runtime_error  That process is not one of the server's.
    void signal_backend(pid_t backend, int signal) const;

    /// Waits until the server takes sessions again, for after a SIGKILL. @throws std::runtime_error  It does not.
    void wait_until_ready() const;

    /// The end of the server's log and, if it is kept, where the whole of it is; empty when the cluster is not ours.
    std::string log_report() const;

private:
    const cluster& own() const;

    std::optional<cluster> cluster_;
    std::string url_;
};

/// The one server of this process, started by whoever asks first.
test_server& server();

/// Whether `server()` was called.
bool server_started() noexcept;

} // namespace tusk::test
