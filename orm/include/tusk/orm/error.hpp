#pragma once

#include <tusk/driver/error.hpp>

namespace tusk::orm {

/// A relation or deferred column was touched that nobody has loaded. Nothing is loaded by touching (no hidden I/O):
/// name it in `.options(orm::selectinload<...>())`, or await `session.load<...>(handle)`.
class not_loaded : public usage_error
{
public:
    using usage_error::usage_error;
};

/// A row was changed or deleted by somebody else: an UPDATE or DELETE of the unit of work did not find the row, or not
/// in the version that it knows.
class stale_data_error : public error
{
public:
    using error::error;
};

} // namespace tusk::orm
