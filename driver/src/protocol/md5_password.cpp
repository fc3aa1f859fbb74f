#include "protocol/md5_password.hpp"

#include <tusk/driver/error.hpp>

#include <openssl/evp.h>

#include <array>
#include <memory>

namespace tusk::protocol {

namespace {

constexpr std::string_view prefix = "md5";
using hex_digest = std::array<char, 32>;

/// MD5 of two pieces of text, as hexadecimal digits.
void md5_of(const void* first, std::size_t first_size, const void* second, std::size_t second_size, hex_digest& out)
{
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    std::array<unsigned char, 16> digest{};
    const bool done = context != nullptr && EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr) == 1 &&
                      EVP_DigestUpdate(context.get(), first, first_size) == 1 &&
                      EVP_DigestUpdate(context.get(), second, second_size) == 1 &&
                      EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
    if (!done)
        throw authentication_error{
            "the server asks for an MD5 password and this OpenSSL does not offer MD5 (FIPS mode?); "
            "set the role's password again with password_encryption = 'scram-sha-256'"};
    constexpr std::string_view digits = "0123456789abcdef";
    for (std::size_t i = 0; i != digest.size(); ++i) {
        out[2 * i] = digits[digest[i] >> 4U];
        out[2 * i + 1] = digits[digest[i] & 15U];
    }
    OPENSSL_cleanse(digest.data(), digest.size());
}

} // namespace

secret_text md5_password(std::string_view password, std::string_view user, std::span<const std::byte, 4> salt)
{
    std::array<char, prefix.size() + hex_digest{}.size()> answer{};
    hex_digest stored{};
    hex_digest salted{};
    md5_of(password.data(), password.size(), user.data(), user.size(), stored);
    md5_of(stored.data(), stored.size(), salt.data(), salt.size(), salted);
    prefix.copy(answer.data(), prefix.size());
    std::string_view{salted.data(), salted.size()}.copy(answer.data() + prefix.size(), salted.size());
    secret_text result{{answer.data(), answer.size()}};
    OPENSSL_cleanse(stored.data(), stored.size());
    OPENSSL_cleanse(salted.data(), salted.size());
    OPENSSL_cleanse(answer.data(), answer.size());
    return result;
}

} // namespace tusk::protocol
