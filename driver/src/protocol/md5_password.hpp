#pragma once

#include "protocol/secret.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace tusk::protocol {

/// The answer to AuthenticationMD5Password: "md5" and 32 hexadecimal digits.
///
/// It is as good as the password to whoever reads the server's password table, and MD5 is broken; servers since
/// PostgreSQL 14 store SCRAM verifiers by default. It is here because older roles still have MD5 ones.
///
/// @param user  The role's name as in the StartupMessage; it is part of what the server stores.
/// @param salt  The four bytes of the server's request.
/// @throws authentication_error  This OpenSSL does not offer MD5.
/// @see PostgreSQL documentation, "Message Flow: Start-up", AuthenticationMD5Password.
[[nodiscard]] secret_text md5_password(std::string_view password, std::string_view user,
                                       std::span<const std::byte, 4> salt);

} // namespace tusk::protocol
