#pragma once

#include <tusk/orm/detail/expression_node.hpp>
#include <tusk/orm/detail/load_option.hpp>
#include <tusk/orm/detail/select_data.hpp>
#include <tusk/orm/detail/statement_base.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// What INSERT, UPDATE and DELETE consist of.
namespace tusk::orm::detail {

/// `column = value`
struct assignment {
    const column_info* column = nullptr;
    node_ptr value;
};

/// What they have in common: a table, and what comes back.
struct write_data : statement_data {
    explicit write_data(const table_info& to) : table{&to} {}

    const table_info* table;
    std::vector<output_item> returning;
    std::vector<load_option> options;
};

enum class conflict_action : std::uint8_t { none, do_nothing, do_update };

struct conflict_clause {
    conflict_action action = conflict_action::none;
    std::vector<const column_info*> columns;
    node_ptr index_where; ///< The predicate of a partial index.
    std::string constraint;
    std::vector<assignment> assignments;
    node_ptr where;
};

struct insert_data final : write_data {
    using write_data::write_data;

    std::vector<const column_info*> columns;
    /// Rows behind each other; each has as many values as there are columns.
    node_list values;
    std::shared_ptr<const select_data> query; ///< Instead of values.
    conflict_clause conflict;

    void compile(compilation& to) const override;
    [[nodiscard]] std::shared_ptr<statement_data> clone() const override;
};

struct update_data final : write_data {
    using write_data::write_data;

    std::vector<assignment> assignments;
    std::vector<source_ptr> from;
    node_ptr where;

    void compile(compilation& to) const override;
    [[nodiscard]] std::shared_ptr<statement_data> clone() const override;
};

struct delete_data final : write_data {
    using write_data::write_data;

    std::vector<source_ptr> from; ///< USING.
    node_ptr where;

    void compile(compilation& to) const override;
    [[nodiscard]] std::shared_ptr<statement_data> clone() const override;
};

/// Replaces the value of a column that is set already.
void assign(std::vector<assignment>& to, const column_info& column, node_ptr value);
/// The value that a row would have had which is in the way: `excluded.label`.
node_ptr make_excluded(const column_info& column);

} // namespace tusk::orm::detail
