#include "loading/load_related.hpp"

#include "loading/related_load.hpp"
#include "loading/send.hpp"

#include <tusk/driver/pipeline.hpp>
#include <tusk/driver/transaction.hpp>
#include <tusk/session/detail/access.hpp>

#include <cstddef>
#include <deque>
#include <exception>
#include <string_view>
#include <utility>

namespace tusk::orm::detail {

namespace {

/// Statements a flight: what they give is in memory at the same time.
constexpr std::size_t most_statements = 8;

/// The next statements of loads that have some left.
std::vector<related_load*> next_flight(std::deque<related_load>& loads)
{
    std::vector<related_load*> flight;
    for (related_load& each : loads)
        if (each.has_more() && flight.size() < most_statements)
            flight.push_back(&each);
    return flight;
}

asio::awaitable<std::vector<result>> fly(session_state& state, tusk::detail::session_use& use,
                                         const std::vector<related_load*>& flight)
{
    std::vector<result> rows;
    rows.reserve(flight.size());
    if (flight.size() == 1) {
        rows.push_back(co_await send(state, use, flight.front()->sql(), flight.front()->next_keys()));
        co_return rows;
    }
    if (!use.is_open())
        co_await use.open();
    pipeline statements = use.innermost().pipeline();
    std::vector<pending<result>> pending_rows;
    pending_rows.reserve(flight.size());
    for (related_load* each : flight)
        pending_rows.push_back(statements.query(
            std::string_view{tusk::detail::session_access::said(state.sql(), each->sql())}, each->next_keys()));
    try {
        co_await statements.run();
        for (pending<result>& each : pending_rows)
            rows.push_back(std::move(each).get());
    } catch (...) {
        use.note(std::current_exception());
        throw;
    }
    co_return rows;
}

} // namespace

asio::awaitable<void> load_related(session_state& state, tusk::detail::session_use& use, std::vector<load_task> tasks)
{
    while (!tasks.empty()) {
        std::deque<related_load> loads;
        for (const load_task& each : tasks)
            loads.emplace_back(state.store(), each);
        std::vector<load_task> next;
        for (auto flight = next_flight(loads); !flight.empty(); flight = next_flight(loads)) {
            const std::vector<result> rows = co_await fly(state, use, flight);
            for (std::size_t i = 0; i < flight.size(); ++i)
                flight[i]->take(rows[i], next);
        }
        for (related_load& each : loads)
            each.finish(next);
        tasks = std::move(next);
    }
}

} // namespace tusk::orm::detail
