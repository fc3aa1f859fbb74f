#include "query/eager_join.hpp"

#include "mapping/quoted.hpp"
#include "query/source.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/orm/table_info.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace tusk::orm::detail {

eager_joins::eager_joins(compilation& to, const std::vector<load_option>& options)
    : to_{to}, own_outputs_{to.made.outputs.size()}
{
    for (const auto& each : options) {
        if (each.strategy == load_strategy::self)
            continue;
        const auto own = std::span{to.made.outputs}.first(own_outputs_);
        const auto found = std::ranges::find(own, each.relation->table, &compiled_output::table);
        if (found == own.end())
            throw usage_error{fmt::format("the statement has a loader option for {}, but gives no {}",
                                          each.relation->described(), each.relation->table->class_name())};
        add(static_cast<std::size_t>(found - own.begin()), each);
    }
}

eager_joins::eager_joins(compilation& to, std::size_t parent, const std::vector<load_option>& options)
    : to_{to}, own_outputs_{to.made.outputs.size()}
{
    for (const auto& each : options)
        add(parent, each);
}

void eager_joins::add(std::size_t parent, const load_option& option)
{
    if (option.strategy == load_strategy::selectin) {
        to_.made.outputs[parent].to_load.push_back(&option);
        return;
    }
    const relation_info& relation = *option.relation;
    source_ptr from = option.contained;
    if (option.strategy == load_strategy::joined) {
        from = make_alias(*relation.target, {});
        eager_join made{
            parent, {option.is_inner ? join_kind::inner : join_kind::left, from, nullptr, &relation, nullptr, nullptr}};
        if (relation.secondary != nullptr) {
            made.join.secondary = make_alias(*relation.secondary, {});
            to_.out.keep(made.join.secondary);
        }
        joins_.push_back(std::move(made));
    } else if (!from) {
        from = table_source(*relation.target);
    }
    const std::size_t output = to_.add_entity(to_.out.keep(from), *relation.target, &option.columns);
    to_.made.outputs[output].parent = parent;
    to_.made.outputs[output].relation = &relation;
    to_.made.repeats_entities = to_.made.repeats_entities || relation.is_collection();
    for (const auto& each : option.nested)
        add(output, each);
}

bool eager_joins::has_collection() const noexcept
{
    return std::ranges::any_of(joins_, [](const eager_join& each) { return each.join.relation->is_collection(); });
}

void eager_joins::enter(renderer::scope& scope) const
{
    for (const auto& each : joins_) {
        if (each.join.secondary)
            scope.add(*each.join.secondary);
        scope.add(*each.join.target);
    }
}

void eager_joins::write(const std::function<column_writer(std::size_t)>& near) const
{
    for (const auto& each : joins_) {
        if (near && each.parent < own_outputs_) {
            write_relation_join(to_.out, each.join, near(each.parent));
            continue;
        }
        const source& from = *to_.source_of(each.parent);
        write_relation_join(to_.out, each.join, [&from](renderer& out, const column_info& column) {
            out.write_column(from, quoted(column.name));
        });
    }
}

void eager_joins::write_order(bool is_first) const
{
    for (const auto& each : joins_) {
        const relation_info& relation = *each.join.relation;
        if (relation.order_by == nullptr)
            continue;
        to_.out.write(is_first ? " ORDER BY " : ", ");
        is_first = false;
        to_.out.write_column(*each.join.target, quoted(relation.order_by->name));
        if (relation.order_descending)
            to_.out.write(" DESC");
    }
}

} // namespace tusk::orm::detail
