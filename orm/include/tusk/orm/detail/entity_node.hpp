#pragma once

#include <cstdint>

namespace tusk::orm {

class table_info;

namespace detail {

class entity_store;

/// Where an entity stands in its life.
enum class entity_state : std::uint8_t {
    pending,    ///< Added; its INSERT has not been sent.
    persistent, ///< It has a row.
    deleted,    ///< Its DELETE was sent; the transaction is still open.
    detached,   ///< It belongs to no session any more, and keeps its values.
    dead,       ///< Its row was deleted for good, or its INSERT was rolled back.
};

/// An entity in its store: what stands before the user's object, whose address never changes.
struct entity_node {
    entity_store* store = nullptr;
    const table_info* table = nullptr;
    void* object = nullptr;
    std::uint32_t handles = 0; ///< How many `ref`s there are.
    entity_state state = entity_state::pending;
    /// Somebody has opened it: it is alive, and has its baseline where it has a row. Whoever wants to change it need
    /// not ask again.
    bool is_open_for_changes = false;
};

void first_handle(entity_node& node) noexcept;
void last_handle_gone(entity_node& node) noexcept;

inline void retain(entity_node& node) noexcept
{
    if (node.handles++ == 0)
        first_handle(node);
}
inline void release(entity_node& node) noexcept
{
    if (--node.handles == 0)
        last_handle_gone(node);
}

/// Before the first change: takes the baseline that a flush compares with.
/// @throws usage_error  The entity is dead.
void open_for_changes(entity_node& node);

[[noreturn]] void fail_null_handle();
[[noreturn]] void fail_dead_handle(const entity_node& node);

} // namespace detail

} // namespace tusk::orm
