// Enum types: values may be added and renamed; anything else makes a new type.
#include "migrate/differ.hpp"

#include "migrate/names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tusk::migrate::detail {

namespace {

bool has(const std::vector<std::string>& list, const std::string& one)
{
    return std::ranges::find(list, one) != list.end();
}

/// Whether all of `part` stands in `whole`, in that order.
bool is_subsequence(const std::vector<std::string>& part, const std::vector<std::string>& whole)
{
    auto at = whole.begin();
    for (const std::string& each : part) {
        at = std::find(at, whole.end(), each);
        if (at == whole.end())
            return false;
        ++at;
    }
    return true;
}

/// Whether they differ only in names that stand at the same places.
bool is_renaming(const std::vector<std::string>& from, const std::vector<std::string>& to)
{
    if (from.size() != to.size())
        return false;
    for (std::size_t i = 0; i < from.size(); ++i)
        if (from[i] != to[i] && (has(to, from[i]) || has(from, to[i])))
            return false;
    return true;
}

} // namespace

void differ::compare_enums()
{
    for (const orm::enum_info* each : model_.enums()) {
        const snapshot_enum* live = live_.find_enum(each->schema, each->name);
        if (live == nullptr) {
            operation& made = add(phase::create_type, fmt::format("create type {}", each->name));
            made.upgrade.push_back(ddl_.create_enum(*each));
            made.downgrade.push_back(fmt::format("DROP TYPE {}", ddl_.name(each->schema, each->name)));
        } else if (live->labels == each->labels) {
            continue;
        } else if (is_subsequence(live->labels, each->labels)) {
            extend_enum(*each, *live);
        } else if (is_renaming(live->labels, each->labels)) {
            for (std::size_t i = 0; i < live->labels.size(); ++i) {
                if (live->labels[i] == each->labels[i])
                    continue;
                operation& made = add(phase::create_type, fmt::format("rename value '{}' of type {} to '{}'",
                                                                      live->labels[i], each->name, each->labels[i]));
                made.upgrade.push_back(fmt::format("ALTER TYPE {} RENAME VALUE {} TO {}", live->sql_name(),
                                                   literal(live->labels[i]), literal(each->labels[i])));
                made.downgrade.push_back(fmt::format("ALTER TYPE {} RENAME VALUE {} TO {}", live->sql_name(),
                                                     literal(each->labels[i]), literal(live->labels[i])));
            }
        } else {
            replace_enum(*each, *live);
        }
    }
}

void differ::extend_enum(const orm::enum_info& to, const snapshot_enum& live)
{
    for (std::size_t i = 0; i < to.labels.size(); ++i) {
        if (has(live.labels, to.labels[i]))
            continue;
        operation& made = add(phase::create_type, fmt::format("add value '{}' to type {}", to.labels[i], to.name));
        const std::string place = i == 0 ? fmt::format("BEFORE {}", literal(live.labels.front()))
                                         : fmt::format("AFTER {}", literal(to.labels[i - 1]));
        made.upgrade.push_back(
            fmt::format("ALTER TYPE {} ADD VALUE IF NOT EXISTS {} {}", live.sql_name(), literal(to.labels[i]), place));
        made.downgrade.push_back(fmt::format("-- [irreversible] the value {} stays in the type {}: PostgreSQL cannot "
                                             "take a value out of an enum",
                                             literal(to.labels[i]), live.sql_name()));
    }
}

void differ::replace_enum(const orm::enum_info& to, const snapshot_enum& live)
{
    const std::string name = live.sql_name();
    const std::string aside = to.name + "_before";
    const bool loses = !std::ranges::all_of(live.labels, [&](const std::string& each) { return has(to.labels, each); });
    // Both ways are the same: the new type takes the name, the columns follow, the old one goes.
    const auto replacement = [&](const std::string& create) {
        std::vector<std::string> all;
        all.push_back(fmt::format("ALTER TYPE {} RENAME TO {}", name, in_sql(aside)));
        all.push_back(create);
        for (const snapshot_table& table : live_.tables) {
            for (const snapshot_column& each : table.columns) {
                const bool is_array = each.type.ends_with("[]");
                const std::string_view element =
                    std::string_view{each.type}.substr(0, each.type.size() - (is_array ? 2 : 0));
                // Where the search path does not lead to it, the catalog qualifies it.
                if (element != name && !element.ends_with('.' + in_sql(live.name)))
                    continue;
                const std::string column =
                    fmt::format("ALTER TABLE {} ALTER COLUMN {}", table.sql_name(), in_sql(each.name));
                if (!each.default_sql.empty())
                    all.push_back(fmt::format("{} DROP DEFAULT", column));
                const std::string change = fmt::format("{} TYPE {} USING {}::text{}::{}", column, each.type,
                                                       in_sql(each.name), is_array ? "[]" : "", each.type);
                all.push_back(marked("rewrite",
                                     fmt::format("{}: changes the type of the column {}", table.sql_name(), each.name),
                                     change));
                if (!each.default_sql.empty())
                    all.push_back(fmt::format("{} SET DEFAULT {}", column, each.default_sql));
            }
        }
        all.push_back(fmt::format("DROP TYPE {}", in_sql(live.schema, aside)));
        return all;
    };
    operation& made = add(phase::alter_type, fmt::format("replace the values of type {}", to.name));
    made.upgrade = replacement(ddl_.create_enum(to));
    if (loses)
        made.upgrade.front() =
            marked("destructive", fmt::format("takes values out of the type {}, and fails where they are used", name),
                   made.upgrade.front());
    made.downgrade = replacement(creation_of(live));
}

} // namespace tusk::migrate::detail
