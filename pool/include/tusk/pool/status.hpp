#pragma once

#include <cstddef>
#include <string>

namespace tusk {

/// How a pool stands at one moment.
/// @par Thread safety  That of a value.
struct pool_status {
    std::size_t size = 0;     ///< Connections that are kept.
    std::size_t cap = 0;      ///< Most connections at a time, `size` and `max_overflow` together; 0: unlimited.
    std::size_t idle = 0;     ///< Ready to be handed out.
    std::size_t leased = 0;   ///< In use.
    std::size_t opening = 0;  ///< Being connected.
    std::size_t checking = 0; ///< Being reset after a use, or pinged before one.
    std::size_t closing = 0;  ///< Told to go; the server has not hung up yet. They count against the cap.
    std::size_t overflow = 0; ///< Connections beyond `size`.
    std::size_t waiting = 0;  ///< Callers in the queue.
    bool is_closed = false;   ///< It was disposed of: it hands out nothing any more.

    /// All connections that count against the cap.
    [[nodiscard]] std::size_t total() const noexcept { return idle + leased + opening + checking + closing; }
};

/// One line for logs.
[[nodiscard]] std::string to_string(const pool_status& status);

} // namespace tusk
