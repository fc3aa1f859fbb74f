#pragma once

#include "protocol/scram.hpp"
#include "protocol/secret.hpp"

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/byte_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tusk::protocol {

/// Who logs in, and what may be done for it.
struct authentication_settings {
    std::string user;
    secret_text password;   ///< Empty: there is none.
    bool encrypted = false; ///< The transport is TLS.
    bool cleartext_allowed = false;
    unsigned scram_max_iterations = 1'000'000;
};

/// Answers the server's authentication requests: an explicit state machine that does no I/O.
///
/// `need_message` → one request or AuthenticationOk is awaited; `working` → call `work` until it changes; `done` →
/// AuthenticationOk came, and where SCRAM was begun the server has proved itself before. Each step happens once and
/// in order; after an exception everything is refused.
/// @see PostgreSQL documentation, "Message Flow: Start-up".
class authentication
{
public:
    enum class state { need_message, working, done };

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

private:
    enum class step {
        first_request,
        password_sent,
        scram_begun,
        scram_deriving,
        scram_answered,
        scram_verified,
        done,
        failed
    };

    step handle(step from, std::int32_t request, byte_reader& reader, byte_writer& out);
    step send_cleartext(byte_reader& reader, byte_writer& out);
    step send_md5(byte_reader& reader, byte_writer& out);
    step begin_scram(byte_reader& reader, byte_writer& out);
    step accept(step from, byte_reader& reader);

    [[nodiscard]] std::string_view password_for(std::string_view method) const;
    [[nodiscard]] state current() const noexcept;

    authentication_settings settings_;
    std::optional<scram_client> scram_;
    step step_ = step::first_request;
};

} // namespace tusk::protocol
