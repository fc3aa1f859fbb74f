#include "config/keys.hpp"

#include "config/suggestion.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string>

namespace tusk::config {

namespace {

constexpr std::string_view tls_modes = "require verify-ca verify-full";

[[noreturn]] void refuse(std::string_view origin)
{
    throw usage_error{fmt::format("{}: this version of tusk cannot do what the value asks for, and does not ignore it, "
                                  "because the connection would be another one than was asked for; remove it",
                                  origin)};
}

bool is_among(std::string_view words, std::string_view word)
{
    while (!words.empty()) {
        const std::size_t space = std::min(words.find(' '), words.size());
        if (words.substr(0, space) == word)
            return true;
        words.remove_prefix(std::min(space + 1, words.size()));
    }
    return false;
}

std::optional<int> whole_number(std::string_view text)
{
    constexpr std::string_view blanks = " \t\n\v\f\r";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == text.npos)
        return std::nullopt;
    text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
    int value = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || stop != text.data() + text.size())
        return std::nullopt;
    return value;
}

template <std::string connect_options::* Member>
void set_text(connect_options& options, std::string_view value, std::string_view)
{
    options.*Member = value;
}

template <std::string connect_options::* Member>
void set_one_host(connect_options& options, std::string_view value, std::string_view origin)
{
    if (value.find(',') != value.npos)
        throw usage_error{fmt::format("{}: this version of tusk connects to one host only; name one", origin)};
    options.*Member = value;
}

void set_port(connect_options& options, std::string_view value, std::string_view origin)
{
    if (value.empty()) // Said to be the default, so the environment is not asked.
        return;
    if (value.find(',') != value.npos)
        throw usage_error{fmt::format("{}: this version of tusk connects to one host only; name one port", origin)};
    const std::optional<int> port = whole_number(value);
    if (!port || *port < 1 || *port > std::numeric_limits<std::uint16_t>::max())
        throw usage_error{fmt::format("{}: not a number from 1 to 65535 (in the password of a URL, "
                                      "'@', ':', '/' and '%' are written %40, %3A, %2F and %25)",
                                      origin)};
    options.port = static_cast<std::uint16_t>(*port);
}

void set_connect_timeout(connect_options& options, std::string_view value, std::string_view origin)
{
    const std::optional<int> seconds = whole_number(value);
    if (!seconds)
        throw usage_error{fmt::format("{}: not a whole number of seconds; 0 waits without limit", origin)};
    options.connect_timeout = std::chrono::seconds{std::max(*seconds, 0)};
}

void set_sslmode(connect_options& options, std::string_view value, std::string_view origin)
{
    if (is_among(tls_modes, value))
        refuse(fmt::format("{} (TLS)", origin));
    if (!is_among("disable allow prefer", value))
        throw usage_error{fmt::format("{}: the value is none of disable, allow, prefer, require, verify-ca and "
                                      "verify-full",
                                      origin)};
    options.sslmode = value;
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
    if (!is_among("utf8 unicode auto", plain))
        throw usage_error{fmt::format("{}: tusk speaks UTF8 only; remove it and convert in the program", origin)};
}

/// What TLS would use is without effect where TLS is ruled out, in libpq too.
void need_tls(connect_options& options, std::string_view value, std::string_view origin)
{
    if (!value.empty() && options.sslmode != "disable")
        refuse(fmt::format("{} (TLS)", origin));
}

/// A password file is only read where no password is given, in libpq too.
void need_passfile(connect_options& options, std::string_view value, std::string_view origin)
{
    if (!value.empty() && options.password.empty())
        refuse(origin);
}

// Applied in this order: sslmode before what depends on it, password before passfile.
constexpr std::array table{
    key{"host", "PGHOST", false, set_one_host<&connect_options::host>},
    key{"hostaddr", "PGHOSTADDR", false, set_one_host<&connect_options::hostaddr>},
    key{"port", "PGPORT", false, set_port},
    key{"user", "PGUSER", false, set_text<&connect_options::user>},
    key{"password", "PGPASSWORD", true, set_text<&connect_options::password>},
    key{"passfile", "PGPASSFILE", false, need_passfile},
    key{"dbname", "PGDATABASE", false, set_text<&connect_options::dbname>},
    key{"application_name", "PGAPPNAME", false, set_text<&connect_options::application_name>},
    key{"fallback_application_name", "", false, set_text<&connect_options::fallback_application_name>},
    key{"options", "PGOPTIONS", false, set_text<&connect_options::options>},
    key{"connect_timeout", "PGCONNECT_TIMEOUT", false, set_connect_timeout},
    key{"client_encoding", "PGCLIENTENCODING", false, set_client_encoding},
    key{"service", "PGSERVICE"},
    key{"servicefile", ""},

    key{"sslmode", "PGSSLMODE", false, set_sslmode},
    key{"requiressl", "PGREQUIRESSL", false, nullptr, "0"},
    key{"sslnegotiation", "PGSSLNEGOTIATION", false, nullptr, "postgres"},
    key{"sslcompression", "PGSSLCOMPRESSION", false, nullptr, "0"},
    key{"sslcert", "PGSSLCERT", false, need_tls},
    key{"sslkey", "PGSSLKEY", false, need_tls},
    key{"sslpassword", "", true, need_tls},
    key{"sslcertmode", "PGSSLCERTMODE", false, nullptr, "disable allow"},
    key{"sslrootcert", "PGSSLROOTCERT", false, need_tls},
    key{"sslcrl", "PGSSLCRL", false, need_tls},
    key{"sslcrldir", "PGSSLCRLDIR", false, need_tls},
    key{"sslsni", "PGSSLSNI", false, need_tls},
    key{"sslkeylogfile", "", false, need_tls},
    key{"ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION", false, need_tls},
    key{"ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION", false, need_tls},

    key{"channel_binding", "PGCHANNELBINDING", false, nullptr, "disable prefer"},
    key{"require_auth", "PGREQUIREAUTH"},
    key{"requirepeer", "PGREQUIREPEER"},
    key{"scram_client_key", "", true},
    key{"scram_server_key", "", true},
    key{"gssencmode", "PGGSSENCMODE", false, nullptr, "disable prefer"},
    key{"krbsrvname", "PGKRBSRVNAME"},
    key{"gsslib", "PGGSSLIB"},
    key{"gssdelegation", "PGGSSDELEGATION", false, nullptr, "0"},
    key{"oauth_issuer", ""},
    key{"oauth_client_id", ""},
    key{"oauth_client_secret", "", true},
    key{"oauth_scope", ""},

    key{"target_session_attrs", "PGTARGETSESSIONATTRS", false, nullptr, "any"},
    key{"load_balance_hosts", "PGLOADBALANCEHOSTS", false, nullptr, "disable"},
    key{"keepalives", ""},
    key{"keepalives_idle", "", false, nullptr, "0"},
    key{"keepalives_interval", "", false, nullptr, "0"},
    key{"keepalives_count", "", false, nullptr, "0"},
    key{"tcp_user_timeout", "", false, nullptr, "0"},
    key{"min_protocol_version", "PGMINPROTOCOLVERSION", false, nullptr, "3.0"},
    key{"max_protocol_version", "PGMAXPROTOCOLVERSION", false, nullptr, "3.0 3.2 latest"},
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
