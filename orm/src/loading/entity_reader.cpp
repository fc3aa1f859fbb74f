#include "loading/entity_reader.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace tusk::orm::detail {

namespace {

std::vector<std::size_t> key_positions(const table_info& table, std::span<const placed_column> members)
{
    std::vector<std::size_t> found;
    for (const column_info* key : table.primary_key())
        found.push_back(std::ranges::find(members, key, &placed_column::column)->position);
    return found;
}

} // namespace

entity_reader::entity_reader(entity_store& store, const table_info& table, std::span<const placed_column> members,
                             std::span<const tusk::column> columns, on_known known)
    : store_{&store},
      among_{&store.entities_of(table)},
      known_{known},
      keys_{table.primary_key(), key_positions(table, members), columns}
{
    members_.reserve(members.size());
    for (const placed_column& each : members) {
        has_deferred_ = has_deferred_ || each.column->is_deferred;
        members_.push_back({each.column, each.position, 0, each.column->operations.reader(columns[each.position])});
    }
    for (const column_info& each : table.columns())
        if (each.is_deferred && std::ranges::find(members, &each, &placed_column::column) == members.end())
            left_out_.push_back(&each);
}

entity_record* entity_reader::read(const row_fields& row)
{
    const std::optional<std::string_view> key = keys_.read(row);
    if (!key)
        return nullptr;
    if (last_ != nullptr && last_->key == *key)
        return last_;
    const entity_store::placed found = store_->place(*among_, *key);
    if (found.takes_values || (known_ == on_known::refresh && store_->may_take_values(found.entity)))
        fill(found.entity, found.is_new, row);
    else if (has_deferred_)
        fill_deferred(found.entity, row);
    last_ = &found.entity;
    return last_;
}

void entity_reader::fill(entity_record& entity, bool is_new, const row_fields& row)
{
    if (!has_offsets_)
        find_offsets(entity.object);
    try {
        for (const member& each : members_)
            read_member(each, entity, row);
    } catch (...) {
        retain(entity);
        release(entity); // what was made for this row, nobody else has: it goes
        throw;
    }
    if (is_new)
        for (const column_info* each : left_out_)
            each->operations.unload(each->operations.member(entity.object));
    store_->loaded(entity);
}

/// A column that an earlier load of the entity left out is read whenever it comes, unless a flush is to come first.
void entity_reader::fill_deferred(entity_record& entity, const row_fields& row)
{
    if (!store_->may_take_values(entity))
        return;
    if (!has_offsets_)
        find_offsets(entity.object);
    for (const member& each : members_) {
        if (!each.column->is_deferred ||
            each.column->operations.is_loaded(each.column->operations.member(entity.object)))
            continue;
        read_member(each, entity, row);
        store_->column_loaded(entity, *each.column);
    }
}

void entity_reader::read_member(const member& to, entity_record& entity, const row_fields& row) const
{
    void* const place = static_cast<std::byte*>(entity.object) + to.offset;
    if (row.is_null(to.position))
        to.reader->read_null(place);
    else
        to.reader->read(row[to.position], place);
}

void entity_reader::find_offsets(void* object)
{
    for (member& each : members_)
        each.offset = static_cast<std::byte*>(each.column->operations.member(object)) - static_cast<std::byte*>(object);
    has_offsets_ = true;
}

} // namespace tusk::orm::detail
