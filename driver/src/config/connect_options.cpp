#include <tusk/driver/connect_options.hpp>

#include "config/conninfo.hpp"
#include "config/environment.hpp"
#include "config/keys.hpp"
#include "config/url.hpp"

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

/// An empty variable counts as not set: shells and containers cannot always take one away.
std::optional<std::string> read_variable(const environment_reader& environment, std::string_view name)
{
    if (name.empty())
        return std::nullopt;
    std::optional<std::string> value = environment(name);
    if (value && value->empty())
        value.reset();
    return value;
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

void append(std::string& out, std::string_view name, std::string_view value)
{
    if (!out.empty())
        out += ' ';
    out += name;
    out += '=';
    const bool plain = !value.empty() && value.find_first_of(" \t\n\v\f\r'\\") == value.npos;
    if (!plain)
        out += '\'';
    for (const char letter : value) {
        if (letter == '\'' || letter == '\\')
            out += '\\';
        out += letter;
    }
    if (!plain)
        out += '\'';
}

void append_given(std::string& out, std::string_view name, std::string_view value)
{
    if (!value.empty())
        append(out, name, value);
}

} // namespace

connect_options::connect_options(std::string_view url_or_conninfo)
    : connect_options{url_or_conninfo, config::process_environment}
{
}

connect_options::connect_options(std::string_view url_or_conninfo, const environment_reader& environment)
{
    const config::settings given = parse(url_or_conninfo);
    for (const config::key& key : config::known_keys()) {
        const auto last = std::ranges::find(given.rbegin(), given.rend(), key.name, &config::setting::key);
        if (last != given.rend())
            config::apply(key, *this, last->value, key.name);
        else if (const auto value = read_variable(environment, key.variable))
            config::apply(key, *this, *value, key.variable);
    }
    for (const auto& [parameter, variable] : parameter_variables) {
        if (const auto value = read_variable(environment, variable))
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
    check_text("host", host);
    check_text("hostaddr", hostaddr);
    check_text("user", user);
    check_text("password", password);
    check_text("dbname", dbname);
    check_text("application_name", application_name);
    check_text("fallback_application_name", fallback_application_name);
    check_text("options", options);
    if (user.empty())
        throw usage_error{"connect_options: user is empty; name the role to log in as"};
    if (host.find(',') != host.npos || hostaddr.find(',') != hostaddr.npos)
        throw usage_error{"connect_options: this version of tusk connects to one host only; name one"};
    if (port == 0)
        throw usage_error{"connect_options: port is 0; it is a number from 1 to 65535, 5432 as a rule"};
    if (connect_timeout.count() < 0)
        throw usage_error{"connect_options: connect_timeout is negative; 0 waits without limit"};
    if (sslmode != "disable" && sslmode != "allow" && sslmode != "prefer")
        throw usage_error{"connect_options: sslmode is none of disable, allow and prefer; this version of tusk cannot "
                          "do TLS yet, and does not ignore that it was asked for"};
    if (scram_max_iterations == 0)
        throw usage_error{"connect_options: scram_max_iterations is 0, which no password can be checked with"};
    // The protocol's lengths are signed and have 32 bits.
    if (max_message_size < 1024 || max_message_size > std::size_t{std::numeric_limits<std::int32_t>::max()})
        throw usage_error{"connect_options: max_message_size is not between 1 KiB and 2 GiB"};
    for (const auto& [name, value] : runtime_parameters)
        check_parameter(name, value);
}

std::string to_string(const connect_options& options)
{
    std::string out;
    append_given(out, "host", options.host);
    append_given(out, "hostaddr", options.hostaddr);
    append(out, "port", fmt::format("{}", options.port));
    append_given(out, "user", options.user);
    if (!options.password.empty())
        append(out, "password", "***");
    append_given(out, "dbname", options.dbname);
    append_given(out, "application_name", options.application_name);
    append_given(out, "fallback_application_name", options.fallback_application_name);
    append_given(out, "options", options.options);
    if (options.connect_timeout.count() != 0)
        append(out, "connect_timeout", fmt::format("{}", options.connect_timeout.count()));
    append(out, "sslmode", options.sslmode);
    for (const auto& [name, value] : options.runtime_parameters)
        append(out, name, name.find('.') == name.npos ? std::string_view{value} : "***");
    return out;
}

} // namespace tusk
