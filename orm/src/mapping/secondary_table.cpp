// The table between two sides of a many-to-many relation.
#include "mapping/naming.hpp"
#include "mapping/table_resolver.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/orm/column_type.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

namespace {

/// One of the two sides, and how its columns are to be called.
struct side {
    const table_info* table = nullptr;
    std::string_view column;
};

std::string column_name(const side& of, const column_info& key)
{
    return of.column.empty() ? fmt::format("{}_{}", snake_case_name(of.table->class_name()), key.name)
                             : std::string{of.column};
}

} // namespace

const table_info& table_resolver::secondary_of(const relation_draft& draft, const relation_info& made)
{
    // Both sides name the same table, and must get the same one.
    static std::vector<std::unique_ptr<table_info>> known;
    for (const auto& each : known) {
        if (each->name_ != draft.secondary.table || each->schema_ != draft.secondary.schema)
            continue;
        const table_info* first = each->foreign_keys_.front().referred_table;
        const table_info* second = each->foreign_keys_.back().referred_table;
        if ((first == made.table && second == made.target) || (first == made.target && second == made.table))
            return *each;
    }
    known.emplace_back(make_secondary(draft, made));
    return *known.back();
}

table_info* table_resolver::make_secondary(const relation_draft& draft, const relation_info& made)
{
    std::vector<side> sides{{made.table, draft.secondary.near_column}, {made.target, draft.secondary.far_column}};
    if (made.table == made.target && (sides[0].column.empty() || sides[1].column.empty()))
        throw usage_error{fmt::format("{} relates {} to itself: name the columns of the table between, "
                                      "orm::secondary(\"{}\", \"near_id\", \"far_id\")",
                                      made.described(), made.table->class_name(), draft.secondary.table)};
    // Whichever side is asked first, the table is the same.
    if (made.table != made.target &&
        snake_case_name(sides[1].table->class_name()) < snake_case_name(sides[0].table->class_name()))
        std::swap(sides[0], sides[1]);

    auto table = std::make_unique<table_info>();
    table->name_ = draft.secondary.table;
    table->schema_ = draft.secondary.schema;
    table->primary_key_name_ = primary_key_name(table->name_);
    for (const side& each : sides) {
        if (!each.column.empty() && each.table->primary_key().size() != 1)
            throw usage_error{fmt::format("{}: the key of {} has several columns, so orm::secondary cannot name them",
                                          made.described(), each.table->class_name())};
        foreign_key_info& key = table->foreign_keys_.emplace_back();
        key.referred_table = each.table;
        key.when_deleted = on_delete::cascade;
        std::vector<std::string_view> names;
        for (const column_info* referred : each.table->primary_key()) {
            column_info& column = table->columns_.emplace_back();
            column.table = table.get();
            column.position = table->columns_.size() - 1;
            column.name = column_name(each, *referred);
            column.type = referred->type;
            column.type_oid = referred->type_oid;
            column.enumeration = referred->enumeration;
            column.is_primary_key = true;
            table->primary_key_.push_back(&column);
            key.columns.push_back(&column);
            key.referred_columns.push_back(referred);
            names.push_back(column.name);
        }
        key.name = foreign_key_name(table->name_, names, each.table->name());
    }
    // The primary key serves look-ups from the first side; this one serves the second.
    index_info& index = table->indexes_.emplace_back();
    std::vector<std::string_view> names;
    for (const column_info* each : table->foreign_keys_.back().columns) {
        index.keys.push_back({each, {}});
        names.push_back(each->name);
    }
    index.name = index_name(table->name_, names);
    table->is_resolved_.store(true, std::memory_order_relaxed);
    return table.release();
}

} // namespace tusk::orm::detail
