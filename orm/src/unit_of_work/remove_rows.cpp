// Rows that are deleted, and what refers to them.
#include "unit_of_work/flush_run.hpp"
#include "unit_of_work/flush_sql.hpp"
#include "unit_of_work/key.hpp"
#include "unit_of_work/table_rank.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <utility>

namespace tusk::orm::detail {

namespace {

/// So many keys go into one statement.
constexpr std::size_t most_keys = 10'000;

bool leads_to_rows(const relation_info& of)
{
    return (of.kind == relation_kind::one_to_many || of.kind == relation_kind::one_to_one) && !of.is_view_only &&
           of.when_deleted == passive_deletes::no;
}

bool removes(const relation_info& of) noexcept { return has(of.cascades, cascade::remove); }

bool can_release(const relation_info& of)
{
    return std::ranges::all_of(of.pairs, [](const column_pair& each) { return each.far->is_nullable; });
}

bool needs_work(const relation_info& of) { return leads_to_rows(of) && (removes(of) || can_release(of)); }

/// Deleting its rows means looking at others first.
bool leads_further(const table_info& of) { return std::ranges::any_of(of.relations(), needs_work); }

/// What must be known of rows to look further: their key, and what others refer to.
std::vector<const column_info*> wanted_columns(const table_info& of)
{
    std::vector<const column_info*> wanted = of.primary_key();
    for (const relation_info& relation : of.relations())
        if (needs_work(relation))
            for (const column_pair& pair : relation.pairs)
                if (std::ranges::find(wanted, pair.near) == wanted.end())
                    wanted.push_back(pair.near);
    return wanted;
}

/// Rows that are deleted, with what is known of them.
struct row_set {
    const table_info* table = nullptr;
    bool are_entities = false; ///< Each is deleted by a statement of its own.
    std::vector<const column_info*> columns;
    std::vector<std::vector<std::string>> rows;

    [[nodiscard]] std::vector<key_list> keys_of(const std::vector<const column_info*>& wanted) const
    {
        std::vector<key_list> chunks;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (i % most_keys == 0) {
                key_list& made = chunks.emplace_back();
                for (const column_info* each : wanted)
                    made.parts.push_back({each, {}});
            }
            for (key_list::part& part : chunks.back().parts) {
                const auto at = std::ranges::find(columns, part.column) - columns.begin();
                part.values.push_back(rows[i][static_cast<std::size_t>(at)]);
            }
        }
        return chunks;
    }
};

std::vector<const column_info*> near_columns(const relation_info& of)
{
    std::vector<const column_info*> all;
    for (const column_pair& each : of.pairs)
        all.push_back(each.near);
    return all;
}

std::string key_in(const row_set& of, const std::vector<std::string>& row)
{
    std::string key;
    const std::size_t parts = of.table->primary_key().size();
    for (std::size_t i = 0; i < parts; ++i)
        append_key_part(key, std::as_bytes(std::span{row[i]}), parts == 1);
    return key;
}

void add_step(flush_level& level, flush_statement statement, std::vector<key_list> chunks)
{
    if (chunks.empty())
        return;
    const auto position = static_cast<std::uint32_t>(level.statements.size());
    level.statements.push_back(std::move(statement));
    for (key_list& each : chunks) {
        level.steps.push_back({.statement = position, .keys = static_cast<std::uint32_t>(level.keys.size())});
        level.keys.push_back(std::move(each));
    }
}

/// What happens to one table, in this order.
struct table_removal {
    std::vector<std::pair<const row_set*, const relation_info*>> by_relation;
    std::vector<const row_set*> by_key;
    std::vector<entity_record*> entities;
};

} // namespace

