#pragma once

#include "protocol/authentication.hpp"
#include "protocol/message.hpp"
#include "protocol/startup_messages.hpp"

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/byte_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tusk::protocol {

/// What a connection is opened with.
struct startup_settings {
    std::string user;
    std::optional<std::string> password = {};
    std::string database = {}; ///< Empty: the server takes the one named like the user.
    /// Further start-up parameters: `application_name`, `options`, `TimeZone`, and protocol options (`_pq_.…`).
    /// `client_encoding` is added as UTF8 where it is missing.
    std::vector<std::pair<std::string, std::string>> parameters = {};
    std::string password_remark = {};  ///< Why there is no password, for the message; may be empty.
    bool can_ask_password = false;     ///< `need_credential` can be answered for a password ...
    bool can_ask_token = false;        ///< ... and for a bearer token ...
    bool can_use_gss = false;          ///< ... and for a token of GSSAPI.
    bool encrypted = false;            ///< The transport is TLS.
    std::string server_end_point = {}; ///< What SCRAM binds to; empty: nothing.
    channel_binding binding = channel_binding::prefer;
    authentication_policy policy = {};
    bool cleartext_allowed = false; ///< The password may be sent in clear: the transport protects it.
    unsigned scram_max_iterations = 1'000'000;
    scram_key_cache* scram_cache = nullptr;                    ///< Null: no keys are kept.
    std::string scram_identity = {};                           ///< The server and the role that kept keys belong to.
    std::uint32_t protocol_version = protocol_version_3_0;     ///< Asked for.
    std::uint32_t min_protocol_version = protocol_version_3_0; ///< Less than this is refused.
};

/// What the server told while the connection was opened.
struct session_facts {
    std::map<std::string, std::string, std::less<>> parameters; ///< ParameterStatus: `server_version` and so on.
    std::uint32_t protocol_version = protocol_version_3_0;      ///< What both sides speak.
    std::int32_t backend_pid = 0;
    std::vector<std::byte> cancel_key;           ///< Empty: the server gave none, and nothing can be cancelled.
    char transaction_status = 'I';               ///< From ReadyForQuery.
    std::vector<std::vector<std::byte>> notices; ///< Bodies of NoticeResponse since the login, the first 16.
};

/// The whole conversation that opens a connection, from the StartupMessage to the first ReadyForQuery: an explicit
/// state machine that is given bytes, gives bytes, and does no I/O.
///
/// `begin`, then for each state: `need_message` → `feed` the next message; `working` → `work`, one slice at a time;
/// `need_credential` → `supply` or `supply_gss`; `ready` → `take_facts`. What was written to `out` is to be sent before
/// the next message is awaited; `wipe(out)` afterwards, since it can hold a password. After an exception the connection
/// is to be closed; nothing more is accepted.
/// @par Cancellation   Between two calls, by not making the next one; the destructor overwrites the secrets.
/// @par Thread safety  None; one caller at a time.
/// @see PostgreSQL documentation, "Message Flow: Start-up".
class startup
{
public:
    /// The longest message that is accepted, its length field included; to be given to the framing as well.
    static constexpr std::size_t max_message_size = std::size_t{64} * 1024;

    enum class state { need_message, working, need_credential, ready };

    /// @throws usage_error  No user, or `user` or `database` among the parameters.
    explicit startup(startup_settings settings);
    startup(const startup&) = delete;
    startup& operator=(const startup&) = delete;

    /// Writes the StartupMessage.
    /// @throws usage_error  A parameter that cannot be sent (`write_startup`), or begun before. Nothing was written.
    void begin(byte_writer& out);

    /// Takes one message from the server.
    /// @throws server_error          The server refused the connection.
    /// @throws authentication_error  The two sides cannot agree on who they are; see `authentication`.
    /// @throws connection_error      The server lacks a protocol option that was asked for.
    /// @throws protocol_error        The message is malformed, too long, or not one that may come now.
    /// @throws usage_error           Not begun, failed before, or ready already.
    state feed(const backend_message& message, byte_writer& out);

    /// Does one bounded slice of the SCRAM key derivation.
    /// @throws usage_error  The state is not `working`.
    state work(byte_writer& out);

    /// Which credential is needed. @throws usage_error  None.
    [[nodiscard]] credential wanted() const { return authentication_.wanted(); }

    /// Gives it.
    /// @throws usage_error           The state is not `need_credential`.
    /// @throws authentication_error  It is empty, or cannot be one.
    state supply(secret_text given, byte_writer& out);

    /// What the server has said to the GSSAPI library, where `wanted` is `gss_token`; valid until the next call.
    [[nodiscard]] std::span<const std::byte> gss_challenge() const noexcept { return authentication_.gss_challenge(); }

    /// Gives what the library answers; `complete` once it is satisfied. Throws as `supply`.
    state supply_gss(std::span<const std::byte> token, bool complete, byte_writer& out);

    /// The server has answered the StartupMessage in some way that shows that it understood it.
    [[nodiscard]] bool was_understood() const noexcept { return heard_; }

    /// The login is complete: what fails now is not about who we are.
    [[nodiscard]] bool is_logged_in() const noexcept { return logged_in_; }

    /// Hands over what the server told; once, when ready.
    /// @throws usage_error  The conversation is not over, or the facts were taken.
    [[nodiscard]] session_facts take_facts();

private:
    enum class phase { initial, authenticating, deriving, asking, authenticated, ready, over };

    phase handle(phase from, const backend_message& message, byte_writer& out);
    phase authenticate(phase from, const backend_message& message, byte_writer& out);
    [[noreturn]] void fail_refused(phase from, const backend_message& message);
    phase after(authentication::state now) noexcept;
    void negotiate(byte_reader reader);
    void note_parameter(byte_reader reader);
    void note_cancel_key(byte_reader reader);
    void note_notice(const backend_message& message);
    void finish(byte_reader reader);
    [[nodiscard]] state current() const noexcept;

    std::string user_;
    std::string database_;
    std::vector<std::pair<std::string, std::string>> parameters_;
    std::uint32_t asked_version_;
    std::uint32_t min_version_;
    authentication authentication_;
    session_facts facts_;
    bool heard_ = false; ///< A message came: what has to be the first one is late now.
    bool logged_in_ = false;
    phase phase_ = phase::initial;
};

} // namespace tusk::protocol
