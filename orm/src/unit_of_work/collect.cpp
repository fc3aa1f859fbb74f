// Which entities a flush is about.
#include "unit_of_work/flush_planner.hpp"
#include "unit_of_work/key.hpp"
#include "unit_of_work/relation_sides.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

namespace {

bool is_kept(const relation_info& relation) noexcept
{
    return !relation.is_view_only && relation.kind != relation_kind::many_to_many;
}

bool has_far_key(const relation_info& relation) noexcept
{
    return relation.kind == relation_kind::one_to_many || relation.kind == relation_kind::one_to_one;
}

} // namespace

flush_planner::~flush_planner()
{
    const entity_store::keep_all meanwhile{store_};
    release_seen([](const entity_record& /*each*/) {});
}

void flush_planner::release(entity_record& entity) noexcept
{
    entity.flush_index = entity_record::no_flush;
    entity_store::let_go(entity);
}

void flush_planner::plan()
{
    collect();
    collect_orphans();
    cascade_deletes();
    sort_out();
    find_row_switches();
    link_foreign_keys();
    find_changed_columns();
    order_tables();
    order_inserts();
    order_updates();
    order_deletes();
    order_unique_values();
    make_levels();
}

void flush_planner::collect()
{
    const std::vector<entity_store::table_entities*> tables = store_.tables();
    std::size_t count = 0;
    for (const entity_store::table_entities* in : tables)
        count += in->close().size() + in->distant().size();
    seen_.reserve(count);
    for (const entity_store::table_entities* in : tables)
        for (const auto& list : {in->close(), in->distant()})
            look_at_each(list, [this](entity_record& each) { see(each); });
}

void flush_planner::see(entity_record& entity)
{
    if (entity.flush_index != entity_record::no_flush)
        return;
    entity.flush_index = entity_record::seen_by_flush;
    entity_store::hold(entity);
    seen_.push_back(&entity);
    has_related_ = has_related_ || entity.has_changed_relations || entity.may_be_orphan;
    has_removals_ = has_removals_ || entity.is_marked_deleted;
}

void flush_planner::mark_deleted(entity_record& entity)
{
    if (entity.state == entity_state::pending) {
        drop(entity);
        return;
    }
    if (entity.state != entity_state::persistent || entity.is_marked_deleted)
        return;
    marked_.push_back(&entity);
    see(entity);
    store_.mark_deleted(entity);
    has_removals_ = true;
}

void flush_planner::take_back_marks() noexcept
{
    for (entity_record* each : marked_)
        each->is_marked_deleted = false;
    marked_.clear();
    for (const row_switch& each : switches_)
        each.gone->before = std::move(each.instead->before);
}

/// A new entity is not sent after all.
void flush_planner::drop(entity_record& entity)
{
    see(entity);
    if (std::exchange(entity.flush_index, entity_record::dropped_by_flush) != entity_record::dropped_by_flush)
        dropped_.push_back(&entity);
}

// ---- Orphans.

void flush_planner::collect_orphans()
{
    if (!has_related_)
        return;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        entity_record& each = *seen_[i];
        if (each.may_be_orphan && each.state == entity_state::pending && !has_parent(each))
            drop(each);
        if (!each.has_changed_relations)
            continue;
        for (const relation_info& relation : each.table->relations())
            if (has_far_key(relation) && is_kept(relation) && has(relation.cascades, cascade::delete_orphan))
                collect_orphans_of(each, relation);
    }
}

/// A new entity that was taken out of a relation is in another one.
bool flush_planner::has_parent(entity_record& child) const
{
    const auto has_it = [&](entity_record* parent) {
        return parent->has_changed_relations &&
               std::ranges::any_of(parent->table->relations(), [&](const relation_info& each) {
                   if (each.target != child.table || !is_kept(each) || !has(each.cascades, cascade::delete_orphan))
                       return false;
                   if (!each.is_collection())
                       return reference_in(*parent, each).peek() == &child;
                   const auto& added = collection_in(*parent, each).added();
                   return std::ranges::find(added, &child) != added.end();
               });
    };
    return std::ranges::any_of(seen_, has_it);
}

void flush_planner::collect_orphans_of(entity_record& parent, const relation_info& relation)
{
    std::vector<entity_node*> gone;
    if (relation.is_collection())
        gone = collection_in(parent, relation).removed();
    else if (entity_node* before = reference_in(parent, relation).before())
        gone.push_back(before);
    for (entity_node* child : gone) {
        bool has_parent = false;
        if (relation.reverse != nullptr) {
            const reference_member& other = reference_in(*child, *relation.reverse);
            has_parent = other.loaded() && other.peek() != nullptr;
        } else {
            // Some other parent may have taken it in.
            has_parent = std::ranges::any_of(seen_, [&](entity_record* each) {
                if (each->table != parent.table || !each->has_changed_relations)
                    return false;
                if (!relation.is_collection())
                    return reference_in(*each, relation).peek() == child;
                const auto& added = collection_in(*each, relation).added();
                return std::ranges::find(added, child) != added.end();
            });
        }
        if (!has_parent)
            mark_deleted(record_of(*child));
    }
}

