#include "config/keys.hpp"

#include "config/suggestion.hpp"
#include "config/values.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

namespace tusk::config {

namespace {

[[noreturn]] void refuse(std::string_view origin)
{
    throw usage_error{fmt::format("{}: this library cannot do what the value asks for, and does not ignore it, "
                                  "because the connection would be another one than was asked for; remove it",
                                  origin)};
}

template <std::string connect_options::* Member>
void set_text(connect_options& options, std::string_view value, std::string_view)
{
    options.*Member = value;
}

/// Empty values are refused, as by libpq.
template <std::string connect_options::* Member, const std::string_view& Words>
void set_choice(connect_options& options, std::string_view value, std::string_view origin)
{
    check_choice(origin, value, Words);
    options.*Member = value;
}

template <bool connect_options::* Member>
void set_switch(connect_options& options, std::string_view value, std::string_view origin)
{
    const std::optional<int> number = whole_number(value);
    if (!number)
        throw usage_error{fmt::format("{}: the value is neither 0 (off) nor 1 (on)", origin)};
    options.*Member = *number != 0;
}

/// libpq takes whatever does not begin with 1 for off; here, a word that is neither is a mistake.
template <bool connect_options::* Member>
void set_flag(connect_options& options, std::string_view value, std::string_view origin)
{
    if (!value.empty())
        check_choice(origin, value, "0 1");
    options.*Member = value == "1";
}

/// A number that means nothing where it is negative.
template <auto Member>
void set_number(connect_options& options, std::string_view value, std::string_view origin)
{
    using type = std::remove_reference_t<decltype(options.*Member)>;
    const std::optional<int> number = whole_number(value);
    if (!number)
        throw usage_error{fmt::format("{}: not a whole number{}; 0 stands for the system's default", origin,
                                      std::is_same_v<type, std::chrono::milliseconds> ? " of milliseconds" : "")};
    options.*Member = type(static_cast<std::uint32_t>(std::max(*number, 0)));
}

std::uint16_t port_of(std::string_view value, std::string_view origin)
{
    if (value.empty())
        return 5432;
    const std::optional<int> port = whole_number(value);
    if (!port || *port < 1 || *port > std::numeric_limits<std::uint16_t>::max())
        throw usage_error{fmt::format("{}: not a number from 1 to 65535 (in the password of a URL, "
                                      "'@', ':', '/' and '%' are written %40, %3A, %2F and %25)",
                                      origin)};
    return static_cast<std::uint16_t>(*port);
}

void set_port(connect_options& options, std::string_view value, std::string_view origin)
{
    options.ports.clear();
    if (value.find(',') == value.npos) {
        options.port = port_of(value, origin);
        return;
    }
    for (;;) {
        const std::size_t comma = value.find(',');
        options.ports.push_back(port_of(value.substr(0, comma), origin));
        if (comma == value.npos)
            return;
        value.remove_prefix(comma + 1);
    }
}

void set_connect_timeout(connect_options& options, std::string_view value, std::string_view origin)
{
    const std::optional<int> seconds = whole_number(value);
    if (!seconds)
        throw usage_error{fmt::format("{}: not a whole number of seconds; 0 waits without limit", origin)};
    options.connect_timeout = std::chrono::seconds{std::max(*seconds, 0)};
}

/// OpenSSL's spelling, whatever the case of the value.
template <std::string connect_options::* Member>
void set_tls_version(connect_options& options, std::string_view value, std::string_view origin)
{
    constexpr std::array<std::string_view, 4> versions{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
    const auto same = [value](std::string_view version) {
        return std::ranges::equal(value, version, [](char left, char right) {
            return left == right || (left >= 'A' && left <= 'Z' && left - 'A' + 'a' == right) ||
                   (left >= 'a' && left <= 'z' && left - 'a' + 'A' == right);
        });
    };
    const auto found = std::ranges::find_if(versions, same);
    if (found == versions.end() && !value.empty())
        check_choice(origin, value, tls_versions);
    options.*Member = value.empty() ? std::string_view{} : *found;
}

void set_client_encoding(connect_options&, std::string_view value, std::string_view origin)
{
    // Spelled as the server accepts it: case, hyphens and underscores do not count.
    std::string plain;
    for (const char letter : value) {
        if (letter >= 'A' && letter <= 'Z')
            plain += static_cast<char>(letter - 'A' + 'a');
        else if (letter != '-' && letter != '_')
            plain += letter;
    }
    if (!plain.empty() && !is_among("utf8 unicode auto", plain))
        throw usage_error{fmt::format("{}: tusk speaks UTF8 only; remove it and convert in the program", origin)};
}

/// Encryption by GSSAPI is never there, so it cannot be preferred either.
void set_gss_encryption(connect_options&, std::string_view value, std::string_view origin)
{
    check_choice(origin, value, "disable prefer require");
    if (value == "require")
        refuse(origin);
}

/// What is read before everything else, and so has no effect here.
void set_nothing(connect_options&, std::string_view, std::string_view) {}

using options_of = connect_options;

constexpr std::array table{
    key{"host", "PGHOST", false, set_text<&options_of::host>},
    key{"hostaddr", "PGHOSTADDR", false, set_text<&options_of::hostaddr>},
    key{"port", "PGPORT", false, set_port},
    key{"user", "PGUSER", false, set_text<&options_of::user>},
    key{"password", "PGPASSWORD", true, set_text<&options_of::password>},
    key{"passfile", "PGPASSFILE", false, set_text<&options_of::passfile>},
    key{"dbname", "PGDATABASE", false, set_text<&options_of::dbname>},
    key{"application_name", "PGAPPNAME", false, set_text<&options_of::application_name>},
    key{"fallback_application_name", "", false, set_text<&options_of::fallback_application_name>},
    key{"options", "PGOPTIONS", false, set_text<&options_of::options>},
    key{"connect_timeout", "PGCONNECT_TIMEOUT", false, set_connect_timeout},
    key{"client_encoding", "PGCLIENTENCODING", false, set_client_encoding},
    key{"service", "PGSERVICE", false, set_nothing},
    key{"servicefile", "", false, set_nothing},

    key{"sslmode", "PGSSLMODE", false, set_choice<&options_of::sslmode, ssl_modes>},
    key{"requiressl", "", false, set_nothing}, // another spelling of sslmode
    key{"sslnegotiation", "PGSSLNEGOTIATION", false, set_choice<&options_of::sslnegotiation, ssl_negotiations>},
    key{"sslcompression", "PGSSLCOMPRESSION", false, nullptr, "0"},
    key{"sslcert", "PGSSLCERT", false, set_text<&options_of::sslcert>},
    key{"sslkey", "PGSSLKEY", false, set_text<&options_of::sslkey>},
    key{"sslpassword", "", true, set_text<&options_of::sslpassword>},
    key{"sslcertmode", "PGSSLCERTMODE", false, set_choice<&options_of::sslcertmode, ssl_certificate_modes>},
    key{"sslrootcert", "PGSSLROOTCERT", false, set_text<&options_of::sslrootcert>},
    key{"sslcrl", "PGSSLCRL", false, set_text<&options_of::sslcrl>},
    key{"sslcrldir", "PGSSLCRLDIR", false, set_text<&options_of::sslcrldir>},
    key{"sslsni", "PGSSLSNI", false, set_flag<&options_of::sslsni>},
    key{"sslkeylogfile", ""}, // no connection string may write files
    key{"ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION", false,
        set_tls_version<&options_of::ssl_min_protocol_version>},
    key{"ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION", false,
        set_tls_version<&options_of::ssl_max_protocol_version>},

    key{"channel_binding", "PGCHANNELBINDING", false, set_choice<&options_of::channel_binding, channel_bindings>},
    key{"require_auth", "PGREQUIREAUTH", false, set_text<&options_of::require_auth>},
    key{"requirepeer", "PGREQUIREPEER", false, set_text<&options_of::requirepeer>},
    key{"scram_client_key", "", true},
    key{"scram_server_key", "", true},
    key{"gssencmode", "PGGSSENCMODE", false, set_gss_encryption},
    key{"krbsrvname", "PGKRBSRVNAME", false, set_text<&options_of::krbsrvname>},
    key{"gsslib", "PGGSSLIB", false, nullptr, "gssapi"},
    key{"gssdelegation", "PGGSSDELEGATION", false, set_flag<&options_of::gssdelegation>},
    key{"oauth_issuer", "", false, set_text<&options_of::oauth_issuer>},
    key{"oauth_client_id", "", false, set_text<&options_of::oauth_client_id>},
    key{"oauth_client_secret", "", true}, // belongs to whoever gives the token
    key{"oauth_scope", "", false, set_text<&options_of::oauth_scope>},

    key{"target_session_attrs", "PGTARGETSESSIONATTRS", false,
        set_choice<&options_of::target_session_attrs, session_attributes>},
    key{"load_balance_hosts", "PGLOADBALANCEHOSTS", false,
        set_choice<&options_of::load_balance_hosts, load_balancings>},
    key{"keepalives", "", false, set_switch<&options_of::keepalives>},
    key{"keepalives_idle", "", false, set_number<&options_of::keepalives_idle>},
    key{"keepalives_interval", "", false, set_number<&options_of::keepalives_interval>},
    key{"keepalives_count", "", false, set_number<&options_of::keepalives_count>},
    key{"tcp_user_timeout", "", false, set_number<&options_of::tcp_user_timeout>},
    key{"min_protocol_version", "PGMINPROTOCOLVERSION", false,
        set_choice<&options_of::min_protocol_version, protocol_versions>},
    key{"max_protocol_version", "PGMAXPROTOCOLVERSION", false,
        set_choice<&options_of::max_protocol_version, protocol_versions>},
    key{"replication", "", false, nullptr, "false off no 0"},
};

bool looks_like_key(std::string_view name)
{
    return !name.empty() && name.size() <= 40 &&
           std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

} // namespace

std::span<const key> known_keys() noexcept { return table; }

void apply(const key& key, connect_options& options, std::string_view value, std::string_view origin)
{
    if (key.apply != nullptr)
        key.apply(options, value, origin);
    else if (!value.empty() && !is_among(key.harmless, value))
        refuse(origin);
}

const key& require_key(std::string_view name, bool may_quote)
{
    const auto found = std::ranges::find(table, name, &key::name);
    if (found != table.end())
        return *found;
    if (!may_quote || !looks_like_key(name))
        throw usage_error{"connection string: a key is not known (it is not shown, since it could be a piece of a "
                          "password); quote values that hold spaces, and percent-encode those of a URL"};
    const std::string_view nearest = nearest_key(name);
    throw usage_error{
        fmt::format("connection string: the key \"{}\" is not known{}; a server setting goes into options "
                    "(options='-c name=value') or connect_options::set_parameter",
                    name, nearest.empty() ? "" : fmt::format(", did you mean \"{}\"?", nearest))};
}

} // namespace tusk::config
