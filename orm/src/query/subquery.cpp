#include "mapping/quoted.hpp"
#include "query/cte_source.hpp"
#include "query/relation_join.hpp"
#include "query/renderer.hpp"
#include "query/select_text.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/orm/subquery.hpp>
#include <tusk/orm/table_info.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tusk::orm::detail {

namespace {

class subquery_node final : public node
{
public:
    subquery_node(std::string_view before, std::shared_ptr<const select_data> of, oid type)
        : node{type, precedence::primary}, before_{before}, of_{std::move(of)}
    {
    }

    void render(renderer& to) const override
    {
        to.write(before_);
        to.write('(');
        write_subquery(to, *of_, column_names::matter_not);
        to.write(')');
    }

private:
    std::string_view before_;
    std::shared_ptr<const select_data> of_;
};

class in_subquery_node final : public node
{
public:
    in_subquery_node(node_ptr value, std::shared_ptr<const select_data> in, bool negated)
        : node{bool_type, precedence::like}, value_{std::move(value)}, in_{std::move(in)}, negated_{negated}
    {
    }

    void render(renderer& to) const override
    {
        to.write(*value_, precedence::other);
        to.write(negated_ ? " NOT IN (" : " IN (");
        write_subquery(to, *in_, column_names::matter_not);
        to.write(')');
    }
    void add_sources(std::vector<source_ptr>& to) const override { value_->add_sources(to); }

private:
    node_ptr value_;
    std::shared_ptr<const select_data> in_;
    bool negated_;
};

/// EXISTS over the far side of a relation, which needs no select of its own.
class relation_exists_node final : public node
{
public:
    relation_exists_node(const relation_info& relation, source_ptr near, source_ptr target, node_ptr criteria)
        : node{bool_type, precedence::primary},
          relation_{relation},
          near_{std::move(near)},
          target_{std::move(target)},
          criteria_{std::move(criteria)}
    {
        if (relation.secondary != nullptr)
            secondary_ = make_alias(*relation.secondary, {});
    }

    void render(renderer& to) const override
    {
        const auto column_of = [](const source& from) -> column_writer {
            return [&from](renderer& out, const column_info& column) { out.write_column(from, quoted(column.name)); };
        };
        const bool bare = std::exchange(to.bare_columns, false);
        renderer::scope scope{to};
        scope.add(*target_);
        to.write("EXISTS (SELECT 1 FROM ");
        target_->render(to, to.name_of(*target_));
        if (secondary_) {
            scope.add(*secondary_);
            to.write(" JOIN ");
            secondary_->render(to, to.name_of(*secondary_));
            to.write(" ON ");
            write_equal(to, relation_.secondary_pairs, column_of(*secondary_), *target_);
        }
        to.write(" WHERE ");
        write_equal(to, relation_.pairs, column_of(*near_), secondary_ ? *secondary_ : *target_);
        if (criteria_) {
            to.write(" AND ");
            to.write(*criteria_, precedence::conjunction);
        }
        to.write(')');
        to.bare_columns = bare;
    }
    void add_sources(std::vector<source_ptr>& to) const override { to.push_back(near_); }

private:
    const relation_info& relation_;
    source_ptr near_;
    source_ptr target_;
    source_ptr secondary_;
    node_ptr criteria_;
};

} // namespace

node_ptr make_scalar_subquery(std::shared_ptr<const select_data> of, oid type)
{
    return std::make_shared<const subquery_node>("", std::move(of), type);
}

node_ptr make_exists(std::shared_ptr<const select_data> of)
{
    if (of->combined == set_operator::none) {
        // What it would give matters to nobody; where from does.
        auto bare = std::make_shared<select_data>(*of);
        bare->from = from_of(*of, renderer{});
        bare->outputs = {{make_text("1", 0), nullptr}};
        bare->options.clear();
        of = std::move(bare);
    }
    return std::make_shared<const subquery_node>("EXISTS ", std::move(of), bool_type);
}

node_ptr make_quantified_subquery(const char* quantifier, std::shared_ptr<const select_data> of, oid type)
{
    return std::make_shared<const subquery_node>(quantifier, std::move(of), type);
}

node_ptr make_in_subquery(node_ptr value, std::shared_ptr<const select_data> in, bool negated)
{
    return std::make_shared<const in_subquery_node>(std::move(value), std::move(in), negated);
}

