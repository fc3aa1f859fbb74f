// Constraints, indexes and comments of a table that is there.
#include "migrate/differ.hpp"

#include "migrate/names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tusk::migrate::detail {

std::vector<differ::wanted_constraint> differ::constraints_of(const orm::table_info& table, bool foreign_keys) const
{
    std::vector<wanted_constraint> all;
    if (foreign_keys) {
        for (const orm::foreign_key_info& each : table.foreign_keys())
            all.push_back({each.name, 'f', ddl_.foreign_key(each)});
        return all;
    }
    all.push_back({table.primary_key_name(), 'p', ddl_.primary_key(table)});
    for (const orm::unique_info& each : table.uniques())
        all.push_back({each.name, 'u', ddl_.unique(each)});
    for (const orm::check_info& each : table.checks())
        all.push_back({each.name, 'c', ddl_.check(each)});
    for (const orm::exclusion_info& each : table.exclusions())
        all.push_back({each.name, 'x', ddl_.exclusion(each)});
    return all;
}

bool differ::must_be_made_again(const snapshot_table& live, const snapshot_constraint& what) const
{
    if (what.kind == 'f' &&
        dropped_keys_.contains(key_of(what.referred_schema, what.referred_table, what.referred_columns)))
        return true;
    // With a column that is dropped and added, what stands on it goes too.
    return std::ranges::any_of(what.columns, [&](const std::string& each) {
        return made_again_.contains(part_key(live.schema, live.name, "column", each));
    });
}

void differ::compare_constraints(const orm::table_info& table, const snapshot_table& built, const snapshot_table& live,
                                 bool foreign_keys)
{
    std::vector<const snapshot_constraint*> unmatched;
    for (const snapshot_constraint& each : live.constraints)
        if ((each.kind == 'f') == foreign_keys && !is_unknown(table, "constraint", each.name))
            unmatched.push_back(&each);
    const auto take = [&](auto&& predicate) -> const snapshot_constraint* {
        const auto found = std::ranges::find_if(unmatched, predicate);
        if (found == unmatched.end())
            return nullptr;
        const snapshot_constraint* one = *found;
        unmatched.erase(found);
        return one;
    };
    struct open_case {
        wanted_constraint wanted;
        const snapshot_constraint* built;
    };
    std::vector<open_case> open;
    for (wanted_constraint& each : constraints_of(table, foreign_keys)) {
        const auto in_model = std::ranges::find(built.constraints, each.name, &snapshot_constraint::name);
        const snapshot_constraint* model = in_model == built.constraints.end() ? nullptr : &*in_model;
        const snapshot_constraint* same_name =
            take([&](const snapshot_constraint* one) { return one->name == each.name; });
        if (same_name == nullptr) {
            // What was built and is not there, PostgreSQL has taken for a part of something else: a UNIQUE over the
            // columns of the primary key.
            const bool is_there =
                std::ranges::find(live.constraints, each.name, &snapshot_constraint::name) != live.constraints.end();
            if (model != nullptr || (!is_there && is_unknown(table, "constraint", each.name)))
                open.push_back({std::move(each), model});
        } else if (model == nullptr) {
            continue; // it could not be built, so nothing is concluded
        } else if (same_name->meaning() != model->meaning() || must_be_made_again(live, *same_name)) {
            drop_constraint(live, *same_name);
            add_constraint(table, each);
        } else if (!same_name->is_valid) {
            operation& made = add(phase::validate, fmt::format("validate constraint {}", each.name));
            made.upgrade.push_back(
                fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", live.sql_name(), in_sql(each.name)));
        }
    }
    for (const open_case& each : open) {
        const snapshot_constraint* renamed = nullptr;
        if (each.built != nullptr)
            renamed = take([&](const snapshot_constraint* one) {
                return one->meaning() == each.built->meaning() && !must_be_made_again(live, *one);
            });
        if (renamed == nullptr) {
            add_constraint(table, each.wanted);
            continue;
        }
        operation& made =
            add(phase::rename, fmt::format("rename constraint {} to {}", renamed->name, each.wanted.name));
        made.upgrade.push_back(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", live.sql_name(),
                                           in_sql(renamed->name), in_sql(each.wanted.name)));
        made.downgrade.push_back(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", live.sql_name(),
                                             in_sql(each.wanted.name), in_sql(renamed->name)));
    }
    for (const snapshot_constraint* each : unmatched)
        drop_constraint(live, *each);
}

