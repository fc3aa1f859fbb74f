#pragma once

#include <tusk/driver/login_request.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk {

class connection_observer;

/// Gives the value of an environment variable; nothing where it is not set.
using environment_reader = std::function<std::optional<std::string>(std::string_view name)>;

/// Whether a proxy between us and the server hands sessions round.
enum class pooling_proxy : std::uint8_t {
    none,
    /// After every transaction, as pgbouncer does with `pool_mode = transaction`. Statements are then prepared without
    /// a name and described each time, and nothing is written while an answer is to come: a pipeline takes two round
    /// trips a statement (`atomic_pipeline` and `execute_many` take two in all). What belongs to a session (SET,
    /// temporary tables, advisory locks) must not be used, for the proxy does not keep it; listening is refused.
    transaction,
};

/// Where and how to connect.
///
/// Made from a URL or a keyword/value string, or member by member. It has constructors on purpose: g++ 12 destroys
/// temporary aggregates twice in an awaited call.
/// @par Thread safety  That of a value.
class connect_options
{
public:
    /// Gives a password or a token, each time that a server asks for one: short-lived ones can be renewed.
    using credential_callback = std::function<asio::awaitable<std::string, asio::any_io_executor>(login_request)>;

    /// The library's defaults, and nothing from the environment or from files. An empty `user` is refused when
    /// connecting.
    connect_options() = default;

    /// Reads a URL or a keyword/value string as libpq does. What it leaves out comes from the service file, then from
    /// the PG* environment, and what those leave out from libpq's defaults: the operating system's user, a database of
    /// the same name, port 5432, and the files in the home directory (`.pgpass`, `.postgresql/root.crt`, ...).
    ///
    /// A variable that is set but empty counts as set, as with libpq: some keys take an empty value for their default,
    /// others refuse it. What this library cannot do (GSSAPI encryption, replication, ...) is refused, never ignored,
    /// so that nobody is connected less safely than was asked for.
    /// @param url_or_conninfo  `postgresql://user:password@host:port/dbname?key=value`, or `host=... dbname=...`.
    ///                         Beyond libpq's rules, a second `@` before the query part of a URL is refused:
    ///                         it belongs to a password and is written `%40`.
    /// @throws usage_error  It is malformed, a key is unknown or a value out of range, a service is not to be found, or
    ///                      this library cannot do what is asked. Messages hold no values: neither the password nor
    ///                      what might be a piece of it.
    /// @see PostgreSQL documentation, "Connection Strings", "Parameter Key Words" and "Environment Variables".
    explicit connect_options(std::string_view url_or_conninfo);

    /// The same, with another environment than that of the process; `HOME` is asked for too.
    connect_options(std::string_view url_or_conninfo, const environment_reader& environment);

    /// Sets a server parameter for the session (`search_path`, `TimeZone`, `statement_timeout`), replacing an earlier
    /// value; case does not matter in its name.
    /// @throws usage_error  The name is empty, one side holds a zero byte, or the name is one that the start-up message
    ///                      reserves (`user`, `database`, ...); the message tells which member to use.
    connect_options& set_parameter(std::string_view name, std::string_view value);

    /// Makes sure that the members make sense together; done for you when connecting.
    /// @throws usage_error  A member is out of range, holds a zero byte, or contradicts another one.
    void validate() const;

    // ---- Where.

    std::string host;                 ///< Name, address or socket directory (`/run/...`, `@abstract`), or several
                                      ///< with commas between them. Empty: /var/run/postgresql, /tmp, localhost.
    std::string hostaddr;             ///< Addresses to use instead of looking the names of `host` up.
    std::uint16_t port = 5432;        ///< Of every host; also part of a socket's file name.
    std::vector<std::uint16_t> ports; ///< Empty, or one for each host instead of `port`.
    std::string target_session_attrs = "any"; ///< any, read-write, read-only, primary, standby or prefer-standby:
                                              ///< hosts that are something else are passed over.
    std::string load_balance_hosts =
        "disable"; ///< disable: in the order given; random: hosts and their addresses are shuffled.
    /// For one attempt at one address, with what it asks the program and the Kerberos server for, and once more for
    /// looking a host's name up; 0: none. One second is one second. A callback that does not end when it is cancelled
    /// (terminal), and a lookup, go on by themselves; the caller does not wait for them.
    std::chrono::seconds connect_timeout{0};

    // ---- Who.

    std::string user;                      ///< The role to log in as.
    std::string password;                  ///< Empty: from the callback, or the password file, or none.
    credential_callback password_callback; ///< Asked where a server wants a password and `password` is empty.
    std::string passfile;                  ///< Empty: `.pgpass` in `home`. Ignored where others can read it.
    std::string home;                      ///< Where files are looked for that nobody named; empty: nowhere.
    std::string dbname;                    ///< Empty: the same as `user`.
    std::string require_auth; ///< The methods that the server may use: `scram-sha-256`, `password`, `md5`, `oauth`,
                              ///< `gss`, `none`, with commas; or with `!` those that it may not. Empty: any.
    std::string channel_binding = "prefer"; ///< disable, prefer or require: SCRAM tied to the TLS connection.
    std::string requirepeer;                ///< The user of the system that a socket's server must run as.
    std::string oauth_issuer;               ///< Told to `token_callback`, as are the next two.
    std::string oauth_client_id;
    std::string oauth_scope;
    credential_callback token_callback;  ///< Gives the bearer token where a server offers OAUTHBEARER.
    std::string krbsrvname = "postgres"; ///< GSSAPI: the server's principal is this at the name of the host.
    bool gssdelegation = false;          ///< GSSAPI: our ticket is handed to the server, which can act for us.