node_ptr make_relation_exists(const relation_info& relation, source_ptr near, source_ptr target, node_ptr criteria)
{
    if (!near)
        near = table_source(*relation.table);
    if (!target) {
        target = table_source(*relation.target);
        if (target == near) {
            // The far side needs a name of its own, and then criteria would be about the near side.
            if (criteria)
                throw usage_error{fmt::format("{} leads from {} to itself: give any() or has() an orm::alias for the "
                                              "far side, and say the criteria of its columns",
                                              relation.described(), relation.table->name())};
            target = make_alias(*relation.target, {});
        }
    }
    return std::make_shared<const relation_exists_node>(relation, std::move(near), std::move(target),
                                                        std::move(criteria));
}

// ---- Subqueries in a FROM.

subquery_source::subquery_source(std::shared_ptr<const select_data> query, std::string_view name)
    : source{nullptr, name.empty() ? std::string{} : quoted(name)}, query_{std::move(query)}
{
}

void subquery_source::render(renderer& to, std::string_view name) const
{
    to.write('(');
    write_subquery(to, *query_, column_names::matter);
    to.write(") AS ");
    to.write(name);
}

std::string subquery_source::base_name() const { return "rows"; }

source_ptr make_subquery(std::shared_ptr<const select_data> of, std::string_view name)
{
    return std::make_shared<const subquery_source>(std::move(of), name);
}

// ---- WITH.

cte_source::cte_source(std::shared_ptr<const select_data> query, std::string_view name, materialization materialized)
    : source{nullptr, quoted(name)}, query_{std::move(query)}, materialized_{materialized}
{
}

void cte_source::render_head(renderer& to) const
{
    to.write(name());
    if (is_recursive()) {
        to.write('(');
        std::string_view between;
        for (const auto& each : derived_columns(*query_)) {
            to.write(between);
            between = ", ";
            to.write(quoted(each.name));
        }
        to.write(')');
    }
    to.write(" AS ");
    if (materialized_ != materialization::unsaid)
        to.write(materialized_ == materialization::yes ? "MATERIALIZED " : "NOT MATERIALIZED ");
}

void cte_source::render_query(renderer& to) const
{
    render_head(to);
    to.write('(');
    write_subquery(to, *query_, column_names::matter);
    to.write(')');
}

bool cte_source::is_recursive() const noexcept { return false; }

void cte_source::render(renderer& to, std::string_view name) const
{
    to.note_cte(*this);
    to.write(name);
}

std::string cte_source::base_name() const { return name(); }

cte_self::cte_self(std::string_view name) : source{nullptr, quoted(name)} {}

void cte_self::render(renderer& to, std::string_view name) const { to.write(name); }

std::string cte_self::base_name() const { return name(); }

recursive_cte_source::recursive_cte_source(std::shared_ptr<const select_data> start,
                                           std::shared_ptr<const select_data> step, source_ptr self, bool all,
                                           std::string_view name)
    : cte_source{std::move(start), name, materialization::unsaid},
      step_{std::move(step)},
      self_{std::move(self)},
      all_{all}
{
}

void recursive_cte_source::render_query(renderer& to) const
{
    render_head(to);
    to.write('(');
    write_subquery(to, query(), column_names::matter_not); // the head of the query names them
    to.write(all_ ? " UNION ALL " : " UNION ");
    write_subquery(to, *step_, column_names::matter_not);
    to.write(')');
}

bool recursive_cte_source::is_recursive() const noexcept { return true; }

source_ptr make_cte(std::shared_ptr<const select_data> of, std::string_view name, materialization materialized)
{
    return std::make_shared<const cte_source>(std::move(of), name, materialized);
}

source_ptr make_cte_self(std::string_view name) { return std::make_shared<const cte_self>(name); }

source_ptr make_recursive_cte(std::shared_ptr<const select_data> start, std::shared_ptr<const select_data> step,
                              source_ptr self, bool all, std::string_view name)
{
    return std::make_shared<const recursive_cte_source>(std::move(start), std::move(step), std::move(self), all, name);
}

std::size_t start_of_output(const select_data& of, std::size_t output)
{
    std::size_t start = 0;
    for (const auto& each : outputs_of(of)) {
        if (output-- == 0)
            break;
        start += each.value ? 1 : each.entity->table()->columns().size();
    }
    return start;
}

std::size_t position_of(const std::vector<derived_column>& columns, const column_info& column)
{
    const auto found = std::ranges::find(columns, &column, &derived_column::column);
    if (found == columns.end())
        throw usage_error{fmt::format("the subquery does not give {}: add it to its outputs", column.described())};
    return static_cast<std::size_t>(found - columns.begin());
}

node_ptr make_derived_column(source_ptr from, const std::vector<derived_column>& columns, std::size_t position)
{
    const auto& column = columns[position];
    return make_named_column(std::move(from), column.name, column.type, column.column);
}

} // namespace tusk::orm::detail
