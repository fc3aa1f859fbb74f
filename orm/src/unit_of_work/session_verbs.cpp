#include <tusk/orm/detail/session_verbs.hpp>

#include "loading/by_key.hpp"
#include "unit_of_work/entity_prototype.hpp"
#include "unit_of_work/key.hpp"
#include "unit_of_work/relation_sides.hpp"
#include "unit_of_work/session_state.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/orm/error.hpp>
#include <tusk/orm/session.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace tusk::orm {

void session::expunge_all()
{
    detail::entity_store& store = state()->store();
    const detail::entity_store::keep_all meanwhile{store};
    const std::span<detail::entity_record* const> all = store.all();
    for (detail::entity_record* each : std::vector(all.begin(), all.end()))
        if (each->state == detail::entity_state::pending || each->state == detail::entity_state::persistent)
            store.expunge(*each);
}

namespace detail {

namespace {

/// The entity behind a handle, if it belongs to that session.
entity_record& own(session_state& of, entity_node* entity)
{
    if (entity == nullptr)
        fail_null_handle();
    if (entity->state == entity_state::dead)
        fail_dead_handle(*entity);
    if (entity->store != &of.store())
        throw usage_error{fmt::format("this {} belongs to another session: merge a copy of it into this one "
                                      "(co_await session.merge(copy))",
                                      entity->table->class_name())};
    return record_of(*entity);
}

entity_record& own_row(session_state& of, entity_node* entity, std::string_view what)
{
    entity_record& its = own(of, entity);
    if (its.state != entity_state::persistent)
        throw usage_error{
            fmt::format("{}: it has no row in this session, so there is nothing to {}", described(its), what)};
    return its;
}

} // namespace

entity_node& add_entity(session_state& to, const table_info& table, void* object,
                        std::initializer_list<std::string_view> written)
{
    std::string key;
    byte_writer scratch;
    entity_store& store = to.store();
    if (store.holds(table) && append_key(key, table.primary_key(), object, scratch))
        if (const entity_record* here = store.find(table, key); here != nullptr && !here->is_marked_deleted)
            throw usage_error{fmt::format("{} is in this session already: change that one (get), or session.merge the "
                                          "object into it",
                                          described(*here))};
    entity_record& made = store.add(table, object);
    for (const std::string_view each : written) {
        const column_info* column = table.find_member(each);
        if (column == nullptr)
            continue; // the mapping leaves the member out
        if (!made.explicit_columns)
            made.explicit_columns = std::make_unique<std::vector<bool>>(table.columns().size());
        (*made.explicit_columns)[column->position] = true;
    }
    return made;
}

void add_again(session_state& to, entity_node* entity)
{
    entity_record& its = own(to, entity);
    if (its.is_marked_deleted) {
        its.is_marked_deleted = false; // it stays after all
        return;
    }
    if (its.state == entity_state::deleted)
        throw usage_error{fmt::format("this {} was deleted in this transaction: roll back, or add a copy of it",
                                      its.table->class_name())};
    if (its.state == entity_state::detached)
        to.store().add_again(its);
}

void remove_entity(session_state& from, entity_node* entity)
{
    entity_record& its = own(from, entity);
    if (its.state == entity_state::pending) {
        const entity_store::keep_all meanwhile{from.store()};
        forget_everywhere(its, nullptr);
        from.store().expunge(its);
        return;
    }
    own_row(from, entity, "remove");
    from.store().mark_deleted(its);
}

void expunge_entity(session_state& from, entity_node* entity)
{
    const entity_store::keep_all meanwhile{from.store()};
    std::vector<entity_record*> going{&own(from, entity)};
    for (std::size_t i = 0; i < going.size(); ++i) {
        entity_record& each = *going[i];
        if (each.state != entity_state::pending && each.state != entity_state::persistent)
            continue;
        from.store().expunge(each);
        for (const relation_info& relation : each.table->relations()) {
            if (!has(relation.cascades, cascade::expunge))
                continue;
            if (!relation.is_collection()) {
                if (entity_node* target = reference_in(each, relation).peek())
                    going.push_back(&record_of(*target));
            } else if (const collection_member& member = collection_in(each, relation); member.loaded()) {
                for (entity_node* target : member.items())
                    going.push_back(&record_of(*target));
            }
        }
    }
}

bool is_modified(session_state& in, entity_node* entity) { return in.store().is_changed(own(in, entity)); }

std::vector<entity_node*> entities(session_state& in, const table_info& table, standing what)
{
    std::vector<entity_record*> found;
    entity_store::table_entities& of = in.store().entities_of(table);
    for (const auto& list : {of.close(), of.distant()})
        for (entity_record* each : list) {
            const bool is_pending = each->state == entity_state::pending;
            const bool fits = what == standing::pending ? is_pending
                              : what == standing::removed
                                  ? each->is_marked_deleted
                                  : !is_pending && !each->is_marked_deleted && in.store().is_changed(*each);
            if (fits)
                found.push_back(each);
        }
    std::ranges::sort(found, {}, [](const entity_record* each) { return std::tie(each->number, each->key); });
    return {found.begin(), found.end()};
}

asio::awaitable<void> refresh_entity(std::shared_ptr<session_state> in, entity_node* entity)
{
    entity_record& its = own_row(*in, entity, "refresh");
    retain(its);
    const std::unique_ptr<entity_node, void (*)(entity_node*)> kept{&its, [](entity_node* of) { release(*of); }};
    tusk::detail::session_use use = in->use();
    // What was changed and is not sent does not keep the row's values away.
    its.before.reset();
    its.is_open_for_changes = false;
    if (!its.has_changed_relations)
        in->store().unwatch(its);
    its.transaction = 0;
    const entity_record* found = co_await load_by_key(*in, use, *its.table, its.key, true);
    if (found == nullptr)
        throw stale_data_error{fmt::format("{} cannot be refreshed: its row is gone", described(its))};
}

asio::awaitable<entity_node*> merge_entity(std::shared_ptr<session_state> in, const table_info* table, void* from)
{
    std::string key;
    byte_writer scratch;
    entity_record* into = nullptr;
    tusk::detail::session_use use = in->use();
    if (append_key(key, table->primary_key(), from, scratch)) {
        into = in->store().find(*table, key);
        if (into == nullptr)
            into = co_await load_by_key(*in, use, *table, key, false);
    }
    if (into == nullptr)
        co_return &in->store().add(*table, from);
    if (const column_info* version = table->version()) {
        std::string here;
        std::string given;
        append_key(here, std::span{&version, 1}, into->object, scratch);
        append_key(given, std::span{&version, 1}, from, scratch);
        if (here != given)
            throw stale_data_error{
                fmt::format("{} cannot be merged into: it has another version than the object", described(*into))};
    }
    open_for_changes(*into);
    for (const column_info& column : table->columns()) {
        const bool is_loaded =
            column.operations.is_loaded == nullptr || column.operations.is_loaded(column.operations.member(from));
        if (is_loaded && !column.is_primary_key && column.generated.empty())
            column.operations.assign(into->object, from);
    }
    co_return into;
}

void fail_not_found(const table_info& table)
{
    throw row_count_error{fmt::format("there is no {} with that key", table.class_name()), 0};
}

} // namespace detail

} // namespace tusk::orm
