// Which columns are written.
#include "unit_of_work/flush_planner.hpp"
#include "unit_of_work/key.hpp"

#include <tusk/driver/detail/native_value.hpp>
#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace tusk::orm::detail {

void flush_planner::find_changed_columns()
{
    for (std::size_t i = 0; i != items_.size(); ++i) {
        item& each = items_[i];
        if (i + look_ahead < items_.size())
            prefetch(items_[i + look_ahead].entity);
        try {
            if (each.what == flush_action::insert)
                choose_insert_columns(each);
            else
                choose_update_columns(each);
        } catch (const encode_error& refused) {
            throw encode_error{fmt::format("{}: {}", described(*each.entity), refused.what())};
        }
    }
}

/// What cannot be sent is found out before anything is.
void flush_planner::check_value(const column_info& column, const entity_record& entity)
{
    const void* const member = column.operations.member(entity.object);
    if (tusk::detail::is_surely_writable({member, column.operations.parameter}, column.type_oid) ||
        column.operations.parameter->is_null(member))
        return;
    value_.clear();
    encode_value(column, member, value_);
}

/// It looks as nobody had set it.
bool flush_planner::is_fresh(const column_info& column, const entity_record& entity)
{
    const entity_prototype& prototype = prototypes_.of(*entity.table);
    const tusk::detail::parameter_operations& its = *column.operations.parameter;
    if (tusk::detail::travels_alike(its.native_type, column.type_oid))
        if (const std::optional<bool> same =
                tusk::detail::are_same_bits(its, column.operations.member(entity.object), prototype.member(column)))
            return *same;
    const row_image& fresh = prototype.image();
    value_.clear();
    const column_image what = encode_column(column, entity, value_);
    const std::string_view bytes{reinterpret_cast<const char*>(value_.bytes().data()), value_.size()};
    return what == fresh.kind(column.position) && bytes == fresh[column.position];
}

/// A column that the server can fill in is left out when it looks as nobody had set it.
void flush_planner::choose_insert_columns(item& of)
{
    const entity_record& entity = *of.entity;
    for (const column_info& column : entity.table->columns()) {
        const column_operations& its = column.operations;
        if (!column.generated.empty() || (its.is_loaded != nullptr && !its.is_loaded(its.member(entity.object))))
            continue;
        const bool is_explicit = entity.explicit_columns && (*entity.explicit_columns)[column.position];
        if (!column.has_server_value() || is_explicit)
            check_value(column, entity);
        else if (is_fresh(column, entity))
            continue;
        of.columns.set(column.position);
    }
    // What the other side of a relation will say is written in any case.
    for (std::uint32_t at = of.first_link; at != none; at = foreign_keys_[at].next)
        if (foreign_keys_[at].link.waits_for_key && !foreign_keys_[at].link.is_late)
            for (const column_pair& pair : foreign_keys_[at].link.relation->pairs)
                of.columns.set(foreign_keys_[at].link.child_column(pair).position);
}

void flush_planner::choose_update_columns(item& of)
{
    const entity_record& entity = *of.entity;
    encoder_.encode(entity);
    if (!entity.before)
        return;
    const bool takes_over = entity.state == entity_state::pending;
    for (const column_info& column : entity.table->columns()) {
        const std::size_t i = column.position;
        if (!column.generated.empty() || column.is_version || encoder_.kind(i) == column_image::unknown)
            continue;
        if (takes_over && !column.is_primary_key && column.has_server_value()) {
            const row_image& fresh = prototypes_.of(*entity.table).image();
            if (encoder_.kind(i) == fresh.kind(i) && encoder_[i] == fresh[i]) {
                defaults_[entity.flush_index].set(i);
                continue;
            }
        }
        if (entity.before->differs(i, encoder_))
            of.columns.set(i);
    }
    for (std::uint32_t at = of.first_link; at != none; at = foreign_keys_[at].next)
        if (foreign_keys_[at].link.waits_for_key && !foreign_keys_[at].link.is_late)
            for (const column_pair& pair : foreign_keys_[at].link.relation->pairs)
                of.columns.set(foreign_keys_[at].link.child_column(pair).position);
}

} // namespace tusk::orm::detail
