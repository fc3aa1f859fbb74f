#pragma once

#include <tusk/driver/oid.hpp>
#include <tusk/orm/table_info.hpp>

namespace tusk::orm::detail {

/// The member's values are encoded for that type exactly as the server does it, in binary.
bool is_canonical(const column_info& column, oid type) noexcept;

} // namespace tusk::orm::detail
