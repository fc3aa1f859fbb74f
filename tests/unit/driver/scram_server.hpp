#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// A server's side of SCRAM-SHA-256, written against RFC 5802 and OpenSSL alone, so that it shares no mistake with
/// the client under test.
class scram_server
{
public:
    using digest = std::array<unsigned char, 32>;

    scram_server(std::string_view password, std::string salt, unsigned iterations)
        : salt_{std::move(salt)}, iterations_{iterations}
    {
        PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                          reinterpret_cast<const unsigned char*>(salt_.data()), static_cast<int>(salt_.size()),
                          static_cast<int>(iterations), EVP_sha256(), static_cast<int>(salted_.size()), salted_.data());
    }

    /// Answers the client's first message.
    std::string first(std::string_view client_first)
    {
        if (client_first.substr(0, 3) != "n,,")
            throw std::runtime_error{"the gs2 header is not n,,"};
        client_first_bare_ = client_first.substr(3);
        const std::size_t at = client_first_bare_.find(",r=");
        if (at == std::string::npos)
            throw std::runtime_error{"no nonce"};
        nonce_ = client_first_bare_.substr(at + 3) + "+server/part";
        first_ = "r=" + nonce_ + ",s=" + base64(salt_) + ",i=" + std::to_string(iterations_);
        return first_;
    }

    /// Checks the client's proof and gives ours; nothing where the proof is wrong.
    std::optional<std::string> final(std::string_view client_final) const
    {
        const std::size_t at = client_final.rfind(",p=");
        const std::string without_proof{client_final.substr(0, at)};
        if (at == std::string_view::npos || without_proof != "c=biws,r=" + nonce_)
            return std::nullopt;
        const std::string auth_message = client_first_bare_ + "," + first_ + "," + without_proof;
        const digest client_key = hmac(salted_, "Client Key");
        digest stored_key{};
        EVP_Digest(client_key.data(), client_key.size(), stored_key.data(), nullptr, EVP_sha256(), nullptr);
        digest proof = hmac(stored_key, auth_message);
        for (std::size_t i = 0; i != proof.size(); ++i)
            proof[i] ^= client_key[i];
        if (client_final.substr(at + 3) != base64(text(proof)))
            return std::nullopt;
        return "v=" + base64(text(hmac(hmac(salted_, "Server Key"), auth_message)));
    }

    static std::string base64(std::string_view bytes)
    {
        std::vector<unsigned char> out((bytes.size() + 2) / 3 * 4 + 1);
        const int size = EVP_EncodeBlock(out.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                                         static_cast<int>(bytes.size()));
        return {out.begin(), out.begin() + size};
    }

private:
    static std::string text(const digest& bytes) { return {bytes.begin(), bytes.end()}; }

    static digest hmac(const digest& key, std::string_view message)
    {
        digest out{};
        HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(message.data()), message.size(), out.data(), nullptr);
        return out;
    }

    std::string salt_;
    unsigned iterations_;
    digest salted_{};
    std::string client_first_bare_;
    std::string nonce_;
    std::string first_;
};
