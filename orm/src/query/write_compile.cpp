#include "mapping/quoted.hpp"
#include "query/compilation.hpp"
#include "query/select_text.hpp"
#include "query/source.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/orm/detail/bound_value.hpp>
#include <tusk/orm/detail/write_data.hpp>
#include <tusk/orm/table_info.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace tusk::orm::detail {

namespace {

void write_names(renderer& to, const std::vector<const column_info*>& columns)
{
    std::string_view between = "(";
    for (const column_info* each : columns) {
        to.write(between);
        between = ", ";
        to.write(quoted(each->name));
    }
    to.write(')');
}

void write_assignments(renderer& to, const std::vector<assignment>& assignments)
{
    std::string_view between = " SET ";
    for (const auto& each : assignments) {
        to.write(between);
        between = ", ";
        to.write(quoted(each.column->name));
        to.write(" = ");
        to.write(*each.value);
    }
}

/// What the mapping adds to every UPDATE: `on_update`, and the count of a version column.
void write_implied(renderer& to, const update_data& of)
{
    for (const column_info& each : of.table->columns()) {
        if (each.on_update.empty() && !each.is_version)
            continue;
        if (std::ranges::find(of.assignments, &each, &assignment::column) != of.assignments.end())
            continue;
        const std::string name = quoted(each.name);
        to.write(", ");
        to.write(name);
        to.write(" = ");
        if (each.is_version) {
            to.write_column(reference_to(*of.table), name);
            to.write(" + 1");
        } else {
            to.write(each.on_update);
        }
    }
}

/// FROM of an UPDATE, USING of a DELETE.
void write_more_tables(renderer& to, std::string_view keyword, const std::vector<source_ptr>& from)
{
    for (const auto& each : from) {
        to.write(keyword);
        keyword = ", ";
        each->render(to, to.name_of(*each));
    }
}

void write_where(renderer& to, const node_ptr& where)
{
    if (!where)
        return;
    to.write(" WHERE ");
    to.write(*where);
}

void write_returning(compilation& to, const write_data& of)
{
    if (of.returning.empty())
        return;
    to.add_outputs(of.returning, of.options);
    to.out.write(" RETURNING ");
    to.write_outputs(of.returning);
}

void write_conflict(renderer& to, const conflict_clause& of)
{
    if (of.action == conflict_action::none)
        return;
    to.write(" ON CONFLICT");
    if (!of.constraint.empty()) {
        to.write(" ON CONSTRAINT ");
        to.write(quoted(of.constraint));
    } else if (!of.columns.empty()) {
        to.write(' ');
        write_names(to, of.columns);
        if (of.index_where) {
            to.write(" WHERE ");
            to.write(*of.index_where);
        }
    }
    if (of.action == conflict_action::do_nothing) {
        to.write(" DO NOTHING");
        return;
    }
    if (of.assignments.empty())
        throw usage_error{"do_update() says nothing to set: add set(column, value), or use do_nothing()"};
    if (of.constraint.empty() && of.columns.empty())
        throw usage_error{"on_conflict() without columns or constraint goes with do_nothing() only"};
    to.write(" DO UPDATE");
    write_assignments(to, of.assignments);
    write_where(to, of.where);
}

void write_rows(renderer& to, const insert_data& of)
{
    const std::size_t width = of.columns.size();
    to.write(" VALUES ");
    for (std::size_t i = 0; i != of.values.size(); ++i) {
        if (i % width == 0)
            to.write(i == 0 ? "(" : "), (");
        else
            to.write(", ");
        if (const auto* value = dynamic_cast<const parameter_node*>(of.values[i].get()))
            to.write_new_parameter(*value);
        else
            to.write(*of.values[i]);
    }
    to.write(')');
}

} // namespace

void assign(std::vector<assignment>& to, const column_info& column, node_ptr value)
{
    const auto known = std::ranges::find(to, &column, &assignment::column);
    if (known != to.end())
        known->value = std::move(value);
    else
        to.push_back({&column, std::move(value)});
}

node_ptr make_excluded(const column_info& column)
{
    return make_text("excluded." + quoted(column.name), column.type_oid);
}

void insert_data::compile(compilation& to) const
{
    auto& out = to.out;
    const source& target = reference_to(*table);
    renderer::scope scope{out};
    scope.add(target);
    to.made.writes = true;
    out.write("INSERT INTO ");
    out.write(target.name());
    if (columns.empty() && !query) {
        out.write(" DEFAULT VALUES");
    } else {
        out.write(' ');
        write_names(out, columns);
        if (query) {
            // What is inserted into is not there for what is selected.
            const renderer::detached apart{out};
            out.write(' ');
            write_subquery(out, *query, column_names::matter_not);
        } else {
            if (values.size() % columns.size() != 0 || values.empty())
                throw usage_error{fmt::format("an INSERT into {} has rows of different lengths", table->name())};
            write_rows(out, *this);
        }
    }
    write_conflict(out, conflict);
    write_returning(to, *this);
}

void update_data::compile(compilation& to) const
{
    auto& out = to.out;
    const source& target = reference_to(*table);
    if (assignments.empty())
        throw usage_error{fmt::format("an UPDATE of {} sets nothing: add set(column, value)", table->name())};
    renderer::scope scope{out};
    scope.add(target);
    enter(scope, from, {});
    to.made.writes = true;
    out.write("UPDATE ");
    out.write(target.name());
    write_assignments(out, assignments);
    write_implied(out, *this);
    write_more_tables(out, " FROM ", from);
    write_where(out, where);
    write_returning(to, *this);
}

void delete_data::compile(compilation& to) const
{
    auto& out = to.out;
    const source& target = reference_to(*table);
    renderer::scope scope{out};
    scope.add(target);
    enter(scope, from, {});
    to.made.writes = true;
    out.write("DELETE FROM ");
    out.write(target.name());
    write_more_tables(out, " USING ", from);
    write_where(out, where);
    write_returning(to, *this);
}

std::shared_ptr<statement_data> insert_data::clone() const { return std::make_shared<insert_data>(*this); }
std::shared_ptr<statement_data> update_data::clone() const { return std::make_shared<update_data>(*this); }
std::shared_ptr<statement_data> delete_data::clone() const { return std::make_shared<delete_data>(*this); }

} // namespace tusk::orm::detail
