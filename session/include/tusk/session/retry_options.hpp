#pragma once

#include <chrono>
#include <cstddef>

namespace tusk {

/// How often and how long `engine::retry` tries: `tusk::retry_options{5}.within(10s).backoff(5ms, 500ms)`.
///
/// Before each further attempt it waits for a random time, from nothing up to a bound that doubles: those that got in
/// each other's way do not meet again.
class retry_options
{
public:
    using duration = std::chrono::steady_clock::duration;

    /// @param attempts  How often the block is run at most; at least 1.
    retry_options(std::size_t attempts) noexcept : attempts_{attempts} {} // NOLINT(google-explicit-constructor)

    /// No attempt begins later than this after the first one began. 0: however long it takes.
    retry_options& within(duration deadline) noexcept
    {
        deadline_ = deadline;
        return *this;
    }

    /// The bound of the first wait, and the highest one.
    retry_options& backoff(duration first, duration most) noexcept
    {
        first_ = first;
        most_ = most;
        return *this;
    }

    [[nodiscard]] std::size_t attempts() const noexcept { return attempts_; }
    [[nodiscard]] duration deadline() const noexcept { return deadline_; }
    [[nodiscard]] duration first_backoff() const noexcept { return first_; }
    [[nodiscard]] duration most_backoff() const noexcept { return most_; }

private:
    std::size_t attempts_;
    duration deadline_{};
    duration first_ = std::chrono::milliseconds{10};
    duration most_ = std::chrono::seconds{1};
};

} // namespace tusk
