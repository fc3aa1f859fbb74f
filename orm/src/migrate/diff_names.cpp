// Tables and columns that have another name now, or are in another schema.
#include "migrate/differ.hpp"

#include "migrate/names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tusk::migrate::detail {

namespace {

std::string foreign_key_text(const snapshot_constraint& of)
{
    return fmt::format("FOREIGN KEY ({}) REFERENCES {} ({}){}", fmt::join(of.columns, ", "),
                       in_sql(of.referred_schema, of.referred_table), fmt::join(of.referred_columns, ", "), of.actions);
}

} // namespace

void differ::rename_objects()
{
    for (const orm::table_info* table : model_.tables()) {
        snapshot_table* live = live_.find_table(table->schema(), table->name());
        if (live == nullptr && !table->was().empty()) {
            live = find_former(*table);
            if (live != nullptr && live->schema != table->schema())
                move_table(*live, table->schema());
            if (live != nullptr && live->name != table->name())
                rename_table(*live, *table);
        }
        if (live == nullptr)
            continue;
        for (const orm::column_info& column : table->columns())
            if (!column.was.empty() && live->find_column(column.name) == nullptr &&
                live->find_column(column.was) != nullptr && table->find_column(column.was) == nullptr)
                rename_column(*live, column.was, column);
    }
}

/// The table that was("old_name") or was("old_schema.old_name") means.
snapshot_table* differ::find_former(const orm::table_info& table)
{
    const std::string& was = table.was();
    snapshot_table* found = live_.find_table(table.schema(), was);
    const auto dot = was.find('.');
    if (found != nullptr || dot == std::string::npos)
        return found;
    std::string schema = was.substr(0, dot);
    if (schema == default_schema_)
        schema.clear();
    const std::string name = was.substr(dot + 1);
    // What another class is mapped to has not moved away.
    return model_.find(schema, name) != nullptr ? nullptr : live_.find_table(schema, name);
}

void differ::move_table(snapshot_table& live, const std::string& to_schema)
{
    const auto named = [&](const std::string& schema) { return in_sql(schema.empty() ? default_schema_ : schema); };
    operation& made = add(phase::rename, fmt::format("move table {} to schema {}", live.sql_name(), named(to_schema)));
    made.upgrade.push_back(fmt::format("ALTER TABLE {} SET SCHEMA {}", live.sql_name(), named(to_schema)));
    made.downgrade.push_back(
        fmt::format("ALTER TABLE {} SET SCHEMA {}", in_sql(to_schema, live.name), named(live.schema)));
    take_along(live, to_schema, live.name);
    live.schema = to_schema;
}

void differ::rename_table(snapshot_table& live, const orm::table_info& to)
{
    operation& made = add(phase::rename, fmt::format("rename table {} to {}", live.name, to.name()));
    made.upgrade.push_back(fmt::format("ALTER TABLE {} RENAME TO {}", live.sql_name(), in_sql(to.name())));
    made.downgrade.push_back(
        fmt::format("ALTER TABLE {} RENAME TO {}", in_sql(live.schema, to.name()), in_sql(live.name)));
    take_along(live, live.schema, to.name());
    live.name = to.name();
}

/// Foreign keys follow the table that they refer to.
void differ::take_along(const snapshot_table& live, const std::string& schema, const std::string& name)
{
    for (snapshot_table& table : live_.tables)
        for (snapshot_constraint& each : table.constraints)
            if (each.kind == 'f' && each.referred_schema == live.schema && each.referred_table == live.name) {
                each.referred_schema = schema;
                each.referred_table = name;
                each.definition = foreign_key_text(each);
            }
}

void differ::rename_column(snapshot_table& live, const std::string& from, const orm::column_info& to)
{
    operation& made = add(phase::rename, fmt::format("rename column {}.{} to {}", live.name, from, to.name));
    made.upgrade.push_back(
        fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", live.sql_name(), in_sql(from), in_sql(to.name)));
    made.downgrade.push_back(
        fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", live.sql_name(), in_sql(to.name), in_sql(from)));
    for (snapshot_column& each : live.columns) {
        if (each.name == from)
            each.name = to.name;
        each.generated = rename_in(each.generated, from, to.name);
    }
    for (snapshot_index& each : live.indexes)
        each.definition = rename_in(each.definition, from, to.name);
    for (snapshot_constraint& each : live.constraints) {
        std::ranges::replace(each.columns, from, to.name);
        if (each.kind != 'f')
            each.definition = rename_in(each.definition, from, to.name);
        else
            each.definition = foreign_key_text(each);
    }
    for (snapshot_table& table : live_.tables)
        for (snapshot_constraint& each : table.constraints)
            if (each.kind == 'f' && each.referred_schema == live.schema && each.referred_table == live.name)
                std::ranges::replace(each.referred_columns, from, to.name);
}

} // namespace tusk::migrate::detail
