// What goes into which flight.
#include "unit_of_work/flush_planner.hpp"
#include "unit_of_work/flush_sql.hpp"

#include "mapping/quoted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace tusk::orm::detail {

namespace {

const column_set no_columns;

flush_statement text_of(flush_action what, const table_info& table, const relation_info* relation,
                        const column_set& columns, const column_set& defaults)
{
    switch (what) {
    case flush_action::insert: return insert_statement(table, columns);
    case flush_action::link: return link_statement(*relation);
    case flush_action::unlink: return unlink_statement(*relation);
    default: return update_statement(table, columns, defaults);
    }
}

} // namespace

bool flush_planner::is_numbered_by_server(const entity_record& entity, const column_info& column)
{
    const item* its = item_of(entity);
    return its != nullptr && its->what == flush_action::insert && !its->columns.test(column.position);
}

std::uint32_t flush_planner::statement_of(std::size_t level, const shape& of)
{
    // Rows of one shape mostly follow each other.
    const auto known =
        std::find_if(texts_.rbegin(), texts_.rend(), [&](const known_text& each) { return each.is_for(level, of); });
    if (known != texts_.rend())
        return known->statement;
    flush_level& into = level_at(level);
    const auto position = static_cast<std::uint32_t>(into.statements.size());
    into.statements.push_back(text_of(of.what, *of.table, of.relation, of.columns, of.defaults));
    texts_.emplace_back(level, of, position);
    return position;
}

void flush_planner::add_step(std::size_t level, const item& of)
{
    const std::uint32_t statement = statement_of(level, {of.what, of.table, nullptr, of.columns, defaults_of(of)});
    flush_level& into = level_at(level);
    for (std::uint32_t at = of.first_link; at != none; at = foreign_keys_[at].next)
        if (foreign_keys_[at].link.waits_for_key && !foreign_keys_[at].link.is_late)
            into.links.push_back(foreign_keys_[at].link);
    into.steps.push_back({.statement = statement, .entity = of.entity});
}

/// The foreign keys that could not be written with the row.
void flush_planner::add_late_step(std::size_t level, const item& of)
{
    if (of.first_link == none)
        return;
    column_set columns;
    flush_level& into = level_at(level);
    for (std::uint32_t at = of.first_link; at != none; at = foreign_keys_[at].next) {
        const foreign_key_link& link = foreign_keys_[at].link;
        if (!link.is_late)
            continue;
        into.links.push_back(link);
        for (const column_pair& pair : link.relation->pairs)
            columns.set(link.child_column(pair).position);
    }
    if (columns.none())
        return;
    const std::uint32_t statement =
        statement_of(level, {flush_action::update, of.entity->table, nullptr, columns, no_columns});
    level_at(level).steps.push_back({.statement = statement, .entity = of.entity});
}

void flush_planner::add_link_step(std::size_t level, const link_row& row, flush_action what)
{
    const std::uint32_t statement =
        statement_of(level, {what, row.relation->secondary, row.relation, no_columns, no_columns});
    level_at(level).steps.push_back({.statement = statement, .entity = row.near, .other = row.far});
}

/// Unique values that are exchanged may collide for a moment.
void flush_planner::add_constraints(std::size_t level, std::string_view when)
{
    for (const std::string& each : deferred_) {
        flush_level& into = level_at(level);
        flush_statement made;
        made.what = flush_action::settle;
        made.sql = fmt::format("SET CONSTRAINTS {} {}", quoted(each), when);
        into.steps.push_back({.statement = static_cast<std::uint32_t>(into.statements.size())});
        into.statements.push_back(std::move(made));
    }
}

void flush_planner::make_levels()
{
    std::size_t tail = 0;
    for (const std::uint32_t position : insert_order_)
        tail = std::max<std::size_t>(tail, items_[position].level);
    const auto behind = [&](const entity_record& entity, const column_info& column) {
        if (is_numbered_by_server(entity, column))
            tail = std::max<std::size_t>(tail, item_of(entity)->level + 1);
    };
    for (const chained_link& each : foreign_keys_) {
        const item* child = item_of(*each.link.child);
        if (each.link.is_late) { // its row must be found
            for (const column_info* column : each.link.child->table->primary_key())
                behind(*each.link.child, *column);
            if (const column_info* version = each.link.child->table->version())
                behind(*each.link.child, *version);
        }
        if (each.link.parent == nullptr ||
            (child != nullptr && child->what == flush_action::insert && !each.link.is_late))
            continue;
        for (const column_pair& pair : each.link.relation->pairs)
            behind(*each.link.parent, each.link.parent_column(pair));
    }
    for (const link_row& each : links_) {
        for (const column_pair& pair : each.relation->pairs)
            behind(*each.near, *pair.near);
        for (const column_pair& pair : each.relation->secondary_pairs)
            behind(*each.far, *pair.far);
    }

    level_at(0).steps.reserve(early_updates_.size() + insert_order_.size());
    for (const std::uint32_t position : early_updates_)
        add_step(0, items_[position]);
    for (const std::uint32_t position : insert_order_)
        add_step(items_[position].level, items_[position]);
    add_constraints(tail, "DEFERRED");
    for (const opening& each : cleared_) {
        flush_level& into = level_at(tail);
        into.steps.push_back({.statement = static_cast<std::uint32_t>(into.statements.size()), .entity = each.entity});
        into.statements.push_back(clear_statement(*each.entity->table, each.columns));
    }
    for (const std::uint32_t position : update_order_)
        add_step(tail, items_[position]);
    add_constraints(tail, "IMMEDIATE");
    for (const std::uint32_t position : insert_order_)
        add_late_step(tail, items_[position]);
    for (const link_row& each : unlinks_)
        add_link_step(tail, each, flush_action::unlink);
    for (const link_row& each : links_)
        add_link_step(tail, each, flush_action::link);
    std::erase_if(levels_, [](const flush_level& each) { return each.empty(); });
}

} // namespace tusk::orm::detail
