#pragma once

#include <tusk/driver/error.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tusk {

/// What the server says about an error or a notice, unchanged. A field that was not sent is empty.
///
/// The text is the server's: it can hold values of the failing row, control bytes and invalid UTF-8.
/// `server_error::what()` has the escaped form.
/// @see PostgreSQL documentation, "Error and Notice Message Fields".
struct error_fields {
    std::string severity;                 ///< S: localized; `severity_nonlocalized` is the one to compare with.
    std::string severity_nonlocalized;    ///< V: ERROR, FATAL, PANIC, WARNING, NOTICE, DEBUG, INFO or LOG.
    std::string sqlstate;                 ///< C: five characters, see `tusk::sqlstate`.
    std::string message;                  ///< M
    std::string detail;                   ///< D
    std::string hint;                     ///< H
    std::optional<int> position;          ///< P: in characters of the statement, from 1.
    std::optional<int> internal_position; ///< p: the same for `internal_query`.
    std::string internal_query;           ///< q: the statement that a function or the server itself ran.
    std::string context;                  ///< W: the call stack, innermost first.
    std::string schema_name;              ///< s
    std::string table_name;               ///< t
    std::string column_name;              ///< c
    std::string data_type_name;           ///< d
    std::string constraint_name;          ///< n
    std::string file;                     ///< F: the place in the server's source.
    std::optional<int> line;              ///< L
    std::string routine;                  ///< R
};

/// The server refused a request. Thrown as the class of its condition (`unique_violation`), else as the class of its
/// SQLSTATE class (`integrity_constraint_violation`), else as this; see `conditions.hpp`.
///
/// `what()` reads "ERROR 23505 unique_violation: message", then lines with detail, hint and remedy where there are any.
/// Control bytes and invalid UTF-8 are escaped in it and its length is bounded, so that it is safe in a terminal or a
/// log; the accessors give the server's text as it came. The statement is not part of it.
/// @par Lifetime       Strings live as long as any copy of the exception. Copies share them and never throw.
/// @par Thread safety  Immutable.
class server_error : public error
{
public:
    /// @param fields  What the server said; not null.
    /// @param query   The statement that failed; empty where there was none.
    /// @param remedy  What the driver knows about mending it, one sentence; empty where it knows nothing.
    server_error(std::shared_ptr<const error_fields> fields, std::string query, std::string_view remedy);

    /// The severity in English (V), or as the server localized it (S) where it sent no other. Empty if neither came.
    [[nodiscard]] const std::string& severity() const noexcept;

    /// Five characters, to compare with the constants of `tusk::sqlstate`. Empty if the server sent none.
    [[nodiscard]] const std::string& sqlstate() const noexcept { return fields_->sqlstate; }

    [[nodiscard]] const std::string& message() const noexcept { return fields_->message; }
    [[nodiscard]] const std::string& detail() const noexcept { return fields_->detail; }
    [[nodiscard]] const std::string& hint() const noexcept { return fields_->hint; }

    /// Where in `query()`, in characters (not bytes), counted from 1.
    [[nodiscard]] std::optional<int> position() const noexcept { return fields_->position; }

    /// Where in `internal_query()`, in characters, counted from 1.
    [[nodiscard]] std::optional<int> internal_position() const noexcept { return fields_->internal_position; }

    [[nodiscard]] const std::string& internal_query() const noexcept { return fields_->internal_query; }
    [[nodiscard]] const std::string& context() const noexcept { return fields_->context; }
    [[nodiscard]] const std::string& schema_name() const noexcept { return fields_->schema_name; }
    [[nodiscard]] const std::string& table_name() const noexcept { return fields_->table_name; }
    [[nodiscard]] const std::string& column_name() const noexcept { return fields_->column_name; }
    [[nodiscard]] const std::string& data_type_name() const noexcept { return fields_->data_type_name; }
    [[nodiscard]] const std::string& constraint_name() const noexcept { return fields_->constraint_name; }
    [[nodiscard]] const std::string& file() const noexcept { return fields_->file; }
    [[nodiscard]] std::optional<int> line() const noexcept { return fields_->line; }
    [[nodiscard]] const std::string& routine() const noexcept { return fields_->routine; }

    /// The statement that failed, without the values of its parameters. Empty where there was none.
    [[nodiscard]] const std::string& query() const noexcept { return *query_; }

    /// Everything that the server said.
    [[nodiscard]] const error_fields& fields() const noexcept { return *fields_; }

    /// FATAL or PANIC: the server closes the connection after this error.
    [[nodiscard]] bool is_fatal() const noexcept;

    /// True for `serialization_failure` and `deadlock_detected`: the transaction was rolled back because of others that
    /// ran beside it, and running the whole of it again, unchanged, can be expected to succeed.
    ///
    /// Run the whole transaction, not the statement. Where `is_fatal()` is true as well (a conflict with recovery on a
    /// standby), that takes a new connection. `lock_not_available` is not among them: whoever writes NOWAIT or sets a
    /// lock_timeout has asked not to wait, and an automatic retry would wait all the same. Nor is
    /// `statement_completion_unknown`: running that again could do the work twice.
    /// @see PostgreSQL documentation, "Serialization Failure Handling".
    [[nodiscard]] bool is_retryable() const noexcept;

private:
    std::shared_ptr<const error_fields> fields_;
    std::shared_ptr<const std::string> query_;
};

/// The name of a condition: "unique_violation" for "23505". These are the names of the constants in `tusk::sqlstate`.
/// @return Empty for a SQLSTATE that PostgreSQL does not define. The view never expires.
[[nodiscard]] std::string_view condition_name(std::string_view sqlstate) noexcept;

} // namespace tusk
