#pragma once

#include <chrono>
#include <cstdint>
#include <source_location>
#include <string>

namespace tusk {

/// A connection that is out: since when, and who took it.
/// @par Thread safety  That of a value.
struct lease_report {
    std::source_location where;                ///< The call that acquired it.
    std::chrono::steady_clock::duration age{}; ///< How long ago that was.
    std::int32_t backend_pid = 0;              ///< Its server process.
};

/// "src/worker.cpp:12 (worker), 3.2 s ago, backend 4711".
[[nodiscard]] std::string to_string(const lease_report& lease);

} // namespace tusk
