#include "decoders.hpp"

#include "config/conninfo.hpp"
#include "config/url.hpp"

#include <string>
#include <string_view>

/// The two parsers of connection strings by themselves: every input reaches the one that it does not begin like, too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text{reinterpret_cast<const char*>(data), size};
    if (text.find('\0') != std::string::npos)
        return 0;
    const std::string url = "postgresql://" + text;
    fuzz::require(tusk::config::is_url(url));
    try {
        static_cast<void>(tusk::config::parse_url(url));
    } catch (const tusk::usage_error&) {
        // Refused, as it may be.
    }
    try {
        static_cast<void>(tusk::config::parse_conninfo(text));
    } catch (const tusk::usage_error&) {
        // Refused, as it may be.
    }
    return 0;
}
