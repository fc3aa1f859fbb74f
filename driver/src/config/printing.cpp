#include <tusk/driver/connect_options.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace tusk {

namespace {

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

} // namespace

std::string to_string(const connect_options& options)
{
    const connect_options defaults;
    std::string out;
    const auto add = [&](std::string_view name, std::string connect_options::* member) {
        if (options.*member != defaults.*member)
            append(out, name, options.*member);
    };
    const auto add_secret = [&](std::string_view name, const std::string& value) {
        if (!value.empty())
            append(out, name, "***");
    };
    const auto add_number = [&](std::string_view name, auto value, auto usual) {
        if (value != usual)
            append(out, name, fmt::format("{}", value));
    };
    add("host", &connect_options::host);
    add("hostaddr", &connect_options::hostaddr);
    if (options.ports.empty())
        append(out, "port", fmt::format("{}", options.port));
    else
        append(out, "port", fmt::format("{}", fmt::join(options.ports, ",")));
    add("user", &connect_options::user);
    add_secret("password", options.password);
    add("passfile", &connect_options::passfile);
    add("dbname", &connect_options::dbname);
    add("application_name", &connect_options::application_name);
    add("fallback_application_name", &connect_options::fallback_application_name);
    add("options", &connect_options::options);
    add_number("connect_timeout", options.connect_timeout.count(), defaults.connect_timeout.count());
    append(out, "sslmode", options.sslmode);
    add("sslnegotiation", &connect_options::sslnegotiation);
    add("sslrootcert", &connect_options::sslrootcert);
    add("sslcert", &connect_options::sslcert);
    add("sslkey", &connect_options::sslkey);
    add_secret("sslpassword", options.sslpassword);
    add("sslcertmode", &connect_options::sslcertmode);
    add("sslcrl", &connect_options::sslcrl);
    add("sslcrldir", &connect_options::sslcrldir);
    add_number("sslsni", int{options.sslsni}, 1);
    add("ssl_min_protocol_version", &connect_options::ssl_min_protocol_version);
    add("ssl_max_protocol_version", &connect_options::ssl_max_protocol_version);
    add("channel_binding", &connect_options::channel_binding);
    add("require_auth", &connect_options::require_auth);
    add("requirepeer", &connect_options::requirepeer);
    add("krbsrvname", &connect_options::krbsrvname);
    add_number("gssdelegation", int{options.gssdelegation}, 0);
    add("oauth_issuer", &connect_options::oauth_issuer);
    add("oauth_client_id", &connect_options::oauth_client_id);
    add("oauth_scope", &connect_options::oauth_scope);
    add("target_session_attrs", &connect_options::target_session_attrs);
    add("load_balance_hosts", &connect_options::load_balance_hosts);
    add_number("keepalives", int{options.keepalives}, 1);
    add_number("keepalives_idle", options.keepalives_idle.count(), defaults.keepalives_idle.count());
    add_number("keepalives_interval", options.keepalives_interval.count(), defaults.keepalives_interval.count());
    add_number("keepalives_count", options.keepalives_count, defaults.keepalives_count);
    add_number("tcp_user_timeout", options.tcp_user_timeout.count(), defaults.tcp_user_timeout.count());
    add("min_protocol_version", &connect_options::min_protocol_version);
    add("max_protocol_version", &connect_options::max_protocol_version);
    for (const auto& [name, value] : options.runtime_parameters)
        append(out, name, name.find('.') == name.npos ? std::string_view{value} : "***");
    return out;
}

} // namespace tusk
