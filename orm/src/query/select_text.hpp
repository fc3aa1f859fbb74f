#pragma once

#include "query/renderer.hpp"

#include <tusk/orm/detail/select_data.hpp>

#include <span>
#include <vector>

/// The clauses of a SELECT, each by itself: a subquery writes them as they are, a statement writes more between them.
namespace tusk::orm::detail {

/// What the FROM starts with: what was named, and what the outputs need.
/// @throws usage_error  That is several things which nothing connects, and nobody asked for their product.
std::vector<source_ptr> from_of(const select_data& of, const renderer& to);

/// The same, without a list of its own for what most statements are: one entity from its table.
class from_clause
{
public:
    from_clause(const select_data& of, const renderer& to);
    from_clause(const from_clause&) = delete;
    from_clause& operator=(const from_clause&) = delete;
    ~from_clause() = default;

    [[nodiscard]] std::span<const source_ptr> sources() const noexcept { return sources_; }

private:
    std::vector<source_ptr> made_;
    std::span<const source_ptr> sources_;
};

/// Makes everything in the FROM known.
/// @throws usage_error  Something stands in it twice.
void enter(renderer::scope& scope, std::span<const source_ptr> from, std::span<const join_item> joins);

void write_distinct(renderer& to, const select_data& of);
void write_from(renderer& to, std::span<const source_ptr> from, std::span<const join_item> joins);
/// WHERE, GROUP BY and HAVING.
void write_conditions(renderer& to, const select_data& of);
void write_order(renderer& to, const node_list& order);
void write_limit(renderer& to, const select_data& of);
/// @param otherwise  What is locked where the statement does not say it; none: everything.
void write_lock(renderer& to, const lock_clause& lock, std::span<const source* const> otherwise);

/// Whether somebody asks for the columns of a subquery by their names.
enum class column_names : bool { matter, matter_not };

/// A SELECT inside of another statement. Where they matter, its columns have the names of `derived_columns`.
void write_subquery(renderer& to, const select_data& of, column_names names);
/// SELECTs with UNION and the like between them, and their order and limit.
void write_combined(renderer& to, const select_data& of, column_names names);

/// The outputs of the first part, where there are several.
const std::vector<output_item>& outputs_of(const select_data& of);

} // namespace tusk::orm::detail
