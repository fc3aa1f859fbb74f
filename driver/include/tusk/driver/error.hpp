#pragma once

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>

namespace tusk {

/// The root of everything that tusk throws. Messages say what happened, where, and how to mend it;
/// they hold no parameter values and no secrets.
class error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// The connection could not be made, or is gone.
class connection_error : public error
{
public:
    /// @param safe_to_retry  True only where no byte of the request was sent.
    explicit connection_error(const std::string& message, bool safe_to_retry = false)
        : error{message}, safe_to_retry_{safe_to_retry}
    {
    }

    /// True only where no byte of the request was sent, so that running it again cannot run it twice.
    [[nodiscard]] bool safe_to_retry() const noexcept { return safe_to_retry_; }

private:
    bool safe_to_retry_;
};

/// The two sides could not agree on who they are: an unsupported method, a server that failed to prove itself.
/// (A refused password is the server's word and arrives as `invalid_password`.)
class authentication_error : public error
{
public:
    using error::error;
};

/// The server sent what the protocol does not allow. The connection is closed: nothing behind it can be trusted.
class protocol_error : public error
{
public:
    using error::error;
};

/// A deadline passed.
class timeout_error : public error
{
public:
    using error::error;
};

/// A value cannot be read as the C++ type that was asked for. The result stays usable.
class decode_error : public error
{
public:
    using error::error;
};

/// A value does not fit its parameter. The statement was not executed; the connection stays usable.
class encode_error : public error
{
public:
    using error::error;
};

/// The call does not fit the state of the object it was made on, or its arguments contradict each other.
/// Nothing was sent; the connection stays as it was.
class usage_error : public error
{
public:
    using error::error;
};

/// The operation was cancelled through its cancellation slot. The connection stays usable.
class operation_aborted : public error
{
public:
    using error::error;
};

/// A statement returned another number of rows than the caller had said (`query_one`, `query_optional`).
class row_count_error : public error
{
public:
    row_count_error(const std::string& message, std::size_t rows) : error{message}, rows_{rows} {}

    /// How many rows there were.
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }

private:
    std::size_t rows_;
};

/// Part of a batch that is all or nothing: it was not executed, or was rolled back, because another part failed.
class not_executed : public error
{
public:
    using error::error;
};

/// More notifications came than are kept, so some are lost. The connection stays usable, and still listens.
class notification_overflow : public error
{
public:
    notification_overflow(const std::string& message, std::size_t lost) : error{message}, lost_{lost} {}

    /// How many were lost.
    [[nodiscard]] std::size_t lost() const noexcept { return lost_; }

private:
    std::size_t lost_;
};

/// A commit was asked for, and the server rolled back: an earlier statement of the transaction had failed.
class transaction_rolled_back : public error
{
public:
    transaction_rolled_back(const std::string& message, std::exception_ptr cause)
        : error{message}, cause_{std::move(cause)}
    {
    }

    /// The first error of the transaction; null where none was seen.
    [[nodiscard]] std::exception_ptr cause() const noexcept { return cause_; }

private:
    std::exception_ptr cause_;
};

/// The connection was lost after COMMIT was written and before the server said what became of it.
/// Nothing retries this by itself: look the outcome up, or make the transaction repeatable.
class commit_outcome_unknown : public connection_error
{
public:
    explicit commit_outcome_unknown(const std::string& message) : connection_error{message, false} {}
};

} // namespace tusk
