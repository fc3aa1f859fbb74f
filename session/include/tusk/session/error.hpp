#pragma once

#include <tusk/driver/error.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <utility>

namespace tusk {

/// The session's transaction has failed, so nothing more runs in it: `co_await rollback()` starts afresh; an open
/// savepoint is rolled back to. The message names the error that it failed with.
class pending_rollback : public usage_error
{
public:
    pending_rollback(const std::string& message, std::exception_ptr cause)
        : usage_error{message}, cause_{std::move(cause)}
    {
    }

    /// What it failed with; null where that is not known.
    [[nodiscard]] std::exception_ptr cause() const noexcept { return cause_; }

private:
    std::exception_ptr cause_;
};

/// `retry` has given up: every attempt met a serialization failure or a deadlock. The message holds the last error.
class retry_exhausted : public error
{
public:
    retry_exhausted(const std::string& message, std::size_t attempts, std::exception_ptr cause)
        : error{message}, attempts_{attempts}, cause_{std::move(cause)}
    {
    }

    /// How many times the block was run.
    [[nodiscard]] std::size_t attempts() const noexcept { return attempts_; }

    /// The error of the last attempt.
    [[nodiscard]] std::exception_ptr cause() const noexcept { return cause_; }

private:
    std::size_t attempts_;
    std::exception_ptr cause_;
};

} // namespace tusk
