#pragma once

#include <tusk/orm/detail/expression_node.hpp>
#include <tusk/orm/detail/load_option.hpp>
#include <tusk/orm/detail/statement_base.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tusk::orm::detail {

/// A part of what a statement gives back: a value, or an entity from a source.
struct output_item {
    node_ptr value;    ///< Null for an entity.
    source_ptr entity; ///< Null for a value.
};

enum class join_kind : std::uint8_t { inner, left, right, full, cross };

struct join_item {
    join_kind kind{};
    source_ptr target;
    node_ptr on; ///< Null for a join by relation, and a cross join.
    const relation_info* relation = nullptr;
    source_ptr near;      ///< Where the relation starts.
    source_ptr secondary; ///< Of a many-to-many relation.
};

enum class lock_strength : std::uint8_t { none, update, no_key_update, share, key_share };
enum class lock_wait : std::uint8_t { wait, nowait, skip_locked };
enum class set_operator : std::uint8_t { none, union_, union_all, intersect, intersect_all, except, except_all };
enum class materialization : std::uint8_t { unsaid, yes, no };

struct lock_clause {
    lock_strength strength = lock_strength::none;
    lock_wait wait = lock_wait::wait;
    std::vector<source_ptr> of;
};

/// A SELECT, or several that are combined by UNION and the like.
struct select_data final : statement_data {
    std::vector<output_item> outputs;
    std::vector<source_ptr> from; ///< What `select_from` named; what the outputs need is added to it.
    std::vector<join_item> joins;
    node_ptr where;
    node_ptr having;
    bool distinct = false;
    node_list distinct_on;
    node_list group_by;
    node_list order_by;
    node_ptr limit;
    node_ptr offset;
    lock_clause lock;
    std::vector<load_option> options;

    /// With a set operator, `parts` are combined; of the clauses above, only order, limit and offset count.
    set_operator combined = set_operator::none;
    std::vector<std::shared_ptr<const select_data>> parts;

    void compile(compilation& to) const override;
    [[nodiscard]] std::shared_ptr<statement_data> clone() const override;
};

/// Two conditions, either of which may be missing.
node_ptr both(node_ptr left, node_ptr right);

/// The name of a column of a subquery, and its type: `outputs` flattened, entities into their columns.
struct derived_column {
    std::string name;
    oid type = 0;
    const column_info* column = nullptr;
};
std::vector<derived_column> derived_columns(const select_data& of);

node_ptr make_scalar_subquery(std::shared_ptr<const select_data> of, oid type);
/// `EXISTS (SELECT ...)`
node_ptr make_exists(std::shared_ptr<const select_data> of);
node_ptr make_in_subquery(node_ptr value, std::shared_ptr<const select_data> in, bool negated);
/// `ANY (SELECT ...)`, `ALL (SELECT ...)`
node_ptr make_quantified_subquery(const char* quantifier, std::shared_ptr<const select_data> of, oid type);

/// EXISTS over the far side of a relation.
/// @param target    Null: the table itself, or an alias where the relation leads to its own table.
/// @param criteria  May be null.
node_ptr make_relation_exists(const relation_info& relation, source_ptr near, source_ptr target, node_ptr criteria);

source_ptr make_subquery(std::shared_ptr<const select_data> of, std::string_view name);
source_ptr make_cte(std::shared_ptr<const select_data> of, std::string_view name, materialization materialized);
/// What the step of a recursive query selects from.
source_ptr make_cte_self(std::string_view name);
source_ptr make_recursive_cte(std::shared_ptr<const select_data> start, std::shared_ptr<const select_data> step,
                              source_ptr self, bool all, std::string_view name);
/// The column of a subquery or CTE at a position of `columns`.
node_ptr make_derived_column(source_ptr from, const std::vector<derived_column>& columns, std::size_t position);

join_item make_relation_join(const relation_info& relation, join_kind kind, source_ptr near, source_ptr target);

} // namespace tusk::orm::detail
