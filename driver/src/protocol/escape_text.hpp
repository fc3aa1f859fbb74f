#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tusk::protocol {

/// Appends text of unknown origin to a message for people.
///
/// Control characters and bytes that are not UTF-8 become `\xNN`, so that a server can neither steer a terminal nor
/// break a log. Line breaks stay, followed by `indent`, so that text cannot pass for a line of our own.
/// @param limit  How many bytes of `text` are shown at most; what is left out is counted in the message.
void append_escaped(std::string& out, std::string_view text, std::size_t limit, std::string_view indent);

} // namespace tusk::protocol
