#pragma once

#include <tusk/driver/byte_reader.hpp>

#include <string>
#include <string_view>

namespace tusk::protocol {

inline constexpr std::string_view oauth_mechanism = "OAUTHBEARER";

/// What a server offers for SASL.
struct sasl_mechanisms {
    bool scram = false;
    bool scram_plus = false; ///< SCRAM that is bound to the TLS connection.
    bool oauth = false;
    std::string names; ///< For messages: the first few, fit to be shown.
};

/// Reads the list of an AuthenticationSASL message.
/// @throws decode_error  It is malformed.
[[nodiscard]] sasl_mechanisms read_sasl_mechanisms(byte_reader& reader);

} // namespace tusk::protocol
