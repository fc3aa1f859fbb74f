#pragma once

#include "transport/tls_context.hpp"
#include "transport/tls_settings.hpp"

#include <asio/error_code.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tusk::transport {

/// The client's side of one TLS connection: bytes in, bytes out, and no I/O.
class tls_client
{
public:
    /// @throws tls_handshake_error  A file of the settings cannot be used, or they contradict each other.
    explicit tls_client(const tls_settings& settings);
    tls_client(const tls_client&) = delete;
    tls_client& operator=(const tls_client&) = delete;

    /// Goes on with the handshake as far as the bytes received allow. What is in `take_output()` afterwards is to be
    /// sent, after a failure too: it is the alert that tells the server.
    /// @return  Whether it is complete, and the server is who the settings want.
    /// @throws tls_handshake_error  It failed.
    bool handshake();

    /// Hands over what came from the server.
    void receive(std::span<const std::byte> encrypted);

    /// Appends what is to be sent to the server, and returns how much that was.
    std::size_t take_output(std::vector<std::byte>& to);

    /// What the server said, decrypted. 0 with `would_block` where more has to be received first, and with `eof` behind
    /// the closing alert.
    std::size_t read(std::span<std::byte> room, asio::error_code& error);

    /// Encrypts as much as one turn should take.
    std::size_t write(std::span<const std::byte> bytes, asio::error_code& error);

    /// Makes the closing alert.
    void say_goodbye() noexcept;

    /// The hash of the server's certificate that SCRAM binds to; empty where its signature algorithm has none.
    /// @see RFC 5929, section 4, `tls-server-end-point`.
    [[nodiscard]] std::string server_end_point() const;

    /// The server asked for a certificate, and was given ours.
    [[nodiscard]] bool sent_certificate() const noexcept { return sent_certificate_; }
    [[nodiscard]] bool offered_session() const noexcept { return offered_session_; }
    [[nodiscard]] bool resumed_session() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }

    /// OpenSSL has made a session that can be resumed. @return 1 where it was kept.
    static int on_new_session(SSL* ssl, SSL_SESSION* session);
    /// The server asks for a certificate. @return 1, go on.
    static int on_certificate_request(SSL* ssl);

private:
    void want_server_name(const tls_settings& settings);
    void check_protocol() const;
    [[noreturn]] void fail_handshake() const;

    std::shared_ptr<tls_context> context_;
    std::string host_;
    std::string session_key_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
    BIO* input_;  ///< Owned by `ssl_`.
    BIO* output_; ///< Owned by `ssl_`.
    bool alpn_required_;
    bool has_certificate_;
    bool sent_certificate_ = false;
    bool offered_session_ = false;
};

} // namespace tusk::transport
