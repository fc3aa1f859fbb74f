#pragma once

#include <tusk/driver/error.hpp>

#include <asio/error_code.hpp>

#include <string>

namespace tusk::transport {

/// What can be wrong with an encrypted stream beside what OpenSSL says.
enum class tls_fault : int {
    truncated = 1, ///< It ended without the closing alert: anybody on the way can do that.
};

/// Values are OpenSSL's packed error codes, or a `tls_fault`.
[[nodiscard]] const asio::error_category& tls_category() noexcept;

[[nodiscard]] asio::error_code make_error_code(tls_fault fault) noexcept;

/// Takes the first error out of OpenSSL's queue of this thread, and empties it.
[[nodiscard]] asio::error_code take_tls_error() noexcept;

/// TLS could not be started: certificates, versions, a peer that speaks something else.
class tls_handshake_error : public connection_error
{
public:
    /// @param offered_session  An earlier session was offered: without it the handshake may succeed.
    explicit tls_handshake_error(const std::string& message, bool offered_session = false)
        : connection_error{message, true}, offered_session_{offered_session}
    {
    }

    [[nodiscard]] bool offered_session() const noexcept { return offered_session_; }

private:
    bool offered_session_;
};

} // namespace tusk::transport
