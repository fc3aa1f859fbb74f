// Unique values that pass from one row to another: whoever gives one up is written before whoever takes it.
#include "unit_of_work/flush_planner.hpp"
#include "unit_of_work/flush_sql.hpp"
#include "unit_of_work/key.hpp"

#include "mapping/quoted.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace tusk::orm::detail {

namespace {

/// Columns that no two rows have the same values in.
struct unique_key {
    std::string name;
    std::vector<const column_info*> columns;
    deferral when = deferral::not_deferrable;
};

std::vector<unique_key> unique_keys_of(const table_info& table)
{
    std::vector<unique_key> keys;
    keys.push_back({table.primary_key_name(), table.primary_key(), deferral::not_deferrable});
    for (const unique_info& each : table.uniques())
        keys.push_back({each.name, each.columns, each.when});
    for (const index_info& each : table.indexes()) {
        if (!each.is_unique || !each.where.empty())
            continue;
        unique_key made{each.name, {}, deferral::not_deferrable};
        for (const index_key& one : each.keys)
            if (one.column != nullptr)
                made.columns.push_back(one.column);
        if (made.columns.size() == each.keys.size())
            keys.push_back(std::move(made));
    }
    return keys;
}

template <class Image>
std::optional<std::string> value_of(const unique_key& key, const Image& in)
{
    std::string value;
    for (const column_info* each : key.columns) {
        const column_image what = in.kind(each->position);
        if (what == column_image::null || what == column_image::unknown)
            return std::nullopt; // NULL is like nothing, not even NULL
        append_key_part(value, std::as_bytes(std::span{in[each->position]}), false);
    }
    return value;
}

} // namespace

void flush_planner::order_unique_values()
{
    std::set<const table_info*> tables;
    for (const entity_record* each : deletes_)
        tables.insert(each->table);
    for (const std::uint32_t each : update_order_)
        tables.insert(items_[each].entity->table);
    for (const table_info* each : tables)
        for (const unique_key& key : unique_keys_of(*each))
            order_unique_key({.table = each, .name = key.name, .columns = key.columns, .when = key.when});
    choose_early_deletes();
    order_updates_by_values();
}

void flush_planner::order_unique_key(const passed_key& of)
{
    const unique_key key{of.name, of.columns, of.when};
    const auto changes = [&](const item& each) {
        return each.entity->table == of.table && std::ranges::any_of(key.columns, [&](const column_info* column) {
                   return each.columns.test(column->position) || defaults_of(each).test(column->position);
               });
    };
    std::map<std::string, entity_record*> holders;
    for (entity_record* each : deletes_)
        if (each->table == of.table)
            if (std::optional<std::string> value = value_of(key, *each->before))
                holders.emplace(std::move(*value), each);
    for (const std::uint32_t position : update_order_)
        if (const item& each = items_[position]; each.entity->before && changes(each))
            if (std::optional<std::string> value = value_of(key, *each.entity->before))
                holders.emplace(std::move(*value), each.entity);
    if (holders.empty())
        return;
    for (std::uint32_t position = 0; position < items_.size(); ++position) {
        item& each = items_[position];
        if (each.entity->table != of.table || (each.what == flush_action::update && !changes(each)))
            continue;
        encoder_.encode(*each.entity);
        const std::optional<std::string> wanted = value_of(key, encoder_);
        const auto holder = wanted ? holders.find(*wanted) : holders.end();
        if (holder == holders.end() || holder->second == each.entity)
            continue;
        if (holder->second->is_marked_deleted)
            wanted_early_.insert(holder->second);
        else if (each.what == flush_action::insert)
            give_up_early_.insert(holder->second->flush_index);
        else
            passed_.push_back({holder->second->flush_index, position, of});
    }
}

// ---- Deleted rows.

