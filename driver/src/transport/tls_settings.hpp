#pragma once

#include <functional>
#include <string>

namespace tusk::transport {

/// How to speak TLS with one server.
struct tls_settings {
    enum class verification {
        none,          ///< Encrypted, with whoever it is.
        chain,         ///< The certificate was made by somebody we trust.
        chain_and_name ///< ... and for this host.
    };

    verification verify = verification::none;
    std::string host;             ///< A name or an address, for the check and for SNI; may be empty.
    std::string root_file;        ///< PEM; empty: none.
    bool system_roots = false;    ///< Trust what the system trusts, in place of a file.
    std::string crl_file;         ///< PEM; empty: none.
    std::string crl_directory;    ///< Hashed names, as OpenSSL wants them; empty: none.
    std::string certificate_file; ///< Ours; empty: none.
    std::string key_file;         ///< Belongs to `certificate_file`.
    std::string passphrase;       ///< Of the key; empty: `ask_passphrase` is asked where one is needed.
    std::function<std::string()> ask_passphrase;
    bool server_name_indication = true;
    int min_version = 0; ///< OpenSSL's numbers; 0: the library's limit.
    int max_version = 0;
    bool alpn_required = false; ///< The server must choose `postgresql`: TLS was begun without asking.
    std::string session_key;    ///< Sessions are resumed among connections of one key; empty: never.
};

} // namespace tusk::transport
