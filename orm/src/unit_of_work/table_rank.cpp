#include "unit_of_work/table_rank.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

namespace tusk::orm::detail {

std::vector<const table_info*> in_order_of_reference(std::vector<const table_info*> tables)
{
    // The order in which they were met says nothing.
    std::ranges::sort(tables, {}, [](const table_info* each) { return std::tie(each->schema(), each->name()); });
    std::vector<const table_info*> placed;
    while (!tables.empty()) {
        const auto missing = [&](const table_info* table) {
            const auto is_waiting = [&](const table_info* other) {
                return other != table && std::ranges::find(tables, other) != tables.end();
            };
            // In a circle it is those that may be NULL that wait.
            std::pair<std::ptrdiff_t, std::ptrdiff_t> count;
            for (const foreign_key_info& key : table->foreign_keys())
                if (is_waiting(key.referred_table))
                    ++(std::ranges::all_of(key.columns, &column_info::is_nullable) ? count.second : count.first);
            for (const relation_info& relation : table->relations())
                if (relation.kind == relation_kind::many_to_one && is_waiting(relation.target))
                    ++count.second;
            return count;
        };
        const auto next = std::ranges::min_element(tables, {}, missing); // in a circle: whoever misses least
        placed.push_back(*next);
        tables.erase(next);
    }
    return placed;
}

} // namespace tusk::orm::detail
