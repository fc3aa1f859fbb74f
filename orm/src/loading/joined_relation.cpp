#include "loading/joined_relation.hpp"

#include "loading/set_related.hpp"

namespace tusk::orm::detail {

void joined_relation::add(entity_record* owner, entity_record* member)
{
    if (owner == nullptr)
        return;
    group& to = group_of(*owner);
    // Whatever else is joined repeats the pair.
    if (member != nullptr && (to.members.empty() || to.members.back() != member) && seen_.emplace(owner, member).second)
        to.members.push_back(member);
}

joined_relation::group& joined_relation::group_of(entity_record& owner)
{
    if (!groups_.empty() && groups_.back().owner == &owner)
        return groups_.back();
    const auto [found, is_new] = positions_.emplace(&owner, groups_.size());
    if (is_new) {
        groups_.emplace_back().owner = &owner;
    }
    return groups_[found->second];
}

void joined_relation::finish()
{
    for (group& each : groups_)
        set_related(*relation_, *each.owner, each.members);
    groups_.clear();
    positions_.clear();
    seen_.clear();
}

} // namespace tusk::orm::detail
