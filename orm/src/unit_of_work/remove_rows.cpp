// Rows that are deleted, and what refers to them.
#include "unit_of_work/flush_run.hpp"
#include "unit_of_work/rows_that_go.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

asio::awaitable<void> flush_run::remove_rows(const tusk::detail::session_use& use, std::vector<entity_record*> entities,
                                             std::vector<entity_record*> taken_over)
{
    std::map<entity_record*, column_set> openings;
    for (const flush_planner::opening& each : planner_.openings())
        if (std::ranges::find(entities, each.entity) != entities.end())
            for (const column_info& column : each.entity->table->columns())
                if (each.columns.test(column.position))
                    openings[each.entity].set(column.position);

    rows_that_go going{std::move(entities), taken_over};
    for (std::vector<rows_that_go::question> asked = going.questions(); !asked.empty(); asked = going.questions())
        for (rows_that_go::question& each : asked) {
            std::vector<known_row> rows;
            found_ = &rows;
            co_await send(use, each.level);
            found_ = nullptr;
            going.answer(*each.relation, std::move(rows));
        }
    sent_.push_back(std::make_unique<flush_level>(going.level(openings)));
    if (!sent_.back()->empty())
        co_await send(use, *sent_.back());
}

} // namespace tusk::orm::detail
