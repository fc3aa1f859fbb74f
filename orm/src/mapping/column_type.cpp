#include <tusk/orm/column_type.hpp>

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

namespace tusk::orm::detail {

std::string snake_case_name(std::string_view qualified)
{
    if (const auto colon = qualified.rfind(':'); colon != std::string_view::npos)
        qualified.remove_prefix(colon + 1);
    std::string name;
    for (const char c : qualified) {
        if (c >= 'A' && c <= 'Z') {
            if (!name.empty() && name.back() != '_')
                name += '_';
            name += static_cast<char>(c - 'A' + 'a');
        } else {
            name += c;
        }
    }
    return name;
}

std::string range_type_of(std::string_view subtype, bool multi)
{
    std::string_view range;
    if (subtype == "integer")
        range = "int4";
    else if (subtype == "bigint")
        range = "int8";
    else if (subtype == "numeric")
        range = "num";
    else if (subtype == "timestamp")
        range = "ts";
    else if (subtype == "timestamptz")
        range = "tstz";
    else if (subtype == "date")
        range = "date";
    else
        throw usage_error{fmt::format("PostgreSQL has no built-in range over {}; name the column's type with "
                                      "orm::type(\"...\")",
                                      subtype)};
    return fmt::format("{}{}", range, multi ? "multirange" : "range");
}

} // namespace tusk::orm::detail
