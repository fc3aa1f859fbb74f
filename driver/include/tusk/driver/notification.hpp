#pragma once

#include <cstdint>
#include <string>

namespace tusk {

/// What NOTIFY sent.
/// @see PostgreSQL documentation, "NOTIFY".
struct notification {
    std::string channel;
    std::string payload;          ///< Empty where the sender gave none.
    std::int32_t backend_pid = 0; ///< The session that sent it; one's own included.
};

} // namespace tusk
