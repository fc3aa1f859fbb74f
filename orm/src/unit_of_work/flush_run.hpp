#pragma once

#include "unit_of_work/entity_prototype.hpp"
#include "unit_of_work/entity_store.hpp"
#include "unit_of_work/flush_plan.hpp"
#include "unit_of_work/flush_planner.hpp"
#include "unit_of_work/undo_log.hpp"
#include "unit_of_work/value_journal.hpp"

#include <tusk/driver/detail/flight.hpp>
#include <tusk/driver/failure.hpp>
#include <tusk/session/detail/use.hpp>

#include <asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

/// One flush: what it sends, and what becomes of the entities.
///
/// Until it has succeeded, it keeps everything that undoes what it did to them.
class flush_run
{
public:
    flush_run(entity_store& store, undo_log& log, prototypes& made);

    /// @returns False where nothing has changed.
    /// @throws  As `flush_planner::plan`; entities are as they were.
    bool plan();

    /// @throws  What the first element that failed met; the message names its entity. Entities are as they were, and
    /// the
    ///          transaction has failed.
    asio::awaitable<void> run(const tusk::detail::session_use& use);

    /// What was sent is what the entities have: new baselines, identities, states.
    void finish();
    /// Nothing of it counts.
    void take_back() noexcept;

private:
    asio::awaitable<void> send(const tusk::detail::session_use& use, flush_level& level);
    void take_answers(const flush_level& level, const tusk::detail::flight_answer& answer);
    [[noreturn]] void fail(const flush_level& level, const tusk::detail::flight_answer& answer,
                           const failure& why) const;

    void take_row(const flush_statement& of, const flush_step& step, const std::byte* fields,
                  std::span<const std::unique_ptr<field_reader>> readers);
    void take_far_row(const flush_statement& of, const std::byte* fields);

    // remove_rows.cpp
    asio::awaitable<void> remove_rows(const tusk::detail::session_use& use, std::vector<entity_record*> entities,
                                      std::vector<entity_record*> taken_over);
    void finish_removed(entity_record& entity);

    void finish_inserted(const flush_level& of);

    entity_store& store_;
    undo_log& log_;
    prototypes& prototypes_;
    value_journal journal_;
    flush_planner planner_;
    std::vector<entity_record*> updated_;
    std::vector<entity_record*> removed_;
    std::vector<std::pair<entity_record*, const relation_info*>> released_;
    std::set<std::pair<const table_info*, std::string>> removed_keys_; ///< By statements about many rows.
    std::vector<std::unique_ptr<flush_level>> sent_;                   ///< The last one perhaps without success.
    std::size_t answered_ = 0;                                         ///< So many of them have succeeded.
    std::vector<known_row>* found_ = nullptr;                          ///< Where rows of a SELECT go.
};

} // namespace tusk::orm::detail
