#pragma once

#include <tusk/driver/error.hpp>
#include <tusk/pool/status.hpp>

#include <exception>
#include <string>
#include <utility>

namespace tusk {

/// No connection became free in time. The message tells how the pool stood, who holds a connection for longest and why
/// connecting failed, if it did.
class pool_timeout : public timeout_error
{
public:
    pool_timeout(const std::string& message, const pool_status& status, std::exception_ptr connect_error)
        : timeout_error{message}, status_{status}, connect_error_{std::move(connect_error)}
    {
    }

    /// How the pool stood when time was up.
    [[nodiscard]] const pool_status& status() const noexcept { return status_; }

    /// Why the last attempt to connect failed; null where none failed since one succeeded.
    [[nodiscard]] std::exception_ptr connect_error() const noexcept { return connect_error_; }

private:
    pool_status status_;
    std::exception_ptr connect_error_;
};

/// `max_waiters` callers were waiting already.
class pool_overloaded : public error
{
public:
    using error::error;
};

/// The pool was disposed of, or destroyed while the caller waited.
class pool_closed : public error
{
public:
    using error::error;
};

} // namespace tusk
