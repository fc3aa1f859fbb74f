#include "query/select_text.hpp"

#include "mapping/quoted.hpp"
#include "query/relation_join.hpp"
#include "query/source.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/orm/table_info.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tusk::orm::detail {

namespace {

bool holds(std::span<const source_ptr> list, const source_ptr& one)
{
    return std::ranges::find(list, one) != list.end();
}

std::vector<source_ptr> sources_of_outputs(const select_data& of)
{
    std::vector<source_ptr> wanted;
    for (const auto& each : of.outputs) {
        if (each.value)
            each.value->add_sources(wanted);
        else if (!holds(wanted, each.entity))
            wanted.push_back(each.entity);
    }
    return wanted;
}

std::string shown(const source& of) { return of.name().empty() ? of.base_name() : of.name(); }

/// What stands behind a source is not a name that some other source has already.
void refuse_twice(const renderer::scope& scope, const source& of)
{
    if (scope.has(of))
        throw usage_error{fmt::format("{} stands in the FROM twice: give the second one an orm::alias", shown(of))};
}

void write_names(renderer& to, std::span<const source* const> of)
{
    std::string_view between = " OF ";
    for (const source* each : of) {
        to.write(between);
        // FOR UPDATE OF takes no schema.
        std::string_view name = to.name_of(*each);
        if (each->table() != nullptr && !each->table()->schema().empty() && each->name() == name)
            name.remove_prefix(quoted(each->table()->schema()).size() + 1);
        to.write(name);
        between = ", ";
    }
}

} // namespace

const std::vector<output_item>& outputs_of(const select_data& of)
{
    return of.combined == set_operator::none ? of.outputs : outputs_of(*of.parts.front());
}

std::vector<source_ptr> from_of(const select_data& of, const renderer& to)
{
    std::vector<source_ptr> from = of.from;
    for (auto& each : sources_of_outputs(of)) {
        const bool is_joined = std::ranges::any_of(
            of.joins, [&](const join_item& join) { return join.target == each || join.secondary == each; });
        if (is_joined || holds(from, each) || (!of.from.empty() && to.is_known(*each)))
            continue;
        if (!from.empty())
            throw usage_error{fmt::format(
                "the statement selects from {} and {}, which nothing connects: join one to the other with "
                "join<&T::relation>() or join(target, on), or name both in select_from() if every row of one is "
                "meant with every row of the other",
                shown(*from.front()), shown(*each))};
        from.push_back(std::move(each));
    }
    if (from.empty() && !of.joins.empty() && of.joins.front().near)
        from.push_back(of.joins.front().near);
    return from;
}

from_clause::from_clause(const select_data& of, const renderer& to)
{
    if (of.from.empty() && of.joins.empty() && of.outputs.size() == 1 && of.outputs.front().entity) {
        sources_ = std::span{&of.outputs.front().entity, 1};
        return;
    }
    made_ = from_of(of, to);
    sources_ = made_;
}

void enter(renderer::scope& scope, std::span<const source_ptr> from, std::span<const join_item> joins)
{
    for (const auto& each : from) {
        refuse_twice(scope, *each);
        scope.add(*each);
    }
    for (const auto& each : joins) {
        refuse_twice(scope, *each.target);
        if (each.secondary) {
            refuse_twice(scope, *each.secondary);
            scope.add(*each.secondary);
        }
        scope.add(*each.target);
    }
}

void write_distinct(renderer& to, const select_data& of)
{
    if (!of.distinct_on.empty()) {
        to.write("DISTINCT ON (");
        to.write_list(of.distinct_on);
        to.write(") ");
    } else if (of.distinct) {
        to.write("DISTINCT ");
    }
}

void write_from(renderer& to, std::span<const source_ptr> from, std::span<const join_item> joins)
{
    if (from.empty())
        return;
    // A JOIN binds only to what is next to it if commas are written.
    std::string_view between = " FROM ";
    for (const auto& each : from) {
        to.write(between);
        each->render(to, to.name_of(*each));
        between = joins.empty() ? ", " : " CROSS JOIN ";
    }
    for (const auto& each : joins)
        write_join(to, each);
}

void write_conditions(renderer& to, const select_data& of)
{
    if (of.where) {
        to.write(" WHERE ");
        to.write(*of.where);
    }
    if (!of.group_by.empty()) {
        to.write(" GROUP BY ");
        to.write_list(of.group_by);
    }
    if (of.having) {
        to.write(" HAVING ");
        to.write(*of.having);
    }
}

void write_order(renderer& to, const node_list& order)
{
    if (order.empty())
        return;
    to.write(" ORDER BY ");
    to.write_list(order);
}

