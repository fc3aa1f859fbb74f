#include "unit_of_work/undo_log.hpp"

#include "unit_of_work/entity_store.hpp"
#include "unit_of_work/relation_sides.hpp"
#include "unit_of_work/value_journal.hpp"

#include <tusk/driver/error.hpp>

namespace tusk::orm::detail {

void undo_log::expect(std::size_t rows)
{
    if (rows > rows_.size()) // fewer are left to its own growth, so that it doubles however often it is asked
        rows_.reserve(rows_.size() + rows);
}

void undo_log::inserted(entity_record& entity)
{
    rows_.push_back({&entity, nullptr, nullptr});
    entity_store::hold(entity);
}

void undo_log::updated(entity_record& entity, std::unique_ptr<row_image> before, former_key key)
{
    rows_.push_back({&entity, std::move(before), std::move(key)});
    entity_store::hold(entity);
}

void undo_log::removed(entity_record& entity, std::string key)
{
    rows_.push_back({&entity, nullptr, std::make_unique<const std::string>(std::move(key))});
    entity_store::hold(entity);
}

void undo_log::forgotten(entity_record& entity, const relation_info& of, entity_node& gone)
{
    relation& made = relations_.emplace_back(relation{&entity, &of, {}, {}});
    if (of.is_collection())
        made.collection.removed.push_back(&gone);
    else
        made.reference = {.before = &gone, .is_known = true};
    entity_store::hold(entity);
    entity_store::hold(gone);
}

void undo_log::relations_written(entity_record& entity)
{
    for (const relation_info& each : entity.table->relations()) {
        if (each.is_collection()) {
            collection_member& member = collection_in(entity, each);
            if (member.added().empty() && member.removed().empty())
                continue;
            relations_.push_back({&entity, &each, member.take_changes(), {}});
        } else {
            reference_member& member = reference_in(entity, each);
            if (!member.is_changed())
                continue;
            relations_.push_back({&entity, &each, {}, member.take_changes()});
        }
        entity_store::hold(entity);
    }
    entity.has_changed_relations = false;
}

void restore_columns(entity_record& entity, const row_image& before, member_readers& readers)
{
    for (const column_info& column : entity.table->columns()) {
        if (before.kind(column.position) == column_image::unknown)
            continue;
        readers.put(column, entity, column.type_oid, before.kind(column.position), before[column.position]);
    }
}

void undo_log::undo(row& of, member_readers& readers)
{
    entity_record& entity = *of.entity;
    entity_store& store = *entity.store;
    entity.before.reset();
    entity.is_open_for_changes = false;
    entity.is_marked_deleted = false;
    switch (of.done()) {
    case what::inserted:
        store.unregister_row(entity);
        entity.state = entity_state::dead;
        break;
    case what::updated:
        restore_columns(entity, *of.before, readers);
        if (of.key) {
            store.unregister_row(entity);
            store.register_row(entity, *of.key);
        }
        break;
    case what::removed: store.register_row(entity, *of.key); break;
    }
    store.unwatch(entity);
}

void undo_log::undo(relation& of)
{
    if (of.of->is_collection())
        collection_in(*of.entity, *of.of).undo(of.collection);
    else
        reference_in(*of.entity, *of.of).undo(of.reference);
}

void undo_log::let_go(relation& of) noexcept
{
    for (const auto* list : {&of.collection.added, &of.collection.removed})
        for (entity_node* each : *list)
            entity_store::let_go(*each);
    if (of.reference.before != nullptr)
        entity_store::let_go(*of.reference.before);
    entity_store::let_go(*of.entity);
}

void undo_log::roll_back_to(mark to, member_readers& readers)
{
    for (; relations_.size() > to.relations; relations_.pop_back()) {
        undo(relations_.back());
        let_go(relations_.back());
    }
    for (; rows_.size() > to.rows; rows_.pop_back()) {
        undo(rows_.back(), readers);
        entity_store::let_go(*rows_.back().entity);
    }
}

void undo_log::commit() noexcept { end(entity_state::dead); }

void undo_log::abandon() noexcept { end(entity_state::detached); }

void undo_log::end(entity_state of_removed) noexcept
{
    for (row& each : rows_) {
        if (each.done() == what::removed && each.entity->state == entity_state::deleted)
            each.entity->state = of_removed;
        entity_store::let_go(*each.entity);
    }
    rows_.clear();
    for (relation& each : relations_)
        let_go(each);
    relations_.clear();
}

void undo_log::forget() noexcept
{
    rows_.clear();
    relations_.clear();
}

} // namespace tusk::orm::detail
