#pragma once

#include <chrono>

namespace tusk::pooling {

/// Monotonic: setting the wall clock moves nothing. The core never asks for the time, it is told.
using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

inline constexpr time_point never = time_point::max();

/// `from + length` without running over the end of time.
constexpr time_point after(time_point from, duration length) noexcept
{
    return length >= never - from ? never : from + length;
}

} // namespace tusk::pooling
