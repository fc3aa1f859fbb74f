#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>

namespace tusk::protocol {

/// The two keys that SCRAM derives from a password, overwritten when they are no longer needed.
struct scram_keys {
    using key = std::array<unsigned char, 32>;

    scram_keys() = default;
    scram_keys(const scram_keys&) = default;
    scram_keys& operator=(const scram_keys&) = default;
    ~scram_keys() { wipe(); }
    void wipe() noexcept;

    key client{};
    key server{};
};

/// Keys of earlier logins, so that the next one need not derive them again.
///
/// Only those go in with which a server has proved that it knows the password. A key belongs to one server, role, salt,
/// number of iterations and password; of these, only a hash is kept whose secret never leaves the process's memory.
/// @par Thread safety  Yes.
class scram_key_cache
{
public:
    /// What a key belongs to, as a keyed hash.
    using place = std::array<unsigned char, 32>;

    static constexpr std::size_t capacity = 64;

    scram_key_cache();
    scram_key_cache(const scram_key_cache&) = delete;
    scram_key_cache& operator=(const scram_key_cache&) = delete;

    /// That of the process.
    static scram_key_cache& shared();

    /// @param identity  The server and the role.
    /// @param password  As it goes into the derivation.
    [[nodiscard]] place place_of(std::string_view identity, std::span<const std::byte> salt, unsigned iterations,
                                 std::string_view password) const;

    [[nodiscard]] std::optional<scram_keys> find(const place& at);

    /// Keeps keys. Where there are too many, those that were used least recently go.
    void store(std::string_view identity, const place& at, const scram_keys& keys);

    /// Drops all keys of a server and role: it refused one.
    void forget(std::string_view identity);

    /// Drops everything.
    void wipe() noexcept;

    [[nodiscard]] std::size_t size() const;

private:
    struct entry {
        place owner;
        place at;
        scram_keys keys;
    };

    [[nodiscard]] place owner_of(std::string_view identity) const;

    mutable std::mutex mutex_;
    std::array<unsigned char, 32> secret_{};
    std::list<entry> entries_; ///< The latest used first.
};

} // namespace tusk::protocol