asio::awaitable<void> flush_run::remove_rows(const tusk::detail::session_use& use, std::vector<entity_record*> entities,
                                             std::vector<entity_record*> taken_over)
{
    // What is known from the start.
    std::vector<std::unique_ptr<row_set>> sets;
    std::map<const table_info*, row_set*> first;
    std::set<std::pair<const table_info*, std::string>> known;
    const auto add_entity = [&](entity_record& entity) {
        row_set*& of = first[entity.table];
        if (of == nullptr) {
            of = sets.emplace_back(std::make_unique<row_set>()).get();
            of->table = entity.table;
            of->are_entities = true;
            of->columns = wanted_columns(*entity.table);
        }
        std::vector<std::string>& row = of->rows.emplace_back();
        for (const column_info* each : of->columns)
            row.emplace_back((*entity.before)[each->position]);
        known.emplace(entity.table, key_in(*of, row));
    };
    for (entity_record* each : entities)
        add_entity(*each);
    for (entity_record* each : taken_over)
        add_entity(*each);

    // Rows behind them, as far as they must be known.
    for (std::size_t at = 0; at < sets.size();) {
        const std::size_t end = sets.size();
        std::vector<const relation_info*> relations;
        std::vector<std::vector<std::vector<std::string>>> answers;
        for (; at < end; ++at)
            for (const relation_info& relation : sets[at]->table->relations())
                if (needs_work(relation) && removes(relation) && leads_further(*relation.target)) {
                    flush_level one;
                    add_step(one, find_far_statement(relation, wanted_columns(*relation.target)),
                             sets[at]->keys_of(near_columns(relation)));
                    if (one.empty())
                        continue;
                    std::vector<std::vector<std::string>> rows;
                    found_ = &rows;
                    co_await send(use, one);
                    found_ = nullptr;
                    relations.push_back(&relation);
                    answers.push_back(std::move(rows));
                }
        for (std::size_t i = 0; i < relations.size(); ++i) {
            auto made = std::make_unique<row_set>();
            made->table = relations[i]->target;
            made->columns = wanted_columns(*made->table);
            for (std::vector<std::string>& row : answers[i])
                if (known.emplace(made->table, key_in(*made, row)).second)
                    made->rows.push_back(std::move(row));
            if (!made->rows.empty())
                sets.push_back(std::move(made));
        }
    }

    // One flight: tables that refer to others first; rows by relation, then by key, before those they refer to.
    std::map<const table_info*, table_removal> work;
    for (const std::unique_ptr<row_set>& set : sets | std::views::reverse) {
        for (const relation_info& relation : set->table->relations())
            if (needs_work(relation) && !(removes(relation) && leads_further(*relation.target)))
                work[relation.target].by_relation.emplace_back(set.get(), &relation);
        if (!set->are_entities)
            work[set->table].by_key.push_back(set.get());
    }
    for (entity_record* each : entities)
        work[each->table].entities.push_back(each);
    std::vector<const table_info*> tables;
    for (const auto& [table, removal] : work)
        tables.push_back(table);
    tables = in_order_of_reference(std::move(tables));

    sent_.push_back(std::make_unique<flush_level>());
    flush_level& level = *sent_.back();
    for (const flush_planner::opening& each : planner_.openings()) {
        if (std::ranges::find(entities, each.entity) == entities.end())
            continue;
        level.statements.push_back(clear_statement(*each.entity->table, each.columns));
        level.steps.push_back(
            {.statement = static_cast<std::uint32_t>(level.statements.size() - 1), .entity = each.entity});
    }
    for (const table_info* table : tables | std::views::reverse) {
        table_removal& removal = work[table];
        const auto own = [&](const auto& each) { return each.second->table == table; };
        const auto add_by_relation = [&](const std::pair<const row_set*, const relation_info*>& each) {
            add_step(level,
                     removes(*each.second) ? remove_far_statement(*each.second) : release_far_statement(*each.second),
                     each.first->keys_of(near_columns(*each.second)));
        };
        const auto add_by_key = [&](const row_set* each) {
            add_step(level, remove_by_key_statement(*table), each->keys_of(table->primary_key()));
        };
        // Rows below those of the same table go before them; others that were marked are deleted one by one, so that
        // nobody else's statement takes them away first.
        const bool refers_to_itself = std::ranges::any_of(
            table->relations(), [&](const relation_info& each) { return needs_work(each) && each.target == table; });
        for (const auto& each : removal.by_relation)
            if (own(each))
                add_by_relation(each);
        if (refers_to_itself)
            for (const row_set* each : removal.by_key)
                add_by_key(each);
        if (!removal.entities.empty()) {
            const auto position = static_cast<std::uint32_t>(level.statements.size());
            level.statements.push_back(remove_statement(*table));
            for (entity_record* each : removal.entities)
                level.steps.push_back({.statement = position, .entity = each});
        }
        for (const auto& each : removal.by_relation)
            if (!own(each))
                add_by_relation(each);
        if (!refers_to_itself)
            for (const row_set* each : removal.by_key)
                add_by_key(each);
    }
    if (level.empty())
        co_return;
    co_await send(use, level);
}

} // namespace tusk::orm::detail
