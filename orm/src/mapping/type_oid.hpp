#pragma once

#include <tusk/driver/oid.hpp>

#include <string_view>

namespace tusk::orm::detail {

/// The OID of a column type as it stands in CREATE TABLE, "varchar(255)" or "numeric(10, 2)[]"; 0 for a type of the
/// database's own.
oid oid_of_column_type(std::string_view type);

} // namespace tusk::orm::detail
