#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench::wire {

/// The least that a login by SCRAM-SHA-256 takes: the two pads of PBKDF2's HMAC are hashed once, and the server is
/// believed.
class scram
{
public:
    explicit scram(std::string_view password) : password_{password} {}

    /// @param body  Of an authentication message. @returns The body of the answer to it; empty where none is due.
    std::string answer(std::string_view body)
    {
        const auto kind = static_cast<unsigned char>(body[3]);
        const std::string_view data = body.substr(4);
        if (kind == 0 || kind == 12)
            return {};
        if (kind == 10) {
            const auto length = static_cast<char>(first_.size() + 3);
            return std::string{"SCRAM-SHA-256\0\0\0\0", 17} + length + "n,," + first_;
        }
        if (kind == 11)
            return final_message(data);
        throw std::runtime_error{"the server wants another authentication than trust or SCRAM"};
    }

private:
    using digest = std::array<unsigned char, 32>;
    using state = std::array<SHA_LONG, 8>;

    static std::string decode64(std::string_view text)
    {
        std::string bytes(text.size(), '\0');
        const int size =
            EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                            reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
        const auto padding = static_cast<std::size_t>(text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0);
        bytes.resize(static_cast<std::size_t>(size) - padding);
        return bytes;
    }

    static digest hmac(std::string_view key, std::string_view data)
    {
        digest made{};
        HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(data.data()), data.size(), made.data(), nullptr);
        return made;
    }
    static std::string_view text_of(const digest& bytes)
    {
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    [[nodiscard]] state pad(unsigned char with) const
    {
        std::array<unsigned char, 64> block{};
        std::memcpy(block.data(), password_.data(), password_.size());
        for (auto& each : block)
            each ^= with;
        SHA256_CTX context{};
        SHA256_Init(&context);
        SHA256_Transform(&context, block.data());
        state made{};
        std::memcpy(made.data(), context.h, sizeof context.h);
        return made;
    }

    [[nodiscard]] digest salted(const std::string& salt, unsigned iterations) const
    {
        const state inner = pad(0x36);
        const state outer = pad(0x5c);
        digest sum = hmac(password_, salt + std::string{"\0\0\0\1", 4});
        std::array<unsigned char, 64> block{};
        std::memcpy(block.data(), sum.data(), sum.size());
        block[32] = 0x80;
        block[62] = 0x03; // 768 bits: a pad and a digest
        SHA256_CTX context{};
        for (unsigned i = 1; i < iterations; ++i) {
            for (const state& start : {inner, outer}) {
                std::memcpy(context.h, start.data(), sizeof context.h);
                SHA256_Transform(&context, block.data());
                for (std::size_t word = 0; word < 8; ++word) {
                    const auto big_endian = __builtin_bswap32(context.h[word]);
                    std::memcpy(block.data() + word * 4, &big_endian, 4);
                }
            }
            for (std::size_t byte = 0; byte < sum.size(); ++byte)
                sum[byte] ^= block[byte];
        }
        return sum;
    }
#pragma GCC diagnostic pop

    [[nodiscard]] std::string final_message(std::string_view server_first) const
    {
        const std::size_t at_salt = server_first.find(",s=");
        const std::size_t at_count = server_first.find(",i=");
        const std::string salt = decode64(server_first.substr(at_salt + 3, at_count - at_salt - 3));
        const auto iterations = static_cast<unsigned>(std::stoul(std::string{server_first.substr(at_count + 3)}));
        const digest salted_password = salted(salt, iterations);
        const digest client_key = hmac(text_of(salted_password), "Client Key");
        digest stored{};
        SHA256(client_key.data(), client_key.size(), stored.data());
        const std::string bare = "c=biws," + std::string{server_first.substr(0, at_salt)};
        const digest signature = hmac(text_of(stored), first_ + "," + std::string{server_first} + "," + bare);
        digest proof = client_key;
        for (std::size_t i = 0; i < proof.size(); ++i)
            proof[i] ^= signature[i];
        std::array<unsigned char, 45> encoded{};
        EVP_EncodeBlock(encoded.data(), proof.data(), static_cast<int>(proof.size()));
        return bare + ",p=" + reinterpret_cast<const char*>(encoded.data());
    }

    std::string password_;
    std::string first_ = "n=,r=rOprNGfwEbeRWgbNEkqO";
};

} // namespace bench::wire
