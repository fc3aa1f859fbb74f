#include "loading/raw_query.hpp"

#include "loading/prepared_statement.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/orm/from_sql.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace tusk::orm::detail {

statement_ptr prepare(const raw_query& of)
{
    const auto kept = std::make_shared<const raw_query>(of);
    auto made = std::make_shared<prepared_statement>();
    made->by_name = true;
    made->made.sql = kept->sql;
    made->made.parameters.assign(kept->values.view().begin(), kept->values.view().end());
    made->made.result_count = 1;
    made->made.owner = kept;
    compiled_output& entity = made->made.outputs.emplace_back();
    entity.table = kept->table;
    for (const load_option& each : kept->options) {
        if (each.strategy != load_strategy::selectin)
            throw usage_error{"nothing can be joined to SQL that is given as it is: load its relations with "
                              "selectinload"};
        entity.to_load.push_back(&each);
    }
    return made;
}

compiled_statement match_by_name(const compiled_statement& of, std::span<const tusk::column> columns)
{
    const table_info& table = *of.outputs.front().table;
    const auto members = std::make_shared<std::vector<const column_info*>>();
    for (const tusk::column& each : columns) {
        const column_info* const member = table.find_column(each.name);
        const bool is_taken = std::ranges::find(*members, member) != members->end();
        members->push_back(is_taken ? nullptr : member);
    }
    for (const column_info& each : table.columns())
        if (!each.is_deferred && std::ranges::find(*members, &each) == members->end())
            throw usage_error{fmt::format("the statement gives no column \"{}\", which {} is read from", each.name,
                                          each.described())};
    compiled_statement matched = of;
    matched.outputs.front().columns = *members;
    matched.column_count = members->size();
    matched.owner =
        std::make_shared<const std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(of.owner, members);
    return matched;
}

} // namespace tusk::orm::detail
