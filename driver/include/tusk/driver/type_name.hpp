#pragma once

#include <tusk/driver/oid.hpp>

#include <string>
#include <string_view>

namespace tusk {

/// The SQL name of one of PostgreSQL's built-in types: "integer", "timestamp with time zone", "text[]".
///
/// @return Empty when the type is not built in; a name then lives in the catalog alone.
/// @par Lifetime       Static.
/// @par Thread safety  Any thread.
[[nodiscard]] std::string_view type_name(oid type) noexcept;

/// Names a type in a message: its SQL name, or "type with OID 16385" when it is not built in, or "an unspecified type"
/// for 0.
[[nodiscard]] std::string describe_type(oid type);

} // namespace tusk
