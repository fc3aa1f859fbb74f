#pragma once

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
    /// a name and described each time. What belongs to a session (SET, LISTEN, temporary tables, advisory locks) must
    /// not be used; the proxy does not keep it.
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
    /// The library's defaults, and nothing from the environment. An empty `user` is refused when connecting.
    connect_options() = default;

    /// Reads a URL or a keyword/value string as libpq does. What it leaves out comes from the PG* environment, and what
    /// that leaves out from libpq's defaults: the operating system's user, a database of the same name, port 5432.
    ///
    /// A variable that is set but empty counts as not set. What this version cannot do yet (TLS, several hosts, service
    /// and password files, ...) is refused, never ignored, so that nobody is connected less safely than was asked for.
    /// @param url_or_conninfo  `postgresql://user:password@host:port/dbname?key=value`, or `host=... dbname=...`.
    ///                         Beyond libpq's rules, a second `@` before the query part of a URL is refused:
    ///                         it belongs to a password and is written `%40`.
    /// @throws usage_error  It is malformed, a key is unknown or a value out of range, or this version cannot do what
    ///                      is asked. Messages hold no values: neither the password nor what might be a piece of it.
    /// @see PostgreSQL documentation, "Connection Strings", "Parameter Key Words" and "Environment Variables".
    explicit connect_options(std::string_view url_or_conninfo);

    /// The same, with another environment than that of the process.
    connect_options(std::string_view url_or_conninfo, const environment_reader& environment);

    /// Sets a server parameter for the session (`search_path`, `TimeZone`, `statement_timeout`), replacing an earlier
    /// value; case does not matter in its name.
    /// @throws usage_error  The name is empty, one side holds a zero byte, or the name is one that the start-up message
    ///                      reserves (`user`, `database`, ...); the message tells which member to use.
    connect_options& set_parameter(std::string_view name, std::string_view value);

    /// Makes sure that the members make sense together; done for you when connecting.
    /// @throws usage_error  A member is out of range or holds a zero byte, or `sslmode` is one that needs TLS.
    void validate() const;

    std::string host;                        ///< Name, address or socket directory (`/run/...`, `@abstract`). Empty:
                                             ///< /var/run/postgresql, then /tmp, then localhost.
    std::string hostaddr;                    ///< Address to use instead of looking `host` up.
    std::uint16_t port = 5432;               ///< Also part of a socket's file name.
    std::string user;                        ///< The role to log in as.
    std::string password;                    ///< Empty: none.
    std::string dbname;                      ///< Empty: the same as `user`.
    std::string application_name;            ///< Shown in pg_stat_activity.
    std::string fallback_application_name;   ///< Used where `application_name` is empty.
    std::string options;                     ///< Command-line options for the session: `-c geqo=off`.
    std::chrono::seconds connect_timeout{0}; ///< For one attempt at one address; 0: none. One second is one second.
    std::string sslmode = "prefer";          ///< disable, allow or prefer: connections are not encrypted so far.

    /// Server parameters sent when the session starts, as pairs of name and value; see `set_parameter`.
    std::vector<std::pair<std::string, std::string>> runtime_parameters;

    /// Answers a request for the password in clear text on an unencrypted TCP link, where anybody on the way can read
    /// it. A Unix socket is safe and needs no permission.
    bool allow_cleartext_password = false;

    std::uint32_t scram_max_iterations = 1'000'000;      ///< More are refused: the server chooses how long we compute.
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
};

/// The options as a keyword/value string for logs and messages.
///
/// The password is shown as `***`, and so are parameters with a dot in their name: those are the application's own, and
/// often tokens. `options` is shown as it is.
[[nodiscard]] std::string to_string(const connect_options& options);

} // namespace tusk
