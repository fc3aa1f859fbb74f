#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace tusk::pooling {

/// What bounds a pool, as far as it has nothing to do with PostgreSQL. A duration of zero means "off".
struct limits {
    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

    std::size_t size = 5;
    std::size_t cap = 15; ///< `size` and overflow together.
    std::size_t min_idle = 0;
    std::size_t max_waiters = unlimited;
    std::size_t connect_concurrency = 4;
    bool lifo = true;
    bool fail_fast = false;
    bool pre_ping = false;
    duration recycle{};
    duration max_lifetime{};
    double lifetime_jitter = 0.25;
    duration idle_timeout{};
    duration ping_threshold{};
    duration leak_threshold{};
    duration backoff_first{};
    duration backoff_most{};
};

} // namespace tusk::pooling
