#include <tusk/driver/connect_options.hpp>

#include "config/conninfo.hpp"
#include "config/environment.hpp"
#include "config/hosts.hpp"
#include "config/keys.hpp"
#include "config/service_file.hpp"
#include "config/url.hpp"
#include "config/values.hpp"
#include "protocol/authentication_policy.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <ranges>

namespace tusk {

namespace {

// Settings that libpq's family takes from the environment although no key of a connection string names them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> parameter_variables{{
    {"TimeZone", "PGTZ"},
    {"DateStyle", "PGDATESTYLE"},
    {"geqo", "PGGEQO"},
}};

char lower(char letter) noexcept
{
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_name(std::string_view left, std::string_view right) noexcept
{
    return std::ranges::equal(left, right, {}, lower, lower);
}

config::settings parse(std::string_view text)
{
    if (text.find('\0') != text.npos)
        throw usage_error{"connection string: it holds a zero byte, which PostgreSQL cannot take"};
    if (config::is_url(text))
        return config::parse_url(text);
    if (text.substr(0, text.find_first_of("= \t\n\v\f\r")).find(':') != text.npos)
        throw usage_error{"connection string: a URL begins with postgresql:// or postgres://, and what is no URL has "
                          "the form key=value; this is neither"};
    return config::parse_conninfo(text);
}

std::optional<std::string> read_variable(const environment_reader& environment, std::string_view name)
{
    return name.empty() ? std::nullopt : environment(name);
}

std::optional<std::string> last_value(const config::settings& settings, std::string_view name)
{
    const auto last = std::ranges::find(settings.rbegin(), settings.rend(), name, &config::setting::key);
    if (last == settings.rend())
        return std::nullopt;
    return last->value;
}

/// requiressl is what sslmode was once called; libpq still takes it.
config::settings modernised(config::settings settings)
{
    for (auto& [key, value] : settings) {
        if (key != "requiressl")
            continue;
        key = "sslmode";
        value = value.starts_with('1') ? "require" : "prefer";
    }
    return settings;
}

void check_parameter(std::string_view name, std::string_view value)
{
    // These are no settings but parts of the start-up message: "user" here would log somebody else in.
    constexpr std::array<std::string_view, 4> reserved{"user", "database", "options", "replication"};
    if (name.empty() || name.find('\0') != name.npos || value.find('\0') != value.npos)
        throw usage_error{"connect_options: a runtime parameter has no name, or holds a zero byte"};
    const auto is_name = [&](std::string_view other) { return same_name(name, other); };
    if (std::ranges::any_of(reserved, is_name) || same_name(name.substr(0, 5), "_pq_."))
        throw usage_error{fmt::format("connect_options: \"{}\" belongs to the start-up message and is no runtime "
                                      "parameter; use the members user, dbname and options",
                                      name)};
    if (is_name("application_name") || is_name("client_encoding"))
        throw usage_error{
            fmt::format("connect_options: \"{}\" cannot be a runtime parameter: the name of the application "
                        "has a member of its own, and the encoding is always UTF8",
                        name)};
}

void check_text(std::string_view name, std::string_view value)
{
    if (value.find('\0') != value.npos)
        throw usage_error{fmt::format("connect_options: {} holds a zero byte, which PostgreSQL cannot take", name)};
}

} // namespace

connect_options::connect_options(std::string_view url_or_conninfo)
    : connect_options{url_or_conninfo, config::process_environment}
{
}

connect_options::connect_options(std::string_view url_or_conninfo, const environment_reader& environment)
{
    const config::settings given = modernised(parse(url_or_conninfo));
    home = read_variable(environment, "HOME").value_or(std::string{});
    config::settings service;
    std::optional<std::string> service_name = last_value(given, "service");
    if (!service_name)
        service_name = read_variable(environment, "PGSERVICE");
    if (service_name)
        service = modernised(config::read_service(*service_name, last_value(given, "servicefile"), environment, home));
    bool mode_given = false;
    bool is_nameless = false;
    for (const config::key& key : config::known_keys()) {
        std::optional<std::string> value = last_value(given, key.name);
        std::string_view origin = key.name;
        if (!value)
            value = last_value(service, key.name);
        if (!value) {
            value = read_variable(environment, key.variable);
            origin = key.variable;
        }
        if (!value)
            continue;
        config::apply(key, *this, *value, origin);
        mode_given = mode_given || key.name == "sslmode";
        is_nameless = is_nameless || (key.name == "application_name" && value->empty());
    }
    if (!mode_given && read_variable(environment, "PGREQUIRESSL").value_or(std::string{}).starts_with('1'))
        sslmode = "require";
    else if (!mode_given && sslrootcert == "system")
        sslmode = "verify-full"; // the world's certificates prove nothing without the name
    if (is_nameless)
        fallback_application_name.clear(); // the other one was given, and it is empty
    for (const auto& [parameter, variable] : parameter_variables) {
        const auto value = read_variable(environment, variable);
        if (value && !same_name(*value, "default"))
            set_parameter(parameter, *value);
    }
    if (user.empty())
        user = config::operating_system_user();
    if (dbname.empty())
        dbname = user;
    validate();
}

