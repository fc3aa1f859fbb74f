#include "connection/tls_options.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <openssl/ssl.h>

#include <string>
#include <string_view>

#include <sys/stat.h>

namespace tusk::detail {

namespace {

bool exists(const std::string& file)
{
    struct stat status{};
    return ::stat(file.c_str(), &status) == 0;
}

/// The file that is named, or the usual one where it exists. (libpq ignores a named file that is missing, and verifies
/// less than it was told to.)
std::string file_for(std::string_view option, const std::string& named, const std::string& home, std::string_view usual)
{
    if (!named.empty()) {
        if (!exists(named))
            throw usage_error{fmt::format("{}: the file \"{}\" is not there; mend its name", option, named)};
        return named;
    }
    if (home.empty())
        return {};
    std::string file = fmt::format("{}/.postgresql/{}", home, usual);
    return exists(file) ? file : std::string{};
}

int version_of(const std::string& name)
{
    if (name == "TLSv1")
        return TLS1_VERSION;
    if (name == "TLSv1.1")
        return TLS1_1_VERSION;
    if (name == "TLSv1.2")
        return TLS1_2_VERSION;
    return name == "TLSv1.3" ? TLS1_3_VERSION : 0;
}

void choose_roots(transport::tls_settings& settings, const connect_options& options)
{
    using verification = transport::tls_settings::verification;
    settings.system_roots = options.sslrootcert == "system";
    if (!settings.system_roots)
        settings.root_file = file_for("sslrootcert", options.sslrootcert, options.home, "root.crt");
    const bool has_roots = settings.system_roots || !settings.root_file.empty();
    if (!has_roots && options.sslmode.starts_with("verify"))
        throw usage_error{fmt::format("sslmode={} needs the certificates of trusted issuers, and there are none; give "
                                      "their file as sslrootcert, or sslrootcert=system for those of the system",
                                      options.sslmode)};
    if (options.sslmode == "verify-full")
        settings.verify = verification::chain_and_name;
    else if (has_roots) // Certificates that are there are used: libpq's rule.
        settings.verify = verification::chain;
    if (has_roots) {
        settings.crl_directory = options.sslcrldir;
        settings.crl_file =
            file_for("sslcrl", options.sslcrl, options.sslcrldir.empty() ? options.home : std::string{}, "root.crl");
    }
}

void choose_certificate(transport::tls_settings& settings, const connect_options& options)
{
    if (options.sslcertmode == "disable")
        return;
    settings.certificate_file = file_for("sslcert", options.sslcert, options.home, "postgresql.crt");
    if (settings.certificate_file.empty())
        return;
    settings.key_file = options.sslkey;
    if (settings.key_file.empty() && !options.home.empty())
        settings.key_file = options.home + "/.postgresql/postgresql.key";
    settings.passphrase = options.sslpassword;
    settings.ask_passphrase = options.sslpassword_callback;
}

} // namespace

bool is_tls_mandatory(const connect_options& options) noexcept
{
    return options.sslmode == "require" || options.sslmode.starts_with("verify");
}

transport::tls_settings tls_settings_for(const connect_options& options, const candidate& to)
{
    transport::tls_settings settings;
    settings.host = to.host.name;
    choose_roots(settings, options);
    choose_certificate(settings, options);
    settings.server_name_indication = options.sslsni;
    settings.min_version = version_of(options.ssl_min_protocol_version);
    settings.max_version = version_of(options.ssl_max_protocol_version);
    settings.alpn_required = options.sslnegotiation == "direct";
    // A session that was begun with a certificate proves it again without asking; so nothing of it is kept.
    if (settings.certificate_file.empty() && options.sslcertmode != "require")
        settings.session_key = fmt::format("{} {} {}", to.name, options.sslmode, to.host.name);
    return settings;
}

} // namespace tusk::detail
