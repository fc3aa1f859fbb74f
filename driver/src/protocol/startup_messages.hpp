#pragma once

#include <tusk/driver/byte_writer.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace tusk::protocol {

/// Protocol versions as they travel: the major version in the upper half, the minor one in the lower.
inline constexpr std::uint32_t protocol_version_3_0 = 0x0003'0000;
inline constexpr std::uint32_t protocol_version_3_2 = 0x0003'0002;

/// One name and value of the StartupMessage.
struct startup_parameter {
    std::string_view name;
    std::string_view value;
};

/// Writes the StartupMessage, the one message without a type byte.
///
/// @param version     The protocol version to ask for.
/// @param parameters  `user` first, then whatever else; written in this order.
/// @throws usage_error  A zero byte in a name or value, an empty name, or more bytes than a server accepts.
///                      Nothing was written.
/// @see PostgreSQL documentation, "Message Formats", StartupMessage.
void write_startup(byte_writer& out, std::uint32_t version, std::span<const startup_parameter> parameters);

/// Writes the SSLRequest, which asks a server whether it speaks TLS; the answer is one byte.
void write_ssl_request(byte_writer& out);

/// Writes a PasswordMessage: a password in clear, or its MD5 answer.
///
/// @throws usage_error  A zero byte in the password, or more than a server accepts. Nothing was written.
void write_password(byte_writer& out, std::string_view password);

/// Writes a SASLInitialResponse.
///
/// @throws usage_error  A zero byte in the mechanism's name. Nothing was written.
void write_sasl_initial_response(byte_writer& out, std::string_view mechanism, std::string_view data);

/// Writes a SASLResponse.
void write_sasl_response(byte_writer& out, std::string_view data);

/// Writes a GSSResponse.
void write_gss_response(byte_writer& out, std::span<const std::byte> token);

/// Overwrites what a writer holds and empties it: call it once the bytes of a password exchange are on the wire.
void wipe(byte_writer& out) noexcept;

} // namespace tusk::protocol
