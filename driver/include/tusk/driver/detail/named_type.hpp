#pragma once

#include <tusk/driver/oid.hpp>
#include <tusk/driver/type_kind.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace tusk {
struct type_info;
} // namespace tusk

namespace tusk::detail {

/// A type of the database's own as far as its name tells, for encoding values that are not sent: nobody has asked a
/// server for its OID.
/// @param name  Without schema; `mood`, or `mood[]` for its array.
/// @param kind  What it is, or what the elements of the array are.
std::shared_ptr<const type_info> named_type(std::string_view name, type_kind kind);

/// A field of a composite: a built-in type by its OID, else what is known of it by name.
struct named_field {
    oid type = 0;
    std::shared_ptr<const type_info> info;
};
/// The same of a composite, or of arrays of one.
std::shared_ptr<const type_info> named_composite(std::string_view name, const std::vector<named_field>& fields);

} // namespace tusk::detail
