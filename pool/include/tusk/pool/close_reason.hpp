#pragma once

#include <cstddef>
#include <string_view>

namespace tusk {

/// Why a pool closed a connection.
enum class close_reason {
    none,           ///< It was not closed.
    lifetime,       ///< It was older than `max_lifetime` or `recycle`.
    idle_timeout,   ///< Nobody had used it for `idle_timeout`.
    surplus,        ///< There were `size` idle ones already, or the pool was made smaller.
    invalidated,    ///< `invalidate()`, or the server had become a standby.
    lost,           ///< The server or the network ended it.
    ping_failed,    ///< It did not answer a ping in time.
    reset_failed,   ///< What its last user left behind could not be cleaned up in time.
    connect_failed, ///< It never came to be.
    discarded,      ///< Its user closed or discarded it.
    disposed,       ///< The pool was closed.
};

inline constexpr std::size_t close_reasons = 11;

/// "lifetime", "idle_timeout", ...
[[nodiscard]] std::string_view to_string(close_reason why) noexcept;

} // namespace tusk
