#include "unit_of_work/entity_store.hpp"
#include "unit_of_work/relation_sides.hpp"

#include <tusk/orm/detail/relation_member.hpp>
#include <tusk/orm/table_info.hpp>

#include <algorithm>
#include <utility>

namespace tusk::orm::detail {

namespace {

/// So many elements are searched one by one.
constexpr std::size_t few = 32;

bool erase_from(std::vector<entity_node*>& list, const entity_node& item)
{
    const auto found = std::find(list.rbegin(), list.rend(), &item); // what came last goes first, mostly
    if (found == list.rend())
        return false;
    list.erase(std::next(found).base());
    return true;
}

void put_into(std::vector<entity_node*>& list, entity_node& item)
{
    list.push_back(&item);
    entity_store::hold(item);
}

bool take_from(std::vector<entity_node*>& list, entity_node& item)
{
    if (!erase_from(list, item))
        return false;
    entity_store::let_go(item);
    return true;
}

bool holds(const std::vector<entity_node*>& list, const entity_node& item)
{
    return std::find(list.rbegin(), list.rend(), &item) != list.rend();
}

void let_go_of_all(std::vector<entity_node*>& list)
{
    for (entity_node* each : std::exchange(list, {}))
        entity_store::let_go(*each);
}

} // namespace

// ---- Both sides.

void collection_member::add(entity_node& item)
{
    require_bound();
    check_can_relate(*this, &item);
    const entity_store::keep_all meanwhile{*owner_->store};
    take_in(item);
    if (loaded_ ? contains(item) : holds(added_, item))
        return;
    if (relation_->kind == relation_kind::one_to_many) {
        // A child has one parent: it leaves the one that it had.
        if (entity_node* old = other_side_of(item, *relation_); old != nullptr && old != owner_)
            collection_in(*old, *relation_).take(item);
        if (relation_->reverse != nullptr)
            reference_in(item, *relation_->reverse).put(owner_);
    } else if (relation_->reverse != nullptr) {
        collection_in(item, *relation_->reverse).put(*owner_);
    }
    put(item);
}

void collection_member::remove(entity_node& item)
{
    require_bound();
    check_can_relate(*this, nullptr);
    const entity_store::keep_all meanwhile{*owner_->store};
    if (loaded_ && !contains(item))
        return;
    if (relation_->reverse != nullptr) {
        if (relation_->kind == relation_kind::one_to_many) {
            if (other_side_of(item, *relation_) == owner_)
                reference_in(item, *relation_->reverse).put(nullptr);
        } else {
            collection_in(item, *relation_->reverse).take(*owner_);
        }
    }
    take(item);
}

// ---- This side.

void collection_member::put(entity_node& item)
{
    if (loaded_ ? contains(item) : holds(added_, item))
        return;
    const bool was_removed = take_from(removed_, item);
    // What is not loaded may be in the database, or not: then the flush must say it. A new one never is.
    if (!loaded_ || !was_removed || item.state == entity_state::pending)
        put_into(added_, item);
    if (loaded_)
        append(item);
    note_change();
}

void collection_member::take(entity_node& item)
{
    if (loaded_ && !contains(item))
        return;
    const entity_store::keep_all meanwhile{*owner_->store};
    const bool was_added = take_from(added_, item);
    // A new one that was put in and taken out again may be an orphan now.
    if ((!loaded_ || !was_added || item.state == entity_state::pending) && !holds(removed_, item))
        put_into(removed_, item);
    if (loaded_)
        erase(item);
    note_change();
}

bool collection_member::forget(entity_node& item) noexcept
{
    const entity_store::keep_all meanwhile{*owner_->store};
    const bool was_added = take_from(added_, item);
    const bool was_removed = take_from(removed_, item);
    const bool is_in = loaded_ && contains(item);
    if (is_in)
        erase(item);
    return was_removed || (is_in && !was_added);
}

void collection_member::note_change() { note_relation_change(*owner_); }

void collection_member::append(entity_node& item)
{
    put_into(items_, item);
    if (index_)
        index_->insert(&item);
    else if (items_.size() > few)
        index_ = std::make_unique<index>(items_.begin(), items_.end());
}

bool collection_member::erase(const entity_node& item)
{
    if (index_)
        index_->erase(&item);
    return take_from(items_, const_cast<entity_node&>(item)); // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

bool collection_member::contains(const entity_node& item) const
{
    const std::vector<entity_node*>& all = items();
    return index_ ? index_->contains(&item) : holds(all, item);
}

void collection_member::set_loaded(const std::vector<entity_node*>& found)
{
    const entity_store::keep_all meanwhile{*owner_->store};
    const relation_info* back = relation_->kind == relation_kind::one_to_many ? relation_->reverse : nullptr;
    for (entity_node* each : found)
        entity_store::hold(*each);
    let_go_of_all(items_);
    index_.reset();
    loaded_ = true;
    items_.reserve(found.size() + added_.size());
    for (entity_node* each : found) {
        bool is_elsewhere = holds(removed_, *each);
        if (back != nullptr) {
            reference_member& other = reference_in(*each, *back);
            if (!other.loaded())
                other.set_loaded(owner_);
            else if (other.is_changed() && other.peek() != owner_)
                is_elsewhere = true;
        }
        if (!is_elsewhere)
            append(*each);
        entity_store::let_go(*each);
    }
    for (entity_node* each : added_)
        if (!contains(*each))
            append(*each);
}

void collection_member::unload() noexcept
{
    const entity_store::keep_all meanwhile{*owner_->store};
    let_go_of_all(items_);
    index_.reset();
    loaded_ = false;
}

collection_member::changes collection_member::take_changes() noexcept
{
    return {std::exchange(added_, {}), std::exchange(removed_, {})};
}

void collection_member::undo(const changes& of)
{
    const entity_store::keep_all meanwhile{*owner_->store};
    if (!loaded_)
        return;
    for (entity_node* each : of.added)
        if (contains(*each))
            erase(*each);
    for (entity_node* each : of.removed)
        if (!contains(*each))
            append(*each);
}

void collection_member::undo_changes()
{
    const entity_store::keep_all meanwhile{*owner_->store};
    const changes now = take_changes();
    undo(now);
    for (const auto& list : {now.added, now.removed})
        for (entity_node* each : list)
            entity_store::let_go(*each);
}

void collection_member::accept_changes() noexcept
{
    const entity_store::keep_all meanwhile{*owner_->store};
    let_go_of_all(added_);
    let_go_of_all(removed_);
}

} // namespace tusk::orm::detail
