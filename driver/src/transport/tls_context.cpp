#include "transport/tls_context.hpp"

#include "transport/tls_client.hpp"
#include "transport/tls_error.hpp"

#include <fmt/format.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <exception>
#include <list>
#include <utility>

#include <sys/stat.h>

namespace tusk::transport {

namespace {

[[noreturn]] void fail(const std::string& what) { throw tls_handshake_error{what}; }

[[noreturn]] void fail_file(std::string_view option, const std::string& file)
{
    fail(fmt::format("{}: the file \"{}\" cannot be used: {}; give a readable file in PEM format", option, file,
                     take_tls_error().message()));
}

struct passphrase_source {
    const tls_settings& settings;
    std::exception_ptr failed;
};

extern "C" int give_passphrase(char* room, int size, int, void* context)
{
    auto& source = *static_cast<passphrase_source*>(context);
    try {
        std::string text = source.settings.passphrase;
        if (text.empty() && source.settings.ask_passphrase)
            text = source.settings.ask_passphrase();
        // OpenSSL takes the length, and no terminator.
        const std::size_t length = text.copy(room, static_cast<std::size_t>(size));
        OPENSSL_cleanse(text.data(), text.size());
        return static_cast<int>(length);
    } catch (...) {
        source.failed = std::current_exception();
        return 0;
    }
}

/// A key that others can read is no secret: libpq's rule.
void check_key_file(const std::string& file)
{
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0)
        fail(fmt::format("sslkey: the private key \"{}\" of the client certificate is not there; "
                         "give its file, or remove sslcert",
                         file));
    if (!S_ISREG(status.st_mode))
        fail(fmt::format("sslkey: \"{}\" is not a regular file", file));
    const mode_t forbidden = status.st_uid == 0 ? mode_t{S_IWGRP | S_IXGRP | S_IRWXO} : mode_t{S_IRWXG | S_IRWXO};
    if ((status.st_mode & forbidden) != 0)
        fail(fmt::format("sslkey: others can read the private key \"{}\"; make it yours alone (chmod 0600), or root's "
                         "with mode 0640 or less",
                         file));
}

extern "C" int keep_new_session(SSL* ssl, SSL_SESSION* session) { return tls_client::on_new_session(ssl, session); }

/// Name, size and time of change: a file that was replaced is read again.
std::string state_of(const std::string& file)
{
    struct stat status{};
    if (file.empty() || ::stat(file.c_str(), &status) != 0)
        return file + "|";
    return fmt::format("{}|{}|{}|{}.{}|", file, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                       status.st_mtim.tv_nsec);
}

std::string fingerprint(const tls_settings& of)
{
    return state_of(of.root_file) + state_of(of.crl_file) + state_of(of.crl_directory) + state_of(of.certificate_file) +
           state_of(of.key_file) + fmt::format("{}|{}|{}", of.system_roots, of.min_version, of.max_version);
}

} // namespace

std::shared_ptr<tls_context> tls_context::for_settings(const tls_settings& settings)
{
    constexpr std::size_t most_kept = 16;
    static std::mutex mutex;
    static std::list<std::pair<std::string, std::shared_ptr<tls_context>>> kept;
    // What only somebody with the passphrase may use is not shared with those who gave none.
    if (!settings.passphrase.empty() || settings.ask_passphrase)
        return std::make_shared<tls_context>(settings);
    const std::string wanted = fingerprint(settings);
    {
        const std::lock_guard lock{mutex};
        for (auto each = kept.begin(); each != kept.end(); ++each) {
            if (each->first == wanted) {
                kept.splice(kept.begin(), kept, each);
                return kept.front().second;
            }
        }
    }
    auto made = std::make_shared<tls_context>(settings);
    const std::lock_guard lock{mutex};
    kept.emplace_front(wanted, made);
    if (kept.size() > most_kept)
        kept.pop_back();
    return made;
}

