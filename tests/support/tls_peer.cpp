#include "support/tls_peer.hpp"

#include <asio/error.hpp>

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace tusk::test {

namespace {

constexpr std::size_t request_size = 8;

extern "C" int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                               unsigned in_size, void*)
{
    constexpr std::string_view wanted = "\x0apostgresql";
    const std::string_view offered{reinterpret_cast<const char*>(in), in_size};
    if (offered.find(wanted) == std::string_view::npos)
        return SSL_TLSEXT_ERR_NOACK;
    *out = reinterpret_cast<const unsigned char*>(wanted.data()) + 1;
    *out_size = 10;
    return SSL_TLSEXT_ERR_OK;
}

} // namespace

tls_peer_context::tls_peer_context(const tls_peer_settings& settings)
    : context_{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free}
{
    if (SSL_CTX_use_certificate_chain_file(native(), settings.certificate.certificate.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(native(), settings.certificate.key.c_str(), SSL_FILETYPE_PEM) != 1)
        throw std::runtime_error{"the TLS peer has no certificate"};
    if (settings.knows_alpn)
        SSL_CTX_set_alpn_select_cb(native(), &choose_protocol, nullptr);
}

tls_peer::tls_peer(const tls_peer_context& context, tls_peer_settings settings)
    : settings_{std::move(settings)},
      ssl_{SSL_new(context.native()), &SSL_free},
      input_{BIO_new(BIO_s_mem())},
      output_{BIO_new(BIO_s_mem())},
      unsent_{settings_.greeting},
      requested_{!settings_.awaits_request}
{
    SSL_set_bio(ssl_.get(), input_, output_);
    SSL_set_accept_state(ssl_.get());
}

std::string tls_peer::server_name() const
{
    const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
    return name != nullptr ? name : "";
}

std::size_t tls_peer::take(std::span<const std::byte> bytes, asio::error_code& error)
{
    if (ended_) {
        error = asio::error::broken_pipe;
        return 0;
    }
    const std::size_t count = std::min(bytes.size(), settings_.write_piece);
    const std::string_view text{reinterpret_cast<const char*>(bytes.data()), count};
    const std::size_t before = wire_.size();
    wire_ += text;
    std::string_view encrypted = text;
    if (settings_.awaits_request && before < request_size) {
        encrypted.remove_prefix(std::min(request_size - before, text.size()));
        if (wire_.size() >= request_size) {
            requested_ = true;
            sending_ += settings_.answer;
        }
    }
    BIO_write(input_, encrypted.data(), static_cast<int>(encrypted.size()));
    if (requested_)
        advance();
    return count;
}

void tls_peer::advance()
{
    ERR_clear_error();
    if (!established_)
        established_ = SSL_do_handshake(ssl_.get()) == 1;
    if (established_) {
        std::array<char, 4096> room{};
        std::size_t count = 0;
        while (SSL_read_ex(ssl_.get(), room.data(), room.size(), &count) == 1) {
            received_.append(room.data(), count);
            unsent_.append(room.data(), count);
        }
        if (!unsent_.empty()) {
            SSL_write_ex(ssl_.get(), unsent_.data(), unsent_.size(), &count);
            unsent_.clear();
        }
        if (!settings_.ends_at.empty() && received_.find(settings_.ends_at) != std::string::npos) {
            if (settings_.ends_properly)
                SSL_shutdown(ssl_.get());
            ended_ = true;
        }
    }
    ERR_clear_error();
    collect();
}

void tls_peer::collect()
{
    const std::size_t count = BIO_ctrl_pending(output_);
    const std::size_t before = sending_.size();
    sending_.resize(before + count);
    if (count != 0)
        BIO_read(output_, sending_.data() + before, static_cast<int>(count));
}

std::size_t tls_peer::give(std::span<std::byte> room, asio::error_code& error)
{
    const std::size_t end = std::min(sending_.size(), settings_.cut_at);
    const std::size_t count = std::min({room.size(), settings_.read_piece, end - given_});
    std::memcpy(room.data(), sending_.data() + given_, count);
    given_ += count;
    if (count == 0 && (given_ == settings_.cut_at || ended_))
        error = asio::error::eof;
    return count;
}

} // namespace tusk::test
