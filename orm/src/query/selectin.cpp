#include "mapping/quoted.hpp"
#include "query/compilation.hpp"
#include "query/eager_join.hpp"
#include "query/select_text.hpp"
#include "query/source.hpp"

#include "mapping/type_oid.hpp"

#include <tusk/orm/table_info.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace tusk::orm::detail {

namespace {

/// The type of a column without its length, as a cast takes it.
std::string array_of(const column_info& column)
{
    return column.type.ends_with("[]") ? column.type : column.type + "[]";
}

void write_key_condition(renderer& out, const source& from, const std::vector<column_pair>& keys)
{
    if (keys.size() == 1) {
        out.write_column(from, quoted(keys.front().far->name));
        out.write(" = ANY(");
        out.write_open_parameter(1);
        out.write(')');
        return;
    }
    std::string_view between = "(";
    for (const auto& key : keys) {
        out.write(between);
        between = ", ";
        out.write_column(from, quoted(key.far->name));
    }
    out.write(") IN (SELECT * FROM unnest(");
    for (std::size_t i = 0; i != keys.size(); ++i) {
        if (i != 0)
            out.write(", ");
        out.write_open_parameter(i + 1);
        out.write("::");
        out.write(array_of(*keys[i].near));
    }
    out.write("))");
}

selectin_statement compile_relation(const relation_info& relation, const column_choice* choice,
                                    const std::vector<load_option>& nested)
{
    selectin_statement made;
    made.keys = relation.pairs;
    for (const auto& key : made.keys)
        made.key_types.push_back(oid_of_column_type(array_of(*key.near)));

    compilation to{nullptr};
    auto& out = to.out;
    const source& target = reference_to(*relation.target);
    const source* const secondary = relation.secondary != nullptr ? &reference_to(*relation.secondary) : nullptr;
    renderer::scope scope{out};
    scope.add(target);
    if (secondary != nullptr) {
        scope.add(*secondary);
        for (std::size_t i = 0; i != made.keys.size(); ++i) {
            made.key_columns.push_back(i);
            to.add_value();
        }
    }
    made.target = to.add_entity(target, *relation.target, choice);
    to.made.result_count = to.made.outputs.size();
    if (secondary == nullptr) {
        const auto& entity = to.made.outputs[made.target];
        for (const auto& key : made.keys) {
            const auto at = std::ranges::find(entity.columns, key.far);
            made.key_columns.push_back(entity.first_column + static_cast<std::size_t>(at - entity.columns.begin()));
        }
    }
    const eager_joins eager{to, made.target, nested};
    eager.enter(scope);

    out.write("SELECT ");
    for (std::size_t i = 0; i != to.made.outputs.size(); ++i) {
        if (i != 0)
            out.write(", ");
        if (to.made.outputs[i].table != nullptr)
            to.write_entity(i);
        else if (secondary != nullptr)
            out.write_column(*secondary, quoted(made.keys[i].far->name));
    }
    out.write(" FROM ");
    out.write(secondary != nullptr ? secondary->name() : target.name());
    if (secondary != nullptr) {
        out.write(" JOIN ");
        out.write(target.name());
        out.write(" ON ");
        write_equal(
            out, relation.secondary_pairs,
            [&](renderer& by, const column_info& column) { by.write_column(*secondary, quoted(column.name)); }, target);
    }
    eager.write(nullptr);
    out.write(" WHERE ");
    write_key_condition(out, secondary != nullptr ? *secondary : target, made.keys);
    if (relation.order_by != nullptr) {
        out.write(" ORDER BY ");
        out.write_column(target, quoted(relation.order_by->name));
        if (relation.order_descending)
            out.write(" DESC");
    }
    eager.write_order(relation.order_by == nullptr);
    made.statement = to.finish();
    return made;
}

} // namespace

selectin_statement compile_selectin(const relation_info& relation, const load_option& option)
{
    return compile_relation(relation, &option.columns, option.nested);
}

selectin_statement compile_selectin(const relation_info& relation) { return compile_relation(relation, nullptr, {}); }

} // namespace tusk::orm::detail
