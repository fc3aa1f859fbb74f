#include "mapping/type_oid.hpp"

#include <tusk/driver/as_type.hpp>
#include <tusk/driver/error.hpp>

#include <string>

namespace tusk::orm::detail {

oid oid_of_column_type(std::string_view type)
{
    std::string plain;
    int depth = 0;
    for (const char c : type) {
        depth += c == '(' ? 1 : 0;
        if (depth == 0)
            plain += c;
        depth -= c == ')' ? 1 : 0;
    }
    while (plain.ends_with(' '))
        plain.pop_back();
    try {
        return tusk::detail::declared_type(plain);
    } catch (const usage_error&) {
        return 0; // a type of the database's own: the server finds it by the column
    }
}

} // namespace tusk::orm::detail
