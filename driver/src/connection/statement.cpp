#include "connection/statement.hpp"

#include "types/builtin_types.hpp"

#include <algorithm>
#include <utility>

namespace tusk::detail {

void statement::describe(std::shared_ptr<const column_list> described)
{
    columns = std::move(described);
    parameter_infos.clear();
    types_generation = 0;
    const auto is_unlisted = [](oid type) { return type >= first_unlisted_oid; };
    has_unlisted_types = std::ranges::any_of(parameter_types, is_unlisted) ||
                         (columns && std::ranges::any_of(*columns, is_unlisted, &column::type));
    choose_formats();
    now = state::ready;
}

void statement::choose_formats()
{
    const auto needs_text = [this](const column& each) {
        if (each.info)
            return !each.info->has_binary;
        return each.type < first_unlisted_oid ? !has_binary_output(each.type) : distrusts_unlisted_types;
    };
    result_formats.clear();
    frame = {};
    if (!columns)
        return;
    const auto is_wrong = [&](const column& each) { return (each.format == format::text) != needs_text(each); };
    if (std::ranges::any_of(*columns, is_wrong)) {
        auto adjusted = std::make_shared<column_list>(*columns);
        for (column& each : *adjusted)
            each.format = needs_text(each) ? format::text : format::binary;
        columns = std::move(adjusted);
    }
    if (std::ranges::all_of(*columns, [](const column& each) { return each.format == format::binary; }))
        return;
    for (const column& each : *columns)
        result_formats.push_back(each.format);
}

std::vector<oid> statement::unknown_types(types::type_catalog& in) const
{
    std::vector<oid> unknown;
    const auto look_at = [&](oid type) {
        if (!in.knows(type) && std::ranges::find(unknown, type) == unknown.end())
            unknown.push_back(type);
    };
    std::ranges::for_each(parameter_types, look_at);
    if (columns)
        std::ranges::for_each(*columns, look_at, &column::type);
    return unknown;
}

void statement::attach_types(types::type_catalog& in)
{
    types_generation = in.generation();
    parameter_infos.clear();
    for (const oid type : parameter_types)
        parameter_infos.push_back(in.find(type));
    if (columns) {
        columns = with_types(*columns, in);
        choose_formats();
    }
}

std::shared_ptr<const column_list> with_types(const column_list& columns, const types::type_catalog& in)
{
    auto known = std::make_shared<column_list>(columns);
    for (column& each : *known)
        each.info = in.find(each.type);
    return known;
}

} // namespace tusk::detail
