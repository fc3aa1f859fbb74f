#pragma once

#include <tusk/orm/detail/entity_node.hpp>
#include <tusk/orm/table_info.hpp>

#include <vector>

namespace tusk::orm::detail {

/// What a load found for a relation of an entity. Where the other side of the relation is one entity, that is known now
/// too: it is this one.
void set_related(const relation_info& relation, entity_node& owner, const std::vector<entity_node*>& found);

} // namespace tusk::orm::detail
