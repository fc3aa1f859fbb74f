#include "mapping/table_resolver.hpp"

#include "mapping/naming.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>
#include <string>

namespace tusk::orm::detail {

namespace {

/// Tables are made without a lock, by the static variables of their classes; only what connects them needs one.
std::mutex& resolving()
{
    static std::mutex lock;
    return lock;
}

const column_info& column_of(const column_reference& to)
{
    const table_info& table = to.table();
    if (to.member.empty()) {
        if (table.primary_key().size() != 1)
            throw usage_error{fmt::format("the key of {} has several columns: refer to it with orm::foreign_key<...> "
                                          "and orm::references_all<...>",
                                          table.class_name())};
        return *table.primary_key().front();
    }
    const column_info* found = table.find_member(to.member);
    if (found == nullptr)
        throw usage_error{
            fmt::format("{}::{} is referred to, but not mapped to a column", table.class_name(), to.member)};
    return *found;
}

/// A foreign key can only refer to what is unique.
bool is_key(const table_info& table, std::vector<const column_info*> columns)
{
    std::ranges::sort(columns);
    const auto same = [&](std::vector<const column_info*> key) {
        std::ranges::sort(key);
        return key == columns;
    };
    if (same(table.primary_key()))
        return true;
    if (std::ranges::any_of(table.uniques(), [&](const unique_info& each) { return same(each.columns); }))
        return true;
    return std::ranges::any_of(table.indexes(), [&](const index_info& each) {
        if (!each.is_unique || !each.where.empty())
            return false;
        std::vector<const column_info*> key;
        for (const index_key& one : each.keys)
            key.push_back(one.column);
        return same(std::move(key));
    });
}

/// What the other side of a relation may be.
bool are_opposite(relation_kind near, relation_kind far)
{
    if (near == relation_kind::many_to_many || far == relation_kind::many_to_many)
        return near == far;
    return (near == relation_kind::many_to_one) != (far == relation_kind::many_to_one);
}

std::string relation_names(const table_info& of, const std::deque<relation_info>& relations)
{
    std::vector<std::string_view> names;
    for (const relation_info& each : relations)
        names.push_back(each.name);
    return names.empty() ? fmt::format("{} has none", of.class_name())
                         : fmt::format("{} has: {}", of.class_name(), fmt::join(names, ", "));
}

} // namespace

table_resolver::table_resolver(table_info& start) : tables_{&start} {}

void table_resolver::resolve(const table_info& start)
{
    const std::scoped_lock lock{resolving()};
    if (start.is_resolved_.load(std::memory_order_relaxed))
        return;
    // Tables are made as constants and completed here, once, behind the lock.
    table_resolver work{const_cast<table_info&>(start)};
    work.collect();
    for (table_info* each : work.tables_)
        resolve_foreign_keys(*each);
    for (table_info* each : work.tables_)
        resolve_relations(*each);
    work.publish();
}

void table_resolver::add(const table_info& found)
{
    auto* table = const_cast<table_info*>(&found);
    if (!found.is_resolved_.load(std::memory_order_relaxed) && std::ranges::find(tables_, table) == tables_.end())
        tables_.push_back(table);
}

void table_resolver::collect()
{
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        const table_draft& draft = *tables_[i]->draft_;
        for (const foreign_key_draft& each : draft.foreign_keys)
            add(each.referred.front().table());
        for (const relation_draft& each : draft.relations)
            add(each.target());
    }
}

void table_resolver::publish()
{
    for (table_info* each : tables_)
        each->is_resolved_.store(true, std::memory_order_release);
}

void table_resolver::resolve_foreign_keys(table_info& of)
{
    of.foreign_keys_.clear(); // a failed attempt may have left some
    for (const foreign_key_draft& draft : of.draft_->foreign_keys) {
        foreign_key_info& made = of.foreign_keys_.emplace_back();
        made.columns = draft.columns;
        made.referred_table = &draft.referred.front().table();
        for (const column_reference& each : draft.referred) {
            made.referred_columns.push_back(&column_of(each));
            if (made.referred_columns.back()->table != made.referred_table)
                throw usage_error{fmt::format("{}: its foreign key refers to columns of two tables",
                                              draft.columns.front()->described())};
        }
        if (!is_key(*made.referred_table, made.referred_columns))
            throw usage_error{fmt::format("{}: its foreign key refers to {}, which is neither the primary key of {} "
                                          "nor unique",
                                          draft.columns.front()->described(),
                                          made.referred_columns.front()->described(),
                                          made.referred_table->class_name())};
        for (std::size_t i = 0; i < made.columns.size(); ++i) {
            const column_info& near = *made.columns[i];
            const column_info& far = *made.referred_columns[i];
            if (near.type_oid != far.type_oid && near.type_oid != 0 && far.type_oid != 0)
                throw usage_error{fmt::format("{} is {}, but refers to {}, which is {}", near.described(), near.type,
                                              far.described(), far.type)};
        }
        made.when_deleted = draft.when_deleted;
        made.when_changed = draft.when_changed;
        made.when = draft.when;
        made.name = draft.name.empty()
                        ? foreign_key_name(of.name(), names_of(made.columns), made.referred_table->name())
                        : draft.name;
    }
}

void table_resolver::resolve_relations(table_info& of)
{
    for (std::size_t i = 0; i < of.relations_.size(); ++i)
        resolve_relation(of.draft_->relations[i], of.relations_[i]);
}

