#pragma once

#include "protocol/secret.hpp"

#include <string_view>

namespace tusk::protocol {

/// Prepares a password as SASLprep says, so that it gives the same key however it was typed.
///
/// ASCII is returned as it is. Whatever cannot be prepared (not UTF-8, a prohibited or unassigned character,
/// mixed directions, nothing left) is returned as it is too, since PostgreSQL does the same when the password is
/// set: the two sides only have to agree.
/// @see RFC 4013, RFC 3454.
[[nodiscard]] secret_text saslprep(std::string_view password);

} // namespace tusk::protocol
