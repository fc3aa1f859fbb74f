// Enum types: values may be added and renamed; anything else makes a new type.
#include "migrate/differ.hpp"

#include "migrate/names.hpp"
#include "migrate/statements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

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

/// Of the enum's type, or of arrays of it.
bool is_of_type(const snapshot_column& column, const snapshot_enum& type)
{
    std::string_view element = column.type;
    if (element.ends_with("[]"))
        element.remove_suffix(2);
    // Where the search path does not lead to it, the catalog qualifies it.
    return element == type.sql_name() || element.ends_with('.' + in_sql(type.name));
}

/// The elements of `'{a,b}'`.
std::vector<std::string> elements_of(std::string_view array)
{
    std::vector<std::string> made(1);
    for (const char c : array) {
        if (c == ',' || c == '{' || c == '}')
            made.emplace_back();
        else if (c != '"' && c != '\'')
            made.back() += c;
    }
    return made;
}

/// Whether a default, as the catalog writes it, is one of these values or an array that has one.
bool uses_any_of(const std::string& default_sql, const std::vector<std::string>& labels)
{
    const std::vector<token> tokens = tokens_of(default_sql);
    return std::ranges::any_of(labels, [&](const std::string& label) {
        return std::ranges::any_of(tokens, [&](const token& each) {
            return each.source == literal(label) ||
                   (each.source.starts_with("'{") && has(elements_of(each.source), label));
        });
    });
}

/// Whether a value at that place of an expression is cast to the enum, or to arrays of it: `'a'::public.mood`.
bool is_cast_to(const std::vector<token>& all, std::size_t at, const snapshot_enum& type)
{
    const auto is = [&](std::size_t i, std::string_view text) { return i < all.size() && all[i].text == text; };
    if (!is(at + 1, ":") || !is(at + 2, ":"))
        return false;
    return is(at + 4, ".") ? is(at + 5, type.name) : is(at + 3, type.name);
}

/// Gives a value its new name in `'a'` or `'{a,b}'`.
std::string rename_in_value(std::string_view value, const std::string& from, const std::string& to)
{
    if (value == literal(from))
        return literal(to);
    if (!value.starts_with("'{"))
        return std::string{value};
    std::vector<std::string> elements = elements_of(value.substr(2, value.size() - 4));
    std::ranges::replace(elements, from, to);
    return fmt::format("'{{{}}}'", fmt::join(elements, ","));
}

/// The same in an expression, as the catalog writes it.
void rename_in_expression(std::string& sql, const snapshot_enum& type, const std::string& from, const std::string& to)
{
    const std::vector<token> all = tokens_of(sql);
    std::string made;
    std::size_t done = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string_view value = all[i].source;
        if (!value.starts_with('\'') || !is_cast_to(all, i, type))
            continue;
        const auto begin = static_cast<std::size_t>(value.data() - sql.data());
        made.append(sql, done, begin - done).append(rename_in_value(value, from, to));
        done = begin + value.size();
    }
    made.append(sql, done);
    sql = std::move(made);
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
                rename_label(*live, live->labels[i], each->labels[i]);
            }
        } else {
            replace_enum(*each, *live);
        }
    }
}

/// Whatever has the value follows its new name.
void differ::rename_label(const snapshot_enum& type, const std::string& from, const std::string& to)
{
    for (snapshot_table& table : live_.tables) {
        for (snapshot_column& each : table.columns) {
            rename_in_expression(each.default_sql, type, from, to);
            rename_in_expression(each.generated, type, from, to);
        }
        for (snapshot_constraint& each : table.constraints)
            rename_in_expression(each.definition, type, from, to);
        for (snapshot_index& each : table.indexes)
            rename_in_expression(each.definition, type, from, to);
    }
}

void differ::extend_enum(const orm::enum_info& to, const snapshot_enum& live)
{
    for (std::size_t i = 0; i < to.labels.size(); ++i) {
        if (has(live.labels, to.labels[i]))
            continue;
        operation& made = add(phase::extend_type, fmt::format("add value '{}' to type {}", to.labels[i], to.name));
        const std::string place = i == 0 ? fmt::format("BEFORE {}", literal(live.labels.front()))
                                         : fmt::format("AFTER {}", literal(to.labels[i - 1]));
        made.upgrade.push_back(
            fmt::format("ALTER TYPE {} ADD VALUE IF NOT EXISTS {} {}", live.sql_name(), literal(to.labels[i]), place));
        made.downgrade.push_back(fmt::format("-- [irreversible] the value {} stays in the type {}: PostgreSQL cannot "
                                             "take a value out of an enum",
                                             literal(to.labels[i]), live.sql_name()));
    }
}

