#include <tusk/orm/detail/relation_member.hpp>

#include "unit_of_work/entity_store.hpp"
#include "unit_of_work/key.hpp"
#include "unit_of_work/relation_sides.hpp"
#include "unit_of_work/undo_log.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/orm/error.hpp>
#include <tusk/orm/table_info.hpp>

#include <fmt/format.h>

#include <string>
#include <vector>

namespace tusk::orm::detail {

void relation_member::require_loaded() const
{
    if (loaded_)
        return;
    if (owner_ == nullptr)
        throw not_loaded{"a relation of an object that belongs to no session was touched: it has none yet. session.add "
                         "gives the object's relations their contents; a copy of an entity does not have them"};
    const std::string name = relation_->described();
    if (owner_->state == entity_state::detached)
        throw not_loaded{fmt::format("{0} is not loaded, and its {1} belongs to no session any more: load it while the "
                                     "session is there, with .options(orm::selectinload<&{0}>())",
                                     name, owner_->table->class_name())};
    throw not_loaded{fmt::format("{0} is not loaded, and touching it loads nothing: name it in the query, "
                                 ".options(orm::{1}<&{0}>()), or co_await session.load<&{0}>(handle) first",
                                 name, relation_->is_collection() ? "selectinload" : "joinedload")};
}

void relation_member::require_bound() const
{
    if (owner_ == nullptr)
        throw usage_error{
            "this relation belongs to an object that is in no session: session.add comes first, and gives "
            "the handle whose relations can be changed"};
}

void check_can_relate(const relation_member& of, const entity_node* other)
{
    entity_node& owner = *of.owner();
    const relation_info& relation = of.relation();
    if (relation.is_view_only)
        throw usage_error{
            fmt::format("{} is mapped with orm::view_only: it is read, and never written", relation.described())};
    if (owner.state == entity_state::dead)
        fail_dead_handle(owner);
    if (owner.state == entity_state::detached)
        throw usage_error{fmt::format("{}: this {} belongs to no session any more, so nobody would save the change",
                                      relation.described(), owner.table->class_name())};
    if (other == nullptr)
        return;
    if (other->state == entity_state::dead)
        fail_dead_handle(*other);
    if (other->store != owner.store)
        throw usage_error{fmt::format("{}: the {} belongs to another session. Entities of two sessions cannot be "
                                      "related; get it from this session, or session.merge it into this one",
                                      relation.described(), other->table->class_name())};
    if (other->state != entity_state::detached)
        return;
    if (!has(relation.cascades, cascade::save_update))
        throw usage_error{fmt::format("{}: the {} was expunged from its session; session.add it again first",
                                      relation.described(), other->table->class_name())};
}

void take_in(entity_node& other)
{
    if (other.state == entity_state::detached)
        other.store->add_again(record_of(other));
}

void note_relation_change(entity_node& owner) { owner.store->relation_changed(record_of(owner)); }

collection_member& collection_in(entity_node& entity, const relation_info& relation)
{
    return static_cast<collection_member&>(relation.operations.member(entity.object));
}

reference_member& reference_in(entity_node& entity, const relation_info& relation)
{
    return static_cast<reference_member&>(relation.operations.member(entity.object));
}

namespace {

/// The entity whose key those columns of another one hold; null where it is not here.
entity_node* find_referred(const entity_node& by, const std::vector<column_pair>& pairs,
                           const column_info* column_pair::* refers, const column_info* column_pair::* referred,
                           const table_info& in)
{
    std::vector<const column_info*> columns;
    for (const column_info* part : in.primary_key())
        for (const column_pair& pair : pairs)
            if (pair.*referred == part)
                columns.push_back(pair.*refers);
    if (columns.size() != pairs.size() || columns.size() != in.primary_key().size())
        return nullptr; // it refers to another unique key
    std::string key;
    byte_writer scratch;
    return append_key(key, columns, by.object, scratch) ? by.store->find(in, key) : nullptr;
}

} // namespace

entity_node* other_side_of(entity_node& child, const relation_info& to_child)
{
    if (const relation_info* back = to_child.reverse) {
        const reference_member& member = reference_in(child, *back);
        if (member.loaded())
            return member.peek();
    }
    if (child.state == entity_state::pending)
        return nullptr;
    return find_referred(child, to_child.pairs, &column_pair::far, &column_pair::near, *to_child.table);
}

entity_node* referred_entity(entity_node& entity, const relation_info& relation)
{
    const reference_member& member = reference_in(entity, relation);
    if (member.loaded())
        return member.peek();
    if (relation.kind != relation_kind::many_to_one)
        return nullptr;
    return find_referred(entity, relation.pairs, &column_pair::near, &column_pair::far, *relation.target);
}

void forget_everywhere(entity_record& gone, undo_log* log)
{
    const auto forget = [&](entity_node& other, const relation_info& relation) {
        const bool was_there = relation.is_collection() ? collection_in(other, relation).forget(gone)
                                                        : reference_in(other, relation).forget(gone);
        if (was_there && log != nullptr)
            log->forgotten(record_of(other), relation, gone);
    };
    for (const relation_info& each : gone.table->relations()) {
        if (each.reverse == nullptr)
            continue;
        if (each.is_collection()) {
            const collection_member& member = collection_in(gone, each);
            if (!member.loaded())
                continue;
            for (entity_node* other : std::vector<entity_node*>{member.items()})
                if (each.reverse->is_collection())
                    forget(*other, *each.reverse);
        } else if (entity_node* other = referred_entity(gone, each)) {
            forget(*other, *each.reverse);
        }
    }
}

} // namespace tusk::orm::detail
