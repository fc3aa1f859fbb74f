#pragma once

#include <string_view>

namespace tusk::protocol {

/// How a server can find out who we are. Bits, so that several can be allowed.
enum class authentication_method : unsigned {
    none = 1, ///< It asks for nothing: trust, peer, a client certificate.
    password = 2,
    md5 = 4,
    scram_sha_256 = 8,
    oauth = 16,
    gss = 32,
    sspi = 64,
};

/// Which methods a server may use.
class authentication_policy
{
public:
    /// All of them.
    authentication_policy() = default;
    explicit authentication_policy(unsigned allowed) noexcept : allowed_{allowed} {}

    [[nodiscard]] bool allows(authentication_method method) const noexcept
    {
        return (allowed_ & static_cast<unsigned>(method)) != 0;
    }

private:
    unsigned allowed_ = ~0U;
};

/// What SCRAM does about the TLS connection beneath it.
enum class channel_binding { disable, prefer, require };

/// Reads a list of methods as `require_auth` has it: `md5,password`, or `!md5,!password` for all others.
/// @throws usage_error  A word is not known or doubled, or only some of them begin with '!'.
[[nodiscard]] authentication_policy parse_require_auth(std::string_view list);

} // namespace tusk::protocol
