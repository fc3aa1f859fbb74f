#include <tusk/orm/schema.hpp>

#include "schema/ddl.hpp"
#include "schema/table_order.hpp"

#include <string_view>

namespace tusk::orm {

std::string to_ddl(const metadata& of)
{
    const detail::ddl_writer ddl;
    std::string script;
    const auto add = [&](std::string_view statement) { script.append(statement).append(";\n"); };
    // An empty line between groups, as one would write it.
    const auto next_group = [&] {
        if (!script.empty())
            script += '\n';
    };

    const std::vector<std::string> schemas = detail::schemas_of(of);
    for (const std::string& each : schemas)
        add(ddl.create_schema(each));
    if (!of.enums().empty())
        next_group();
    for (const enum_info* each : of.enums())
        add(ddl.create_enum(*each));
    const std::vector<detail::ordered_table> tables = detail::in_dependency_order(of);
    for (const detail::ordered_table& each : tables) {
        next_group();
        add(ddl.create_table(*each.table, each.foreign_keys));
        for (const index_info& index : each.table->indexes())
            add(ddl.create_index(*each.table, index, false));
        for (const std::string& comment : ddl.comments(*each.table))
            add(comment);
    }
    bool is_first = true;
    for (const detail::ordered_table& each : tables) {
        for (const foreign_key_info* key : each.later) {
            if (is_first)
                next_group();
            is_first = false;
            add(ddl.add_constraint(*each.table, ddl.foreign_key(*key)));
        }
    }
    return script;
}

} // namespace tusk::orm
