// Relations that have changed become foreign keys.
#include "unit_of_work/flush_planner.hpp"
#include "unit_of_work/relation_sides.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

namespace {

std::string_view text_of(const byte_writer& of) noexcept
{
    return {reinterpret_cast<const char*>(of.bytes().data()), of.size()};
}

bool is_going(const entity_record& entity) noexcept
{
    return entity.is_marked_deleted || entity.flush_index == entity_record::dropped_by_flush ||
           entity.state == entity_state::deleted || entity.state == entity_state::dead;
}

} // namespace

void flush_planner::link_foreign_keys()
{
    for (std::size_t i = 0; may_have_changed_relations() && i < seen_.size(); ++i) {
        entity_record& each = *seen_[i];
        if (!each.has_changed_relations || each.flush_index == entity_record::dropped_by_flush)
            continue;
        for (const relation_info& relation : each.table->relations())
            if (!relation.is_view_only)
                link_relation(each, relation);
    }
    // Taken out of one parent's relation; another one may have put it in.
    for (const foreign_key_link& each : releases_) {
        const item* its = item_of(*each.child);
        bool is_taken = each.child->state == entity_state::pending; // it never had a row that refers to anything
        for (std::uint32_t at = its == nullptr ? none : its->first_link; at != none; at = foreign_keys_[at].next)
            is_taken =
                is_taken || foreign_keys_[at].link.relation->pairs.front().far == each.relation->pairs.front().far;
        if (!is_taken)
            add_link(each);
    }
    if (!foreign_keys_.empty())
        settle_links();
}

void flush_planner::link_relation(entity_record& entity, const relation_info& relation)
{
    switch (relation.kind) {
    case relation_kind::many_to_one: {
        const reference_member& member = reference_in(entity, relation);
        if (!member.is_changed() || is_going(entity))
            return;
        entity_record* parent = member.peek() == nullptr ? nullptr : &record_of(*member.peek());
        if (parent == nullptr && entity.state == entity_state::pending && member.before() == nullptr)
            return; // it never had one: its foreign key is what it is
        add_link({.child = &entity, .parent = parent, .relation = &relation});
        return;
    }
    case relation_kind::one_to_one: {
        const reference_member& member = reference_in(entity, relation);
        if (!member.is_changed() || relation.reverse != nullptr) // the other side says it
            return;
        if (entity_node* child = member.peek(); child != nullptr && !is_going(entity))
            add_link({.child = &record_of(*child), .parent = &entity, .relation = &relation, .child_is_near = false});
        if (entity_node* before = member.before())
            releases_.push_back({.child = &record_of(*before), .relation = &relation, .child_is_near = false});
        return;
    }
    case relation_kind::one_to_many: {
        if (relation.reverse != nullptr)
            return;
        const collection_member& member = collection_in(entity, relation);
        if (!is_going(entity))
            for (entity_node* child : member.added())
                add_link(
                    {.child = &record_of(*child), .parent = &entity, .relation = &relation, .child_is_near = false});
        for (entity_node* child : member.removed())
            releases_.push_back({.child = &record_of(*child), .relation = &relation, .child_is_near = false});
        return;
    }
    case relation_kind::many_to_many: {
        // Both sides have noted it; one of them says it.
        if (const relation_info* other = relation.reverse;
            other != nullptr &&
            std::tie(other->table->name(), other->position) < std::tie(relation.table->name(), relation.position))
            return;
        const collection_member& member = collection_in(entity, relation);
        for (entity_node* far : member.added())
            if (!is_going(entity) && !is_going(record_of(*far)))
                links_.push_back({&entity, &record_of(*far), &relation});
        // What goes takes its rows of the secondary table along; but they must be gone before a cascade asks for them.
        const bool is_asked = has(relation.cascades, cascade::remove) ||
                              (relation.reverse != nullptr && has(relation.reverse->cascades, cascade::remove));
        for (entity_node* far : member.removed())
            if ((is_asked || (!is_going(entity) && !is_going(record_of(*far)))) &&
                entity.state == entity_state::persistent && far->state == entity_state::persistent)
                unlinks_.push_back({&entity, &record_of(*far), &relation});
        return;
    }
    }
}

/// The server gives that column of a new row its value.
bool flush_planner::comes_from_server(const entity_record& entity, const column_info& column) const
{
    if (entity.state != entity_state::pending || !column.has_server_value() ||
        (entity.explicit_columns && (*entity.explicit_columns)[column.position]))
        return false;
    const entity_prototype& fresh = prototypes_.of(*entity.table);
    byte_writer& scratch = journal_.scratch();
    scratch.clear();
    const column_image what = encode_column(column, entity, scratch);
    return what == fresh.image().kind(column.position) && text_of(scratch) == fresh.image()[column.position];
}

/// Which of the parent's columns have no value yet: those that the server fills in, and those that wait for another
/// row's in turn.
std::uint32_t flush_planner::waiting_pairs(const foreign_key_link& link)
{
    if (link.parent == nullptr)
        return 0;
    const item* parent = item_of(*link.parent);
    std::uint32_t waiting = 0;
    std::uint32_t bit = 1;
    for (const column_pair& pair : link.relation->pairs) {
        const column_info& column = link.parent_column(pair);
        bool waits = comes_from_server(*link.parent, column);
        for (std::uint32_t at = parent == nullptr ? none : parent->first_link; at != none && !waits;
             at = foreign_keys_[at].next) {
            const chained_link& its = foreign_keys_[at];
            for (std::size_t i = 0; its.waiting != 0 && i < its.link.relation->pairs.size(); ++i)
                waits = waits || ((its.waiting >> i & 1U) != 0 &&
                                  &its.link.child_column(its.link.relation->pairs[i]) == &column);
        }
        if (waits)
            waiting |= bit;
        bit <<= 1;
    }
    return waiting;
}

