#include "protocol/scram_key_cache.hpp"

#include "protocol/secret.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/driver/scram_keys.hpp>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <string>

namespace tusk::protocol {

namespace {

scram_key_cache::place keyed_hash(const std::array<unsigned char, 32>& secret, std::string_view text)
{
    scram_key_cache::place out{};
    if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), nullptr) == nullptr)
        throw authentication_error{"OpenSSL could not compute HMAC-SHA-256; check its configuration and providers"};
    return out;
}

} // namespace

void scram_keys::wipe() noexcept
{
    OPENSSL_cleanse(client.data(), client.size());
    OPENSSL_cleanse(server.data(), server.size());
}

scram_key_cache::scram_key_cache()
{
    if (RAND_bytes(secret_.data(), static_cast<int>(secret_.size())) != 1)
        throw authentication_error{"OpenSSL has no random bytes to give; check the system's random source"};
}

scram_key_cache& scram_key_cache::shared()
{
    static scram_key_cache instance;
    return instance;
}

scram_key_cache::place scram_key_cache::place_of(std::string_view identity, std::span<const std::byte> salt,
                                                 unsigned iterations, std::string_view password) const
{
    // Lengths first: no two different sets of parts make the same text.
    std::string text = fmt::format("{} {} {} {} ", identity.size(), salt.size(), iterations, password.size());
    text.reserve(text.size() + identity.size() + salt.size() + password.size());
    text += identity;
    text.append(reinterpret_cast<const char*>(salt.data()), salt.size());
    text += password;
    const place at = keyed_hash(secret_, text);
    protocol::wipe(text);
    return at;
}

scram_key_cache::place scram_key_cache::owner_of(std::string_view identity) const
{
    return keyed_hash(secret_, identity);
}

std::optional<scram_keys> scram_key_cache::find(const place& at)
{
    const std::lock_guard lock{mutex_};
    const auto found = std::ranges::find(entries_, at, &entry::at);
    if (found == entries_.end())
        return std::nullopt;
    entries_.splice(entries_.begin(), entries_, found);
    return found->keys;
}

void scram_key_cache::store(std::string_view identity, const place& at, const scram_keys& keys)
{
    const place owner = owner_of(identity);
    const std::lock_guard lock{mutex_};
    std::erase_if(entries_, [&](const entry& each) { return each.at == at; });
    entries_.push_front({owner, at, keys});
    if (entries_.size() > capacity)
        entries_.pop_back();
}

void scram_key_cache::forget(std::string_view identity)
{
    const place owner = owner_of(identity);
    const std::lock_guard lock{mutex_};
    std::erase_if(entries_, [&](const entry& each) { return each.owner == owner; });
}

void scram_key_cache::wipe() noexcept
{
    const std::lock_guard lock{mutex_};
    entries_.clear();
}

std::size_t scram_key_cache::size() const
{
    const std::lock_guard lock{mutex_};
    return entries_.size();
}

} // namespace tusk::protocol

namespace tusk {

void forget_scram_keys() noexcept { protocol::scram_key_cache::shared().wipe(); }

} // namespace tusk
