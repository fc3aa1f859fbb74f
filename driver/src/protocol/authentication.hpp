#pragma once

#include "protocol/authentication_policy.hpp"
#include "protocol/scram.hpp"
#include "protocol/secret.hpp"

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/byte_writer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::protocol {

/// Who logs in, and what may be done for it.
struct authentication_settings {
    std::string user;
    secret_text password;        ///< Empty: there is none so far.
    std::string password_remark; ///< Why there is none, for the message; may be empty.
    bool can_ask_password = false;
    bool can_ask_token = false;
    bool can_use_gss = false;     ///< `need_credential` can be answered for GSSAPI.
    bool encrypted = false;       ///< The transport is TLS.
    std::string server_end_point; ///< What SCRAM binds to; empty: nothing.
    channel_binding binding = channel_binding::prefer;
    authentication_policy policy;
    bool cleartext_allowed = false;
    unsigned scram_max_iterations = 1'000'000;
    scram_key_cache* scram_cache = nullptr;
    std::string scram_identity; ///< The server and the role that keys in the cache belong to.
};

/// Something that only the program has.
enum class credential { password, token, gss_token };

/// Answers the server's authentication requests: an explicit state machine that does no I/O.
///
/// `need_message` → one request or AuthenticationOk is awaited; `working` → call `work` until it changes;
/// `need_credential` → `supply` what `wanted` says; `done` → AuthenticationOk came, and where SCRAM was begun the
/// server has proved itself before. Each step happens once and in order; after an exception everything is refused.
/// @see PostgreSQL documentation, "Message Flow: Start-up".
class authentication
{
public:
    enum class state { need_message, working, need_credential, done };

    explicit authentication(authentication_settings settings);

    /// Takes the body of one message of type 'R'.
    /// @throws authentication_error  The method is not supported or not allowed, there is no password, or the server
    ///                               did not prove itself.
    /// @throws protocol_error        A message out of order, or a malformed SCRAM message.
    /// @throws decode_error          The message is shorter or longer than its layout.
    state feed(std::span<const std::byte> body, byte_writer& out);

    /// Derives a slice of the SCRAM key; about half a millisecond.
    /// @throws usage_error  The state is not `working`.
    state work(byte_writer& out);

    /// Which credential is needed. @throws usage_error  None.
    [[nodiscard]] credential wanted() const;

    /// Gives what is needed.
    /// @throws usage_error           The state is not `need_credential`.
    /// @throws authentication_error  It is empty, or no token.
    state supply(secret_text credential, byte_writer& out);

    /// What the server has said to the GSSAPI library of this side; empty in the beginning.
    [[nodiscard]] std::span<const std::byte> gss_challenge() const noexcept { return gss_challenge_; }

    /// Gives what that library answers, where `wanted` is `gss_token`.
    /// @param token     Empty: nothing is sent.
    /// @param complete  The library is satisfied: the server has proved who it is.
    /// @throws usage_error           The state is not `need_credential`, or something else is wanted.
    /// @throws authentication_error  Nothing to say, and not complete.
    state supply_gss(std::span<const std::byte> token, bool complete, byte_writer& out);

    /// The server refused the password: keys that were made from it are of no use.
    void forget_keys();

    /// The server has asked for something, or has let us in.
    [[nodiscard]] bool was_asked() const noexcept { return step_ != step::first_request; }

private:
    enum class step {
        first_request,
        cleartext_asked,
        md5_asked,
        scram_asked,
        token_asked,
        password_sent,
        token_sent,
        token_refused,
        scram_begun,
        scram_deriving,
        scram_answered,
        scram_verified,
        gss_asked,
        gss_answered,
        gss_verified,
        done,
        failed
    };

    step handle(step from, std::int32_t request, byte_reader& reader, byte_writer& out);
    step open_method(std::int32_t request, byte_reader& reader, byte_writer& out);
    step answer(step asked, byte_writer& out);
    step begin_sasl(byte_reader& reader, byte_writer& out);
    step begin_scram(byte_writer& out);
    step send_token(byte_writer& out);
    step open_gss(byte_reader& reader);
    step accept(step from, byte_reader& reader);

    void check_allowed(authentication_method method, std::string_view name) const;
    void check_cleartext(std::string_view what) const;
    [[noreturn]] void fail_without_password(step asked) const;
    [[nodiscard]] state current() const noexcept;

    authentication_settings settings_;
    std::optional<scram_client> scram_;
    std::array<std::byte, 4> md5_salt_{};
    std::vector<std::byte> gss_challenge_;
    bool scram_plus_ = false; ///< The server offers channel binding.
    step step_ = step::first_request;
};

} // namespace tusk::protocol