void differ::drop_constraint(const snapshot_table& live, const snapshot_constraint& what)
{
    if (what.kind == 'p' || what.kind == 'u')
        dropped_keys_.insert(key_of(live.schema, live.name, what.columns));
    operation& made = add(what.kind == 'f' ? phase::drop_foreign_key : phase::drop_constraint,
                          fmt::format("drop constraint {}", what.name));
    made.upgrade.push_back(fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", live.sql_name(), in_sql(what.name)));
    made.downgrade.push_back(
        fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", live.sql_name(), in_sql(what.name), what.definition));
}

void differ::add_constraint(const orm::table_info& table, const wanted_constraint& what)
{
    const std::string name = ddl_.name(table);
    const std::string drop = fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", name, in_sql(what.name));
    const std::string summary = fmt::format("add constraint {}", what.name);
    const phase when = what.kind == 'f' ? phase::add_foreign_key : phase::add_constraint;
    if (online_ && (what.kind == 'f' || what.kind == 'c')) {
        operation& promise = add(when, summary);
        promise.upgrade.push_back(ddl_.add_constraint(table, what.text) + " NOT VALID");
        promise.downgrade.push_back(drop);
        operation& proof = add(phase::validate, fmt::format("validate constraint {}", what.name));
        proof.upgrade.push_back(fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", name, in_sql(what.name)));
        return;
    }
    const auto unique = std::ranges::find(table.uniques(), what.name, &orm::unique_info::name);
    if (online_ && unique != table.uniques().end()) {
        // The index is built beside the writers; the constraint then takes it over.
        orm::index_info index;
        index.name = unique->name;
        index.is_unique = true;
        index.nulls_not_distinct = unique->nulls_not_distinct;
        for (const orm::column_info* each : unique->columns)
            index.keys.push_back({each, {}});
        operation& build = add(phase::create_index, fmt::format("build the index of constraint {}", what.name));
        build.upgrade.push_back(ddl_.create_index(table, index, true));
        operation& made = add(phase::use_index, summary);
        const auto behind = what.text.rfind(')') + 1; // DEFERRABLE
        made.upgrade.push_back(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} UNIQUE USING INDEX {}{}", name,
                                           in_sql(what.name), in_sql(what.name), what.text.substr(behind)));
        made.downgrade.push_back(drop);
        return;
    }
    operation& made = add(when, summary);
    made.upgrade.push_back(marked("rewrite", fmt::format("{}: builds an index while writers wait", name),
                                  ddl_.add_constraint(table, what.text)));
    if (what.kind == 'c' || what.kind == 'f')
        made.upgrade.back() = ddl_.add_constraint(table, what.text);
    made.downgrade.push_back(drop);
}

void differ::compare_indexes(const orm::table_info& table, const snapshot_table& built, const snapshot_table& live)
{
    std::vector<const snapshot_index*> unmatched;
    for (const snapshot_index& each : live.indexes)
        if (!is_unknown(table, "index", each.name))
            unmatched.push_back(&each);
    const auto take = [&](auto&& predicate) -> const snapshot_index* {
        const auto found = std::ranges::find_if(unmatched, predicate);
        if (found == unmatched.end())
            return nullptr;
        const snapshot_index* one = *found;
        unmatched.erase(found);
        return one;
    };
    const auto stands_on_new_column = [&](const snapshot_index& one) {
        return std::ranges::any_of(live.columns, [&](const snapshot_column& column) {
            return made_again_.contains(part_key(live.schema, live.name, "column", column.name)) &&
                   mentions(one.definition, column.name);
        });
    };
    const auto drop = [&](const snapshot_index& one) {
        operation& made = add(phase::drop_constraint, fmt::format("drop index {}", one.name));
        made.upgrade.push_back(fmt::format("DROP INDEX {}", in_sql(live.schema, one.name)));
        made.downgrade.push_back(creation_of(live, one));
        if (!one.comment.empty())
            made.downgrade.push_back(comment_on(live, one));
    };
    const auto create = [&](const orm::index_info& one) {
        operation& made = add(phase::create_index, fmt::format("create index {}", one.name));
        made.upgrade.push_back(ddl_.create_index(table, one, online_));
        if (!one.comment.empty())
            made.upgrade.push_back(ddl_.comment_on_index(table, one, one.comment));
        made.downgrade.push_back(fmt::format("DROP INDEX {}", ddl_.name(table.schema(), one.name)));
    };
    std::vector<const orm::index_info*> open;
    for (const orm::index_info& each : table.indexes()) {
        const auto in_model = std::ranges::find(built.indexes, each.name, &snapshot_index::name);
        const snapshot_index* now = take([&](const snapshot_index* one) { return one->name == each.name; });
        if (now == nullptr) {
            const bool is_there =
                std::ranges::find(live.indexes, each.name, &snapshot_index::name) != live.indexes.end();
            if (!is_there)
                open.push_back(&each);
            continue;
        }
        if (in_model == built.indexes.end())
            continue;
        if (now->meaning() != in_model->meaning() || stands_on_new_column(*now)) {
            drop(*now);
            create(each);
        } else if (now->comment != each.comment) {
            operation& made = add(phase::comment, fmt::format("change comment on index {}", each.name));
            made.upgrade.push_back(ddl_.comment_on_index(table, each, each.comment));
            made.downgrade.push_back(ddl_.comment_on_index(table, each, now->comment));
        }
    }
    for (const orm::index_info* each : open) {
        const auto in_model = std::ranges::find(built.indexes, each->name, &snapshot_index::name);
        const snapshot_index* renamed = nullptr;
        if (in_model != built.indexes.end())
            renamed = take([&](const snapshot_index* one) {
                return one->meaning() == in_model->meaning() && one->comment == each->comment &&
                       !stands_on_new_column(*one);
            });
        if (renamed == nullptr) {
            create(*each);
            continue;
        }
        operation& made = add(phase::rename, fmt::format("rename index {} to {}", renamed->name, each->name));
        made.upgrade.push_back(
            fmt::format("ALTER INDEX {} RENAME TO {}", in_sql(live.schema, renamed->name), in_sql(each->name)));
        made.downgrade.push_back(
            fmt::format("ALTER INDEX {} RENAME TO {}", in_sql(live.schema, each->name), in_sql(renamed->name)));
    }
    for (const snapshot_index* each : unmatched)
        drop(*each);
}

void differ::compare_comments(const orm::table_info& table, const snapshot_table& built, const snapshot_table& live)
{
    if (live.comment != table.comment()) {
        operation& made = add(phase::comment, fmt::format("change comment on table {}", ddl_.name(table)));
        made.upgrade.push_back(ddl_.comment_on_table(table, table.comment()));
        made.downgrade.push_back(ddl_.comment_on_table(table, live.comment));
    }
    for (const orm::column_info& each : table.columns()) {
        const snapshot_column* now = live.find_column(each.name);
        const bool is_new = now == nullptr || built.find_column(each.name) == nullptr ||
                            made_again_.contains(part_key(live.schema, live.name, "column", each.name));
        const std::string before = now == nullptr ? std::string{} : now->comment;
        if (is_new ? each.comment.empty() && before.empty() : each.comment == before)
            continue;
        operation& made =
            add(phase::comment, fmt::format("change comment on column {}.{}", ddl_.name(table), each.name));
        made.upgrade.push_back(ddl_.comment_on_column(each, each.comment));
        if (now != nullptr)
            made.downgrade.push_back(ddl_.comment_on_column(each, before));
    }
}

} // namespace tusk::migrate::detail
