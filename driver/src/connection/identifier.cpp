#include <tusk/driver/identifier.hpp>

#include <tusk/driver/error.hpp>

namespace tusk {

namespace {

std::string quoted(std::string_view name)
{
    if (name.empty())
        throw usage_error{"a name in SQL cannot be empty"};
    if (name.find('\0') != std::string_view::npos)
        throw usage_error{"a name in SQL cannot hold a zero byte"};
    std::string sql{'"'};
    for (const char each : name) {
        if (each == '"')
            sql += '"';
        sql += each;
    }
    return sql += '"';
}

} // namespace

identifier::identifier(std::string_view name) : sql_{quoted(name)} {}

identifier::identifier(std::string_view schema, std::string_view name) : sql_{quoted(schema) + '.' + quoted(name)} {}

} // namespace tusk
