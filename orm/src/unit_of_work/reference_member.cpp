#include "unit_of_work/entity_store.hpp"
#include "unit_of_work/relation_sides.hpp"

#include <tusk/orm/detail/relation_member.hpp>
#include <tusk/orm/table_info.hpp>

#include <utility>

namespace tusk::orm::detail {

namespace {

/// Takes `gone` out of the other side of its relation.
void leave_other_side(entity_node& other, const relation_info& back, entity_node& gone)
{
    if (back.is_collection())
        collection_in(other, back).take(gone);
    else if (reference_member& member = reference_in(other, back); member.peek() == &gone)
        member.put(nullptr);
}

} // namespace

void reference_member::set(entity_node* target)
{
    require_bound();
    check_can_relate(*this, target);
    if (relation_->kind == relation_kind::one_to_one)
        require_loaded(); // nobody would know whose place it takes
    if (loaded_ && target_ == target)
        return;
    const entity_store::keep_all meanwhile{*owner_->store};
    if (target != nullptr)
        take_in(*target);
    entity_node* old = referred_entity(*owner_, *relation_);
    const relation_info* back = relation_->reverse;
    if (relation_->kind == relation_kind::one_to_one) {
        // The child leaves the one that it was related to, and whoever stood here before is related to nobody.
        if (target != nullptr)
            if (entity_node* other = other_side_of(*target, *relation_); other != nullptr && other != owner_)
                if (reference_member& its = reference_in(*other, *relation_); its.peek() == target)
                    its.put(nullptr);
        if (back != nullptr) {
            if (old != nullptr && old != target)
                reference_in(*old, *back).put(nullptr);
            if (target != nullptr)
                reference_in(*target, *back).put(owner_);
        }
    } else if (back != nullptr) {
        if (old != nullptr && old != target)
            leave_other_side(*old, *back, *owner_);
        if (target != nullptr) {
            if (back->is_collection()) {
                collection_in(*target, *back).put(*owner_);
            } else {
                reference_member& other = reference_in(*target, *back);
                if (entity_node* before = other.loaded() ? other.peek() : nullptr;
                    before != nullptr && before != owner_)
                    reference_in(*before, *relation_).put(nullptr);
                other.put(owner_);
            }
        }
    }
    put(target);
}

void reference_member::put(entity_node* target)
{
    if (loaded_ && target_ == target)
        return;
    const entity_store::keep_all meanwhile{*owner_->store};
    entity_node* old = target_;
    if (target != nullptr)
        entity_store::hold(*target);
    target_ = target;
    if (!changed_) {
        changed_ = true;
        before_is_known_ = loaded_;
        before_ = old; // held as it was
    } else if (old != nullptr) {
        entity_store::let_go(*old);
    }
    loaded_ = true;
    // Of one that has a row, `before_` knows.
    if (old != nullptr && old->state == entity_state::pending && relation_->kind == relation_kind::one_to_one &&
        has(relation_->cascades, cascade::delete_orphan))
        record_of(*old).may_be_orphan = true;
    if (before_is_known_ && before_ == target_)
        accept_changes(); // it is what it was
    note_relation_change(*owner_);
}

bool reference_member::forget(entity_node& target) noexcept
{
    const entity_store::keep_all meanwhile{*owner_->store};
    const bool was_there = before_ == &target || (target_ == &target && !changed_);
    if (before_ == &target) {
        before_ = nullptr;
        entity_store::let_go(target);
    }
    if (target_ == &target) {
        target_ = nullptr;
        entity_store::let_go(target);
    }
    return was_there;
}

void reference_member::set_loaded(entity_node* found) noexcept
{
    const entity_store::keep_all meanwhile{*owner_->store};
    if (found != nullptr)
        entity_store::hold(*found);
    if (changed_) {
        if (before_ != nullptr)
            entity_store::let_go(*before_);
        before_ = found;
        before_is_known_ = true;
        return;
    }
    if (target_ != nullptr)
        entity_store::let_go(*target_);
    target_ = found;
    loaded_ = true;
    if (found == nullptr || relation_->reverse == nullptr || relation_->reverse->is_collection())
        return;
    if (reference_member& other = reference_in(*found, *relation_->reverse); !other.loaded())
        other.set_loaded(owner_);
}

void reference_member::unload() noexcept
{
    const entity_store::keep_all meanwhile{*owner_->store};
    accept_changes();
    if (entity_node* old = std::exchange(target_, nullptr))
        entity_store::let_go(*old);
    loaded_ = false;
}

reference_member::changes reference_member::take_changes() noexcept
{
    changed_ = false;
    return {std::exchange(before_, nullptr), std::exchange(before_is_known_, false)};
}

void reference_member::undo(const changes& of) noexcept
{
    const entity_store::keep_all meanwhile{*owner_->store};
    unload();
    if (!of.is_known)
        return;
    if (of.before != nullptr)
        entity_store::hold(*of.before);
    target_ = of.before;
    loaded_ = true;
}

void reference_member::undo_changes() noexcept
{
    if (!changed_)
        return;
    const changes now = take_changes();
    undo(now);
    if (now.before != nullptr)
        entity_store::let_go(*now.before);
}

void reference_member::accept_changes() noexcept
{
    changed_ = false;
    before_is_known_ = false;
    if (entity_node* old = std::exchange(before_, nullptr))
        entity_store::let_go(*old);
}

} // namespace tusk::orm::detail
