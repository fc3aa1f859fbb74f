#pragma once

#include <tusk/driver/server_error.hpp>

#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace tusk {

/// Why something failed, before anybody threw: what the `try_` verbs give in place of an exception.
///
/// The exception that the throwing form would throw is built on demand only: a unique violation that is looked at
/// and answered costs no unwinding.
/// @par Thread safety  As a value: copies are independent.
class failure
{
public:
    /// No failure.
    failure() = default;

    /// The server refused.
    /// @param remedy  A line that says how to mend it; may be empty.
    failure(std::shared_ptr<const error_fields> fields, std::string query, std::string remedy);

    /// Something on this side.
    explicit failure(std::exception_ptr local) noexcept
        : local_{std::move(local)} // NOLINT(bugprone-throw-keyword-missing): it is kept, not thrown
    {
    }

    [[nodiscard]] explicit operator bool() const noexcept { return server_ != nullptr || local_ != nullptr; }

    /// The SQLSTATE where the server refused, else empty.
    [[nodiscard]] std::string_view sqlstate() const noexcept;

    /// The server's fields, or null where the failure is not the server's word.
    [[nodiscard]] const error_fields* fields() const noexcept { return server_.get(); }

    /// What the exception would say.
    [[nodiscard]] std::string message() const;

    /// The exception of the throwing form.
    [[nodiscard]] std::exception_ptr exception() const;

    /// Throws it.
    [[noreturn]] void raise() const;

private:
    std::shared_ptr<const error_fields> server_;
    std::string query_;
    std::string remedy_;
    std::exception_ptr local_;
};

} // namespace tusk