void flush_planner::choose_early_deletes()
{
    if (wanted_early_.empty())
        return;
    // A row that still refers to it, and is led elsewhere by this flush, stands in the way.
    for (const item& each : items_) {
        if (each.what != flush_action::update || !each.entity->before)
            continue;
        for (const foreign_key_info& key : each.entity->table->foreign_keys()) {
            std::string value;
            bool is_there = true;
            for (const column_info* column : key.columns) {
                is_there = is_there && each.entity->before->kind(column->position) != column_image::null;
                append_key_part(value, std::as_bytes(std::span{(*each.entity->before)[column->position]}),
                                key.columns.size() == 1);
            }
            if (is_there)
                if (entity_record* referred = store_.find(*key.referred_table, value))
                    wanted_early_.erase(referred);
        }
    }
    // Rows that go as well and refer to it go before it.
    for (bool grows = true; grows;) {
        grows = false;
        for (entity_record* each : deletes_)
            if (!wanted_early_.contains(each))
                for (const auto& [target, key] : referred_by(*each))
                    if (target != each && wanted_early_.contains(target))
                        grows = wanted_early_.insert(each).second || grows;
    }
    for (entity_record* each : deletes_)
        if (wanted_early_.contains(each))
            early_deletes_.push_back(each);
    std::erase_if(deletes_, [&](entity_record* each) { return wanted_early_.contains(each); });
}

// ---- Rows that change.

void flush_planner::order_updates_by_values()
{
    for (const std::uint32_t position : give_up_early_) {
        const item& each = items_[position];
        bool refers_to_new = false;
        for (std::uint32_t at = each.first_link; at != none; at = foreign_keys_[at].next)
            if (const entity_record* parent = foreign_keys_[at].link.parent)
                refers_to_new = refers_to_new || parent->state == entity_state::pending;
        if (refers_to_new)
            continue;
        early_updates_.push_back(position);
        std::erase(update_order_, position);
    }
    if (passed_.empty())
        return;
    // Whoever gives a value up comes first; the order by key stays where nothing is passed on.
    std::vector<std::uint32_t> order;
    std::map<std::uint32_t, item::visit> visited;
    std::vector<std::uint32_t> path;
    const auto place = [&](auto& self, std::uint32_t position) -> void {
        visited[position] = item::visit::open;
        path.push_back(position);
        for (const passed_value& each : passed_) {
            if (each.to != position)
                continue;
            const item::visit state = visited[each.from];
            if (state == item::visit::fresh)
                self(self, each.from);
            else if (state == item::visit::open)
                open_value_cycle(each);
        }
        path.pop_back();
        visited[position] = item::visit::done;
        order.push_back(position);
    };
    for (const std::uint32_t position : update_order_)
        if (visited[position] == item::visit::fresh)
            place(place, position);
    std::erase_if(order,
                  [&](std::uint32_t each) { return std::ranges::find(update_order_, each) == update_order_.end(); });
    update_order_ = std::move(order);
}

/// Rows exchange a value: for a moment nobody may have it.
void flush_planner::open_value_cycle(const passed_value& of)
{
    const item& giver = items_[of.from];
    if (of.key.when != deferral::not_deferrable) {
        if (of.key.when == deferral::deferrable && std::ranges::find(deferred_, of.key.name) == deferred_.end())
            deferred_.push_back(of.key.name);
        return;
    }
    for (const column_info* each : of.key.columns)
        if (each->is_nullable) {
            column_set cleared;
            cleared.set(each->position);
            cleared_.push_back({giver.entity, cleared});
            return;
        }
    std::vector<std::string> names;
    for (const column_info* each : of.key.columns)
        names.push_back(each->described());
    throw usage_error{
        fmt::format("{} and {} exchange their values of {}, which are unique ({}) at every moment. Make the "
                    "constraint deferrable (orm::deferrable), the column nullable, or flush in between "
                    "with another value",
                    described(*giver.entity), described(*items_[of.to].entity), fmt::join(names, ", "), of.key.name)};
}

} // namespace tusk::orm::detail
