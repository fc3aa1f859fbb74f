#pragma once

#include <tusk/driver/server_error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tusk {

/// What became of one request.
struct query_summary {
    std::string_view sql;              ///< Its text; of a commit and the like, its name.
    std::uint64_t rows = 0;            ///< Rows returned, or affected where none were returned.
    std::size_t bytes = 0;             ///< Received for it, in messages of the protocol.
    std::string_view sqlstate;         ///< Why the server refused it; empty where it did not.
    bool failed = false;               ///< It ended with an error, the server's or ours.
    std::chrono::nanoseconds duration; ///< From its first byte handed to the socket to its answer.
};

/// Is told what a connection does, for logs, metrics and traces; `connect_options::observer` sets it.
///
/// Views are valid during the call. Without an observer nothing of this is measured.
/// @par Thread safety  Called on the connection's executor, from inside its I/O: return soon. An observer that several
///                     connections share is called from all their threads.
class connection_observer
{
public:
    virtual ~connection_observer() = default;

    /// It is being sent.
    virtual void query_started(std::string_view /*sql*/) noexcept {}
    virtual void query_ended(const query_summary& /*what*/) noexcept {}

    /// The server says something that is not an error: a NOTICE, a WARNING.
    virtual void notice(const error_fields& /*fields*/) noexcept {}

    /// The connection has ended.
    virtual void closed(std::string_view /*reason*/) noexcept {}
};

} // namespace tusk