    /// Answers a request for the password in clear text (or a bearer token) on a link on which others might read it or
    /// be the server: TCP without TLS, and TLS in the modes allow and prefer without a root certificate. A Unix socket
    /// and this machine's own addresses are safe and need no permission.
    bool allow_cleartext_password = false;

    std::uint32_t scram_max_iterations = 1'000'000; ///< More are refused: the server chooses how long we compute.
    bool scram_cache_keys = true; ///< Keys are kept in memory, so that the next login need not derive them again.

    // ---- TLS.

    std::string sslmode = "prefer";          ///< disable, allow, prefer, require, verify-ca or verify-full.
    std::string sslnegotiation = "postgres"; ///< postgres, or direct (PostgreSQL 17): saves a round trip.
    std::string sslrootcert; ///< PEM file of trusted issuers, or `system`. Empty: `.postgresql/root.crt` in `home`.
    std::string sslcert;     ///< PEM file of our certificate. Empty: `.postgresql/postgresql.crt` in `home`.
    std::string sslkey;      ///< Its key. Empty: `.postgresql/postgresql.key` in `home`.
    std::string sslpassword; ///< The passphrase of `sslkey`.
    std::function<std::string()> sslpassword_callback; ///< Gives the passphrase of an encrypted `sslkey`.
    std::string sslcertmode = "allow"; ///< disable: our certificate is never sent; require: the server must want it.
    std::string sslcrl;                ///< PEM file of revoked certificates. Empty: `.postgresql/root.crl` in `home`.
    std::string sslcrldir;             ///< Folder of the same with hashed names.
    bool sslsni = true;                ///< The host's name is sent in the clear for proxies to read.
    std::string ssl_min_protocol_version = "TLSv1.2"; ///< TLSv1 to TLSv1.3; empty: whatever OpenSSL allows.
    std::string ssl_max_protocol_version;             ///< The same; empty: the newest.

    // ---- The link.

    bool keepalives = true;                              ///< Of TCP. The four below: 0 is the system's default.
    std::chrono::seconds keepalives_idle{60};            ///< Silence before the first probe.
    std::chrono::seconds keepalives_interval{10};        ///< Between probes.
    std::uint32_t keepalives_count = 6;                  ///< Lost probes until the connection is.
    std::chrono::milliseconds tcp_user_timeout{120'000}; ///< Unacknowledged bytes for so long are a lost connection.
    std::string min_protocol_version;                    ///< 3.0, 3.2 or latest; empty: 3.0.
    std::string max_protocol_version;                    ///< The same. 3.2 (PostgreSQL 18) has longer cancel keys.

    // ---- The session.

    std::string application_name;          ///< Shown in pg_stat_activity.
    std::string fallback_application_name; ///< Used where `application_name` is empty.
    std::string options;                   ///< Command-line options for the session: `-c geqo=off`.

    /// Server parameters sent when the session starts, as pairs of name and value; see `set_parameter`.
    std::vector<std::pair<std::string, std::string>> runtime_parameters;

    std::size_t statement_cache_size = 256;              ///< Prepared statements kept a connection; 0: none.
    std::size_t statement_cache_bytes = 5 * 1024 * 1024; ///< Their SQL texts and descriptions together, in bytes.
    /// For every statement of the connection that has no deadline of its own; 0: none. See `connection::with_timeout`.
    std::chrono::milliseconds command_timeout{0};
    /// How long the server may take to end a cancelled statement before the connection is dropped.
    std::chrono::milliseconds cancel_grace{2000};
    tusk::pooling_proxy pooling_proxy = tusk::pooling_proxy::none;
    std::size_t notification_queue_size = 10'000;              ///< Notifications kept that nobody has asked for yet.
    std::size_t max_message_size = (std::size_t{1} << 30) - 1; ///< Longer messages from the server are refused, bytes.

    /// Is told what the connection does; null: nobody.
    std::shared_ptr<connection_observer> observer;
    /// Is given one line for every message in both directions, without passwords, keys and values of parameters. For
    /// finding out what happens on the wire; empty: nobody.
    std::function<void(std::string_view line)> trace;

private:
    void check_choices() const;
};

/// The options as a keyword/value string for logs and messages.
///
/// Passwords and passphrases are shown as `***`, and so are parameters with a dot in their name: those are the
/// application's own, and often tokens. `options` is shown as it is.
[[nodiscard]] std::string to_string(const connect_options& options);

} // namespace tusk