void table_resolver::resolve_relation(const relation_draft& draft, relation_info& made)
{
    made.target = &draft.target();
    made.pairs.clear();
    made.secondary_pairs.clear();
    if (made.kind == relation_kind::many_to_many)
        follow_secondary(draft, made);
    else
        follow_foreign_key(draft, made);
    if (draft.order_by) {
        made.order_by = &column_of(draft.order_by);
        if (made.order_by->table != made.target)
            throw usage_error{fmt::format("{} is ordered by {}, which is not a column of {}", made.described(),
                                          made.order_by->described(), made.target->class_name())};
    }
    match_reverse(draft, made);
    if (has(made.cascades, cascade::delete_orphan)) {
        if (!has(made.cascades, cascade::remove))
            throw usage_error{fmt::format("{}: cascade::delete_orphan needs cascade::remove with it; use "
                                          "cascade::all_delete_orphan",
                                          made.described())};
        if (made.kind == relation_kind::many_to_one || made.kind == relation_kind::many_to_many)
            throw usage_error{fmt::format("{}: cascade::delete_orphan belongs to the one side of a relation, "
                                          "orm::has_many or orm::has_one",
                                          made.described())};
    }
    if (made.when_deleted == passive_deletes::all && has(made.cascades, cascade::remove))
        throw usage_error{fmt::format("{}: passive_deletes::all leaves everything to the server, so there is nothing "
                                      "to cascade; use passive_deletes::yes",
                                      made.described())};
}

void table_resolver::follow_foreign_key(const relation_draft& draft, relation_info& made)
{
    const bool is_near = made.kind == relation_kind::many_to_one; // whose table has the foreign key
    const table_info& with_key = is_near ? *made.table : *made.target;
    const table_info& referred = is_near ? *made.target : *made.table;
    std::vector<const column_info*> via;
    for (const column_reference& each : draft.via)
        via.push_back(&column_of(each));
    // The other side may have said which one it is.
    if (via.empty() && !draft.reverse.empty()) {
        for (const relation_draft& other : made.target->draft_->relations)
            if (other.member == draft.reverse)
                for (const column_reference& each : other.via)
                    via.push_back(&column_of(each));
    }
    const foreign_key_info* found = nullptr;
    for (const foreign_key_info& each : with_key.foreign_keys_) {
        if (each.referred_table != &referred || (!via.empty() && each.columns != via))
            continue;
        if (found != nullptr)
            throw usage_error{fmt::format("{}: {} refers to {} by several foreign keys ({}, {}); say which one with "
                                          "orm::via<&{}::...>",
                                          made.described(), with_key.class_name(), referred.class_name(), found->name,
                                          each.name, with_key.class_name())};
        found = &each;
    }
    if (found == nullptr) {
        if (!via.empty())
            throw usage_error{fmt::format("{}: {} is not a foreign key that refers to {}; write "
                                          "orm::references<&{}::{}>() into its mapping",
                                          made.described(), via.front()->described(), referred.class_name(),
                                          referred.class_name(), referred.primary_key().front()->member)};
        throw usage_error{fmt::format("{}: {} has no foreign key that refers to {}; write orm::references<...>() into "
                                      "the mapping of its column",
                                      made.described(), with_key.class_name(), referred.class_name())};
    }
    for (std::size_t i = 0; i < found->columns.size(); ++i) {
        if (is_near)
            made.pairs.push_back({found->columns[i], found->referred_columns[i]});
        else
            made.pairs.push_back({found->referred_columns[i], found->columns[i]});
    }
}

void table_resolver::match_reverse(const relation_draft& draft, relation_info& made)
{
    if (draft.reverse.empty())
        return;
    const std::deque<relation_info>& others = made.target->relations_;
    const auto found =
        std::ranges::find_if(others, [&](const relation_info& each) { return each.name == draft.reverse; });
    if (found == others.end())
        throw usage_error{fmt::format("{} says back_populates(\"{}\"), but there is no such relation; {}",
                                      made.described(), draft.reverse, relation_names(*made.target, others))};
    const relation_draft& other = made.target->draft_->relations[found->position];
    if (&other.target() != made.table)
        throw usage_error{fmt::format("{} says back_populates(\"{}\"), but {} leads to {}", made.described(),
                                      draft.reverse, found->described(), other.target().class_name())};
    if (other.reverse != made.name)
        throw usage_error{fmt::format("{} says back_populates(\"{}\"), so {} must say back_populates(\"{}\")",
                                      made.described(), draft.reverse, found->described(), made.name)};
    if (!are_opposite(made.kind, found->kind))
        throw usage_error{fmt::format("{} and {} cannot be two sides of one relation: one of them must be an "
                                      "orm::belongs_to, or both orm::many_to_many",
                                      made.described(), found->described())};
    made.reverse = &*found;
}

void table_resolver::follow_secondary(const relation_draft& draft, relation_info& made)
{
    if (draft.secondary.table.empty())
        throw usage_error{fmt::format("{}: an orm::many_to_many needs the name of the table between the two: "
                                      "orm::secondary(\"...\")",
                                      made.described())};
    const table_info& between = secondary_of(draft, made);
    made.secondary = &between;
    const bool is_own = made.target == made.table;
    for (const foreign_key_info& key : between.foreign_keys_) {
        // Of a class that is related to itself, the name of the column tells the two sides apart.
        const bool is_near =
            is_own ? key.columns.front()->name == draft.secondary.near_column : key.referred_table == made.table;
        for (std::size_t i = 0; i < key.columns.size(); ++i) {
            if (is_near)
                made.pairs.push_back({key.referred_columns[i], key.columns[i]});
            else
                made.secondary_pairs.push_back({key.columns[i], key.referred_columns[i]});
        }
    }
}

} // namespace tusk::orm::detail
