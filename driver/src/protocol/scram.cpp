#include "protocol/scram.hpp"

#include "protocol/saslprep.hpp"
#include "protocol/scram_messages.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <span>
#include <utility>

namespace tusk::protocol {

namespace {

using digest = std::array<unsigned char, 32>;

/// As many random bytes as libpq's nonce has: 24 characters in base64.
constexpr std::size_t nonce_size = 18;

[[noreturn]] void fail_crypto()
{
    throw authentication_error{"OpenSSL could not compute SCRAM-SHA-256; check its configuration and providers"};
}

digest hmac(const digest& key, std::string_view text)
{
    digest out{};
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), nullptr) == nullptr)
        fail_crypto();
    return out;
}

digest sha256(const digest& bytes)
{
    digest out{};
    if (EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, EVP_sha256(), nullptr) != 1)
        fail_crypto();
    return out;
}

std::string random_nonce()
{
    std::array<unsigned char, nonce_size> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw authentication_error{"OpenSSL has no random bytes for a SCRAM nonce; check the system's random source"};
    return to_base64(std::as_bytes(std::span{bytes}));
}

/// RFC 5802's `saslname`: the two characters with a meaning are written as codes.
std::string escaped_name(std::string_view name)
{
    std::string out;
    for (const char c : name) {
        if (c == ',')
            out += "=2C";
        else if (c == '=')
            out += "=3D";
        else
            out += c;
    }
    return out;
}

} // namespace

scram_client::scram_client(std::string_view password, scram_settings settings)
    : settings_{std::move(settings)}, password_{saslprep(password)}
{
    if (settings_.nonce.empty())
        settings_.nonce = random_nonce();
}

scram_client::~scram_client() { OPENSSL_cleanse(server_signature_.data(), server_signature_.size()); }

template <class Error>
void scram_client::enter(step expected, std::string_view what)
{
    if (std::exchange(step_, step::failed) != expected)
        throw Error{fmt::format("the SCRAM conversation is not at the point where {} belongs; connect again", what)};
}

std::string scram_client::client_first()
{
    enter<usage_error>(step::initial, "the client's first message");
    client_first_bare_ = fmt::format("n={},r={}", escaped_name(settings_.user), settings_.nonce);
    step_ = step::first_sent;
    return settings_.gs2_header + client_first_bare_;
}

void scram_client::server_first(std::string_view message)
{
    enter<protocol_error>(step::first_sent, "the server's first message");
    const scram_server_first first = parse_server_first(message, settings_.nonce, settings_.max_iterations);
    server_first_ = message;
    nonce_ = first.nonce;
    if (settings_.cache != nullptr) {
        place_ = settings_.cache->place_of(settings_.identity, first.salt, first.iterations, password_.view());
        if (const auto known = settings_.cache->find(place_)) {
            keys_ = *known;
            keys_known_ = true;
        }
    }
    if (!keys_known_)
        derivation_.emplace(password_.view(), first.salt, first.iterations);
    password_.wipe();
    step_ = step::deriving;
}

bool scram_client::advance(unsigned iterations)
{
    enter<usage_error>(step::deriving, "the derivation of the key");
    const bool done = keys_known_ || derivation_->advance(iterations);
    step_ = done ? step::derived : step::deriving;
    return done;
}

std::string scram_client::client_final()
{
    enter<usage_error>(step::derived, "the client's final message");
    const std::string binding = settings_.gs2_header + settings_.channel_binding;
    const std::string without_proof = fmt::format("c={},r={}", to_base64(std::as_bytes(std::span{binding})), nonce_);
    const std::string auth_message = fmt::format("{},{},{}", client_first_bare_, server_first_, without_proof);

    if (!keys_known_) {
        const digest& salted_password = derivation_->salted_password();
        keys_.client = hmac(salted_password, "Client Key");
        keys_.server = hmac(salted_password, "Server Key");
        derivation_.reset();
    }
    digest stored_key = sha256(keys_.client);
    digest proof = hmac(stored_key, auth_message);
    for (std::size_t i = 0; i != proof.size(); ++i)
        proof[i] ^= keys_.client[i];
    server_signature_ = hmac(keys_.server, auth_message);
    OPENSSL_cleanse(stored_key.data(), stored_key.size());
    step_ = step::final_sent;
    return fmt::format("{},p={}", without_proof, to_base64(std::as_bytes(std::span{proof})));
}

void scram_client::server_final(std::string_view message)
{
    enter<protocol_error>(step::final_sent, "the server's final message");
    const digest signature = parse_server_final(message);
    // In constant time: how much of it is right must not show.
    if (CRYPTO_memcmp(signature.data(), server_signature_.data(), signature.size()) != 0)
        throw authentication_error{
            "the server could not prove that it knows the password: it is not the server that it "
            "claims to be, or something in between changed the conversation"};
    if (settings_.cache != nullptr && !keys_known_)
        settings_.cache->store(settings_.identity, place_, keys_);
    keys_.wipe();
    step_ = step::verified;
}

} // namespace tusk::protocol
