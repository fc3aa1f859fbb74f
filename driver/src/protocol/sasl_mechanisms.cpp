#include "protocol/sasl_mechanisms.hpp"

#include "protocol/scram.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tusk::protocol {

namespace {

/// A mechanism's name for a message. The peer is not authenticated yet: only what RFC 4422 allows is repeated.
std::string_view readable(std::string_view mechanism) noexcept
{
    const bool valid = mechanism.size() <= 20 && std::all_of(mechanism.begin(), mechanism.end(), [](char c) {
                           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
                       });
    return valid ? mechanism : "(unreadable)";
}

} // namespace

sasl_mechanisms read_sasl_mechanisms(byte_reader& reader)
{
    constexpr std::size_t most_shown = 8;
    sasl_mechanisms list;
    std::size_t count = 0;
    for (auto name = reader.take_cstring(); !name.empty(); name = reader.take_cstring(), ++count) {
        list.scram = list.scram || name == scram_client::mechanism;
        list.scram_plus = list.scram_plus || name == scram_client::mechanism_plus;
        list.oauth = list.oauth || name == oauth_mechanism;
        if (count < most_shown)
            list.names += fmt::format("{}{}", count == 0 ? "" : ", ", readable(name));
        else if (count == most_shown)
            list.names += ", and more";
    }
    reader.expect_end();
    return list;
}

} // namespace tusk::protocol
