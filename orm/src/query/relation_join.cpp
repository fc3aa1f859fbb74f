#include "query/relation_join.hpp"

#include "mapping/quoted.hpp"
#include "query/source.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

namespace tusk::orm::detail {

namespace {

std::string_view keyword_of(join_kind kind)
{
    switch (kind) {
    case join_kind::inner: return " JOIN ";
    case join_kind::left: return " LEFT JOIN ";
    case join_kind::right: return " RIGHT JOIN ";
    case join_kind::full: return " FULL JOIN ";
    case join_kind::cross: return " CROSS JOIN ";
    }
    return {};
}

column_writer column_of(const source& from)
{
    return [&from](renderer& to, const column_info& column) { to.write_column(from, quoted(column.name)); };
}

void write_source(renderer& to, const source& of) { of.render(to, to.name_of(of)); }

} // namespace

void write_equal(renderer& to, const std::vector<column_pair>& pairs, const column_writer& near, const source& far)
{
    std::string_view between;
    for (const auto& pair : pairs) {
        to.write(between);
        between = " AND ";
        to.write_column(far, quoted(pair.far->name));
        to.write(" = ");
        near(to, *pair.near);
    }
}

void write_relation_join(renderer& to, const join_item& of, const column_writer& near)
{
    const relation_info& relation = *of.relation;
    if (!of.secondary) {
        to.write(keyword_of(of.kind));
        write_source(to, *of.target);
        to.write(" ON ");
        write_equal(to, relation.pairs, near, *of.target);
        return;
    }
    const auto secondary = column_of(*of.secondary);
    if (of.kind == join_kind::inner) {
        to.write(" JOIN ");
        write_source(to, *of.secondary);
        to.write(" ON ");
        write_equal(to, relation.pairs, near, *of.secondary);
        to.write(" JOIN ");
        write_source(to, *of.target);
        to.write(" ON ");
        write_equal(to, relation.secondary_pairs, secondary, *of.target);
        return;
    }
    to.write(keyword_of(of.kind));
    to.write('(');
    write_source(to, *of.secondary);
    to.write(" JOIN ");
    write_source(to, *of.target);
    to.write(" ON ");
    write_equal(to, relation.secondary_pairs, secondary, *of.target);
    to.write(") ON ");
    write_equal(to, relation.pairs, near, *of.secondary);
}

void write_join(renderer& to, const join_item& of)
{
    if (of.relation != nullptr) {
        write_relation_join(to, of, column_of(*of.near));
        return;
    }
    to.write(keyword_of(of.kind));
    write_source(to, *of.target);
    if (of.on) {
        to.write(" ON ");
        to.write(*of.on);
    }
}

join_item make_relation_join(const relation_info& relation, join_kind kind, source_ptr near, source_ptr target)
{
    if (!near)
        near = table_source(*relation.table);
    const bool is_renamed = target != nullptr && target != table_source(*relation.target);
    if (!target)
        target = table_source(*relation.target);
    if (near == target)
        throw usage_error{fmt::format("{} leads from {} to itself: join it to an orm::alias", relation.described(),
                                      relation.table->name())};
    join_item made{kind, std::move(target), nullptr, &relation, std::move(near), nullptr};
    if (relation.secondary != nullptr)
        made.secondary = is_renamed ? make_alias(*relation.secondary, {}) : table_source(*relation.secondary);
    return made;
}

} // namespace tusk::orm::detail
