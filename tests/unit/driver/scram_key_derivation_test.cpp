#include "protocol/scram_key_derivation.hpp"

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>
#include <vector>

namespace {

using tusk::protocol::scram_key_derivation;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span{text}); }

scram_key_derivation::key openssl_key(const std::string& password, const std::string& salt, unsigned iterations)
{
    scram_key_derivation::key key{};
    EXPECT_EQ(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                                static_cast<int>(iterations), EVP_sha256(), static_cast<int>(key.size()), key.data()),
              1);
    return key;
}

scram_key_derivation::key derived_key(const std::string& password, const std::string& salt, unsigned iterations,
                                      unsigned slice)
{
    scram_key_derivation derivation{password, bytes_of(salt), iterations};
    while (!derivation.advance(slice)) {}
    return derivation.salted_password();
}

TEST(scram_key_derivation, agrees_with_openssl_for_passwords_and_salts_of_every_kind)
{
    // Around HMAC's block of 64 bytes the password changes from padded to hashed.
    const std::vector<std::size_t> password_sizes{0, 1, 6, 31, 32, 55, 56, 63, 64, 65, 128, 1000};
    const std::vector<std::size_t> salt_sizes{1, 16, 51, 52, 60, 61, 64, 300};
    for (const std::size_t password_size : password_sizes) {
        for (const std::size_t salt_size : salt_sizes) {
            std::string password(password_size, 'p');
            std::string salt(salt_size, '\0');
            for (std::size_t i = 0; i != salt.size(); ++i)
                salt[i] = static_cast<char>(i * 37 + 200);
            for (std::size_t i = 0; i != password.size(); ++i)
                password[i] = static_cast<char>(i * 11 + 130);
            for (const unsigned iterations : {1U, 2U, 3U, 17U})
                EXPECT_EQ(derived_key(password, salt, iterations, 5), openssl_key(password, salt, iterations))
                    << password_size << " bytes of password, " << salt_size << " of salt, " << iterations;
        }
    }
}

TEST(scram_key_derivation, gives_the_same_key_however_it_is_sliced)
{
    const auto expected = openssl_key("correct horse battery staple", "0123456789abcdef", 4096);
    for (const unsigned slice : {1U, 7U, 1000U, 4095U, 4096U, 4'000'000'000U})
        EXPECT_EQ(derived_key("correct horse battery staple", "0123456789abcdef", 4096, slice), expected) << slice;
}

TEST(scram_key_derivation, does_no_more_than_the_slice)
{
    scram_key_derivation derivation{"secret", bytes_of("salt"), 10};
    EXPECT_FALSE(derivation.advance(4));
    EXPECT_FALSE(derivation.advance(4));
    EXPECT_FALSE(derivation.advance(0));
    EXPECT_THROW(static_cast<void>(derivation.salted_password()), tusk::usage_error);
    EXPECT_TRUE(derivation.advance(4));
    EXPECT_EQ(derivation.salted_password(), openssl_key("secret", "salt", 10));
}

TEST(scram_key_derivation, does_not_change_a_complete_key)
{
    scram_key_derivation derivation{"secret", bytes_of("salt"), 3};
    EXPECT_TRUE(derivation.advance(3));
    EXPECT_TRUE(derivation.advance(100));
    EXPECT_EQ(derivation.salted_password(), openssl_key("secret", "salt", 3));
}

TEST(scram_key_derivation, refuses_no_iterations)
{
    EXPECT_THROW((scram_key_derivation{"secret", bytes_of("salt"), 0}), tusk::usage_error);
}

} // namespace