/// Parents first: a key that a foreign key takes may be a foreign key itself.
void flush_planner::settle_links()
{
    std::vector<std::pair<std::uint32_t, std::uint32_t>> path; // a row, and the next of its links
    const auto enter = [&](std::uint32_t position) {
        items_[position].visited = item::visit::open;
        path.emplace_back(position, items_[position].first_link);
    };
    for (std::uint32_t start = 0; start < items_.size(); ++start) {
        if (items_[start].first_link != none && items_[start].visited == item::visit::fresh)
            enter(start);
        while (!path.empty()) {
            const auto [position, at] = path.back();
            if (at == none) {
                settle_links_of(items_[position]);
                path.pop_back();
                continue;
            }
            path.back().second = foreign_keys_[at].next;
            const foreign_key_link& link = foreign_keys_[at].link;
            const item* parent = link.parent == nullptr || link.is_late ? nullptr : item_of(*link.parent);
            if (parent != nullptr && parent->first_link != none && parent->visited == item::visit::fresh)
                enter(link.parent->flush_index);
        }
    }
}

void flush_planner::settle_links_of(const item& of)
{
    for (std::uint32_t at = of.first_link; at != none; at = foreign_keys_[at].next) {
        chained_link& each = foreign_keys_[at];
        each.waiting = waiting_pairs(each.link);
        each.link.waits_for_key = each.waiting != 0;
        check_agreement(each);
        if (!each.link.waits_for_key && !each.link.is_late)
            fill_in_foreign_key(each.link, journal_);
    }
}

void flush_planner::add_link(foreign_key_link link)
{
    entity_record& child = *link.child;
    if (is_going(child))
        return;
    if (link.parent != nullptr && link.parent->state == entity_state::detached)
        throw usage_error{
            fmt::format("{} refers by {} to a {} that was expunged from the session: session.add it again, "
                        "or set the relation to another one",
                        described(child), link.relation->described(), link.parent->table->class_name())};
    if (item_of(child) == nullptr) {
        see(child);
        store_.touch(child);
        if (child.state == entity_state::persistent)
            add_item(child, flush_action::update);
    }
    item* its = item_of(child);
    if (its == nullptr)
        return;
    if (child.state == entity_state::persistent)
        store_.take_baseline(child);
    link.is_late = link.relation->is_post_update && child.state == entity_state::pending && link.parent != nullptr &&
                   link.parent->state == entity_state::pending;
    const auto position = static_cast<std::uint32_t>(foreign_keys_.size());
    foreign_keys_.push_back({link, its->first_link});
    its->first_link = position;
}

/// The foreign key and the relation were both changed: then they must say the same.
void flush_planner::check_agreement(const chained_link& of)
{
    const foreign_key_link& link = of.link;
    const entity_record& child = *link.child;
    const row_image& before = child.before ? *child.before : prototypes_.of(*child.table).image();
    byte_writer& now = journal_.scratch();
    byte_writer& wanted = journal_.other_scratch();
    std::uint32_t waiting = of.waiting;
    for (const column_pair& pair : link.relation->pairs) {
        const bool waits = (std::exchange(waiting, waiting >> 1) & 1U) != 0;
        const column_info& column = link.child_column(pair);
        now.clear();
        const column_image what = encode_column(column, child, now);
        if (what == before.kind(column.position) && text_of(now) == before[column.position])
            continue; // it was not touched
        bool agrees = false;
        if (link.parent == nullptr) {
            agrees = what == column_image::null;
        } else if (!waits) {
            wanted.clear();
            const column_image its = encode_column(link.parent_column(pair), *link.parent, wanted);
            agrees = what == its && text_of(now) == text_of(wanted);
        }
        if (!agrees)
            throw usage_error{
                fmt::format("{}: {} and {} were both changed, and say different things. Change one of them, "
                            "and the other follows",
                            described(child), column.described(), link.relation->described())};
    }
}

void fill_in_foreign_key(const foreign_key_link& link, value_journal& journal)
{
    byte_writer& now = journal.scratch();
    byte_writer& wanted = journal.other_scratch();
    for (const column_pair& pair : link.relation->pairs) {
        const column_info& column = link.child_column(pair);
        now.clear();
        wanted.clear();
        const column_image what = encode_column(column, *link.child, now);
        column_image its = column_image::null;
        oid type = column.type_oid;
        if (link.parent != nullptr) {
            its = encode_column(link.parent_column(pair), *link.parent, wanted);
            type = link.parent_column(pair).type_oid;
        }
        if (what == its && text_of(now) == text_of(wanted))
            continue;
        if (its == column_image::null && !column.is_nullable)
            throw usage_error{fmt::format("{} was taken out of {}, but {} cannot be NULL: remove it "
                                          "(session.remove), give it another one, or map the relation with "
                                          "orm::cascade::all_delete_orphan",
                                          described(*link.child), link.relation->described(), column.described())};
        journal.note(column, *link.child);
        journal.readers().put(column, *link.child, type, its, text_of(wanted));
    }
}

} // namespace tusk::orm::detail
