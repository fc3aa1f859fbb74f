#include <tusk/driver/as_type.hpp>

#include "types/builtin_types.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

namespace tusk::detail {

oid declared_type(std::string_view name)
{
    const oid type = type_oid(name);
    if (type == 0)
        throw usage_error{fmt::format("\"{0}\" is not a built-in type of PostgreSQL; for a type of your own write a "
                                      "cast into the SQL: $1::{0}",
                                      name)};
    return type;
}

} // namespace tusk::detail
