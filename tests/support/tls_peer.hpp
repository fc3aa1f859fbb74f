#pragma once

#include "support/certificates.hpp"
#include "transport/memory_stream.hpp"

#include <openssl/ssl.h>

#include <cstddef>
#include <limits>
#include <memory>
#include <string>

namespace tusk::test {

/// How a TLS server in memory behaves.
struct tls_peer_settings {
    certificate_files certificate;
    bool awaits_request = true;                                        ///< It wants an SSLRequest before the handshake.
    std::string answer = "S";                                          ///< What it says to that, in one write.
    bool knows_alpn = true;                                            ///< It chooses the protocol `postgresql`.
    std::string greeting;                                              ///< Sent as soon as the handshake is complete.
    std::string ends_at;                                               ///< When it has received this, it hangs up ...
    bool ends_properly = true;                                         ///< ... with the closing alert, or without it.
    std::size_t read_piece = std::numeric_limits<std::size_t>::max();  ///< At most so many bytes a read of the client.
    std::size_t write_piece = std::numeric_limits<std::size_t>::max(); ///< At most so many are taken a write.
    std::size_t cut_at = std::numeric_limits<std::size_t>::max();      ///< The link ends at this byte for the client.
};

/// What several connections to one server share: its certificate, and the keys of its session tickets.
class tls_peer_context
{
public:
    explicit tls_peer_context(const tls_peer_settings& settings);
    [[nodiscard]] SSL_CTX* native() const noexcept { return context_.get(); }

private:
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
};

/// The server's end of a memory stream that speaks TLS and sends back whatever it receives.
class tls_peer final : public transport::memory_stream::peer_end
{
public:
    tls_peer(const tls_peer_context& context, tls_peer_settings settings);

    std::size_t take(std::span<const std::byte> bytes, asio::error_code& error) override;
    std::size_t give(std::span<std::byte> room, asio::error_code& error) override;
    void closed() noexcept override { closed_ = true; }

    /// Everything that the client wrote, as it was on the wire.
    [[nodiscard]] const std::string& wire() const noexcept { return wire_; }
    /// What it said inside TLS.
    [[nodiscard]] const std::string& received() const noexcept { return received_; }
    /// How many bytes went to the client.
    [[nodiscard]] std::size_t given() const noexcept { return given_; }
    [[nodiscard]] bool resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }
    [[nodiscard]] bool is_closed() const noexcept { return closed_; }
    /// The client said goodbye in TLS.
    [[nodiscard]] bool was_told_goodbye() const noexcept
    {
        return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
    }
    /// What the client asked for by SNI; empty: nothing.
    [[nodiscard]] std::string server_name() const;

private:
    void advance();
    void collect();

    tls_peer_settings settings_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
    BIO* input_;
    BIO* output_;
    std::string wire_;
    std::string received_;
    std::string sending_;
    std::string unsent_; ///< Inside TLS: waits for the handshake.
    std::size_t given_ = 0;
    bool requested_ = false;
    bool established_ = false;
    bool ended_ = false;
    bool closed_ = false;
};

} // namespace tusk::test
