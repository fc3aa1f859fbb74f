#pragma once

#include "transport/tls_settings.hpp"

#include <openssl/ssl.h>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace tusk::transport {

/// Certificates, keys and versions, loaded once and shared by connections that want the same; and the sessions that
/// later connections can resume.
/// @par Thread safety  Yes.
class tls_context
{
public:
    /// A context for these settings: one from before where the settings and the files are the same.
    /// @throws tls_handshake_error  A file cannot be used; the message names it and tells how to mend it.
    static std::shared_ptr<tls_context> for_settings(const tls_settings& settings);

    explicit tls_context(const tls_settings& settings);
    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;

    [[nodiscard]] SSL_CTX* native() const noexcept { return context_.get(); }

    /// The last session of that key, or null. A session is handed out once.
    [[nodiscard]] std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> take_session(const std::string& key);

    void keep_session(const std::string& key, SSL_SESSION* session);

private:
    static constexpr std::size_t most_sessions = 64;
    using session_ptr = std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)>;

    void load_roots(const tls_settings& settings);
    void load_revocations(const tls_settings& settings);
    void load_certificate(const tls_settings& settings);

    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
    std::mutex mutex_;
    std::map<std::string, session_ptr> sessions_;
};

} // namespace tusk::transport
