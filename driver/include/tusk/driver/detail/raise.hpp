#pragma once

#include <tusk/driver/server_error.hpp>

#include <exception>
#include <memory>
#include <string>

namespace tusk::detail {

/// Makes the exception of the most specific class that there is for the SQLSTATE.
/// @param fields  What the server said; not null.
/// @param query   The statement that failed; empty where there was none.
/// @param remedy  What the driver knows about mending it; empty where it knows nothing.
[[nodiscard]] std::exception_ptr make_server_error(std::shared_ptr<const error_fields> fields, std::string query,
                                                   const std::string& remedy);

/// Throws what `make_server_error` makes.
[[noreturn]] void raise_server_error(std::shared_ptr<const error_fields> fields, std::string query,
                                     const std::string& remedy);

} // namespace tusk::detail
