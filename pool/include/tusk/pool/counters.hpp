#pragma once

#include <tusk/pool/close_reason.hpp>
#include <tusk/pool/status.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tusk {

/// What a pool has done since it was made. Every count only grows.
/// @par Thread safety  That of a value.
struct pool_counters {
    using duration = std::chrono::steady_clock::duration;

    /// Upper bounds of the histogram of waits; the last bucket has none.
    static constexpr std::array<std::chrono::milliseconds, 8> wait_bounds{
        std::chrono::milliseconds{1},     std::chrono::milliseconds{5},    std::chrono::milliseconds{20},
        std::chrono::milliseconds{100},   std::chrono::milliseconds{500},  std::chrono::milliseconds{2000},
        std::chrono::milliseconds{10000}, std::chrono::milliseconds{30000}};

    std::uint64_t acquired = 0;           ///< Connections handed out.
    std::uint64_t acquired_at_once = 0;   ///< Of these, without waiting.
    std::uint64_t released = 0;           ///< Connections that came back.
    std::uint64_t timeouts = 0;           ///< Callers that waited for `timeout` in vain.
    std::uint64_t cancelled = 0;          ///< Callers that were cancelled while they waited.
    std::uint64_t refused_full = 0;       ///< Callers that found `max_waiters` before them.
    std::uint64_t failed_by_connect = 0;  ///< Callers that were told why no connection can be made.
    std::uint64_t connects_started = 0;   ///< Attempts to connect.
    std::uint64_t connects_succeeded = 0; ///< ... that gave a connection.
    std::uint64_t connects_failed = 0;    ///< ... that did not.
    std::uint64_t pings = 0;              ///< Idle connections that were asked whether they live.
    std::uint64_t pings_failed = 0;       ///< ... and did not answer.
    std::uint64_t found_dead = 0;         ///< Idle connections that were found dead without asking.
    std::uint64_t resets = 0;             ///< Connections that needed a rollback or reset when they came back.
    std::uint64_t leaks_suspected = 0;    ///< Leases that lasted longer than `leak_threshold`.
    std::array<std::uint64_t, close_reasons> closed{}; ///< By `close_reason`.

    std::array<std::uint64_t, wait_bounds.size() + 1> waits{}; ///< Waits of those who waited, by `wait_bounds`.
    duration wait_total{};                                     ///< How long callers waited, all together.
    duration wait_max{};                                       ///< The longest wait.
    duration use_total{};                                      ///< How long connections were leased, all together.
    duration connect_total{};                                  ///< How long connecting took where it succeeded.
};

/// A pool's state and counters as Prometheus reads them: text format 0.0.4.
/// @param name  The value of the label `pool`; quotes, backslashes and line ends in it are escaped.
[[nodiscard]] std::string to_prometheus(const pool_status& status, const pool_counters& counters,
                                        std::string_view name);

} // namespace tusk