connect_options& connect_options::set_parameter(std::string_view name, std::string_view value)
{
    check_parameter(name, value);
    const auto old = std::ranges::find_if(runtime_parameters, [&](const auto& p) { return same_name(p.first, name); });
    if (old == runtime_parameters.end())
        runtime_parameters.emplace_back(name, value);
    else
        old->second = value;
    return *this;
}

void connect_options::validate() const
{
    const auto texts = std::to_array<std::pair<std::string_view, const std::string*>>({
        {"host", &host},
        {"hostaddr", &hostaddr},
        {"user", &user},
        {"password", &password},
        {"passfile", &passfile},
        {"home", &home},
        {"dbname", &dbname},
        {"sslrootcert", &sslrootcert},
        {"sslcert", &sslcert},
        {"sslkey", &sslkey},
        {"sslpassword", &sslpassword},
        {"sslcrl", &sslcrl},
        {"sslcrldir", &sslcrldir},
        {"krbsrvname", &krbsrvname},
        {"application_name", &application_name},
        {"fallback_application_name", &fallback_application_name},
        {"options", &options},
    });
    for (const auto& [name, text] : texts)
        check_text(name, *text);
    if (user.empty())
        throw usage_error{"connect_options: user is empty; name the role to log in as"};
    if (port == 0 || std::ranges::count(ports, 0) != 0)
        throw usage_error{"connect_options: port is 0; it is a number from 1 to 65535, 5432 as a rule"};
    static_cast<void>(config::hosts_of(*this));
    if (connect_timeout.count() < 0)
        throw usage_error{"connect_options: connect_timeout is negative; 0 waits without limit"};
    if (keepalives_idle.count() < 0 || keepalives_interval.count() < 0 || tcp_user_timeout.count() < 0)
        throw usage_error{"connect_options: keepalives_idle, keepalives_interval or tcp_user_timeout is negative; "
                          "0 stands for the system's default"};
    check_choices();
    static_cast<void>(protocol::parse_require_auth(require_auth));
    if (scram_max_iterations == 0)
        throw usage_error{"connect_options: scram_max_iterations is 0, which no password can be checked with"};
    // The protocol's lengths are signed and have 32 bits.
    if (max_message_size < 1024 || max_message_size > std::size_t{std::numeric_limits<std::int32_t>::max()})
        throw usage_error{"connect_options: max_message_size is not between 1 KiB and 2 GiB"};
    for (const auto& [name, value] : runtime_parameters)
        check_parameter(name, value);
}

void connect_options::check_choices() const
{
    config::check_choice("sslmode", sslmode, config::ssl_modes);
    config::check_choice("sslnegotiation", sslnegotiation, config::ssl_negotiations);
    config::check_choice("sslcertmode", sslcertmode, config::ssl_certificate_modes);
    config::check_choice("channel_binding", channel_binding, config::channel_bindings);
    config::check_choice("target_session_attrs", target_session_attrs, config::session_attributes);
    config::check_choice("load_balance_hosts", load_balance_hosts, config::load_balancings);
    for (const std::string* version : {&ssl_min_protocol_version, &ssl_max_protocol_version}) {
        if (!version->empty())
            config::check_choice("ssl_min_protocol_version or ssl_max_protocol_version", *version,
                                 config::tls_versions);
    }
    // These words sort as the versions do.
    if (!ssl_max_protocol_version.empty() && ssl_min_protocol_version > ssl_max_protocol_version)
        throw usage_error{"ssl_min_protocol_version is newer than ssl_max_protocol_version; swap them"};
    for (const std::string* version : {&min_protocol_version, &max_protocol_version}) {
        if (!version->empty())
            config::check_choice("min_protocol_version or max_protocol_version", *version, config::protocol_versions);
    }
    const bool needs_3_2 = min_protocol_version == "3.2" || min_protocol_version == "latest";
    if (needs_3_2 && max_protocol_version == "3.0")
        throw usage_error{"min_protocol_version is newer than max_protocol_version; swap them"};
    if (sslrootcert == "system" && sslmode != "verify-full")
        throw usage_error{"sslrootcert=system needs sslmode=verify-full: without the host's name, any certificate that "
                          "somebody in the world bought would do"};
    const bool has_to_be_tls = sslmode != "disable" && sslmode != "allow" && sslmode != "prefer";
    if (sslnegotiation == "direct" && !has_to_be_tls)
        throw usage_error{"sslnegotiation=direct begins with TLS and has no way back; it needs sslmode=require, "
                          "verify-ca or verify-full"};
}

} // namespace tusk
