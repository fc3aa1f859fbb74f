#include "unit_of_work/flight_parameters.hpp"

#include "mapping/type_oid.hpp"

#include <tusk/driver/byte_writer.hpp>

#include <cstdint>

namespace tusk::orm::detail {

namespace {

using tusk::detail::parameter;
using tusk::detail::parameter_operations;

constexpr parameter_operations encoded_operations{
    "an encoded value",
    true,
    [](const void*) -> oid { return 0; },
    [](const void* value) { return static_cast<const encoded_value*>(value)->is_null; },
    [](const void* value, server_type, byte_writer& out, format& as) {
        out.put_text(static_cast<const encoded_value*>(value)->bytes);
        as = static_cast<const encoded_value*>(value)->as;
        return true;
    },
};

parameter member_of(const column_info& column, const entity_record& entity)
{
    return {column.operations.member(entity.object), column.operations.parameter, column.type_oid};
}

std::string array_literal(std::span<const std::string> values)
{
    std::string text = "{";
    for (const std::string& each : values) {
        text += text.size() == 1 ? "\"" : ",\"";
        for (const char letter : each) {
            if (letter == '"' || letter == '\\')
                text += '\\';
            text += letter;
        }
        text += '"';
    }
    return text + "}";
}

std::string array_type_name(const column_info& of) { return of.type.ends_with("[]") ? of.type : of.type + "[]"; }

} // namespace

parameter parameter_of(const encoded_value& value, oid type) noexcept { return {&value, &encoded_operations, type}; }

oid array_type_of(const column_info& of) { return oid_of_column_type(array_type_name(of)); }

std::string encoded_array(const column_info& of, std::span<const std::string> values)
{
    if (of.type_oid == 0)
        return array_literal(values);
    byte_writer out;
    out.put(std::int32_t{1}); // dimensions
    out.put(std::int32_t{0}); // no NULL in it
    out.put(of.type_oid);
    out.put(static_cast<std::int32_t>(values.size()));
    out.put(std::int32_t{1}); // counted from
    for (const std::string& each : values) {
        out.put(static_cast<std::int32_t>(each.size()));
        out.put_text(each);
    }
    return {reinterpret_cast<const char*>(out.bytes().data()), out.size()};
}

bool level_source::next(std::size_t& which, std::span<const parameter>& to)
{
    if (step_ == level_.steps.size())
        return false;
    level_.look_ahead_from(step_);
    const flush_step& step = level_.steps[step_++];
    which = step.statement;
    if (statement_ != &level_.statements[step.statement])
        begin(level_.statements[step.statement]);
    if (reads_members_only_) {
        parameter* made = parameters_.data();
        for (const flush_value& each : statement_->values)
            (made++)->value = each.column->operations.member(step.entity->object);
    } else {
        take_values(step);
    }
    to = parameters_;
    return true;
}

/// What follows is of another statement than what came before.
void level_source::begin(const flush_statement& with)
{
    statement_ = &with;
    reads_members_only_ = true;
    parameters_.clear();
    for (const flush_value& each : with.values) {
        parameters_.push_back({nullptr, each.column->operations.parameter, each.column->type_oid});
        reads_members_only_ = reads_members_only_ && each.from == flush_value::source::member;
    }
}

void level_source::take_values(const flush_step& step)
{
    const std::vector<flush_value>& values = statement_->values;
    values_.clear();
    values_.reserve(values.size()); // parameters point into it
    arrays_.clear();
    arrays_.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const flush_value& each = values[i];
        const column_info& column = *each.column;
        parameter& made = parameters_[i];
        switch (each.from) {
        case flush_value::source::member: made = member_of(column, *step.entity); break;
        case flush_value::source::other: made = member_of(column, *step.other); break;
        case flush_value::source::previous: {
            if (!step.entity->before) { // it was inserted in this very flush
                made = member_of(column, *step.entity);
                break;
            }
            const row_image& before = *step.entity->before;
            const column_image what = before.kind(column.position);
            values_.push_back({before[column.position], what == column_image::text ? format::text : format::binary,
                               what == column_image::null});
            made = parameter_of(values_.back(), column.type_oid);
            break;
        }
        case flush_value::source::keys: {
            for (const key_list::part& part : level_.keys[step.keys].parts)
                if (part.column == &column)
                    arrays_.push_back(encoded_array(column, part.values));
            values_.push_back({arrays_.back(), column.type_oid == 0 ? format::text : format::binary, false});
            made = parameter_of(values_.back(), array_type_of(column));
            break;
        }
        }
    }
}

std::vector<tusk::detail::flight_statement> statements_of(const flush_level& level)
{
    std::vector<tusk::detail::flight_statement> all;
    for (const flush_statement& each : level.statements) {
        tusk::detail::flight_statement& made = all.emplace_back();
        made.sql = each.sql;
        for (const flush_value& value : each.values)
            made.declared.push_back(value.from == flush_value::source::keys ? array_type_of(*value.column)
                                                                            : value.column->type_oid);
    }
    return all;
}

} // namespace tusk::orm::detail
