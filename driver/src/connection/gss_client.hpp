#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::detail {

/// One GSSAPI conversation with a server, by the library of the system: it has the tickets of whoever runs the program.
/// Built in where that library was found; see `TUSK_GSSAPI`.
/// @par Thread safety  None; one caller at a time, on any thread.
class gss_client
{
public:
    /// What is to be sent next.
    struct step {
        std::vector<std::byte> token; ///< Empty: nothing.
        bool complete = false;        ///< The server has proved who it is.
    };

    /// Whether this build has it.
    static bool is_available() noexcept;

    /// @param service   The first half of the server's principal: `krbsrvname`.
    /// @param host      The second half.
    /// @param delegate  The server may act for us.
    gss_client(std::string_view service, std::string_view host, bool delegate);
    gss_client(const gss_client&) = delete;
    gss_client& operator=(const gss_client&) = delete;
    ~gss_client();

    /// Answers what the server said last; empty in the beginning. Blocks: it may ask the Kerberos server for a ticket.
    /// @throws authentication_error  There is no ticket, or the server is not who it claims to be.
    step answer(std::span<const std::byte> challenge);

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace tusk::detail
