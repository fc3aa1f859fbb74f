#include "decoders.hpp"

#include <tusk/driver/connect_options.hpp>

#include <optional>
#include <string>
#include <string_view>

/// Connection strings, whether URLs or keywords and values: they are read, or refused as misuse. What was read can be
/// shown without the password.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto no_environment = [](std::string_view) -> std::optional<std::string> { return std::nullopt; };
    try {
        const tusk::connect_options options{text, no_environment};
        fuzz::require(!to_string(options).empty());
    } catch (const tusk::usage_error&) {
        // Refused, as it may be.
    }
    return 0;
}
