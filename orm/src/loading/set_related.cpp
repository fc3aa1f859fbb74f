#include "loading/set_related.hpp"

#include <tusk/orm/detail/relation_member.hpp>

namespace tusk::orm::detail {

namespace {

reference_member& reference_of(const relation_info& relation, entity_node& owner)
{
    return static_cast<reference_member&>(relation.operations.member(owner.object));
}

} // namespace

void set_related(const relation_info& relation, entity_node& owner, const std::vector<entity_node*>& found)
{
    // Members that are not loaded on their other side follow by themselves. What they had there before may be older
    // than what the database says now.
    if (relation.reverse != nullptr && !relation.reverse->is_collection())
        for (entity_node* each : found)
            if (reference_member& its = reference_of(*relation.reverse, *each);
                its.loaded() && !its.is_changed() && its.peek() != &owner)
                its.set_loaded(&owner);
    if (relation.is_collection())
        static_cast<collection_member&>(relation.operations.member(owner.object)).set_loaded(found);
    else
        reference_of(relation, owner).set_loaded(found.empty() ? nullptr : found.front());
}

} // namespace tusk::orm::detail
