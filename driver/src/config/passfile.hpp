#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tusk::config {

/// What a password file says of one login.
struct passfile_entry {
    std::string password; ///< Empty: nothing.
    std::string remark;   ///< Why the file was not used, for messages; empty where it was, or is not there.
};

/// Looks a password up: the first line that fits counts.
/// @param file    May be absent. Ignored, with a remark, where others than its owner can read it.
/// @param host    Name, address or socket directory; empty, and the usual socket directory, for "localhost".
/// @see PostgreSQL documentation, "The Password File".
[[nodiscard]] passfile_entry look_up_password(const std::string& file, std::string_view host, std::uint16_t port,
                                              std::string_view dbname, std::string_view user);

} // namespace tusk::config
