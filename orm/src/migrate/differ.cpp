#include "migrate/differ.hpp"

#include "migrate/names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace tusk::migrate::detail {

std::string key_of(std::string_view schema, std::string_view table, std::vector<std::string> columns)
{
    std::ranges::sort(columns);
    return fmt::format("{}.{}({})", schema, table, fmt::join(columns, ","));
}

differ::differ(const orm::metadata& model, const built_model& built, live_database there, bool online)
    : model_{model},
      built_{built},
      live_{std::move(there.has)},
      owned_{std::move(there.owned)},
      missing_schemas_{std::move(there.missing_schemas)},
      default_schema_{std::move(there.default_schema)},
      online_{online}
{
}

operation& differ::add(phase when, std::string summary)
{
    operation& made = operations_.emplace_back();
    made.when = when;
    made.summary = std::move(summary);
    return made;
}

bool differ::is_unknown(const orm::table_info& table, std::string_view kind, std::string_view name) const
{
    return built_.unknown.contains(part_key(table.schema(), table.name(), kind, name));
}

std::vector<operation> differ::compare()
{
    for (const std::string& each : missing_schemas_) {
        operation& made = add(phase::create_schema, fmt::format("create schema {}", each));
        made.upgrade.push_back(ddl_.create_schema(each));
        made.downgrade.push_back(fmt::format("DROP SCHEMA {}", in_sql(each)));
    }
    rename_objects();
    compare_enums();
    const std::vector<orm::detail::ordered_table> ordered = orm::detail::in_dependency_order(model_);
    std::vector<const orm::table_info*> there;
    for (const orm::detail::ordered_table& each : ordered) {
        if (live_.find_table(each.table->schema(), each.table->name()) == nullptr)
            create_table(each);
        else
            there.push_back(each.table);
    }
    for (const orm::table_info* each : there)
        compare_table(*each, *live_.find_table(each->schema(), each->name()));
    // Foreign keys come last: by now it is known which keys they refer to are made anew.
    for (const orm::table_info* each : there) {
        const snapshot_table* built = built_.has.find_table(each->schema(), each->name());
        compare_constraints(*each, *built, *live_.find_table(each->schema(), each->name()), true);
    }
    std::vector<const snapshot_table*> superfluous;
    for (const snapshot_table& each : live_.tables)
        if (model_.find(each.schema, each.name) == nullptr && owned_.tables.contains({each.schema, each.name}))
            superfluous.push_back(&each);
    for (const snapshot_table* each : superfluous)
        drop_table(*each);
    for (const snapshot_enum& each : live_.enums) {
        const bool wanted = std::ranges::any_of(model_.enums(), [&](const orm::enum_info* one) {
            return one->schema == each.schema && one->name == each.name;
        });
        if (wanted || !owned_.types.contains({each.schema, each.name}))
            continue;
        operation& made = add(phase::set_not_null, fmt::format("drop type {}", each.name));
        made.when = detail::drop_table;
        made.upgrade.push_back(fmt::format("DROP TYPE {}", each.sql_name()));
        made.downgrade.push_back(creation_of(each));
    }
    // Equal turns stay in the order in which they were found.
    std::multimap<phase, operation> by_turn;
    for (operation& each : operations_)
        by_turn.emplace(each.when, std::move(each));
    std::vector<operation> in_turn;
    for (auto& [when, each] : by_turn)
        in_turn.push_back(std::move(each));
    return in_turn;
}

void differ::create_table(const orm::detail::ordered_table& table)
{
    std::vector<const orm::foreign_key_info*> inside;
    std::vector<const orm::foreign_key_info*> later = table.later;
    for (const orm::foreign_key_info* key : table.foreign_keys) {
        const bool is_new = live_.find_table(key->referred_table->schema(), key->referred_table->name()) == nullptr;
        (is_new ? inside : later).push_back(key);
    }
    operation& made = add(phase::create_table, fmt::format("create table {}", ddl_.name(*table.table)));
    made.upgrade.push_back(ddl_.create_table(*table.table, inside));
    for (const orm::index_info& each : table.table->indexes())
        made.upgrade.push_back(ddl_.create_index(*table.table, each, false));
    for (std::string& each : ddl_.comments(*table.table))
        made.upgrade.push_back(std::move(each));
    made.downgrade.push_back(fmt::format("DROP TABLE {}", ddl_.name(*table.table)));
    for (const orm::foreign_key_info* key : later) {
        operation& reference = add(phase::add_foreign_key, fmt::format("add constraint {}", key->name));
        reference.upgrade.push_back(ddl_.add_constraint(*table.table, ddl_.foreign_key(*key)));
        reference.downgrade.push_back(
            fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", ddl_.name(*table.table), in_sql(key->name)));
    }
}

void differ::drop_table(const snapshot_table& live)
{
    // References first: two tables that go may refer to each other.
    for (const snapshot_constraint& each : live.constraints)
        if (each.kind == 'f')
            drop_constraint(live, each);
    operation& made = add(detail::drop_table, fmt::format("drop table {}", live.sql_name()));
    made.upgrade.push_back(marked("destructive", fmt::format("drops the table {} with its data", live.sql_name()),
                                  fmt::format("DROP TABLE {}", live.sql_name())));
    made.downgrade.push_back(
        fmt::format("-- [irreversible] the table {} comes back empty: its data is gone", live.sql_name()));
    for (std::string& each : creation_of(live))
        made.downgrade.push_back(std::move(each));
}

void differ::compare_table(const orm::table_info& table, const snapshot_table& live)
{
    const snapshot_table* built = built_.has.find_table(table.schema(), table.name());
    compare_columns(table, *built, live);
    compare_constraints(table, *built, live, false);
    compare_indexes(table, *built, live);
    compare_comments(table, *built, live);
}

} // namespace tusk::migrate::detail