tls_context::tls_context(const tls_settings& settings) : context_{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free}
{
    if (!context_)
        fail(fmt::format("OpenSSL could not be set up for TLS: {}", take_tls_error().message()));
    SSL_CTX_set_options(native(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(native(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_set_min_proto_version(native(), settings.min_version) != 1 ||
        SSL_CTX_set_max_proto_version(native(), settings.max_version) != 1)
        fail("ssl_min_protocol_version or ssl_max_protocol_version: OpenSSL does not support that version; "
             "give another one");
    SSL_CTX_set_session_cache_mode(native(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(native(), &keep_new_session);
    load_roots(settings);
    load_revocations(settings);
    load_certificate(settings);
}

void tls_context::load_roots(const tls_settings& settings)
{
    if (settings.system_roots) {
        if (SSL_CTX_set_default_verify_paths(native()) != 1)
            fail(fmt::format("sslrootcert=system: OpenSSL could not load the system's certificates: {}",
                             take_tls_error().message()));
    } else if (!settings.root_file.empty() &&
               SSL_CTX_load_verify_locations(native(), settings.root_file.c_str(), nullptr) != 1) {
        fail_file("sslrootcert", settings.root_file);
    }
}

void tls_context::load_revocations(const tls_settings& settings)
{
    if (settings.crl_file.empty() && settings.crl_directory.empty())
        return;
    X509_STORE* store = SSL_CTX_get_cert_store(native());
    if (!settings.crl_file.empty() && X509_STORE_load_locations(store, settings.crl_file.c_str(), nullptr) != 1)
        fail_file("sslcrl", settings.crl_file);
    if (!settings.crl_directory.empty() &&
        X509_STORE_load_locations(store, nullptr, settings.crl_directory.c_str()) != 1)
        fail_file("sslcrldir", settings.crl_directory);
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

void tls_context::load_certificate(const tls_settings& settings)
{
    if (settings.certificate_file.empty())
        return;
    if (SSL_CTX_use_certificate_chain_file(native(), settings.certificate_file.c_str()) != 1)
        fail_file("sslcert", settings.certificate_file);
    check_key_file(settings.key_file);
    passphrase_source source{settings, nullptr};
    SSL_CTX_set_default_passwd_cb(native(), &give_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(native(), &source);
    const char* file = settings.key_file.c_str();
    const bool loaded = SSL_CTX_use_PrivateKey_file(native(), file, SSL_FILETYPE_PEM) == 1 ||
                        (!source.failed && SSL_CTX_use_PrivateKey_file(native(), file, SSL_FILETYPE_ASN1) == 1);
    SSL_CTX_set_default_passwd_cb_userdata(native(), nullptr);
    SSL_CTX_set_default_passwd_cb(native(), nullptr);
    if (source.failed)
        std::rethrow_exception(source.failed);
    if (!loaded) {
        // The reason of the format that was tried last says nothing of the first.
        ERR_clear_error();
        fail(fmt::format("sslkey: the private key \"{}\" cannot be read; check that it is PEM or DER, belongs to the "
                         "certificate, and that sslpassword is the passphrase of an encrypted one",
                         settings.key_file));
    }
    if (SSL_CTX_check_private_key(native()) != 1)
        fail(fmt::format("sslkey: the private key \"{}\" does not belong to the certificate \"{}\"", settings.key_file,
                         settings.certificate_file));
}

std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> tls_context::take_session(const std::string& key)
{
    const std::lock_guard lock{mutex_};
    const auto found = sessions_.find(key);
    if (found == sessions_.end())
        return {nullptr, &SSL_SESSION_free};
    session_ptr session = std::move(found->second);
    sessions_.erase(found);
    return session;
}

void tls_context::keep_session(const std::string& key, SSL_SESSION* session)
{
    const std::lock_guard lock{mutex_};
    if (sessions_.size() == most_sessions && !sessions_.contains(key))
        sessions_.erase(sessions_.begin());
    sessions_.insert_or_assign(key, session_ptr{session, &SSL_SESSION_free});
}

} // namespace tusk::transport
