// The compression function below is deprecated in OpenSSL 3 in favour of the EVP interface. That interface costs
// an allocation and several indirect calls for each of the two hashes of an iteration, and PKCS5_PBKDF2_HMAC copies
// its HMAC context each time: 2.5 times the processor time of a whole connect. HMAC's two key blocks are the same
// in every iteration, so here they are hashed once and each iteration is two compressions.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "protocol/scram_key_derivation.hpp"

#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/error.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <vector>

namespace tusk::protocol {

namespace {

constexpr std::size_t block_size = 64;
constexpr std::size_t digest_size = 32;

/// The second and last block of an HMAC half over one digest: the digest, then SHA-256's padding, which says that
/// one key block and one digest came before it.
class digest_block
{
public:
    digest_block() noexcept
    {
        bytes_[digest_size] = 0x80;
        store(block_size - 8, std::uint64_t{(block_size + digest_size) * 8});
    }
    ~digest_block() { OPENSSL_cleanse(this, sizeof *this); }
    digest_block(const digest_block&) = delete;
    digest_block& operator=(const digest_block&) = delete;

    void set(const scram_key_derivation::key& digest) noexcept
    {
        std::copy(digest.begin(), digest.end(), bytes_.begin());
    }

    /// Hashes the block from `start` on and puts the digest in its place.
    void compress_from(const std::array<std::uint32_t, 8>& start) noexcept
    {
        std::copy(start.begin(), start.end(), std::begin(context_.h));
        SHA256_Transform(&context_, bytes_.data());
        for (std::size_t i = 0; i != start.size(); ++i)
            store(i * sizeof(std::uint32_t), static_cast<std::uint32_t>(context_.h[i]));
    }

    [[nodiscard]] const unsigned char* digest() const noexcept { return bytes_.data(); }

private:
    template <class Int>
    void store(std::size_t position, Int value) noexcept
    {
        detail::store_big_endian(reinterpret_cast<std::byte*>(bytes_.data() + position), value);
    }

    SHA256_CTX context_{};
    std::array<unsigned char, block_size> bytes_{};
};

} // namespace

scram_key_derivation::hash_state scram_key_derivation::hash_pad(const std::array<unsigned char, block_size>& block_key,
                                                                unsigned char pad)
{
    std::array<unsigned char, block_size> block{};
    std::transform(block_key.begin(), block_key.end(), block.begin(),
                   [pad](unsigned char c) { return static_cast<unsigned char>(c ^ pad); });
    SHA256_CTX context{};
    SHA256_Init(&context);
    SHA256_Transform(&context, block.data());
    hash_state state{};
    std::transform(std::begin(context.h), std::end(context.h), state.begin(),
                   [](auto word) { return static_cast<std::uint32_t>(word); });
    OPENSSL_cleanse(&context, sizeof context);
    OPENSSL_cleanse(block.data(), block.size());
    return state;
}

scram_key_derivation::scram_key_derivation(std::string_view password, std::span<const std::byte> salt,
                                           unsigned iterations)
    : left_{iterations}
{
    if (iterations == 0)
        throw usage_error{"a key cannot be derived with 0 iterations; ask for at least 1"};
    // The first iteration hashes the salt and the number of the output block, which is 1.
    std::vector<unsigned char> first(salt.size() + 4);
    std::transform(salt.begin(), salt.end(), first.begin(),
                   [](std::byte b) { return std::to_integer<unsigned char>(b); });
    first.back() = 1;

    std::array<unsigned char, block_size> block_key{};
    const auto* text = reinterpret_cast<const unsigned char*>(password.data());
    if (password.size() > block_key.size())
        SHA256(text, password.size(), block_key.data()); // HMAC's rule for long keys
    else
        std::copy(password.begin(), password.end(), block_key.begin());
    inner_ = hash_pad(block_key, 0x36);
    outer_ = hash_pad(block_key, 0x5c);

    const bool done = HMAC(EVP_sha256(), block_key.data(), static_cast<int>(block_key.size()), first.data(),
                           first.size(), last_.data(), nullptr) != nullptr;
    OPENSSL_cleanse(block_key.data(), block_key.size());
    if (!done)
        throw authentication_error{"OpenSSL could not compute HMAC-SHA-256; check its configuration and providers"};
    result_ = last_;
    --left_;
}

scram_key_derivation::~scram_key_derivation() { OPENSSL_cleanse(this, sizeof *this); }

bool scram_key_derivation::advance(unsigned iterations)
{
    const unsigned now = std::min(iterations, left_);
    digest_block block;
    block.set(last_);
    for (unsigned i = 0; i != now; ++i) {
        block.compress_from(inner_);
        block.compress_from(outer_);
        for (std::size_t b = 0; b != result_.size(); ++b)
            result_[b] ^= block.digest()[b];
    }
    std::copy_n(block.digest(), last_.size(), last_.begin());
    left_ -= now;
    return left_ == 0;
}

const scram_key_derivation::key& scram_key_derivation::salted_password() const
{
    if (left_ != 0)
        throw usage_error{"the key is not complete; call advance() until it returns true"};
    return result_;
}

} // namespace tusk::protocol
