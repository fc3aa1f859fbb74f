#include "schema/existing.hpp"

#include "mapping/quoted.hpp"
#include "schema/table_order.hpp"

namespace tusk::orm::detail {

object_kind schemas_to_find(const metadata& of)
{
    object_kind kind;
    kind.question = "SELECT name FROM unnest($1::text[]) AS name WHERE to_regnamespace(name) IS NOT NULL";
    for (const std::string& each : schemas_of(of))
        kind.names.push_back(quoted(each));
    return kind;
}

object_kind types_to_find(const metadata& of)
{
    object_kind kind;
    kind.question = "SELECT name FROM unnest($1::text[]) AS name WHERE to_regtype(name) IS NOT NULL";
    for (const enum_info* each : of.enums())
        kind.names.push_back(qualified(each->schema, each->name));
    return kind;
}

object_kind tables_to_find(const metadata& of)
{
    object_kind kind;
    kind.question = "SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL";
    for (const table_info* each : of.tables())
        kind.names.push_back(qualified(*each));
    return kind;
}

} // namespace tusk::orm::detail
