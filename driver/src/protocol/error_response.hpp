#pragma once

#include <tusk/driver/server_error.hpp>

#include <cstddef>
#include <span>

namespace tusk::protocol {

/// Reads the body of an ErrorResponse or NoticeResponse.
///
/// Lenient in what a server may leave out or add, because the first error is worth more than a complaint about its
/// form: unknown fields are passed over, of a doubled field the last counts, a number that cannot be read is as if it
/// had not been sent, and so is a missing SQLSTATE: it stays empty, and the error becomes a plain `server_error`.
/// @throws decode_error  A field or the whole message lacks its terminator, or bytes follow the message's end.
/// @see PostgreSQL documentation, "Message Formats" and "Error and Notice Message Fields".
[[nodiscard]] error_fields parse_error_response(std::span<const std::byte> body);

/// The server hangs up after it: FATAL or PANIC, by the severity that is not translated.
[[nodiscard]] inline bool is_fatal(const error_fields& words) noexcept
{
    const std::string& severity = words.severity_nonlocalized.empty() ? words.severity : words.severity_nonlocalized;
    return severity == "FATAL" || severity == "PANIC";
}

} // namespace tusk::protocol
