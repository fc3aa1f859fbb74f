#include "transport/tls_client.hpp"

#include "transport/tls_error.hpp"

#include <asio/error.hpp>

#include <fmt/format.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include <arpa/inet.h>

namespace tusk::transport {

namespace {

/// One byte of length, then the name: the list that ALPN sends.
constexpr std::string_view alpn = "\x0apostgresql";

/// How much is encrypted at a time: a few records, so that other work gets its turn.
constexpr std::size_t one_turn = std::size_t{64} * 1024;

bool is_address(const std::string& host)
{
    std::array<unsigned char, 16> ignored{};
    // A zone behind '%' belongs to this machine, not to the address.
    const std::string plain = host.substr(0, host.find('%'));
    return ::inet_pton(AF_INET, plain.c_str(), ignored.data()) == 1 ||
           ::inet_pton(AF_INET6, plain.c_str(), ignored.data()) == 1;
}

[[noreturn]] void fail_setup()
{
    throw tls_handshake_error{fmt::format("OpenSSL could not be set up for TLS: {}", take_tls_error().message())};
}

int certificate_callback(SSL* ssl, void*) { return tls_client::on_certificate_request(ssl); }

} // namespace

tls_client::tls_client(const tls_settings& settings)
    : context_{tls_context::for_settings(settings)},
      host_{settings.host},
      session_key_{settings.session_key},
      ssl_{SSL_new(context_->native()), &SSL_free},
      input_{BIO_new(BIO_s_mem())},
      output_{BIO_new(BIO_s_mem())},
      alpn_required_{settings.alpn_required},
      has_certificate_{!settings.certificate_file.empty()}
{
    if (!ssl_ || input_ == nullptr || output_ == nullptr)
        fail_setup();
    SSL_set_bio(ssl_.get(), input_, output_);
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_connect_state(ssl_.get());
    SSL_set_cert_cb(ssl_.get(), &certificate_callback, nullptr);
    // To a server without ALPN it says nothing; with it, another protocol's server cannot be made to answer.
    if (SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                            static_cast<unsigned>(alpn.size())) != 0)
        fail_setup();
    if (settings.verify != tls_settings::verification::none)
        SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
    want_server_name(settings);
    if (session_key_.empty())
        return;
    if (const auto session = context_->take_session(session_key_))
        offered_session_ = SSL_set_session(ssl_.get(), session.get()) == 1;
}

void tls_client::want_server_name(const tls_settings& settings)
{
    const bool address = is_address(host_);
    if (settings.server_name_indication && !host_.empty() && !address &&
        SSL_set_tlsext_host_name(ssl_.get(), host_.c_str()) != 1)
        fail_setup();
    if (settings.verify != tls_settings::verification::chain_and_name)
        return;
    if (host_.empty())
        throw tls_handshake_error{"sslmode=verify-full compares the server's certificate with the host's name, and "
                                  "there is none; give `host` beside `hostaddr`, or use sslmode=verify-ca"};
    X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl_.get());
    // A wildcard stands for a whole label, as in libpq; an address is in the certificate as an address.
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const int set = address ? X509_VERIFY_PARAM_set1_ip_asc(wanted, host_.substr(0, host_.find('%')).c_str())
                            : X509_VERIFY_PARAM_set1_host(wanted, host_.data(), host_.size());
    if (set != 1)
        fail_setup();
}

bool tls_client::handshake()
{
    ERR_clear_error();
    const int outcome = SSL_do_handshake(ssl_.get());
    if (outcome == 1) {
        check_protocol();
        return true;
    }
    if (SSL_get_error(ssl_.get(), outcome) != SSL_ERROR_WANT_READ)
        fail_handshake();
    return false;
}

void tls_client::check_protocol() const
{
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &length);
    const std::string_view chosen{reinterpret_cast<const char*>(name), length};
    if (chosen == alpn.substr(1) || (chosen.empty() && !alpn_required_))
        return;
    throw tls_handshake_error{chosen.empty()
                                  ? "the TLS handshake succeeded, but the server did not confirm that it speaks the "
                                    "protocol postgresql (ALPN); sslnegotiation=direct needs PostgreSQL 17 or later"
                                  : "the TLS handshake succeeded with another protocol than postgresql (ALPN); check "
                                    "that a PostgreSQL server listens there"};
}

