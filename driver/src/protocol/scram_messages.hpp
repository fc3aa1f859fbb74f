#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::protocol {

/// No SCRAM message is longer than this; a longer one is refused unread.
inline constexpr std::size_t max_scram_message_size = std::size_t{64} * 1024;

/// What the server's first SCRAM message says.
struct scram_server_first {
    std::string_view nonce; ///< Ours and the server's part; a view into the message.
    std::vector<std::byte> salt;
    unsigned iterations = 0;
};

/// Reads `r=…,s=…,i=…`, strictly in this order.
///
/// @param client_nonce    What the nonce has to begin with.
/// @param max_iterations  More than this is refused.
/// @throws protocol_error        It is not such a message.
/// @throws authentication_error  A nonce that does not extend ours, too many iterations, or a mandatory extension.
/// @see RFC 5802, section 7, `server-first-message`.
[[nodiscard]] scram_server_first parse_server_first(std::string_view message, std::string_view client_nonce,
                                                    unsigned max_iterations);

/// Reads `v=…`, the server's signature.
///
/// @throws protocol_error        It is not such a message.
/// @throws authentication_error  The server sent an error (`e=…`) in place of a signature.
/// @see RFC 5802, section 7, `server-final-message`.
[[nodiscard]] std::array<unsigned char, 32> parse_server_final(std::string_view message);

/// Base64 with padding and without line breaks.
[[nodiscard]] std::string to_base64(std::span<const std::byte> bytes);

} // namespace tusk::protocol
