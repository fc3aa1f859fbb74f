#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tusk::protocol {

/// PBKDF2 with HMAC-SHA-256 and one block of output, done in slices.
///
/// The server chooses the number of iterations, so a hostile one could hold the I/O thread for seconds: the caller
/// decides how much is done at a time, and may stop whenever it likes.
/// @see RFC 8018, 5.2; RFC 5802, 2.2 (`Hi`).
class scram_key_derivation
{
public:
    using key = std::array<unsigned char, 32>;

    /// Does the first iteration, the only one that depends on the salt.
    ///
    /// @param iterations  How many the key needs; at least 1.
    /// @throws usage_error           `iterations` is 0.
    /// @throws authentication_error  OpenSSL cannot compute HMAC-SHA-256.
    scram_key_derivation(std::string_view password, std::span<const std::byte> salt, unsigned iterations);
    scram_key_derivation(const scram_key_derivation&) = delete;
    scram_key_derivation& operator=(const scram_key_derivation&) = delete;
    ~scram_key_derivation();

    /// Does at most that many further iterations.
    /// @return  Whether the key is complete.
    bool advance(unsigned iterations);

    /// The SaltedPassword.
    /// @throws usage_error  It is not complete yet.
    /// @par Lifetime  As long as this object.
    [[nodiscard]] const key& salted_password() const;

private:
    /// What SHA-256 carries from block to block.
    using hash_state = std::array<std::uint32_t, 8>;

    static hash_state hash_pad(const std::array<unsigned char, 64>& block_key, unsigned char pad);

    hash_state inner_{}; ///< After the block `key xor ipad`.
    hash_state outer_{}; ///< After the block `key xor opad`.
    key last_{};         ///< U of the latest iteration.
    key result_{};       ///< All U so far, combined with xor.
    unsigned left_;
};

} // namespace tusk::protocol
