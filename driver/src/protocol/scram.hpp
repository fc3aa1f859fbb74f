#pragma once

#include "protocol/scram_key_cache.hpp"
#include "protocol/scram_key_derivation.hpp"
#include "protocol/secret.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace tusk::protocol {

/// What a SCRAM conversation can be told beside the password.
struct scram_settings {
    /// PostgreSQL ignores it and takes the name of the StartupMessage, so it stays empty.
    std::string user = {};
    /// Says what the client does about channel binding; `n` is "it cannot".
    std::string gs2_header = "n,,";
    /// The bytes that bind to the TLS channel; they follow the header in the client's last message.
    std::string channel_binding = {};
    /// More iterations are refused.
    unsigned max_iterations = 1'000'000;
    /// The client's half of the nonce; random when empty.
    std::string nonce = {};
    /// Where keys of earlier logins are; null: nowhere.
    scram_key_cache* cache = nullptr;
    /// The server and the role that a key in the cache belongs to.
    std::string identity = {};
};

/// The client's side of SCRAM-SHA-256, as a state machine that does no I/O.
///
/// `client_first` → `server_first` → `advance` until true → `client_final` → `server_final`: in this order, each
/// once. Anything else, and anything after an exception, is refused, so `verified()` can only become true when the
/// server has proved that it knows the password too.
/// @see RFC 5802, RFC 7677.
class scram_client
{
public:
    static constexpr std::string_view mechanism = "SCRAM-SHA-256";
    static constexpr std::string_view mechanism_plus = "SCRAM-SHA-256-PLUS";

    /// @param password  UTF-8; prepared with SASLprep and overwritten as soon as the key is being derived.
    /// @throws authentication_error  OpenSSL has no random bytes to give.
    scram_client(std::string_view password, scram_settings settings);
    scram_client(const scram_client&) = delete;
    scram_client& operator=(const scram_client&) = delete;
    ~scram_client();

    /// The message that opens the conversation.
    /// @throws usage_error  Not the turn of this message.
    [[nodiscard]] std::string client_first();

    /// Takes the server's challenge. The key is derived by `advance`.
    /// @throws protocol_error        Malformed, or not the turn of this message.
    /// @throws authentication_error  A challenge that must not be answered; see `parse_server_first`.
    void server_first(std::string_view message);

    /// Derives the key, at most `iterations` further.
    /// @return  Whether `client_final` is ready.
    /// @throws usage_error  There is no challenge to answer.
    bool advance(unsigned iterations);

    /// The message that proves that we know the password.
    /// @throws usage_error  Not the turn of this message.
    [[nodiscard]] std::string client_final();

    /// Takes the server's proof.
    /// @throws protocol_error        Malformed, or not the turn of this message.
    /// @throws authentication_error  The server refused ours, or its own is wrong.
    void server_final(std::string_view message);

    /// Whether the server has proved that it knows the password.
    [[nodiscard]] bool verified() const noexcept { return step_ == step::verified; }

private:
    enum class step { initial, first_sent, deriving, derived, final_sent, verified, failed };

    /// Leaves `expected` for `failed`, where an exception finds it; the caller sets the next step at its end.
    template <class Error>
    void enter(step expected, std::string_view what);

    scram_settings settings_;
    secret_text password_;
    std::string client_first_bare_;
    std::string server_first_;
    std::string nonce_; ///< Ours and the server's.
    std::optional<scram_key_derivation> derivation_;
    scram_keys keys_;
    scram_key_cache::place place_{}; ///< Where the cache keeps them.
    bool keys_known_ = false;        ///< They came from the cache.
    std::array<unsigned char, 32> server_signature_{};
    step step_ = step::initial;
};

} // namespace tusk::protocol
