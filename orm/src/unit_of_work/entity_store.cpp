#include "unit_of_work/entity_store.hpp"

#include "unit_of_work/relation_sides.hpp"
#include "unit_of_work/undo_log.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

namespace tusk::orm::detail {

namespace {

/// Where the object stands behind its record.
std::size_t object_offset(const entity_operations& of) noexcept
{
    return (sizeof(entity_record) + of.alignment - 1) / of.alignment * of.alignment;
}

/// Fewer closely watched entities than that are no burden.
constexpr std::size_t few = 1024;

} // namespace

entity_store::table_entities::table_entities(const table_info& of)
    : table{&of},
      memory{object_offset(of.operations()) + of.operations().size,
             std::max(of.operations().alignment, alignof(entity_record))}
{
}

void detach_store::operator()(entity_store* store) const noexcept
{
    store->is_attached_ = false;
    if (store->handled_ == 0) {
        delete store;
        return;
    }
    for (entity_record* each : store->all_) {
        if (each->state != entity_state::dead)
            each->state = entity_state::detached;
        each->watched = watch::none;
        each->before.reset();
    }
    for (auto& [table, entities] : store->tables_)
        for (auto& list : entities->watched)
            list.clear();
}

store_ptr entity_store::make() { return store_ptr{new entity_store}; }

entity_store::~entity_store()
{
    for (entity_record* each : all_)
        free_record(*each);
}

// ---- Entities come and go.

template <class F>
entity_record& entity_store::make_record(table_entities& in, F&& construct)
{
    if (all_.size() == all_.capacity()) // once the object is there, nothing may fail
        all_.reserve(std::max(few, all_.capacity() * 2));
    void* const place = in.memory.allocate();
    auto* const made = ::new (place) entity_record;
    made->store = this;
    made->table = in.table;
    made->object = static_cast<std::byte*>(place) + object_offset(in.table->operations());
    try {
        construct(made->object);
    } catch (...) {
        made->~entity_record();
        in.memory.deallocate(place);
        throw;
    }
    made->position = static_cast<std::uint32_t>(all_.size());
    all_.push_back(made);
    return *made;
}

void entity_store::free_record(entity_record& entity) noexcept
{
    table_entities& in = entities_of(*entity.table);
    in.table->operations().destroy(entity.object);
    entity.~entity_record();
    in.memory.deallocate(&entity);
}

void entity_store::bind_relations(entity_record& entity, bool as_empty)
{
    for (const relation_info& each : entity.table->relations()) {
        relation_member& member = each.operations.member(entity.object);
        member.bind(entity, each);
        if (!as_empty)
            continue;
        if (each.is_collection())
            static_cast<collection_member&>(member).set_empty();
        else
            static_cast<reference_member&>(member).set_empty();
    }
}

entity_record& entity_store::add(const table_info& table, void* object)
{
    entity_record& made =
        make_record(entities_of(table), [&](void* place) { table.operations().move_to(place, object); });
    made.number = ++added_;
    bind_relations(made, true);
    touch(made);
    return made;
}

void entity_store::add_again(entity_record& entity)
{
    if (!entity.key.empty()) {
        table_entities& in = entities_of(*entity.table);
        const identity_map::lookup where = in.by_key.look_up(entity.key);
        if (where.entity != nullptr)
            throw usage_error{fmt::format("{} is in this session already, as another object: use that one (get), or "
                                          "session.merge to copy the values over",
                                          described(entity))};
        entity.state = entity_state::persistent;
        in.by_key.insert(entity, where);
        entity.is_open_for_changes = false;
        return;
    }
    entity.state = entity_state::pending;
    entity.number = ++added_;
    entity.is_open_for_changes = true;
    entity.may_be_orphan = false;
    touch(entity);
}

void entity_store::expunge(entity_record& entity) noexcept
{
    if (!entity.key.empty())
        entities_of(*entity.table).by_key.erase(entity);
    entity.state = entity_state::detached;
    entity.is_marked_deleted = false;
    entity.is_open_for_changes = false;
    entity.before.reset();
    unwatch(entity);
}

entity_store::placed entity_store::place(table_entities& in, std::string_view key)
{
    const identity_map::lookup where = in.by_key.look_up(key);
    if (entity_record* found = where.entity)
        return {*found, found->transaction != transaction_ && may_take_values(*found), false};
    entity_record& made = make_record(in, in.table->operations().construct);
    made.state = entity_state::persistent;
    made.key = key;
    in.by_key.insert(made, where);
    bind_relations(made, false);
    return {made, true, true};
}

void entity_store::expect(table_entities& in, std::size_t rows)
{
    in.by_key.expect(rows);
    if (rows > all_.size()) // fewer are left to its own growth, so that it doubles however often it is asked
        all_.reserve(all_.size() + rows);
}

void entity_store::loaded(entity_record& entity)
{
    entity.transaction = transaction_;
    if (entity.before)
        renew_baseline(entity);
}

bool entity_store::may_take_values(const entity_record& entity)
{
    return entity.state == entity_state::persistent && !entity.is_marked_deleted && !has_changed_columns(entity);
}

void entity_store::column_loaded(entity_record& entity, const column_info& column)
{
    if (!entity.before)
        return;
    encoder_.encode(entity);
    entity.before = entity.before->with(column.position, encoder_);
}

void entity_store::unlist(entity_record& entity) noexcept
{
    unregister_row(entity);
    entity.state = entity_state::deleted;
    entity.is_marked_deleted = false;
    entity.is_open_for_changes = false;
    entity.before.reset();
    unwatch(entity);
}

void entity_store::deleted_by_statement(entity_record& entity)
{
    const keep_all meanwhile{*this};
    forget_everywhere(entity, log_);
    if (log_ != nullptr)
        log_->removed(entity, entity.key);
    unlist(entity);
}

bool entity_store::holds(const table_info& table) const noexcept
{
    const table_entities* in = find_entities(table);
    return in != nullptr && in->by_key.size() != 0;
}

entity_record* entity_store::find(const table_info& table, std::string_view key) const noexcept
{
    const table_entities* in = find_entities(table);
    return in == nullptr ? nullptr : in->by_key.find(key);
}

entity_store::table_entities& entity_store::make_entities_of(const table_info& table)
{
    std::unique_ptr<table_entities>& found = tables_[&table];
    if (!found) {
        found = std::make_unique<table_entities>(table);
    }
    last_ = found.get();
    return *found;
}

const entity_store::table_entities* entity_store::find_entities(const table_info& table) const noexcept
{
    if (last_ != nullptr && last_->table == &table)
        return last_;
    const auto found = tables_.find(&table);
    return found == tables_.end() ? nullptr : found->second.get();
}

std::vector<entity_store::table_entities*> entity_store::tables()
{
    std::vector<table_entities*> all;
    for (auto& [table, entities] : tables_)
        all.push_back(entities.get());
    return all;
}

void entity_store::register_row(entity_record& entity, std::string key)
{
    entity.key = std::move(key);
    entity.state = entity_state::persistent;
    entities_of(*entity.table).by_key.insert(entity);
}

void entity_store::register_new_row(table_entities& in, entity_record& entity, std::string key)
{
    identity_map::lookup where = in.by_key.look_up(key);
    if (where.entity != nullptr && where.entity != &entity) {
        expunge(*where.entity);
        where = in.by_key.look_up(key);
    }
    entity.key = std::move(key);
    entity.state = entity_state::persistent;
    in.by_key.insert(entity, where);
}

void entity_store::unregister_row(entity_record& entity) noexcept
{
    if (!entity.key.empty())
        entities_of(*entity.table).by_key.erase(entity);
    entity.key.clear();
}

// ---- Changes.

void entity_store::watch_as(entity_record& entity, watch how) noexcept
{
    if (entity.watched == how)
        return;
    table_entities& in = entities_of(*entity.table);
    if (entity.watched != watch::none) {
        auto& list = in.watched[entity.watched == watch::close ? 1 : 0];
        if (entity_record* const last = list.back(); last != &entity) {
            last->watch_position = entity.watch_position;
            list[entity.watch_position] = last;
        }
        list.pop_back();
    }
    entity.watched = how;
    if (how != watch::none) {
        auto& list = in.watched[how == watch::close ? 1 : 0];
        entity.watch_position = static_cast<std::uint32_t>(list.size());
        list.push_back(&entity);
    }
}

void entity_store::found_unchanged(entity_record& entity) noexcept
{
    entity.is_open_for_changes = false;
    if (entity.handles != 0 && entity.before) {
        watch_as(entity, watch::distant);
        return;
    }
    entity.before.reset();
    unwatch(entity);
    doubt(entity);
}

void entity_store::take_baseline(entity_record& entity)
{
    if (!entity.before)
        renew_baseline(entity);
}

void entity_store::renew_baseline(entity_record& entity)
{
    encoder_.encode(entity);
    entity.before = row_image::of(encoder_);
}

bool entity_store::has_changed_columns(const entity_record& entity)
{
    if (!entity.before)
        return false;
    encoder_.encode(entity);
    return entity.before->differs(encoder_);
}

bool entity_store::is_changed(const entity_record& entity)
{
    return entity.state == entity_state::pending || entity.is_marked_deleted || entity.has_changed_relations ||
           has_changed_columns(entity);
}

void entity_store::open(entity_record& entity)
{
    if (entity.state == entity_state::persistent && is_attached_) {
        take_baseline(entity);
        table_entities& in = entities_of(*entity.table);
        if (in.close().size() >= std::max(look_again_, few))
            forget_unchanged(in);
        touch(entity);
    }
    entity.is_open_for_changes = true;
}

void entity_store::relation_changed(entity_record& entity)
{
    entity.has_changed_relations = true;
    if (entity.state != entity_state::persistent && entity.state != entity_state::pending)
        return;
    entities_of(*entity.table).may_have_changed_relations = true;
    touch(entity);
}

void entity_store::mark_deleted(entity_record& entity)
{
    entity.is_marked_deleted = true;
    may_have_removals_ = true;
    touch(entity);
}

void entity_store::all_settled() noexcept
{
    may_have_removals_ = false;
    for (auto& [table, entities] : tables_)
        entities->may_have_changed_relations = false;
}

/// Whoever goes through many entities by handles that only read them leaves them watched; those need not pile up.
void entity_store::forget_unchanged(table_entities& of)
{
    const keep_all meanwhile{*this};
    const std::vector<entity_record*> now{of.close().begin(), of.close().end()};
    for (entity_record* each : now)
        if (each->handles == 0 && !is_changed(*each))
            found_unchanged(*each);
    look_again_ = of.close().size() * 2;
}

// ---- Who can be reached.

bool entity_store::is_needed(const entity_record& entity) noexcept
{
    return entity.handles != 0 || entity.held != 0 || entity.watched != watch::none ||
           entity.state == entity_state::pending || entity.state == entity_state::deleted;
}

void entity_store::doubt(entity_record& entity) noexcept
{
    if (entity.handles != 0 || entity.is_doubtful || is_needed(entity))
        return;
    entity.is_doubtful = true;
    doubtful_.push_back(&entity);
    if (busy_ == 0)
        destroy_unreachable();
}

void entity_store::let_go(entity_node& entity) noexcept
{
    entity_record& record = record_of(entity);
    if (--record.held == 0)
        record.store->doubt(record);
}

void entity_store::leave() noexcept
{
    if (--busy_ == 0)
        destroy_unreachable();
}

void entity_store::destroy_unreachable() noexcept
{
    ++busy_;
    while (!doubtful_.empty()) {
        entity_record& each = *doubtful_.back();
        doubtful_.pop_back();
        each.is_doubtful = false;
        if (!is_needed(each))
            destroy(each);
    }
    --busy_;
}

template <class F>
void entity_store::for_each_target(const entity_record& of, F&& call)
{
    for (const relation_info& each : of.table->relations()) {
        relation_member& member = each.operations.member(of.object);
        if (member.owner() != &of)
            continue; // not bound yet
        if (each.is_collection()) {
            auto& collection = static_cast<collection_member&>(member);
            for (const auto* list : {&collection.items_, &collection.added_, &collection.removed_})
                for (entity_node* target : *list)
                    call(record_of(*target));
        } else {
            auto& reference = static_cast<reference_member&>(member);
            for (entity_node* target : {reference.target_, reference.before_})
                if (target != nullptr)
                    call(record_of(*target));
        }
    }
}

void entity_store::destroy(entity_record& entity) noexcept
{
    for_each_target(entity, [](entity_record& target) { let_go(target); });
    if (!entity.key.empty() && entity.state == entity_state::persistent)
        entities_of(*entity.table).by_key.erase(entity);
    all_.back()->position = entity.position;
    all_[entity.position] = all_.back();
    all_.pop_back();
    free_record(entity);
}

void entity_store::last_handle_gone(entity_record& entity) noexcept
{
    if (--handled_ == 0 && !is_attached_) {
        delete this;
        return;
    }
    if (is_attached_)
        doubt(entity);
}

void entity_store::next_transaction()
{
    ++transaction_;
    if (all_.size() > few && all_.size() < survivors_ * 2)
        return;
    sweep();
    survivors_ = all_.size();
}

void entity_store::sweep()
{
    std::vector<entity_record*> reached;
    const auto reach = [&](entity_record& entity) {
        if (std::exchange(entity.is_marked, true))
            return;
        reached.push_back(&entity);
    };
    for (entity_record* each : all_)
        if (each->handles != 0 || each->watched != watch::none || each->state == entity_state::pending ||
            each->state == entity_state::deleted)
            reach(*each);
    for (std::size_t i = 0; i < reached.size(); ++i)
        for_each_target(*reached[i], reach);
    const keep_all meanwhile{*this};
    for (entity_record* each : all_)
        if (!each->is_marked)
            for_each_target(*each, [](entity_record& target) { --target.held; });
    for (std::size_t i = all_.size(); i-- > 0;) {
        entity_record& each = *all_[i];
        if (std::exchange(each.is_marked, false))
            continue;
        if (!each.key.empty() && each.state == entity_state::persistent)
            entities_of(*each.table).by_key.erase(each);
        all_.back()->position = each.position;
        all_[each.position] = all_.back();
        all_.pop_back();
        free_record(each);
    }
}

} // namespace tusk::orm::detail
