#include "loading/flush_before.hpp"
#include "loading/load_related.hpp"
#include "loading/prepared_statement.hpp"
#include "loading/raw_query.hpp"
#include "loading/result_reader.hpp"
#include "loading/row_count.hpp"
#include "loading/send.hpp"
#include "loading/touched_rows.hpp"

#include <tusk/orm/detail/statement_run.hpp>

#include <optional>
#include <utility>

namespace tusk::orm::detail {

namespace {

bool selects_entities(const compiled_statement& of)
{
    for (const compiled_output& each : of.outputs)
        if (each.table != nullptr)
            return true;
    return false;
}

} // namespace

asio::awaitable<loaded_rows> run_query(std::shared_ptr<session_state> on, statement_ptr what, row_bound bound,
                                       std::source_location who)
{
    tusk::detail::session_use use = on->use();
    if (must_flush_before(*on, *what))
        co_await on->flush(use);
    const entity_store::keep_all meanwhile{on->store()};
    touched_rows touched{*on, *what};
    loaded_rows came;
    came.rows = co_await send(*on, use, touched.sql(), what->made.listed(), who);
    std::optional<compiled_statement> matched;
    if (what->by_name)
        matched.emplace(match_by_name(what->made, came.rows.columns()));
    const compiled_statement& statement = matched ? *matched : what->made;
    if (!statement.repeats_entities)
        check_row_count(came.rows.size(), bound);
    came.count = bound == row_bound::first && !came.rows.empty() ? 1 : came.rows.size();
    for (std::size_t i = 0; i < statement.result_count; ++i)
        came.first_columns.push_back(statement.outputs[i].first_column);
    if (selects_entities(statement) && !came.rows.empty()) {
        result_reader reader{on->store(), statement, came.rows.columns(),
                             statement.writes ? on_known::refresh : on_known::keep};
        const std::size_t read = statement.repeats_entities ? came.rows.size() : came.count;
        reader.expect(read);
        for (std::size_t i = 0; i < read; ++i)
            reader.read(came.rows[i]);
        std::vector<load_task> tasks;
        reader.finish(tasks);
        came.entities = reader.take_results();
        if (!tasks.empty())
            co_await load_related(*on, use, std::move(tasks));
    }
    if (statement.repeats_entities && statement.result_count == 1) {
        check_row_count(came.entities.size(), bound);
        came.count = came.entities.size();
    }
    co_await touched.follow(use, came.rows);
    co_return came;
}

asio::awaitable<command_tag> run_command(std::shared_ptr<session_state> on, statement_ptr what,
                                         std::source_location who)
{
    tusk::detail::session_use use = on->use();
    if (must_flush_before(*on, *what))
        co_await on->flush(use);
    const entity_store::keep_all meanwhile{on->store()};
    touched_rows touched{*on, *what};
    const result rows = co_await send(*on, use, touched.sql(), what->made.listed(), who);
    co_await touched.follow(use, rows);
    co_return rows.tag();
}

} // namespace tusk::orm::detail