// ---- What is deleted with others.

void flush_planner::cascade_deletes()
{
    for (std::size_t i = 0; has_removals_ && i < seen_.size(); ++i) {
        entity_record& each = *seen_[i];
        if (!each.is_marked_deleted || each.state != entity_state::persistent)
            continue;
        for (const relation_info& relation : each.table->relations())
            if (!relation.is_view_only)
                cascade_delete_of(each, relation);
    }
    for (std::size_t i = 0; i < dropped_.size(); ++i) {
        // Children of what is never sent are not sent either.
        for (const relation_info& relation : dropped_[i]->table->relations())
            if (has_far_key(relation) && is_kept(relation) && has(relation.cascades, cascade::remove))
                cascade_delete_of(*dropped_[i], relation);
    }
}

/// What becomes of each.
void flush_planner::sort_out()
{
    items_.reserve(seen_.size());
    look_at_each(seen_, [this](entity_record& each) {
        if (each.state == entity_state::pending) {
            if (each.flush_index != entity_record::dropped_by_flush)
                add_item(each, flush_action::insert);
        } else if (each.state == entity_state::persistent) {
            if (each.is_marked_deleted)
                deletes_.push_back(&each);
            else
                add_item(each, flush_action::update);
        }
    });
}

void flush_planner::cascade_delete_of(entity_record& entity, const relation_info& relation)
{
    const bool removes = has(relation.cascades, cascade::remove);
    if (relation.kind == relation_kind::many_to_one) {
        if (removes)
            if (entity_node* target = referred_entity(entity, relation))
                mark_deleted(record_of(*target));
        return;
    }
    if (relation.kind == relation_kind::many_to_many) {
        const collection_member& member = collection_in(entity, relation);
        if (removes)
            for (entity_node* far : member.loaded() ? member.items() : member.added())
                mark_deleted(record_of(*far));
        return;
    }
    if (relation.when_deleted == passive_deletes::all)
        return;
    // Rows that are here and were put there since the last flush are not there for the server yet. Those that are
    // loaded are dealt with one by one where the server is trusted with the rest.
    std::vector<entity_node*> children;
    if (relation.is_collection()) {
        collection_member& member = collection_in(entity, relation);
        children = member.added();
        if (relation.when_deleted == passive_deletes::yes && member.loaded())
            children = member.items();
    } else if (reference_member& member = reference_in(entity, relation);
               member.peek() != nullptr && (member.is_changed() || relation.when_deleted == passive_deletes::yes)) {
        children.push_back(member.peek());
    }
    for (entity_node* child : children) {
        if (removes)
            mark_deleted(record_of(*child));
        else if (relation.reverse != nullptr)
            reference_in(*child, *relation.reverse).put(nullptr);
        else
            releases_.push_back({.child = &record_of(*child), .relation = &relation, .child_is_near = false});
    }
}

void flush_planner::add_item(entity_record& entity, flush_action what)
{
    entity.flush_index = static_cast<std::uint32_t>(items_.size());
    item& made = items_.emplace_back();
    made.entity = &entity;
    made.table = entity.table;
    made.what = what;
    const bool is_of_new_table = tables_.empty() || tables_.back() != entity.table;
    if (is_of_new_table && std::ranges::find(tables_, entity.table) == tables_.end())
        tables_.push_back(entity.table);
    if (what == flush_action::insert) {
        inserts_are_in_order_ = inserts_are_in_order_ && tables_.size() == 1 && last_insert_ < entity.number;
        last_insert_ = entity.number;
    }
}

// ---- A new row in the place of one that goes.

void flush_planner::find_row_switches()
{
    if (deletes_.empty())
        return;
    std::unordered_map<const table_info*, std::unordered_map<std::string, item*>> added;
    for (const entity_record* each : deletes_)
        added[each->table];
    byte_writer scratch;
    for (item& each : items_) {
        const auto of = added.find(each.entity->table);
        std::string key;
        if (each.what == flush_action::insert && of != added.end() &&
            append_key(key, each.entity->table->primary_key(), each.entity->object, scratch))
            of->second.emplace(std::move(key), &each);
    }
    std::erase_if(deletes_, [&](entity_record* gone) {
        auto& of = added[gone->table];
        const auto instead = of.find(gone->key);
        if (instead == of.end())
            return false;
        item& its = *instead->second;
        store_.take_baseline(*gone);
        switches_.push_back({gone, its.entity});
        its.what = flush_action::update;
        its.entity->before = std::move(gone->before);
        return true;
    });
}

} // namespace tusk::orm::detail
