// In which order rows are written, so that those which others refer to are there first and go last.
#include "unit_of_work/flush_planner.hpp"
#include "unit_of_work/key.hpp"
#include "unit_of_work/table_rank.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

namespace tusk::orm::detail {

namespace {

bool is_nullable(const foreign_key_link& link)
{
    return std::ranges::all_of(link.relation->pairs,
                               [&](const column_pair& pair) { return link.child_column(pair).is_nullable; });
}

} // namespace

// ---- Tables.

void flush_planner::order_tables()
{
    for (const entity_record* each : deletes_)
        if (std::ranges::find(tables_, each->table) == tables_.end())
            tables_.push_back(each->table);
    table_order_ = in_order_of_reference(tables_);
    for (const table_info* each : table_order_)
        ranks_.emplace(each, ranks_.size());
}

const column_set& flush_planner::defaults_of(const item& its) const
{
    static const column_set none_of_them;
    if (defaults_.empty())
        return none_of_them;
    const auto found = defaults_.find(static_cast<std::uint32_t>(&its - items_.data()));
    return found == defaults_.end() ? none_of_them : found->second;
}

std::size_t flush_planner::rank_of(const table_info& table) const
{
    const auto found = ranks_.find(&table);
    return found == ranks_.end() ? 0 : found->second;
}

// ---- New rows.

void flush_planner::order_inserts()
{
    std::vector<std::uint32_t> start;
    start.reserve(items_.size());
    for (std::uint32_t i = 0; i < items_.size(); ++i)
        if (items_[i].what == flush_action::insert)
            start.push_back(i);
    const auto comes_first = [this](std::uint32_t a, std::uint32_t b) {
        const entity_record& one = *items_[a].entity;
        const entity_record& other = *items_[b].entity;
        if (one.table == other.table)
            return one.number < other.number;
        return rank_of(*one.table) < rank_of(*other.table);
    };
    if (!inserts_are_in_order_)
        std::ranges::sort(start, comes_first);
    if (foreign_keys_.empty()) { // none refers to another
        insert_order_ = std::move(start);
        return;
    }
    insert_order_.reserve(start.size());
    for (bool is_settled = false; !is_settled;) {
        is_settled = true;
        insert_order_.clear();
        for (item& each : items_)
            each.visited = item::visit::fresh;
        for (const std::uint32_t position : start)
            if (items_[position].visited == item::visit::fresh && !visit(position)) {
                is_settled = false; // a circle was opened: the order is another one now
                break;
            }
    }
}

/// Puts a row behind those that it refers to.
/// @returns False where it met a circle, and opened it.
bool flush_planner::visit(std::uint32_t start)
{
    if (items_[start].first_link == none) { // it refers to nothing
        items_[start].visited = item::visit::done;
        items_[start].level = 0;
        insert_order_.push_back(start);
        return true;
    }
    std::vector<std::pair<std::uint32_t, std::uint32_t>> path; // a row, and the next of its links
    path.emplace_back(start, items_[start].first_link);
    items_[start].visited = item::visit::open;
    items_[start].level = 0;
    while (!path.empty()) {
        const std::uint32_t position = path.back().first;
        const std::uint32_t at = path.back().second;
        if (at == none) {
            items_[position].visited = item::visit::done;
            insert_order_.push_back(position);
            path.pop_back();
            continue;
        }
        const foreign_key_link& link = foreign_keys_[at].link;
        const item* parent = link.parent == nullptr || link.is_late ? nullptr : item_of(*link.parent);
        if (parent == nullptr || parent->what != flush_action::insert) {
            path.back().second = foreign_keys_[at].next;
            continue;
        }
        const std::uint32_t target = link.parent->flush_index;
        if (parent->visited == item::visit::fresh) {
            items_[target].visited = item::visit::open;
            items_[target].level = 0;
            path.emplace_back(target, items_[target].first_link);
            continue; // and come back to this link
        }
        if (parent->visited == item::visit::open) {
            const auto from = std::ranges::find(path, target, &std::pair<std::uint32_t, std::uint32_t>::first);
            open_cycle({from, path.end()});
            return false;
        }
        items_[position].level = std::max(items_[position].level, parent->level + (link.waits_for_key ? 1U : 0U));
        path.back().second = foreign_keys_[at].next;
    }
    return true;
}

void flush_planner::open_cycle(std::span<const std::pair<std::uint32_t, std::uint32_t>> path)
{
    for (const auto& [position, at] : path) {
        foreign_key_link& link = foreign_keys_[at].link;
        if (!is_nullable(link))
            continue;
        link.is_late = true;
        for (const column_pair& pair : link.relation->pairs)
            items_[position].columns.reset(link.child_column(pair).position);
        return;
    }
    std::string circle;
    for (const auto& [position, at] : path)
        circle +=
            fmt::format("{} ({}), ", described(*items_[position].entity), foreign_keys_[at].link.relation->described());
    circle.resize(circle.size() - 2);
    throw usage_error{
        fmt::format("rows refer to each other in a circle, so none can be inserted first: {}. Make one of "
                    "the foreign keys nullable (std::optional), and it is written by an UPDATE behind the "
                    "INSERTs",
                    circle)};
}

// ---- Rows that change.

void flush_planner::order_updates()
{
    for (std::uint32_t i = 0; i < items_.size(); ++i)
        if (items_[i].what == flush_action::update && (items_[i].columns.any() || defaults_of(items_[i]).any()))
            update_order_.push_back(i);
    const auto comes_first = [&](std::uint32_t a, std::uint32_t b) {
        const entity_record& one = *items_[a].entity;
        const entity_record& other = *items_[b].entity;
        const std::size_t rank = rank_of(*one.table);
        const std::size_t other_rank = rank_of(*other.table);
        return std::tie(rank, one.key) < std::tie(other_rank, other.key);
    };
    if (!std::ranges::is_sorted(update_order_, comes_first)) // they are where they were loaded in that order
        std::ranges::sort(update_order_, comes_first);
}

// ---- Rows that go.

/// The entities of this flush that a row refers to, by which foreign keys.
std::vector<std::pair<entity_record*, const foreign_key_info*>> flush_planner::referred_by(const entity_record& of)
{
    std::vector<std::pair<entity_record*, const foreign_key_info*>> found;
    byte_writer scratch;
    for (const foreign_key_info& each : of.table->foreign_keys()) {
        std::vector<const column_info*> columns;
        for (const column_info* part : each.referred_table->primary_key())
            for (std::size_t i = 0; i < each.columns.size(); ++i)
                if (each.referred_columns[i] == part)
                    columns.push_back(each.columns[i]);
        std::string key;
        if (columns.size() != each.columns.size() || !append_key(key, columns, of.object, scratch))
            continue;
        if (entity_record* target = store_.find(*each.referred_table, key))
            found.emplace_back(target, &each);
    }
    return found;
}

/// Puts rows that go behind those that they refer to.
/// @returns False where it met a circle, and opened it.
bool flush_planner::order_rows(std::vector<entity_record*>& order)
{
    std::unordered_map<const entity_record*, item::visit> visited;
    for (entity_record* each : deletes_)
        visited[each] = item::visit::fresh;
    struct place {
        entity_record* entity;
        std::vector<std::pair<entity_record*, const foreign_key_info*>> referred;
        const foreign_key_info* by = nullptr; ///< The foreign key that leads to the next place.
    };
    std::vector<place> path;
    const auto enter = [&](entity_record* entity) {
        visited[entity] = item::visit::open;
        path.push_back({entity, referred_by(*entity)});
    };
    for (entity_record* start : deletes_) {
        if (visited[start] == item::visit::fresh)
            enter(start);
        while (!path.empty()) {
            place& last = path.back();
            if (last.referred.empty()) {
                visited[last.entity] = item::visit::done;
                order.push_back(last.entity);
                path.pop_back();
                continue;
            }
            const auto [target, key] = last.referred.back();
            last.referred.pop_back();
            last.by = key;
            const auto seen = visited.find(target);
            if (seen == visited.end() || seen->second == item::visit::done || target == last.entity ||
                is_opened(*last.entity, *key))
                continue;
            if (seen->second == item::visit::fresh) {
                enter(target);
                continue;
            }
            for (auto at = std::ranges::find(path, target, &place::entity); at != path.end(); ++at)
                if (std::ranges::all_of(at->by->columns, &column_info::is_nullable)) {
                    open_row(*at->entity, *at->by);
                    return false;
                }
        }
    }
    return true;
}

bool flush_planner::is_opened(const entity_record& entity, const foreign_key_info& key) const
{
    return std::ranges::any_of(openings_, [&](const opening& each) {
        return each.entity == &entity && each.columns.test(key.columns.front()->position);
    });
}

void flush_planner::open_row(entity_record& entity, const foreign_key_info& key)
{
    opening& made = openings_.emplace_back(opening{&entity, {}});
    for (const column_info* each : key.columns)
        made.columns.set(each->position);
}

void flush_planner::order_deletes()
{
    std::ranges::sort(deletes_, [&](const entity_record* a, const entity_record* b) {
        const std::size_t rank = rank_of(*a->table);
        const std::size_t other = rank_of(*b->table);
        return std::tie(rank, b->key) < std::tie(other, a->key);
    });
    for (entity_record* each : deletes_)
        store_.take_baseline(*each);
    std::vector<entity_record*> order;
    while (!order_rows(order))
        order.clear(); // a circle was opened: the order is another one now
    std::ranges::reverse(order);
    deletes_ = std::move(order);
}

} // namespace tusk::orm::detail