void tls_client::fail_handshake() const
{
    // Where nothing is verified there is a verdict all the same, and it is not what failed.
    const long verdict =
        SSL_get_verify_mode(ssl_.get()) == SSL_VERIFY_NONE ? long{X509_V_OK} : SSL_get_verify_result(ssl_.get());
    const std::string reason = take_tls_error().message();
    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH)
        throw tls_handshake_error{fmt::format("the server's certificate is not for \"{}\"; connect by a name that the "
                                              "certificate holds, or have one made for this name",
                                              host_)};
    if (verdict != X509_V_OK)
        throw tls_handshake_error{fmt::format("the server's certificate was not accepted: {}; give the certificate of "
                                              "its issuer as sslrootcert",
                                              X509_verify_cert_error_string(verdict))};
    throw tls_handshake_error{fmt::format("the TLS handshake failed: {}; compare sslmode, the certificates and the TLS "
                                          "versions of both sides",
                                          reason)};
}

void tls_client::receive(std::span<const std::byte> encrypted)
{
    // A memory BIO takes everything.
    BIO_write(input_, encrypted.data(), static_cast<int>(encrypted.size()));
}

std::size_t tls_client::take_output(std::vector<std::byte>& to)
{
    const std::size_t count = BIO_ctrl_pending(output_);
    if (count == 0)
        return 0;
    const std::size_t before = to.size();
    to.resize(before + count);
    BIO_read(output_, to.data() + before, static_cast<int>(count));
    return count;
}

std::size_t tls_client::read(std::span<std::byte> room, asio::error_code& error)
{
    error = {};
    std::size_t total = 0;
    while (total != room.size()) {
        ERR_clear_error();
        std::size_t count = 0;
        const int outcome = SSL_read_ex(ssl_.get(), room.data() + total, room.size() - total, &count);
        if (outcome == 1) {
            total += count;
            continue;
        }
        // What is wrong behind good bytes is told when those have been taken.
        if (total != 0)
            break;
        switch (SSL_get_error(ssl_.get(), outcome)) {
        case SSL_ERROR_WANT_READ: error = asio::error::would_block; break;
        case SSL_ERROR_ZERO_RETURN: error = asio::error::eof; break;
        default: error = take_tls_error(); break;
        }
        break;
    }
    ERR_clear_error();
    return total;
}

std::size_t tls_client::write(std::span<const std::byte> bytes, asio::error_code& error)
{
    error = {};
    const std::size_t wanted = std::min(bytes.size(), one_turn);
    std::size_t total = 0;
    while (total != wanted) {
        ERR_clear_error();
        std::size_t count = 0;
        if (SSL_write_ex(ssl_.get(), bytes.data() + total, wanted - total, &count) != 1) {
            error = take_tls_error();
            break;
        }
        total += count;
    }
    return total;
}

void tls_client::say_goodbye() noexcept
{
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

std::string tls_client::server_end_point() const
{
    const std::unique_ptr<X509, decltype(&X509_free)> certificate{SSL_get1_peer_certificate(ssl_.get()), &X509_free};
    int hash = NID_undef;
    if (!certificate || X509_get_signature_info(certificate.get(), &hash, nullptr, nullptr, nullptr) != 1 ||
        hash == NID_undef) {
        ERR_clear_error();
        return {};
    }
    // RFC 5929: what is too weak to bind to is replaced.
    const EVP_MD* algorithm = hash == NID_md5 || hash == NID_sha1 ? EVP_sha256() : EVP_get_digestbynid(hash);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (algorithm == nullptr || X509_digest(certificate.get(), algorithm, digest.data(), &size) != 1) {
        ERR_clear_error();
        return {};
    }
    return {digest.begin(), digest.begin() + size};
}

int tls_client::on_new_session(SSL* ssl, SSL_SESSION* session)
{
    const auto* self = static_cast<const tls_client*>(SSL_get_app_data(ssl));
    if (self->session_key_.empty() || SSL_SESSION_is_resumable(session) != 1)
        return 0;
    self->context_->keep_session(self->session_key_, session);
    return 1;
}

int tls_client::on_certificate_request(SSL* ssl)
{
    auto* self = static_cast<tls_client*>(SSL_get_app_data(ssl));
    self->sent_certificate_ = self->has_certificate_;
    return 1;
}

} // namespace tusk::transport
