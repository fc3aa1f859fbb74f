#pragma once

#include "unit_of_work/flush_plan.hpp"

#include <tusk/orm/table_info.hpp>

#include <vector>

/// The statements of a flush.
namespace tusk::orm::detail {

/// INSERT of these columns; everything else that the server fills in comes back.
flush_statement insert_statement(const table_info& table, const column_set& columns);

/// UPDATE of one row, by the primary key that the database has, and by its version where rows have one.
/// @param columns   Those that are written.
/// @param defaults  Those that get what the server would give a new row.
flush_statement update_statement(const table_info& table, const column_set& columns, const column_set& defaults);

/// DELETE of one row, as `update_statement` finds it.
flush_statement remove_statement(const table_info& table);

/// UPDATE of one row that sets these columns to NULL; for rows that stand in each other's way.
flush_statement clear_statement(const table_info& table, const column_set& columns);

/// A row of a secondary table: the near entity is `entity` of the step, the far one `other`.
flush_statement link_statement(const relation_info& relation);
flush_statement unlink_statement(const relation_info& relation);

// What becomes of the rows that a relation of deleted rows leads to: `relation` is that of the deleted side, and the
// keys are those of its near columns.

/// SELECT of the far rows' columns: their primary key, and what their own relations need.
flush_statement find_far_statement(const relation_info& relation, const std::vector<const column_info*>& wanted);
/// DELETE; the primary keys of what is gone come back.
flush_statement remove_far_statement(const relation_info& relation);
/// UPDATE of the far rows' foreign key to NULL; the primary keys come back.
flush_statement release_far_statement(const relation_info& relation);
/// DELETE by primary key, which comes back.
flush_statement remove_by_key_statement(const table_info& table);
/// UPDATE by primary key that sets these columns to NULL.
flush_statement clear_by_key_statement(const table_info& table, const column_set& columns);

} // namespace tusk::orm::detail
