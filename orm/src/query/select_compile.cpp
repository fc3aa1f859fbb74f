#include "mapping/quoted.hpp"
#include "query/compilation.hpp"
#include "query/cte_source.hpp"
#include "query/eager_join.hpp"
#include "query/order.hpp"
#include "query/select_text.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/orm/table_info.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace tusk::orm::detail {

namespace {

/// The rows that the statement asks for, with the tables of `joinedload` beside them.
void write_plain(compilation& to, const select_data& of, const eager_joins& eager)
{
    auto& out = to.out;
    const from_clause clause{of, out};
    const auto from = clause.sources();
    renderer::scope scope{out};
    enter(scope, from, of.joins);
    eager.enter(scope);
    out.write("SELECT ");
    write_distinct(out, of);
    to.write_outputs(of.outputs);
    write_from(out, from, of.joins);
    eager.write(nullptr);
    write_conditions(out, of);
    write_order(out, of.order_by);
    eager.write_order(of.order_by.empty());
    write_limit(out, of);
    // A table on the nullable side of a join cannot be locked.
    std::vector<const source*> own;
    if (eager.has_joins())
        for (const auto& each : from)
            own.push_back(each.get());
    write_lock(out, of.lock, own);
}

/// `joinedload` of a collection would multiply the rows that LIMIT counts, and GROUP BY would forbid its columns: the
/// statement becomes a subquery, and the tables are joined to it.
class wrapped_select
{
public:
    wrapped_select(compilation& to, const select_data& of, const eager_joins& eager) : to_{to}, of_{of}, eager_{eager}
    {
        auto inner = std::make_shared<select_data>(of);
        inner->options.clear();
        for (const auto& term : of.order_by)
            inner->outputs.push_back({make_label(ordered_expression(term), "ordered_by"), nullptr});
        columns_ = derived_columns(*inner);
        rows_ = make_subquery(std::move(inner), {});
        to_.out.keep(rows_);
        std::size_t column = 0;
        for (const auto& each : of.outputs) {
            starts_.push_back(column);
            column += each.value ? 1 : each.entity->table()->columns().size();
        }
        starts_.push_back(column);
    }

    void write() const
    {
        auto& out = to_.out;
        renderer::scope scope{out};
        scope.add(*rows_);
        eager_.enter(scope);
        out.write("SELECT ");
        for (std::size_t i = 0; i != to_.made.outputs.size(); ++i) {
            if (i != 0)
                out.write(", ");
            write_output(i);
        }
        const source_ptr from[] = {rows_};
        write_from(out, from, {});
        eager_.write([this](std::size_t output) -> column_writer {
            return [this, output](renderer&, const column_info& column) { write_own(output, column); };
        });
        for (std::size_t i = 0; i != of_.order_by.size(); ++i) {
            out.write(i == 0 ? " ORDER BY " : ", ");
            out.write_column(*rows_, quoted(columns_[starts_.back() + i].name));
            render_direction(of_.order_by[i], out);
        }
        eager_.write_order(of_.order_by.empty());
    }

private:
    void write_output(std::size_t output) const
    {
        if (output >= of_.outputs.size()) {
            to_.write_entity(output);
            return;
        }
        if (of_.outputs[output].value) {
            to_.out.write_column(*rows_, quoted(columns_[starts_[output]].name));
            return;
        }
        std::string_view between;
        for (const column_info* each : to_.made.outputs[output].columns) {
            to_.out.write(between);
            between = ", ";
            write_own(output, *each);
        }
    }

    void write_own(std::size_t output, const column_info& column) const
    {
        to_.out.write_column(*rows_, quoted(columns_[starts_[output] + column.position].name));
    }

    compilation& to_;
    const select_data& of_;
    const eager_joins& eager_;
    source_ptr rows_;
    std::vector<derived_column> columns_;
    std::vector<std::size_t> starts_; ///< Of each output of the statement, and their end.
};

} // namespace

void select_data::compile(compilation& to) const
{
    to.add_outputs(outputs_of(*this), options);
    const eager_joins eager{to, options};
    if (!eager.has_joins() && combined != set_operator::none) {
        for (std::size_t i = 0; i != to.made.outputs.size(); ++i)
            if (const auto& each = to.made.outputs[i];
                each.table != nullptr && each.columns.size() != each.table->columns().size())
                throw usage_error{"load_only and defer do not go with UNION and the like: all parts give all columns"};
        write_combined(to.out, *this, column_names::matter);
        return;
    }
    const bool counts_rows = limit || offset || distinct || !distinct_on.empty();
    if (combined != set_operator::none || (eager.has_joins() && !group_by.empty()) ||
        (eager.has_collection() && counts_rows))
        wrapped_select{to, *this, eager}.write();
    else
        write_plain(to, *this, eager);
}

std::shared_ptr<statement_data> select_data::clone() const { return std::make_shared<select_data>(*this); }

} // namespace tusk::orm::detail
