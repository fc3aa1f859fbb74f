#include "unit_of_work/rows_that_go.hpp"

#include "unit_of_work/flush_sql.hpp"
#include "unit_of_work/key.hpp"
#include "unit_of_work/relation_sides.hpp"
#include "unit_of_work/table_rank.hpp"

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <span>

namespace tusk::orm::detail {

namespace {

/// So many keys go into one statement.
constexpr std::size_t most_keys = 10'000;

bool removes(const relation_info& of) noexcept { return has(of.cascades, cascade::remove); }

bool are_nullable(const std::vector<const column_info*>& columns)
{
    return std::ranges::all_of(columns, &column_info::is_nullable);
}

bool can_release(const relation_info& of)
{
    return std::ranges::all_of(of.pairs, [](const column_pair& each) { return each.far->is_nullable; });
}

/// Rows on the far side refer to those that go: they go too, or are released.
bool reaches_those_that_refer(const relation_info& of)
{
    return (of.kind == relation_kind::one_to_many || of.kind == relation_kind::one_to_one) && !of.is_view_only &&
           of.when_deleted == passive_deletes::no && (removes(of) || can_release(of));
}

/// Rows on the far side stand for themselves, and are to go too.
bool reaches_others(const relation_info& of)
{
    return (of.kind == relation_kind::many_to_one || of.kind == relation_kind::many_to_many) && !of.is_view_only &&
           removes(of);
}

/// Deleting its rows means looking at others first.
bool leads_further(const table_info& of)
{
    return std::ranges::any_of(of.relations(), [](const relation_info& each) {
        return reaches_those_that_refer(each) || reaches_others(each);
    });
}

/// The far rows must be known before they go.
bool must_ask(const relation_info& of)
{
    return reaches_others(of) || (reaches_those_that_refer(of) && removes(of) && leads_further(*of.target));
}

std::vector<const column_info*> near_columns(const relation_info& of)
{
    std::vector<const column_info*> all;
    for (const column_pair& each : of.pairs)
        all.push_back(each.near);
    return all;
}

/// What must be known of rows to look further: their key, and what others refer to.
std::vector<const column_info*> wanted_columns(const table_info& of)
{
    std::vector<const column_info*> wanted = of.primary_key();
    for (const relation_info& relation : of.relations())
        if (reaches_those_that_refer(relation) || reaches_others(relation))
            for (const column_info* each : near_columns(relation))
                if (std::ranges::find(wanted, each) == wanted.end())
                    wanted.push_back(each);
    return wanted;
}

std::string key_in(const row_set& of, const known_row& row)
{
    std::string key;
    const std::size_t parts = of.table->primary_key().size();
    for (std::size_t i = 0; i < parts; ++i)
        append_key_part(key, std::as_bytes(std::span{*row[i]}), parts == 1);
    return key;
}

std::optional<std::string> value_before(const entity_record& of, const column_info& column)
{
    if (of.before->kind(column.position) == column_image::null)
        return std::nullopt;
    return std::string{(*of.before)[column.position]};
}

/// The planner has dealt with what a relation of an entity leads to: it is here.
bool is_dealt_with(entity_record& entity, const relation_info& relation)
{
    return relation.kind == relation_kind::many_to_one && reference_in(entity, relation).loaded();
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

} // namespace

// ---- Rows, and what is known of them.

std::vector<key_list> row_set::keys_of(const std::vector<const column_info*>& wanted) const
{
    return keys_of(wanted, nullptr);
}

std::vector<key_list> row_set::keys_of(const relation_info& relation) const
{
    return keys_of(near_columns(relation), &relation);
}

std::vector<key_list> row_set::keys_of(const std::vector<const column_info*>& wanted, const relation_info* asked) const
{
    std::vector<std::size_t> places;
    for (const column_info* each : wanted)
        places.push_back(static_cast<std::size_t>(std::ranges::find(columns, each) - columns.begin()));
    std::vector<key_list> chunks;
    std::size_t count = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (std::ranges::any_of(places, [&](std::size_t at) { return !rows[i][at]; }) ||
            (asked != nullptr && !entities.empty() && is_dealt_with(*entities[i], *asked)))
            continue;
        if (count++ % most_keys == 0) {
            key_list& made = chunks.emplace_back();
            for (const column_info* each : wanted)
                made.parts.push_back({each, {}});
        }
        for (std::size_t part = 0; part < places.size(); ++part)
            chunks.back().parts[part].values.push_back(*rows[i][places[part]]);
    }
    return chunks;
}

rows_that_go::rows_that_go(std::vector<entity_record*> entities, const std::vector<entity_record*>& taken_over)
    : entities_{std::move(entities)}
{
    for (entity_record* each : entities_)
        add_entity(*each);
    for (entity_record* each : taken_over)
        add_entity(*each);
}

void rows_that_go::add_entity(entity_record& entity)
{
    row_set*& of = first_[entity.table];
    if (of == nullptr) {
        of = sets_.emplace_back(std::make_unique<row_set>()).get();
        of->table = entity.table;
        of->are_entities = true;
        of->columns = wanted_columns(*entity.table);
    }
    known_row& row = of->rows.emplace_back();
    for (const column_info* each : of->columns)
        row.push_back(value_before(entity, *each));
    of->entities.push_back(&entity);
    known_.emplace(entity.table, key_in(*of, row));
}

std::vector<rows_that_go::question> rows_that_go::questions()
{
    std::vector<question> all;
    for (; asked_ < sets_.size(); ++asked_)
        for (const relation_info& relation : sets_[asked_]->table->relations()) {
            if (!must_ask(relation))
                continue;
            flush_level one;
            add_step(one, find_far_statement(relation, wanted_columns(*relation.target)),
                     sets_[asked_]->keys_of(relation));
            if (!one.empty())
                all.push_back({&relation, std::move(one)});
        }
    return all;
}

void rows_that_go::answer(const relation_info& asked, std::vector<known_row> rows)
{
    auto made = std::make_unique<row_set>();
    made->table = asked.target;
    made->are_referred = asked.kind == relation_kind::many_to_one;
    made->columns = wanted_columns(*made->table);
    for (known_row& row : rows)
        if (known_.emplace(made->table, key_in(*made, row)).second)
            made->rows.push_back(std::move(row));
    if (!made->rows.empty())
        sets_.push_back(std::move(made));
}

// ---- What is sent.

rows_that_go::table_removals rows_that_go::removals() const
{
    table_removals work;
    for (const std::unique_ptr<row_set>& set : sets_ | std::views::reverse) {
        for (const relation_info& relation : set->table->relations())
            if (reaches_those_that_refer(relation) && !must_ask(relation))
                work[relation.target].by_relation.emplace_back(set.get(), &relation);
        if (!set->are_entities && !set->are_referred)
            work[set->table].by_key.push_back(set.get());
    }
    for (const std::unique_ptr<row_set>& set : sets_)
        if (set->are_referred)
            work[set->table].referred.push_back(set.get());
    for (entity_record* each : entities_)
        work[each->table].entities.push_back(each);
    return work;
}

flush_level rows_that_go::level(const std::map<entity_record*, column_set>& openings) const
{
    const table_removals work = removals();
    std::vector<const table_info*> tables;
    for (const auto& [table, removal] : work)
        tables.push_back(table);
    tables = in_order_of_reference(std::move(tables));
    std::ranges::reverse(tables);

    flush_level made;
    clear_what_stands_in_the_way(made, work, tables, openings);
    for (const table_info* table : tables)
        remove_from(made, *table, work.at(table));
    return made;
}

/// In a circle of tables, rows refer to others that go before them: those foreign keys are set to NULL first.
void rows_that_go::clear_what_stands_in_the_way(flush_level& level, const table_removals& of,
                                                const std::vector<const table_info*>& order,
                                                std::map<entity_record*, column_set> openings) const
{
    std::map<const row_set*, column_set> of_sets;
    for (auto table = order.begin(); table != order.end(); ++table)
        for (const foreign_key_info& key : (*table)->foreign_keys()) {
            if (std::find(order.begin(), table, key.referred_table) == table || !are_nullable(key.columns))
                continue;
            const auto clear_in = [&](column_set& columns) {
                for (const column_info* each : key.columns)
                    columns.set(each->position);
            };
            const table_removal& referred = of.at(key.referred_table);
            const bool are_all_known =
                referred.by_relation.empty() && key.referred_columns == key.referred_table->primary_key();
            for (entity_record* each : of.at(*table).entities) {
                std::string target;
                bool refers = true;
                for (const column_info* column : key.columns) {
                    const std::optional<std::string> value = value_before(*each, *column);
                    refers = refers && value;
                    if (value)
                        append_key_part(target, std::as_bytes(std::span{*value}), key.columns.size() == 1);
                }
                if (refers && (!are_all_known || known_.contains({key.referred_table, target})))
                    clear_in(openings[each]);
            }
            for (const auto* sets : {&of.at(*table).by_key, &of.at(*table).referred})
                for (const row_set* each : *sets)
                    clear_in(of_sets[each]);
        }
    // In the order in which rows were given, so that the statements are the same each time.
    for (entity_record* each : entities_)
        if (const auto found = openings.find(each); found != openings.end()) {
            level.statements.push_back(clear_statement(*each->table, found->second));
            level.steps.push_back(
                {.statement = static_cast<std::uint32_t>(level.statements.size() - 1), .entity = each});
        }
    for (const std::unique_ptr<row_set>& each : sets_)
        if (const auto found = of_sets.find(each.get()); found != of_sets.end())
            add_step(level, clear_by_key_statement(*each->table, found->second),
                     each->keys_of(each->table->primary_key()));
}

/// Rows by relation, then by key, before those they refer to.
void rows_that_go::remove_from(flush_level& level, const table_info& table, const table_removal& what) const
{
    const auto is_own = [&](const auto& each) { return each.second->table == &table; };
    const auto add_by_relation = [&](const std::pair<const row_set*, const relation_info*>& each) {
        add_step(level,
                 removes(*each.second) ? remove_far_statement(*each.second) : release_far_statement(*each.second),
                 each.first->keys_of(*each.second));
    };
    const auto add_by_key = [&](const row_set* each) {
        add_step(level, remove_by_key_statement(table), each->keys_of(table.primary_key()));
    };
    // Rows below those of the same table go before them; others that were marked are deleted one by one, so that
    // nobody else's statement takes them away first.
    const bool refers_to_itself = std::ranges::any_of(table.relations(), [&](const relation_info& each) {
        return reaches_those_that_refer(each) && each.target == &table;
    });
    for (const auto& each : what.by_relation)
        if (is_own(each))
            add_by_relation(each);
    if (refers_to_itself)
        for (const row_set* each : what.by_key)
            add_by_key(each);
    if (!what.entities.empty()) {
        const auto position = static_cast<std::uint32_t>(level.statements.size());
        level.statements.push_back(remove_statement(table));
        for (entity_record* each : what.entities)
            level.steps.push_back({.statement = position, .entity = each});
    }
    for (const auto& each : what.by_relation)
        if (!is_own(each))
            add_by_relation(each);
    if (!refers_to_itself)
        for (const row_set* each : what.by_key)
            add_by_key(each);
    for (const row_set* each : what.referred)
        add_by_key(each);
}

} // namespace tusk::orm::detail