void write_limit(renderer& to, const select_data& of)
{
    if (of.limit) {
        to.write(" LIMIT ");
        to.write(*of.limit);
    }
    if (of.offset) {
        to.write(" OFFSET ");
        to.write(*of.offset);
    }
}

void write_lock(renderer& to, const lock_clause& lock, std::span<const source* const> otherwise)
{
    if (lock.strength == lock_strength::none)
        return;
    static constexpr auto strengths =
        std::to_array<std::string_view>({"", "UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"});
    to.write(" FOR ");
    to.write(strengths[static_cast<std::size_t>(lock.strength)]);
    if (lock.of.empty()) {
        write_names(to, otherwise);
    } else {
        std::vector<const source*> named;
        for (const auto& each : lock.of)
            named.push_back(each.get());
        write_names(to, named);
    }
    if (lock.wait != lock_wait::wait)
        to.write(lock.wait == lock_wait::nowait ? " NOWAIT" : " SKIP LOCKED");
}

namespace {

void write_inner_outputs(renderer& to, const select_data& of, column_names matter)
{
    std::vector<derived_column> names;
    if (matter == column_names::matter)
        names = derived_columns(of);
    std::size_t i = 0;
    const auto name = [&](std::string_view own) {
        if (i == names.size())
            return;
        const std::string& wanted = names[i++].name;
        if (wanted != own) {
            to.write(" AS ");
            to.write(quoted(wanted));
        }
    };
    std::string_view between;
    for (const auto& each : of.outputs) {
        if (each.value) {
            to.write(between);
            between = ", ";
            to.write(*each.value);
            // PostgreSQL names other expressions too, but not always as one would think.
            const bool has_name = each.value->column() != nullptr && each.value->label().empty();
            name(has_name ? each.value->name() : std::string_view{});
            continue;
        }
        for (const column_info& column : each.entity->table()->columns()) {
            to.write(between);
            between = ", ";
            to.write_column(*each.entity, quoted(column.name));
            name(column.name);
        }
    }
}

std::string_view keyword_of(set_operator which)
{
    static constexpr auto words = std::to_array<std::string_view>(
        {"", " UNION ", " UNION ALL ", " INTERSECT ", " INTERSECT ALL ", " EXCEPT ", " EXCEPT ALL "});
    return words[static_cast<std::size_t>(which)];
}

} // namespace

void write_combined(renderer& to, const select_data& of, column_names names)
{
    bool first = true;
    for (const auto& part : of.parts) {
        if (!first)
            to.write(keyword_of(of.combined));
        first = false;
        const bool needs_parentheses = part->combined != set_operator::none || !part->order_by.empty() || part->limit ||
                                       part->offset || part->lock.strength != lock_strength::none;
        if (needs_parentheses)
            to.write('(');
        write_subquery(to, *part, names);
        if (needs_parentheses)
            to.write(')');
    }
    // Behind them there are no tables any more, only the names of columns.
    const bool bare = std::exchange(to.bare_columns, true);
    write_order(to, of.order_by);
    to.bare_columns = bare;
    write_limit(to, of);
}

void write_subquery(renderer& to, const select_data& of, column_names names)
{
    const bool bare = std::exchange(to.bare_columns, false);
    if (of.combined != set_operator::none) {
        write_combined(to, of, names);
    } else {
        const from_clause clause{of, to};
        const auto from = clause.sources();
        renderer::scope scope{to};
        enter(scope, from, of.joins);
        to.write("SELECT ");
        write_distinct(to, of);
        write_inner_outputs(to, of, names);
        write_from(to, from, of.joins);
        write_conditions(to, of);
        write_order(to, of.order_by);
        write_limit(to, of);
        write_lock(to, of.lock, {});
    }
    to.bare_columns = bare;
}

std::vector<derived_column> derived_columns(const select_data& of)
{
    std::vector<derived_column> columns;
    const auto add = [&](std::string_view name, oid type, const column_info* column) {
        std::string found{name};
        const auto taken = [&] { return std::ranges::find(columns, found, &derived_column::name) != columns.end(); };
        for (int i = 1; taken(); ++i)
            found = fmt::format("{}_{}", name, i);
        columns.push_back({std::move(found), type, column});
    };
    for (const auto& each : outputs_of(of)) {
        if (each.value) {
            const std::string_view name = each.value->name();
            add(name.empty() ? "value" : name, each.value->type(), each.value->column());
            continue;
        }
        for (const column_info& column : each.entity->table()->columns())
            add(column.name, column.type_oid, &column);
    }
    return columns;
}

} // namespace tusk::orm::detail