/// Checks, exclusions and indexes that speak of the type: their expressions do not survive that it changes under them.
/// Those of the model go, and come back as the model has them; `live_` forgets them. Others are made again as they
/// were.
differ::expressions differ::take_expressions_of(const snapshot_enum& type)
{
    expressions found;
    const auto take = [&](auto& parts, const auto& is_in_model, const auto& speaks, const auto& drop,
                          const auto& create) {
        std::erase_if(parts, [&](const auto& part) {
            if (!speaks(part))
                return false;
            found.all.drop.push_back(drop(part));
            const std::vector<std::string> again = create(part);
            found.all.create.insert(found.all.create.end(), again.begin(), again.end());
            if (is_in_model(part))
                return true;
            found.others.drop.push_back(drop(part));
            found.others.create.insert(found.others.create.end(), again.begin(), again.end());
            return false;
        });
    };
    for (snapshot_table& table : live_.tables) {
        const orm::table_info* mapped = model_.find(table.schema, table.name);
        const auto is_known = [&](std::string_view kind) {
            return [this, mapped, kind](const auto& part) {
                return mapped != nullptr && !is_unknown(*mapped, kind, part.name);
            };
        };
        take(
            table.constraints, is_known("constraint"),
            [&](const snapshot_constraint& each) {
                return (each.kind == 'c' || each.kind == 'x') && mentions(each.definition, type.name);
            },
            [&](const snapshot_constraint& each) {
                return fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", table.sql_name(), in_sql(each.name));
            },
            [&](const snapshot_constraint& each) {
                return std::vector{fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", table.sql_name(),
                                               in_sql(each.name), each.definition)};
            });
        take(
            table.indexes, is_known("index"),
            [&](const snapshot_index& each) { return mentions(each.definition, type.name); },
            [&](const snapshot_index& each) { return fmt::format("DROP INDEX {}", in_sql(table.schema, each.name)); },
            [&](const snapshot_index& each) {
                std::vector<std::string> again{creation_of(table, each)};
                if (!each.comment.empty())
                    again.push_back(comment_on(table, each));
                return again;
            });
    }
    return found;
}

void differ::replace_enum(const orm::enum_info& to, const snapshot_enum& live)
{
    const std::string name = live.sql_name();
    const std::string aside = to.name + "_before";
    std::vector<std::string> lost;
    std::ranges::copy_if(live.labels, std::back_inserter(lost),
                         [&](const std::string& each) { return !has(to.labels, each); });
    // Both ways are the same: the new type takes the name, the columns follow, the old one goes.
    const expressions spoken = take_expressions_of(live);
    const auto replacement = [&](const std::string& create, const std::vector<std::string>& without,
                                 const std::vector<std::string>& drop, const std::vector<std::string>& make) {
        std::vector<std::string> all = drop;
        all.push_back(fmt::format("ALTER TYPE {} RENAME TO {}", name, in_sql(aside)));
        all.push_back(create);
        for (const snapshot_table& table : live_.tables) {
            for (const snapshot_column& each : table.columns) {
                if (!is_of_type(each, live))
                    continue;
                const bool is_array = each.type.ends_with("[]");
                const std::string column =
                    fmt::format("ALTER TABLE {} ALTER COLUMN {}", table.sql_name(), in_sql(each.name));
                if (!each.default_sql.empty())
                    all.push_back(fmt::format("{} DROP DEFAULT", column));
                const std::string change = fmt::format("{} TYPE {} USING {}::text{}::{}", column, each.type,
                                                       in_sql(each.name), is_array ? "[]" : "", each.type);
                all.push_back(marked("rewrite",
                                     fmt::format("{}: changes the type of the column {}", table.sql_name(), each.name),
                                     change));
                if (!each.default_sql.empty() && !uses_any_of(each.default_sql, without))
                    all.push_back(fmt::format("{} SET DEFAULT {}", column, each.default_sql));
            }
        }
        all.push_back(fmt::format("DROP TYPE {}", in_sql(live.schema, aside)));
        all.insert(all.end(), make.begin(), make.end());
        return all;
    };
    operation& made = add(phase::alter_type, fmt::format("replace the values of type {}", to.name));
    made.upgrade = replacement(ddl_.create_enum(to), lost, spoken.all.drop, spoken.others.create);
    if (!lost.empty())
        made.upgrade.front() =
            marked("destructive", fmt::format("takes values out of the type {}, and fails where they are used", name),
                   made.upgrade.front());
    made.downgrade = replacement(creation_of(live), {}, spoken.others.drop, spoken.all.create);
    // Where the new type lacks it, a default goes and comes back with the type, and with nothing else.
    for (snapshot_table& table : live_.tables)
        for (snapshot_column& each : table.columns)
            if (is_of_type(each, live) && uses_any_of(each.default_sql, lost))
                each.default_sql.clear();
}

} // namespace tusk::migrate::detail
