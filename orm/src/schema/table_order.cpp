#include "schema/table_order.hpp"

#include <algorithm>
#include <string>

namespace tusk::orm::detail {

namespace {

bool is_among(const std::vector<ordered_table>& placed, const table_info* wanted)
{
    return std::ranges::any_of(placed, [&](const ordered_table& each) { return each.table == wanted; });
}

} // namespace

std::vector<ordered_table> in_dependency_order(const metadata& of)
{
    std::vector<const table_info*> waiting{of.tables().begin(), of.tables().end()};
    std::vector<ordered_table> placed;
    while (!waiting.empty()) {
        const auto missing = [&](const table_info* table) {
            return std::ranges::count_if(table->foreign_keys(), [&](const foreign_key_info& key) {
                return key.referred_table != table && !is_among(placed, key.referred_table);
            });
        };
        // In a cycle nobody's turn has come: whoever misses least begins.
        const auto next = std::ranges::min_element(waiting, {}, missing);
        ordered_table& made = placed.emplace_back();
        made.table = *next;
        waiting.erase(next);
        for (const foreign_key_info& key : made.table->foreign_keys())
            (is_among(placed, key.referred_table) ? made.foreign_keys : made.later).push_back(&key);
    }
    return placed;
}

std::vector<std::string> schemas_of(const metadata& of)
{
    std::vector<std::string> names;
    const auto add = [&](const std::string& name) {
        if (!name.empty() && std::ranges::find(names, name) == names.end())
            names.push_back(name);
    };
    for (const enum_info* each : of.enums())
        add(each->schema);
    for (const table_info* each : of.tables())
        add(each->schema());
    return names;
}

} // namespace tusk::orm::detail
