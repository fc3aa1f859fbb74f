#pragma once

#include <tusk/orm/detail/entity_node.hpp>
#include <tusk/orm/detail/relation_member.hpp>
#include <tusk/orm/table_info.hpp>

/// What a relation does to its other side.
namespace tusk::orm::detail {

struct entity_record;
class undo_log;

/// @throws usage_error  The relation cannot be changed so: it is only to be viewed, an entity is dead, belongs to
/// another
///                      session, or to none.
void check_can_relate(const relation_member& of, const entity_node* other);

/// An expunged entity that is put into a relation comes back into its session.
void take_in(entity_node& other);

/// A relation of that entity has changed: the next flush looks at it.
void note_relation_change(entity_node& owner);

[[nodiscard]] collection_member& collection_in(entity_node& entity, const relation_info& relation);
[[nodiscard]] reference_member& reference_in(entity_node& entity, const relation_info& relation);

/// The entity whose relation (has_many, has_one) holds that child now, as far as anybody here knows: by the other side
/// of the relation, or by the child's foreign key.
[[nodiscard]] entity_node* other_side_of(entity_node& child, const relation_info& to_child);

/// The entity that a reference leads to, as far as anybody here knows.
[[nodiscard]] entity_node* referred_entity(entity_node& entity, const relation_info& relation);

/// An entity is gone: relations of others do not lead to it any more.
/// @param log  Where that is noted, for a rollback; null where the entity never had a row.
void forget_everywhere(entity_record& gone, undo_log* log);

} // namespace tusk::orm::detail
